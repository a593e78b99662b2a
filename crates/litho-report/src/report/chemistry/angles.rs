//! How the polar angles are distributed, with the Gaussians fitted to them: Figure 2 (b) of the paper.

use super::Phases;
use crate::colour::PHASES;
use crate::plot::{Axis, LinePlot, Series, Stroke, Zone};
use crate::report::Drawing;
use litho_types::erf::erf;
use std::f64::consts::FRAC_PI_2;

/// Colours of the plot by index: of the data, of the first and the second phase, of the sum.
const COLOURS: [usize; 4] = [7, 1, 0, 11];
/// Points of a curve.
const POINTS: usize = 500;

/// One Gaussian of the fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AngleGaussian {
    /// Its centre in radians.
    pub centre: f64,
    /// Standard deviation of the centre in radians; NaN if unknown.
    pub centre_sigma: f64,
    /// Its width (σ) in radians.
    pub width: f64,
    /// Number of voxels it stands for.
    pub voxels: f64,
    /// Composition at its centre, the fraction of the second phase.
    pub composition: f64,
    /// What its width means as a composition: one σ; NaN if unknown.
    pub composition_width: f64,
    /// The true centre in radians, where known.
    pub truth: Option<f64>,
}

/// How many voxels have which polar angle.
#[derive(Debug, Clone, PartialEq)]
pub struct AngleHistogram {
    /// Lower end of the first and upper end of the last bin, radians.
    pub ends: (f64, f64),
    /// Number of voxels in each bin.
    pub counts: Vec<f64>,
    /// The Gaussians: that of the first phase, that of the second; others may follow.
    pub gaussians: Vec<AngleGaussian>,
    /// Voxels that hold both phases, as many at every angle between the first two centres.
    pub mixed: f64,
}

impl AngleHistogram {
    /// Counts angles in radians in bins of half a degree, from −20° to 110°. Those that are not finite do not count.
    pub fn of(angles: impl IntoIterator<Item = f32>) -> Self {
        const BINS: usize = 260;
        let ends = ((-20f64).to_radians(), 110f64.to_radians());
        let mut counts = vec![0.0; BINS];
        for angle in angles.into_iter().map(f64::from).filter(|a| a.is_finite()) {
            let place = (angle - ends.0) / (ends.1 - ends.0) * BINS as f64;
            if place >= 0.0 && place < BINS as f64 {
                counts[place as usize] += 1.0;
            }
        }
        Self { ends, counts, gaussians: Vec::new(), mixed: 0.0 }
    }

    /// The Gaussian in voxels per bin, `N w exp(−(φ − μ)²/2σ²)/(√(2π) σ)`.
    fn height(&self, gaussian: &AngleGaussian, angle: f64) -> f64 {
        let bin = (self.ends.1 - self.ends.0) / self.counts.len().max(1) as f64;
        let t = (angle - gaussian.centre) / gaussian.width;
        gaussian.voxels * bin * (-t * t / 2.0).exp() / (gaussian.width * (4.0 * FRAC_PI_2).sqrt())
    }

    /// Mixed voxels per bin: as many at every angle between the first two centres, blurred at the ends as the peaks are.
    fn mixed_height(&self, angle: f64) -> f64 {
        let [one, two, ..] = &self.gaussians[..] else { return 0.0 };
        let bin = (self.ends.1 - self.ends.0) / self.counts.len().max(1) as f64;
        let step = |g: &AngleGaussian| erf((angle - g.centre) / (g.width * std::f64::consts::SQRT_2));
        let between = 0.5 * (step(one) - step(two)) / (two.centre - one.centre);
        self.mixed * bin * between
    }

    fn curve(&self, height: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        let (low, high) = self.ends;
        let angle = |i: usize| low + (high - low) * i as f64 / POINTS as f64;
        (0..=POINTS).map(angle).map(|a| (a.to_degrees(), height(a))).collect()
    }

    pub(super) fn drawing(&self, phases: &Phases) -> Drawing {
        let most = self.counts.iter().copied().fold(1.0, f64::max);
        let floor = 0.5;
        let ends = (self.ends.0.to_degrees(), self.ends.1.to_degrees());
        let x = Axis::new("polar angle (°)").between(ends.0, ends.1);
        let y = Axis::new("voxels in a bin").logarithmic().between(floor, 3.0 * most);
        let mut plot = LinePlot { size: (720.0, 380.0), ..LinePlot::new(x, y) }.of_categories();
        let (low, high) = phases.thresholds;
        let [low, high] = [low, high].map(|f| phases.angle(f).to_degrees());
        let spans = [(ends.0, low), (low, high), (high, ends.1)];
        plot.zones =
            spans.into_iter().zip(PHASES).map(|((from, to), colour)| Zone { from, to, colour }).collect();
        let bins = self.counts.len().max(1) as f64;
        let edge = |i: usize| ends.0 + (ends.1 - ends.0) * i as f64 / bins;
        let tops = self.counts.iter().enumerate();
        let points: Vec<(f64, f64)> =
            tops.flat_map(|(i, n)| [(edge(i), n.max(floor)), (edge(i + 1), n.max(floor))]).collect();
        let band = points.iter().map(|&(x, n)| (x, floor, n)).collect();
        let name = "voxels".to_owned();
        plot.series.push(Series { name, points, stroke: Stroke::Solid, colour: COLOURS[0], band });
        for (k, gaussian) in self.gaussians.iter().enumerate() {
            let name = self.name(k, phases);
            let points = self.curve(|a| self.height(gaussian, a));
            let colour = COLOURS[1 + k.min(1)];
            plot.series.push(Series { name, points, stroke: Stroke::Solid, colour, band: Vec::new() });
        }
        if self.gaussians.len() > 1 {
            if self.mixed > 0.0 {
                let points = self.curve(|a| self.mixed_height(a));
                let (name, colour) = ("both phases".to_owned(), COLOURS[0]);
                plot.series.push(Series { name, points, stroke: Stroke::Dashed, colour, band: Vec::new() });
            }
            let sum =
                |a| self.gaussians.iter().map(|g| self.height(g, a)).sum::<f64>() + self.mixed_height(a);
            let points = self.curve(sum);
            let (name, colour) = ("sum of the fits".to_owned(), COLOURS[3]);
            plot.series.push(Series { name, points, stroke: Stroke::Dashed, colour, band: Vec::new() });
        }
        let alt = "Histogram of the polar angles of the voxels with the Gaussians fitted to it".to_owned();
        Drawing::of_plot("polar_angle", &plot, alt, self.caption(phases, [low, high]))
    }

