//! How the values of the volume are distributed.

use super::curves::FULL;
use crate::format::{Scale, short_number};
use crate::plot::{Axis, Histogram, LinePlot, Marker, Series, Stroke};
use crate::report::Drawing;
use ndarray::ArrayView3;

/// A named value of the density, such as that of air or of a grain.
#[derive(Debug, Clone, PartialEq)]
pub struct Peak {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub position: f64,
    /// Its standard deviation, if it is a Gaussian.
    pub sigma: Option<f64>,
    /// Share of all values that belong to it, if it is a Gaussian.
    pub share: Option<f64>,
}

impl Peak {
    /// A peak of which only the place is known.
    pub fn at(name: impl Into<String>, position: f64) -> Self {
        Self { name: name.into(), position, sigma: None, share: None }
    }

    /// The density of a Gaussian, `a exp(−(x − μ)²/2σ²)/(√(2π) σ)`, over `ends`.
    fn curve(&self, (low, high): (f64, f64)) -> Option<Vec<(f64, f64)>> {
        const POINTS: usize = 400;
        let (sigma, share) = (self.sigma.filter(|s| *s > 0.0)?, self.share?);
        let density = |x: f64| {
            let t = (x - self.position) / sigma;
            share * (-t * t / 2.0).exp() / (sigma * std::f64::consts::TAU.sqrt())
        };
        Some(
            (0..=POINTS)
                .map(|i| low + (high - low) * i as f64 / POINTS as f64)
                .map(|x| (x, density(x)))
                .collect(),
        )
    }
}

/// The distribution of the volume's values.
#[derive(Debug, Clone, PartialEq)]
pub struct DensityHistogram {
    /// The distribution.
    pub histogram: Histogram,
    /// Quantity and unit: `electron density (e/Å³)`.
    pub label: String,
    /// Named values.
    pub peaks: Vec<Peak>,
}

impl DensityHistogram {
    /// The distribution of all voxels of `volume` that are finite, over nearly all of their values.
    pub fn of(volume: ArrayView3<'_, f32>, label: impl Into<String>) -> Self {
        const BINS: usize = 200;
        let histogram = Histogram::of(volume.iter().copied(), nearly_all(volume), BINS);
        Self { histogram, label: label.into(), peaks: Vec::new() }
    }

    /// The histogram with its peaks; logarithmic where the highest bin hides a peak.
    pub fn drawing(&self) -> Drawing {
        let scale = if self.hides_a_peak() { Scale::Log } else { Scale::Linear };
        let plot = distribution(&self.histogram, &self.label, &self.peaks, scale, FULL);
        let outside = self.histogram.share_outside();
        let beyond = if outside < 5e-5 {
            String::new()
        } else {
            format!(" {:.2} % of the voxels lie outside the axis.", 100.0 * outside)
        };
        let caption = format!("Distribution of {} over the voxels.{}{beyond}", self.label, self.peak_words());
        let alt = format!("Histogram of {} over the voxels of the volume", self.label);
        Drawing::of_plot("density", &plot, alt, caption)
    }

    /// Whether some peak is lower than a twentieth of the highest bin.
    fn hides_a_peak(&self) -> bool {
        const LOW: f64 = 20.0;
        let highest = self.histogram.density.iter().copied().fold(0.0, f64::max);
        let (low, high) = self.histogram.ends;
        let bins = self.histogram.density.len();
        self.peaks.iter().any(|peak| {
            let place = (peak.position - low) / (high - low) * bins as f64;
            let bin = (place >= 0.0).then(|| self.histogram.density.get(place as usize)).flatten();
            bin.is_some_and(|density| *density > 0.0 && LOW * density < highest)
        })
    }

    fn peak_words(&self) -> String {
        let one = |peak: &Peak| {
            let sigma = peak.sigma.map_or_else(String::new, |s| format!(" ± {}", short_number(s)));
            format!("{} {}{sigma}", peak.name, short_number(peak.position))
        };
        let all: Vec<String> = self.peaks.iter().map(one).collect();
        if all.is_empty() { String::new() } else { format!(" Peaks: {}.", all.join("; ")) }
    }
}

