//! How uncertain a voxel is, from two volumes of half the projections each.

use super::curves::HALF;
use super::density::{Peak, distribution, nearly_all};
use crate::ReportError;
use crate::colour::ColourMap;
use crate::figure::{Grid, MapStyle, Panel, PixelSize, Range};
use crate::format::{Scale, short_number};
use crate::plot::Histogram;
use crate::report::Drawing;
use ndarray::{ArrayView2, ArrayView3};

/// Width of the map on the page in CSS pixels.
const WIDTH: f64 = 300.0;

/// The uncertainty of voxels.
#[derive(Debug, Clone, Default)]
pub struct Noise<'a> {
    /// Standard deviation of each voxel of one slice.
    pub sigma: Option<ArrayView2<'a, f32>>,
    /// Which slice that is: `x–y at z = 128`.
    pub slice: String,
    /// Edge of a voxel in metres.
    pub voxel: Option<f64>,
    /// Quantity and unit: `electron density (e/Å³)`.
    pub label: String,
    /// Distribution of the noise, such as that of half the difference of the two volumes.
    pub histogram: Option<Histogram>,
    /// Its standard deviation, drawn as a Gaussian about zero.
    pub spread: Option<f64>,
}

impl Noise<'_> {
    /// The distribution of the finite values of `noise`, and its standard deviation about zero.
    pub fn histogram_of(noise: ArrayView3<'_, f32>) -> (Histogram, f64) {
        const BINS: usize = 120;
        let finite = || noise.iter().copied().filter(|v| v.is_finite());
        let count = finite().count().max(1) as f64;
        let spread = (finite().map(|v| f64::from(v).powi(2)).sum::<f64>() / count).sqrt();
        let (low, high) = nearly_all(noise);
        let end = low.abs().max(high.abs());
        (Histogram::of(finite(), (-end, end), BINS), spread)
    }

    /// The map and the histogram, as far as they are there.
    ///
    /// # Errors
    /// If the map has no pixels, or the voxel is no length.
    pub fn drawings(&self) -> Result<Vec<Drawing>, ReportError> {
        let mut drawings = Vec::new();
        if let Some(sigma) = self.sigma {
            drawings.push(self.map(sigma)?);
        }
        if let Some(histogram) = &self.histogram {
            drawings.push(self.plot(histogram));
        }
        Ok(drawings)
    }

    fn map(&self, sigma: ArrayView2<'_, f32>) -> Result<Drawing, ReportError> {
        let range = Range::Percentiles { low: 0.0, high: 99.5 };
        let label = format!("σ of {}", self.label);
        let style =
            MapStyle { range, no_data: Some([255; 3]), ..MapStyle::new(ColourMap::Cividis, label.as_str()) };
        let pixel = self.voxel.map(PixelSize::square);
        let panel = Panel { title: self.slice.clone(), values: sigma, pixel };
        let grid = Grid::maps("", &[vec![panel]], &style)?;
        let mut known: Vec<f32> = sigma.iter().copied().filter(|v| v.is_finite()).collect();
        known.sort_by(f32::total_cmp);
        let median = known.get(known.len() / 2).map_or_else(String::new, |m| {
            format!(" Its median in this slice is {}.", short_number(f64::from(*m)))
        });
        let caption =
            format!("Standard deviation of one voxel, from the two halves of the projections.{median}");
        let alt = format!("Colour map of the standard deviation of {}", self.label);
        Drawing::of_grid_within(WIDTH, "sigma", grid, alt, caption)
    }

    fn plot(&self, histogram: &Histogram) -> Drawing {
        let gaussian = self.spread.map(|sigma| Peak {
            name: format!("σ = {}", short_number(sigma)),
            position: 0.0,
            sigma: Some(sigma),
            share: Some(1.0),
        });
        let label = format!("noise of {}", self.label);
        let peaks: Vec<Peak> = gaussian.into_iter().collect();
        let mut plot = distribution(histogram, &label, &peaks, Scale::Log, HALF);
        // The Gaussian's name says all that a marker at zero would.
        plot.markers.clear();
        let spread = self.spread.map_or_else(String::new, |sigma| {
            format!(
                " Its standard deviation is {}; the dashed curve is the Gaussian of that width.",
                short_number(sigma)
            )
        });
        let caption = format!("Distribution of the noise of one voxel.{spread}");
        let alt = "Histogram of the noise with a Gaussian of the same standard deviation".to_owned();
        Drawing::of_plot("noise", &plot, alt, caption)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, Array3};

    #[test]
    fn the_spread_is_that_about_zero_and_the_axis_is_symmetric() {
        // ±3 and ±4 in equal numbers: √(25/2)
        let noise = Array3::from_shape_fn((4, 4, 4), |(z, _, x)| [3.0f32, -3.0, 4.0, -4.0][(z + x) % 4]);
        let (histogram, spread) = Noise::histogram_of(noise.view());
        assert!((spread - 12.5f64.sqrt()).abs() < 1e-12);
        assert_eq!(histogram.ends.0, -histogram.ends.1);
        assert_eq!(histogram.outside, 0);
        let sigma = Array2::from_elem((5, 6), 0.25f32);
        let noise = Noise {
            sigma: Some(sigma.view()),
            histogram: Some(histogram),
            spread: Some(spread),
            label: "density (e/Å³)".to_owned(),
            ..Noise::default()
        };
        let drawings = noise.drawings().expect("draws");
        assert_eq!(drawings.iter().map(|d| d.name.as_str()).collect::<Vec<_>>(), ["sigma", "noise"]);
        assert!(drawings[0].caption.contains("0.250") && drawings[1].caption.contains("3.54"));
        assert!(Noise::default().drawings().expect("nothing").is_empty());
    }
}
