//! The interval of values that a colour map spans.

use crate::ReportError;
use crate::format::Scale;
use ndarray::ArrayView2;

/// How the ends of the colour scale are chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    /// Percentiles of the finite values (on a logarithmic scale: of the
    /// positive ones), `0 ≤ low < high ≤ 100`: a few hot pixels do not set the scale.
    Percentiles {
        /// Percentile drawn with the first colour.
        low: f64,
        /// Percentile drawn with the last colour.
        high: f64,
    },
    /// Zero in the middle, the ends at ± this percentile of the absolute values.
    Symmetric {
        /// Percentile of the absolute values, `0 < percentile ≤ 100`.
        percentile: f64,
    },
    /// These values, in the units of the map.
    Fixed {
        /// Drawn with the first colour.
        min: f64,
        /// Drawn with the last colour.
        max: f64,
    },
}

impl Range {
    /// The middle 99 %.
    pub const ROBUST: Self = Self::Percentiles { low: 0.5, high: 99.5 };
    /// From the smallest to the largest finite value.
    pub const FULL: Self = Self::Percentiles { low: 0.0, high: 100.0 };

    /// Tells what is wrong with this range on `scale`, if anything.
    fn fault(self, scale: Scale) -> Option<&'static str> {
        match self {
            Self::Percentiles { low, high } => {
                let ordered = 0.0 <= low && low < high && high <= 100.0;
                (!ordered).then_some("use percentiles with 0 ≤ low < high ≤ 100")
            }
            Self::Symmetric { .. } if scale == Scale::Log => {
                Some("a symmetric range holds zero; use the linear scale or percentiles")
            }
            Self::Symmetric { percentile } => {
                let inside = 0.0 < percentile && percentile <= 100.0;
                (!inside).then_some("use a percentile above 0 and not above 100")
            }
            Self::Fixed { min, max } => {
                let finite = min < max && (max - min).is_finite();
                let positive = scale == Scale::Linear || min > 0.0;
                (!(finite && positive))
                    .then_some("use finite limits with min < max, positive on a logarithmic scale")
            }
        }
    }
}

/// The chosen interval, in the units of the map, and whether values lie outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limits {
    /// Value of the first colour.
    pub(crate) min: f64,
    /// Value of the last colour.
    pub(crate) max: f64,
    /// Some value is below `min`.
    pub(crate) below: bool,
    /// Some value is above `max`.
    pub(crate) above: bool,
}

/// Chooses the limits for `values`; `None` if no value is finite (logarithmic
/// scale: finite and positive). Constant images get an interval around their value.
pub(crate) fn limits(
    figure: &str,
    values: ArrayView2<'_, f32>,
    range: Range,
    scale: Scale,
) -> Result<Option<Limits>, ReportError> {
    if let Some(fix) = range.fault(scale) {
        return Err(ReportError::Range { figure: figure.to_owned(), range: format!("{range:?}"), fix });
    }
    let usable = |v: &f32| v.is_finite() && (scale == Scale::Linear || *v > 0.0);
    let mut sorted: Vec<f32> = values.iter().copied().filter(usable).collect();
    if sorted.is_empty() {
        return Ok(None);
    }
    let (min, max) = match range {
        Range::Percentiles { low, high } => (percentile(&mut sorted, low), percentile(&mut sorted, high)),
        Range::Symmetric { percentile: p } => {
            let mut magnitudes: Vec<f32> = sorted.iter().map(|v| v.abs()).collect();
            let end = percentile(&mut magnitudes, p);
            (-end, end)
        }
        Range::Fixed { min, max } => (min, max),
    };
    let (min, max) = widen_constant(min, max, scale);
    let below = values.iter().any(|v| v.is_finite() && f64::from(*v) < min);
    let above = values.iter().any(|v| v.is_finite() && f64::from(*v) > max);
    Ok(Some(Limits { min, max, below, above }))
}

/// Percentile `p` (0–100) of `values`, interpolated linearly between order
/// statistics (Hyndman & Fan 1996, definition 7). Reorders `values`, which must
/// hold no NaN and at least one value.
pub(crate) fn percentile(values: &mut [f32], p: f64) -> f64 {
    // h = (n − 1)·p/100; Q = x₍⌊h⌋₎ + (h − ⌊h⌋)(x₍⌊h⌋+1₎ − x₍⌊h⌋₎)
    let h = (values.len() - 1) as f64 * p / 100.0;
    let index = h.floor() as usize;
    let (_, &mut lower, rest) = values.select_nth_unstable_by(index, f32::total_cmp);
    let upper = rest.iter().copied().min_by(f32::total_cmp).unwrap_or(lower);
    let (lower, upper) = (f64::from(lower), f64::from(upper));
    lower + (h - h.floor()) * (upper - lower)
}

