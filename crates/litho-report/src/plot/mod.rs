//! Plots as SVG: curves ([`LinePlot`]), distributions ([`Histogram`]), bars ([`BarPlot`], [`StackedPlot`]), scan positions
//! ([`ScanPlot`]) and where they moved ([`DisplacementPlot`]).

mod bars;
mod displacements;
mod frame;
mod histogram;
mod key;
mod line;
mod scan;
mod series;
mod stacked;

pub use bars::{Bar, BarGroup, BarPlot};
pub use displacements::DisplacementPlot;
pub use histogram::Histogram;
pub use line::{LinePlot, Marker, TopAxis, Zone};
pub use scan::ScanPlot;
pub use series::{Colours, Series, Stroke};
pub use stacked::{StackedBin, StackedPlot};

use crate::format::Scale;

/// One axis of a plot.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Quantity and unit: `frequency (1/µm)`.
    pub label: String,
    /// Linear or logarithmic.
    pub scale: Scale,
    /// Its ends in units of the data; `None`: the extent of the data. Ends that
    /// are not finite, not in order or without a logarithm count as `None`.
    pub range: Option<(f64, f64)>,
    /// Only whole numbers get ticks.
    pub whole: bool,
}

impl Axis {
    /// A linear axis over the extent of the data.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), scale: Scale::Linear, range: None, whole: false }
    }

    /// The same axis, logarithmic.
    #[must_use]
    pub fn logarithmic(self) -> Self {
        Self { scale: Scale::Log, ..self }
    }

    /// The same axis from `min` to `max`.
    #[must_use]
    pub fn between(self, min: f64, max: f64) -> Self {
        Self { range: Some((min, max)), ..self }
    }

    /// The same axis with ticks at whole numbers only.
    #[must_use]
    pub fn counting(self) -> Self {
        Self { whole: true, ..self }
    }

    /// True if `value` has a place on an axis of this scale.
    fn holds(&self, value: f64) -> bool {
        value.is_finite() && (self.scale == Scale::Linear || value > 0.0)
    }

    /// The ends of the axis for `values`, widened by `padding` times their
    /// extent each way; `None` if nothing can be placed.
    fn ends(&self, values: impl Iterator<Item = f64>, padding: f64) -> Option<(f64, f64)> {
        if let Some((min, max)) = self.range
            && self.holds(min)
            && self.holds(max)
            && min < max
        {
            return Some((min, max));
        }
        let placed = values.filter(|v| self.holds(*v)).map(|v| self.scale.forward(v));
        let (low, high) =
            placed.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        if low > high {
            return None;
        }
        // A constant gets room around it: one unit, or a tenth where that is more; one decade on a log scale.
        let pad = if high - low > 1e-9 * low.abs().max(high.abs()) {
            padding * (high - low)
        } else {
            0.5f64.max(0.1 * high.abs())
        };
        let (low, high) = (low - pad, high + pad);
        match self.scale {
            Scale::Linear => Some((low, high)),
            Scale::Log => Some((10f64.powf(low), 10f64.powf(high))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_span_what_can_be_placed() {
        let data = [f64::NAN, -1.0, 3.0, f64::INFINITY, 100.0];
        let ends = |axis: Axis, padding| axis.ends(data.into_iter(), padding);
        assert_eq!(ends(Axis::new(""), 0.0), Some((-1.0, 100.0)));
        let (low, high) = ends(Axis::new("").logarithmic(), 0.0).expect("positive data");
        assert!((low - 3.0).abs() < 1e-12 && (high - 100.0).abs() < 1e-12);
        assert_eq!(ends(Axis::new("").between(0.0, 1.0), 0.1), Some((0.0, 1.0)));
        // A range that cannot be drawn falls back to the data.
        assert_eq!(ends(Axis::new("").between(1.0, 0.0), 0.0), Some((-1.0, 100.0)));
        assert_eq!(Axis::new("").ends([7.0, 7.0].into_iter(), 0.1), Some((6.3, 7.7)));
        assert_eq!(Axis::new("").ends([f64::NAN].into_iter(), 0.1), None);
    }
}
