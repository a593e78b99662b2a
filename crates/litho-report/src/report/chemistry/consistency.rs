//! Whether the volume agrees with a map of the same sample from a stack of images.

use super::{Phases, same_extent};
use crate::ReportError;
use crate::colour::ColourMap;
use crate::figure::{Grid, MapStyle, Panel, PixelSize};
use crate::format::{decimal, short_number};
use crate::plot::{Axis, Histogram, LinePlot, Marker, Series, Stroke};
use crate::report::Drawing;
use ndarray::ArrayView2;

/// The composition projected from the volume beside that of a linear combination of the reference spectra, image by image.
#[derive(Debug, Clone, Copy)]
pub struct Consistency<'a> {
    /// Composition of the volume along each ray `(y, x)`; NaN without matter.
    pub projected: ArrayView2<'a, f32>,
    /// Composition from the images; NaN without matter.
    pub combined: ArrayView2<'a, f32>,
    /// R-factor in each pixel; NaN without matter.
    pub r_factor: ArrayView2<'a, f32>,
    /// What the R-factor judges: "linear combination", or "projected volume" where a combination is exact.
    pub model: &'a str,
    /// R-factor below which a pixel counts as good: 0.15 in the paper.
    pub limit: f64,
    /// Edge of a pixel in metres.
    pub pixel: Option<f64>,
}

impl Consistency<'_> {
    pub(super) fn drawings(&self, phases: &Phases) -> Result<Vec<Drawing>, ReportError> {
        let dim = |map: ArrayView2<'_, f32>| (1, map.nrows(), map.ncols());
        same_extent("projected and combined composition", dim(self.projected), dim(self.combined))?;
        same_extent("R-factor and composition", dim(self.r_factor), dim(self.combined))?;
        Ok(vec![self.maps(phases)?, self.distribution()])
    }

    fn maps(&self, phases: &Phases) -> Result<Drawing, ReportError> {
        let panel = |title: &str, values| Panel {
            title: title.to_owned(),
            values,
            pixel: self.pixel.map(PixelSize::square),
        };
        let row = vec![panel("projected volume", self.projected), panel("linear combination", self.combined)];
        let style = MapStyle::between(ColourMap::Composition, phases.label(), 0.0, 1.0);
        let grid = Grid::maps("", &[row], &style)?;
        let (mean, rms, count) = self.difference();
        let caption = format!(
            "Composition projected from the volume, and that of a linear combination of the reference spectra in each \
             pixel of the images. Over {count} pixels they differ by {} on average and by {} root mean square.",
            decimal(mean, 4),
            short_number(rms)
        );
        let alt =
            "Two maps of the composition: projected from the volume, and combined from the images".to_owned();
        Drawing::of_grid("consistency_maps", grid, alt, caption)
    }

    /// Mean and root mean square of projected minus combined, and the number of pixels that have both.
    fn difference(&self) -> (f64, f64, usize) {
        let pairs = self.projected.iter().zip(&self.combined);
        let differences: Vec<f64> = pairs.map(|(p, c)| f64::from(p - c)).filter(|d| d.is_finite()).collect();
        let n = differences.len().max(1) as f64;
        let squares: f64 = differences.iter().map(|d| d * d).sum();
        (differences.iter().sum::<f64>() / n, (squares / n).sqrt(), differences.len())
    }

    fn distribution(&self) -> Drawing {
        const BINS: usize = 60;
        let end = (2.0 * self.limit).max(1e-3);
        let histogram = Histogram::of(self.r_factor.iter().copied(), (0.0, end), BINS);
        let good = self.r_factor.iter().filter(|r| f64::from(**r) < self.limit).count();
        let share = 100.0 * good as f64 / histogram.count.max(1) as f64;
        let points = histogram.outline();
        let band = points.iter().map(|&(x, d)| (x, 0.0, d)).collect();
        let (x, y) = (Axis::new("R-factor").between(0.0, end), Axis::new("probability density"));
        let mut plot = LinePlot { size: (520.0, 280.0), ..LinePlot::new(x, y) };
        let name = String::new();
        plot.series.push(Series { name, points, stroke: Stroke::Solid, colour: 0, band });
        let label = format!("{:.2} % below {}", share, short_number(self.limit));
        plot.markers.push(Marker { x: self.limit, label, series: None });
        let caption = format!(
            "R-factor of the {} over {} pixels, the sum of squared residuals over that of the data: {share:.2} % lie below {}.",
            self.model,
            histogram.count,
            short_number(self.limit)
        );
        let alt = "Histogram of the R-factor over the pixels".to_owned();
        Drawing::of_plot("r_factor", &plot, alt, caption)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn shares_and_differences_are_told_over_pixels_that_have_them() {
        let projected = array![[0.5f32, 0.25], [f32::NAN, 1.0]];
        let combined = array![[0.25f32, 0.25], [0.5, f32::NAN]];
        let r_factor = array![[0.1f32, 0.2], [0.05, f32::NAN]];
        let consistency = Consistency {
            projected: projected.view(),
            combined: combined.view(),
            r_factor: r_factor.view(),
            model: "linear combination",
            limit: 0.15,
            pixel: Some(1e-8),
        };
        assert_eq!(consistency.difference(), (0.125, (0.0625f64 / 2.0).sqrt(), 2));
        let drawings = consistency.drawings(&Phases::default()).expect("draws");
        assert!(
            drawings[1].caption.starts_with("R-factor of the linear combination over 3 pixels")
                && drawings[1].caption.contains("66.67 % lie below 0.150"),
            "{}",
            drawings[1].caption
        );
        let other = array![[0.0f32]];
        let fault = Consistency { r_factor: other.view(), ..consistency }.drawings(&Phases::default());
        assert!(fault.is_err());
    }
}
