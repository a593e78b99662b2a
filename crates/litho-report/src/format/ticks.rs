//! Round tick values.

use super::{decimal, superscript};

/// One tick: where, and what is written there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    /// The value at the tick.
    pub(crate) value: f64,
    /// Its label, in units of the ticks' common power of ten.
    pub(crate) label: String,
}

/// The ticks of one axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Ticks {
    /// In growing order.
    pub(crate) ticks: Vec<Tick>,
    /// Labels are to be multiplied by this power of ten; 0 for plain labels.
    pub(crate) exponent: i32,
}

impl Ticks {
    /// The axis label with the ticks' common factor, `×10⁻³`, where there is one.
    pub(crate) fn label_with_factor(&self, label: &str) -> String {
        match self.exponent {
            0 => label.to_owned(),
            n if label.is_empty() => format!("×10{}", superscript(n)),
            n => format!("{label} ×10{}", superscript(n)),
        }
    }
}

/// Ticks at multiples of 1, 2, 2.5 or 5 times a power of ten between `min` and
/// `max` (finite, `min < max`), as close to `target` intervals as these allow
/// and at least two wherever two can be told apart.
pub(crate) fn linear_ticks(min: f64, max: f64, target: usize) -> Ticks {
    // Doubling the number of intervals four times passes from any step to its tenth.
    let mut choices = (0..5).map(|doublings| linear_ticks_near(min, max, target << doublings));
    choices.find(|choice| choice.ticks.len() >= 2).unwrap_or_default()
}

fn linear_ticks_near(min: f64, max: f64, target: usize) -> Ticks {
    // A limit that is a multiple up to rounding carries a tick.
    const ROUNDING: f64 = 1e-6;
    let raw = max / target.max(1) as f64 - min / target.max(1) as f64;
    let power = 10f64.powi(raw.log10().floor() as i32);
    let distance = |factor: f64| (factor * power / raw).ln().abs();
    let mut factor = 1.0;
    for candidate in [2.0, 2.5, 5.0, 10.0] {
        if distance(candidate) < distance(factor) {
            factor = candidate;
        }
    }
    let step = factor * power;
    let first = (min / step - ROUNDING).ceil();
    let count = (max / step + ROUNDING).floor() - first;
    // An interval far narrower than its distance from zero has no distinct round values.
    if !(0.0..=50.0).contains(&count) || first + 1.0 == first {
        return Ticks::default();
    }
    let values: Vec<f64> = (0..=count as usize).map(|i| (first + i as f64) * step).collect();
    let exponent = common_exponent(min.abs().max(max.abs()));
    let decimals = decimals_of(step / 10f64.powi(exponent));
    let label = |v: f64| decimal(v / 10f64.powi(exponent), decimals);
    Ticks { ticks: values.into_iter().map(|value| Tick { value, label: label(value) }).collect(), exponent }
}

/// The power of ten to take out of labels so that they stay short.
fn common_exponent(magnitude: f64) -> i32 {
    let exponent = magnitude.log10().floor() as i32;
    if (-2..5).contains(&exponent) { 0 } else { exponent }
}

/// Decimals needed to write multiples of `step` apart and exactly.
fn decimals_of(step: f64) -> usize {
    (0..12)
        .find(|&d| {
            let scaled = step * 10f64.powi(d);
            (scaled - scaled.round()).abs() < 1e-6 * scaled
        })
        .unwrap_or(12) as usize
}

/// Whole numbers between `min` and `max`, at most about `target` of them: every one, or every second, fifth, tenth, …
pub(crate) fn whole_ticks(min: f64, max: f64, target: usize) -> Ticks {
    let steps = (0..9).flat_map(|n| [1.0, 2.0, 5.0].map(|step| step * 10f64.powi(n)));
    let mut fitting = steps.filter(|step| (max - min) / step <= target.max(1) as f64);
    let Some(step) = fitting.next() else { return linear_ticks(min, max, target) };
    let (first, last) = ((min / step).ceil(), (max / step).floor());
    let values = (0..).map(|i| (first + f64::from(i)) * step).take_while(|v| *v <= last * step);
    Ticks { ticks: values.map(|value| Tick { value, label: decimal(value, 0) }).collect(), exponent: 0 }
}

/// Ticks at powers of ten between `min` and `max` (`0 < min < max`, finite),
/// thinned to about `target`; where less than two decades fit also at 2 and 5
/// times these, and within a fraction of a decade as on a linear axis.
pub(crate) fn log_ticks(min: f64, max: f64, target: usize) -> Ticks {
    let inside = |v: &f64| *v >= min * (1.0 - 1e-9) && *v <= max * (1.0 + 1e-9);
    let (low, high) = (min.log10().floor() as i32, max.log10().ceil() as i32);
    let decades = (low..=high).filter(|&n| inside(&10f64.powi(n))).count();
    if decades > 2 {
        let stride = decades.div_ceil(target.max(1)) as i32;
        let chosen: Vec<(i32, i32)> =
            (low..=high).filter(|n| n.rem_euclid(stride) == 0).map(|n| (1, n)).collect();
        return log_labels(&chosen, inside);
    }
    let chosen: Vec<(i32, i32)> = (low..=high).flat_map(|n| [(1, n), (2, n), (5, n)]).collect();
    let ticks = log_labels(&chosen, inside);
    if ticks.ticks.len() >= 3 { ticks } else { linear_ticks(min, max, target) }
}

