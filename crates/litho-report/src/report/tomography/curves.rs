//! Something that falls from iteration to iteration.

use crate::format::short_number;
use crate::plot::{Axis, LinePlot, Stroke};
use crate::report::Drawing;

/// Width of a plot of which two stand side by side, and its height, in CSS pixels.
pub(super) const HALF: (f64, f64) = (464.0, 280.0);
/// Size of a plot alone in its row.
pub(super) const FULL: (f64, f64) = (880.0, 320.0);

/// How far the volume is from the projections after each iteration.
#[derive(Debug, Clone)]
pub struct Residuals<'a> {
    /// Quantity and unit: `‖Ax − b‖ / ‖b‖`.
    pub label: String,
    /// Its value after each iteration, from the first.
    pub values: &'a [f64],
}

impl Residuals<'_> {
    /// The curve, on a logarithmic axis where it falls far.
    pub fn drawing(&self) -> Drawing {
        let plot = history(&self.label, self.values, (720.0, 300.0));
        let end = self.values.last().map_or_else(String::new, |last| {
            format!(" It is {} after {} iterations.", short_number(*last), self.values.len())
        });
        let caption = format!("Distance of the volume from the projections over the iterations.{end}");
        let alt = format!("Curve of {} over the iterations", self.label);
        Drawing::of_plot("residual", &plot, alt, caption)
    }
}

/// A plot of values over the iterations from 1 on; logarithmic where they span more than a factor of five.
pub(super) fn history(label: &str, values: &[f64], size: (f64, f64)) -> LinePlot {
    const LOG_SPAN: f64 = 5.0;
    let (min, max) = values
        .iter()
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
    let y = Axis::new(label);
    let y = if min > 0.0 && max > LOG_SPAN * min { y.logarithmic() } else { y };
    let points = values.iter().enumerate().map(|(i, v)| (i as f64 + 1.0, *v)).collect();
    let plot = LinePlot::new(Axis::new("iteration").counting(), y);
    LinePlot { size, ..plot }.with_series(label, points, Stroke::Joined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Scale;

    #[test]
    fn what_falls_far_is_drawn_on_a_logarithmic_axis() {
        for (values, scale) in
            [(&[1.0, 0.01][..], Scale::Log), (&[1.0, 0.5], Scale::Linear), (&[1.0, 0.0], Scale::Linear)]
        {
            assert_eq!(history("x", values, HALF).y.scale, scale, "{values:?}");
        }
        let drawing = Residuals { label: "‖Ax − b‖".to_owned(), values: &[1.0, 0.25] }.drawing();
        assert!(drawing.caption.ends_with("It is 0.250 after 2 iterations."), "{}", drawing.caption);
    }
}