    /// `LFP: 27.51°, Li-poor fraction`.
    fn name(&self, k: usize, phases: &Phases) -> String {
        let gaussian = &self.gaussians[k];
        let name = phases.names.get(k).map_or("", String::as_str);
        let percent = 100.0 * gaussian.composition;
        let words = format!(
            "{name} {:.2}°: {} % {}",
            gaussian.centre.to_degrees(),
            crate::format::decimal(percent, 1),
            phases.names[1]
        );
        words.trim_start().to_owned()
    }

    fn caption(&self, phases: &Phases, thresholds: [f64; 2]) -> String {
        let voxels: f64 = self.counts.iter().sum();
        let one = |(k, g): (usize, &AngleGaussian)| {
            let degrees = |radians: f64| crate::format::decimal(radians.to_degrees(), 2);
            let name = phases.names.get(k).map_or_else(|| format!("Gaussian {}", k + 1), Clone::clone);
            let sigma = if g.centre_sigma.is_finite() {
                format!(" ± {:.3}°", g.centre_sigma.to_degrees())
            } else {
                String::new()
            };
            let truth = g.truth.map_or_else(String::new, |t| format!(" (true {}°)", degrees(t)));
            let spread = if g.composition_width.is_finite() {
                format!(", which is {:.1} % of composition", 100.0 * g.composition_width)
            } else {
                String::new()
            };
            format!(
                " {name}: {}°{sigma}{truth}, width {}°{spread}, {:.0} voxels.",
                degrees(g.centre),
                degrees(g.width),
                g.voxels
            )
        };
        let all: String = self.gaussians.iter().enumerate().map(one).collect();
        format!(
            "Polar angles of {voxels:.0} voxels, on a logarithmic scale.{all} {} The thresholds are {:.1}° and {:.1}°.",
            phases.rule(),
            thresholds[0],
            thresholds[1]
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaussian(centre: f64, voxels: f64, composition: f64) -> AngleGaussian {
        AngleGaussian {
            centre: centre.to_radians(),
            centre_sigma: 0.01f64.to_radians(),
            width: 4f64.to_radians(),
            voxels,
            composition,
            composition_width: 0.11,
            truth: None,
        }
    }

    #[test]
    fn angles_are_counted_and_a_gaussian_has_its_voxels() {
        let angles = [0.0f32, 0.5, 0.5, f32::NAN, 9.0];
        let mut histogram = AngleHistogram::of(angles);
        assert_eq!(histogram.counts.iter().sum::<f64>(), 3.0);
        let g = gaussian(40.0, 1234.0, 0.3);
        histogram.gaussians = vec![g];
        // Bins of half a degree are an eighth of a σ: their sum is that of the Gaussian to rounding.
        let bins = histogram.counts.len();
        let (low, high) = histogram.ends;
        let centre = |i: usize| low + (high - low) * (i as f64 + 0.5) / bins as f64;
        let sum: f64 = (0..bins).map(|i| histogram.height(&g, centre(i))).sum();
        assert!((sum - 1234.0).abs() < 1e-3, "{sum}");
    }

    #[test]
    fn the_key_tells_centres_and_compositions() {
        let mut histogram = AngleHistogram::of((0..1000).map(|k| (k % 90) as f32 * 0.017));
        histogram.gaussians = vec![gaussian(27.48, 4e3, 0.0), gaussian(65.0, 1e3, 1.0)];
        histogram.gaussians[1].truth = Some(64.9f64.to_radians());
        let drawing = histogram.drawing(&Phases::default());
        let text = drawing.to_svg_document();
        for words in ["LFP 27.48°: 0.0 % FP", "FP 65.00°: 100.0 % FP", "sum of the fits"] {
            assert!(text.contains(words), "{words}");
        }
        assert!(drawing.caption.contains("FP: 65.00° ± 0.010° (true 64.90°), width 4.00°, which is 11.0 %"));
        let empty = AngleHistogram::of([]);
        roxmltree::Document::parse(&empty.drawing(&Phases::default()).to_svg_document())
            .expect("well formed");
    }
}