/// Values between which nearly all of a volume lie, and a little more.
pub(super) fn nearly_all(volume: ArrayView3<'_, f32>) -> (f64, f64) {
    /// Values that are looked at; a regular choice of so many tells the tails well enough.
    const MOST: usize = 1 << 20;
    const TAIL: f64 = 2e-4;
    let stride = volume.len().div_ceil(MOST).max(1);
    let mut values: Vec<f32> = volume.iter().step_by(stride).copied().filter(|v| v.is_finite()).collect();
    values.sort_by(f32::total_cmp);
    let (Some(first), Some(last)) = (values.first(), values.last()) else { return (0.0, 1.0) };
    let tail = (TAIL * values.len() as f64) as usize;
    let low = f64::from(*values.get(tail).unwrap_or(first));
    let high = f64::from(*values.get(values.len().saturating_sub(1 + tail)).unwrap_or(last));
    let more = if high > low { 0.05 * (high - low) } else { (0.1 * high.abs()).max(1e-6) };
    (low - more, high + more)
}

/// A histogram with its named values, the area under it filled.
pub(super) fn distribution(
    histogram: &Histogram,
    label: &str,
    peaks: &[Peak],
    scale: Scale,
    size: (f64, f64),
) -> LinePlot {
    let (low, high) = histogram.ends;
    let y = Axis::new("probability density");
    let positive = || histogram.density.iter().copied().filter(|d| *d > 0.0);
    let floor = positive().fold(f64::INFINITY, f64::min) / 2.0;
    let most = positive().fold(0.0, f64::max);
    let log = scale == Scale::Log && most > 0.0;
    let y = if log { y.logarithmic().between(floor, 2.0 * most) } else { y };
    let mut plot = LinePlot { size, ..LinePlot::new(Axis::new(label).between(low, high), y) };
    // On a logarithmic axis nothing has the height zero: the area stands on the floor.
    let raised = |d: f64| if log { d.max(floor) } else { d };
    let points: Vec<(f64, f64)> = histogram.outline().into_iter().map(|(x, d)| (x, raised(d))).collect();
    let band = points.iter().map(|&(x, d)| (x, raised(0.0), d)).collect();
    plot.series.push(Series { name: "voxels".to_owned(), points, stroke: Stroke::Solid, colour: 0, band });
    for (k, peak) in peaks.iter().enumerate() {
        if let Some(points) = peak.curve(histogram.ends) {
            let (name, stroke, colour) = (format!("{}, Gaussian", peak.name), Stroke::Dashed, k + 1);
            plot.series.push(Series { name, points, stroke, colour, band: Vec::new() });
        }
        let label = format!("{}: {}", peak.name, short_number(peak.position));
        plot.markers.push(Marker { x: peak.position, label, series: None });
    }
    plot
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    #[test]
    fn gaussians_have_their_share_as_area_and_peaks_are_told() {
        let peak = Peak { name: "grain".to_owned(), position: 1.0, sigma: Some(0.1), share: Some(0.3) };
        let curve = peak.curve((0.0, 2.0)).expect("a Gaussian");
        // The trapezoidal rule is exact to rounding for a Gaussian whose tails end ten σ away.
        let area: f64 = curve.windows(2).map(|w| (w[1].0 - w[0].0) * (w[0].1 + w[1].1) / 2.0).sum();
        assert!((area - 0.3).abs() < 1e-9, "{area}");
        assert_eq!(Peak::at("air", 0.0).curve((0.0, 1.0)), None);
        let volume = Array3::from_shape_fn((10, 10, 10), |(z, _, _)| if z < 6 { 0.0f32 } else { 1.0 });
        let mut density = DensityHistogram::of(volume.view(), "electron density (e/Å³)");
        density.peaks = vec![Peak::at("air", 0.0), peak];
        let drawing = density.drawing();
        assert!(drawing.caption.contains("Peaks: air 0; grain 1.00 ± 0.100."), "{}", drawing.caption);
        let text = drawing.to_svg_document();
        assert!(text.contains("air: 0") && text.contains("grain: 1.00") && text.contains("grain, Gaussian"));
    }

    #[test]
    fn a_hidden_peak_makes_the_ordinate_logarithmic() {
        let mostly_air =
            Array3::from_shape_fn(
                (20, 20, 20),
                |(z, y, x)| if (z, y) == (0, 0) && x < 10 { 1.0f32 } else { 0.0 },
            );
        let mut density = DensityHistogram::of(mostly_air.view(), "density");
        assert!(!density.hides_a_peak());
        density.peaks.push(Peak::at("grain", 1.0));
        assert!(density.hides_a_peak());
        roxmltree::Document::parse(&density.drawing().to_svg_document()).expect("well formed");
    }

    #[test]
    fn constant_and_missing_volumes_are_drawn() {
        for value in [0.0, 3.0, f32::NAN] {
            let density = DensityHistogram::of(Array3::from_elem((2, 2, 2), value).view(), "x");
            roxmltree::Document::parse(&density.drawing().to_svg_document()).expect("well formed");
        }
    }
}