/// Labels of `factor·10ⁿ`: plain digits if all are short, powers of ten otherwise.
fn log_labels(chosen: &[(i32, i32)], inside: impl Fn(&f64) -> bool) -> Ticks {
    let value = |&(factor, n): &(i32, i32)| f64::from(factor) * 10f64.powi(n);
    let kept: Vec<&(i32, i32)> = chosen.iter().filter(|pair| inside(&value(pair))).collect();
    let plain = kept.iter().all(|(_, n)| (-3..=3).contains(n));
    let label = |&(factor, n): &(i32, i32)| {
        if plain {
            decimal(value(&(factor, n)), (-n).max(0) as usize)
        } else if factor == 1 {
            format!("10{}", superscript(n))
        } else {
            format!("{factor}×10{}", superscript(n))
        }
    };
    let ticks = kept.into_iter().map(|pair| Tick { value: value(pair), label: label(pair) }).collect();
    Ticks { ticks, exponent: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &Ticks) -> String {
        ticks.ticks.iter().map(|t| t.label.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn linear_ticks_are_round() {
        for (min, max, target, expected, exponent) in [
            (0.0, 1.0, 5, "0.0 0.2 0.4 0.6 0.8 1.0", 0),
            (0.0, 1.0, 4, "0.00 0.25 0.50 0.75 1.00", 0),
            (-0.43, 0.11, 5, "−0.4 −0.3 −0.2 −0.1 0.0 0.1", 0),
            (0.3, 0.9, 3, "0.4 0.6 0.8", 0),
            (1.005, 1.995, 2, "1.25 1.50 1.75", 0),
            (97.0, 403.0, 4, "100 200 300 400", 0),
            (0.0, 3e6, 3, "0 1 2 3", 6),
            (-2e-5, 2e-5, 4, "−2 −1 0 1 2", -5),
            (0.0, 12_000.0, 4, "0 2500 5000 7500 10000", 0),
            (1.0, 1.000_4, 4, "1.0000 1.0001 1.0002 1.0003 1.0004", 0),
        ] {
            let ticks = linear_ticks(min, max, target);
            assert_eq!(labels(&ticks), expected, "{min} to {max}");
            assert_eq!(ticks.exponent, exponent, "{min} to {max}");
        }
    }

    #[test]
    fn whole_ticks_are_counted() {
        for (min, max, target, expected) in [
            (1.0, 10.0, 12, "1 2 3 4 5 6 7 8 9 10"),
            (1.0, 12.0, 4, "5 10"),
            (0.5, 7.5, 4, "2 4 6"),
            (-1.0, 1.0, 2, "−1 0 1"),
        ] {
            assert_eq!(labels(&whole_ticks(min, max, target)), expected, "{min} to {max}");
        }
    }

    #[test]
    fn an_interval_below_resolution_has_no_ticks_and_does_not_hang() {
        assert_eq!(linear_ticks(1e300, 1e300 * (1.0 + f64::EPSILON), 5), Ticks::default());
        assert!(linear_ticks(-f64::MAX, f64::MAX, 5).ticks.len() > 2);
    }

    #[test]
    fn log_ticks_follow_the_span() {
        for (min, max, expected) in [
            (0.5, 2000.0, "1 10 100 1000"),
            (1e-7, 1e-2, "10⁻⁷ 10⁻⁶ 10⁻⁵ 10⁻⁴ 10⁻³ 10⁻²"),
            (1.5, 60.0, "2 5 10 20 50"),
            (3e-6, 6e-5, "5×10⁻⁶ 10⁻⁵ 2×10⁻⁵ 5×10⁻⁵"),
            (0.31, 0.42, "0.32 0.34 0.36 0.38 0.40 0.42"),
            (1e-12, 1.0, "10⁻¹² 10⁻¹⁰ 10⁻⁸ 10⁻⁶ 10⁻⁴ 10⁻² 10⁰"),
        ] {
            let ticks = log_ticks(min, max, 7);
            assert_eq!(labels(&ticks), expected, "{min} to {max}");
        }
    }

    #[test]
    fn the_common_factor_joins_the_label() {
        let ticks = linear_ticks(0.0, 3e6, 3);
        assert_eq!(ticks.label_with_factor("counts"), "counts ×10⁶");
        assert_eq!(linear_ticks(0.0, 1.0, 3).label_with_factor("counts"), "counts");
    }
}