/// An interval of some width around a constant, so that it has a colour and an axis.
fn widen_constant(min: f64, max: f64, scale: Scale) -> (f64, f64) {
    // f32 holds about seven digits: narrower intervals are rounding noise.
    const NARROW: f64 = 1e-6;
    if max - min > NARROW * min.abs().max(max.abs()) {
        return (min, max);
    }
    let middle = f64::midpoint(min, max);
    match scale {
        Scale::Log => (middle / 10f64.sqrt(), middle * 10f64.sqrt()),
        Scale::Linear if middle == 0.0 => (-1.0, 1.0),
        Scale::Linear => (middle - 0.1 * middle.abs(), middle + 0.1 * middle.abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn chosen(values: &Array2<f32>, range: Range, scale: Scale) -> Option<Limits> {
        limits("test", values.view(), range, scale).expect("a valid range")
    }

    #[test]
    fn percentiles_agree_with_definition_seven() {
        // numpy.percentile([1, 2, 4, 8, 16], q)
        let mut values = [16.0, 1.0, 8.0, 2.0, 4.0];
        for (p, q) in [(0.0, 1.0), (10.0, 1.4), (50.0, 4.0), (90.0, 12.8), (100.0, 16.0)] {
            assert!((percentile(&mut values, p) - q).abs() < 1e-12, "{p} %");
        }
        assert_eq!(percentile(&mut [7.0], 99.5), 7.0);
    }

    #[test]
    fn hot_pixels_and_missing_values_do_not_set_the_range() {
        let mut values = Array2::from_shape_fn((100, 100), |(y, x)| (y * 100 + x) as f32 / 1e4);
        values[[0, 0]] = 1e9;
        values[[0, 1]] = f32::NAN;
        values[[0, 2]] = f32::INFINITY;
        values[[0, 3]] = f32::NEG_INFINITY;
        let limits = chosen(&values, Range::ROBUST, Scale::Linear).expect("finite values");
        assert!((limits.min - 0.005).abs() < 1e-3 && (limits.max - 0.995).abs() < 1e-3, "{limits:?}");
        assert!(limits.below && limits.above);
        assert!(!chosen(&values, Range::FULL, Scale::Linear).expect("finite values").above);
    }

    #[test]
    fn constant_and_missing_images_are_answered() {
        for (value, min, max) in [(5.0, 4.5, 5.5), (0.0, -1.0, 1.0), (-2.0, -2.2, -1.8)] {
            let limits =
                chosen(&Array2::from_elem((3, 3), value), Range::ROBUST, Scale::Linear).expect("finite");
            assert!((limits.min - min).abs() < 1e-12 && (limits.max - max).abs() < 1e-12, "{limits:?}");
        }
        assert_eq!(chosen(&Array2::from_elem((3, 3), f32::NAN), Range::ROBUST, Scale::Linear), None);
        assert_eq!(chosen(&Array2::zeros((3, 3)), Range::ROBUST, Scale::Log), None);
        let log = chosen(&Array2::from_elem((3, 3), 10.0), Range::ROBUST, Scale::Log).expect("positive");
        assert!((log.max / log.min - 10.0).abs() < 1e-9);
    }

    #[test]
    fn symmetric_range_has_zero_in_the_middle() {
        let limits =
            chosen(&array![[-1.0, 0.5], [3.0, 2.0]], Range::Symmetric { percentile: 100.0 }, Scale::Linear);
        assert_eq!(limits, Some(Limits { min: -3.0, max: 3.0, below: false, above: false }));
    }

    #[test]
    fn log_range_ignores_what_has_no_logarithm() {
        let limits =
            chosen(&array![[-5.0, 0.0, 1.0, 100.0]], Range::FULL, Scale::Log).expect("positive values");
        assert_eq!((limits.min, limits.max, limits.below), (1.0, 100.0, true));
    }

    #[test]
    fn impossible_ranges_are_refused_with_advice() {
        let values = Array2::zeros((2, 2));
        for (range, scale) in [
            (Range::Percentiles { low: 60.0, high: 40.0 }, Scale::Linear),
            (Range::Percentiles { low: f64::NAN, high: 40.0 }, Scale::Linear),
            (Range::Percentiles { low: 0.0, high: 101.0 }, Scale::Linear),
            (Range::Symmetric { percentile: 0.0 }, Scale::Linear),
            (Range::Symmetric { percentile: 99.0 }, Scale::Log),
            (Range::Fixed { min: 1.0, max: 1.0 }, Scale::Linear),
            (Range::Fixed { min: 0.0, max: f64::INFINITY }, Scale::Linear),
            (Range::Fixed { min: 0.0, max: 1.0 }, Scale::Log),
        ] {
            let error = limits("map", values.view(), range, scale).expect_err("impossible");
            assert!(error.to_string().contains("map") && error.to_string().contains("use "), "{error}");
        }
    }
}
