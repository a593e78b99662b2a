//! Optical densities of every voxel at both energies against each other: Figure 2 (a) of the paper.

use super::Phases;
use crate::ReportError;
use crate::colour::{ColourMap, PHASES, Rgb, mixed};
use crate::figure::{Axes, Grid, Key, MapStyle, Picture, Range, Raster, Span, Stretch};
use crate::format::Scale;
use crate::report::Drawing;
use ndarray::{Array2, ArrayView3};

/// Bins along each axis.
const BINS: usize = 160;
/// Pixels of the picture per bin.
const FINE: usize = 3;
/// Width of the picture on the page, CSS pixels.
const WIDTH: f64 = 460.0;
/// How much of its class's colour an empty bin has.
const TINT: f64 = 0.22;
/// Compositions of the rays.
const RAYS: [f64; 2] = [0.0, 1.0];
const INK: Rgb = [40; 3];

/// How often which pair of optical densities occurs.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlation {
    /// Number of voxels `(second energy, first energy)`, both growing with the index.
    pub counts: Array2<u32>,
    /// Ends of the axes: lower edge of the first and upper edge of the last bin, first energy first.
    pub ends: [(f64, f64); 2],
    /// Voxels outside of these.
    pub outside: usize,
    /// Whether voxels of air were left out.
    pub matter_only: bool,
}

impl Correlation {
    /// Counts the voxels of two volumes of optical density, those of `matter` only if it is given. The axes are equally
    /// long and begin a little below zero; voxels that are not finite do not count.
    ///
    /// # Errors
    /// If the volumes differ in extent.
    pub fn of(
        first: ArrayView3<'_, f32>,
        second: ArrayView3<'_, f32>,
        matter: Option<ArrayView3<'_, bool>>,
    ) -> Result<Self, ReportError> {
        super::same_extent("volumes at the two energies", first.dim(), second.dim())?;
        if let Some(matter) = matter {
            super::same_extent("optical density and matter", first.dim(), matter.dim())?;
        }
        let inside = |at: (usize, usize, usize)| matter.is_none_or(|m| m[at]);
        let pairs: Vec<(f64, f64)> = first
            .indexed_iter()
            .zip(&second)
            .filter(|((at, a), b)| a.is_finite() && b.is_finite() && inside(*at))
            .map(|((_, a), b)| (f64::from(*a), f64::from(*b)))
            .collect();
        let end = upper_end(&pairs);
        let low = -0.12 * end;
        let mut counts = Array2::zeros((BINS, BINS));
        let mut outside = 0;
        let bin = |v: f64| (v >= low && v < end).then(|| ((v - low) / (end - low) * BINS as f64) as usize);
        for (a, b) in &pairs {
            match (bin(*a), bin(*b)) {
                (Some(x), Some(y)) => counts[[y.min(BINS - 1), x.min(BINS - 1)]] += 1,
                _ => outside += 1,
            }
        }
        Ok(Self { counts, ends: [(low, end); 2], outside, matter_only: matter.is_some() })
    }

    pub(super) fn drawing(&self, phases: &Phases) -> Result<Drawing, ReportError> {
        let most = self.counts.iter().copied().max().unwrap_or(0);
        let range = Range::Fixed { min: 0.9, max: f64::from(most).max(10.0) };
        let style =
            MapStyle { range, scale: Scale::Log, ..MapStyle::new(ColourMap::Viridis, "voxels in a bin") };
        let raster = self.raster(phases, f64::from(most).max(10.0));
        let title = "optical density of each voxel".to_owned();
        let picture = Picture { title, raster, pixel: None };
        let axis = |k: usize, (from, to): (f64, f64)| Span {
            label: format!("OD at {}", phases.energy(k)),
            ends: (from, to),
        };
        let [x, y] = self.ends;
        let axes = Axes { x: axis(0, x), y: axis(1, (y.1, y.0)) };
        let grid = Grid::pictures("", vec![vec![picture]], Key::Bar(style))?
            .with_axes(axes)
            .with_stretches(self.rays(phases));
        let voxels: u64 = self.counts.iter().map(|n| u64::from(*n)).sum::<u64>() + self.outside as u64;
        let of = if self.matter_only { "voxels of matter" } else { "voxels" };
        let [first, second] = RAYS.map(|f| phases.angle(f).to_degrees());
        let (low, high) = phases.thresholds;
        let [t1, t2] = [low, high].map(|f| phases.angle(f).to_degrees());
        let caption = format!(
            "Optical density of {voxels} {of} at both energies; the colour counts voxels, on a logarithmic scale. The \
             polar angle tells the composition: lines are pure {} ({first:.2}°) and {} ({second:.2}°) and the \
             thresholds of the classes ({t1:.1}° and {t2:.1}°). {} Outside of the axes: {}.",
            phases.names[0],
            phases.names[1],
            phases.rule(),
            self.outside
        );
        let alt = format!(
            "Two-dimensional histogram of the optical densities at {} and {}",
            phases.energy(0),
            phases.energy(1)
        );
        Drawing::of_grid_within(WIDTH, "correlation", grid, alt, caption)
    }

    /// The histogram, its empty bins in pale colours of the class their angle belongs to.
    fn raster(&self, phases: &Phases, most: f64) -> Raster {
        let (rows, columns) = self.counts.dim();
        let (low, high) = (phases.angle(phases.thresholds.0), phases.angle(phases.thresholds.1));
        let [x_ends, y_ends] = self.ends;
        let value = |(low, high): (f64, f64), part: f64| low + part * (high - low);
        let floor = 0.9f64.log10();
        Raster::from_fn(FINE * rows, FINE * columns, |y, x| {
            let row = rows - 1 - y / FINE;
            let count = self.counts[[row, x / FINE]];
            let [r, g, b] = if count > 0 {
                let t = (f64::from(count).log10() - floor) / (most.log10() - floor);
                ColourMap::Viridis.colour(t)
            } else {
                let a = value(x_ends, (x as f64 + 0.5) / (FINE * columns) as f64);
                let b = value(y_ends, 1.0 - (y as f64 + 0.5) / (FINE * rows) as f64);
                tint(b.atan2(a), (low, high))
            };
            [r, g, b, 255]
        })
    }

    /// Rays of the pure phases and of the thresholds from the origin to the edge.
    fn rays(&self, phases: &Phases) -> Vec<Stretch> {
        let (low, high) = phases.thresholds;
        let words = |f: f64| {
            let degrees = phases.angle(f).to_degrees();
            match f {
                0.0 => format!("{} {degrees:.1}°", phases.names[0]),
                1.0 => format!("{} {degrees:.1}°", phases.names[1]),
                _ => format!("{:.0} % {degrees:.1}°", 100.0 * f),
            }
        };
        let [x_ends, y_ends] = self.ends;
        let part = |(low, high): (f64, f64), v: f64| (v - low) / (high - low);
        let place = |a: f64, b: f64| (1.0 - part(y_ends, b), part(x_ends, a));
        let ray = |f: f64, colour: Rgb| {
            let (s, c) = phases.angle(f).sin_cos();
            let reach = |end: f64, step: f64| if step > 1e-9 { end / step } else { f64::INFINITY };
            let length = reach(x_ends.1, c).min(reach(y_ends.1, s)).min(1e9);
            Stretch { from: place(0.0, 0.0), to: place(length * c, length * s), colour, label: words(f) }
        };
        let pure = RAYS.into_iter().zip([PHASES[0], PHASES[2]]).map(|(f, colour)| ray(f, colour));
        pure.chain([ray(low, INK), ray(high, INK)]).collect()
    }
}

/// The pale colour of the class of a polar angle; white behind the origin.
fn tint(angle: f64, (low, high): (f64, f64)) -> Rgb {
    let quarter = std::f64::consts::FRAC_PI_2;
    if !(-0.5 * quarter..=1.5 * quarter).contains(&angle) {
        return [255; 3];
    }
    let class = usize::from(angle >= low) + usize::from(angle > high);
    mixed(PHASES[class], [255; 3], TINT)
}

/// A value that nearly all densities stay below.
fn upper_end(pairs: &[(f64, f64)]) -> f64 {
    /// One voxel in so many may lie beyond.
    const RARE: usize = 20_000;
    let mut larger: Vec<f64> = pairs.iter().map(|(a, b)| a.max(*b)).collect();
    if larger.is_empty() {
        return 1.0;
    }
    let rank = larger.len() - 1 - larger.len() / RARE;
    let (_, value, _) = larger.select_nth_unstable_by(rank, f64::total_cmp);
    if *value > 0.0 { 1.08 * *value } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    #[test]
    fn every_voxel_is_counted_once_at_its_place() {
        let first = Array3::from_shape_fn((4, 5, 6), |(z, y, x)| (z * 30 + y * 6 + x) as f32 / 120.0);
        let mut second = first.mapv(|v| 0.5 * v);
        second[[0, 0, 1]] = f32::NAN;
        let correlation = Correlation::of(first.view(), second.view(), None).expect("same extent");
        let inside: u32 = correlation.counts.iter().sum();
        assert_eq!(inside as usize + correlation.outside, 119);
        // Everything lies on the line of half the slope: bin centres within half a bin each way.
        let [(low, high), _] = correlation.ends;
        let width = (high - low) / BINS as f64;
        for ((row, column), count) in correlation.counts.indexed_iter().filter(|(_, n)| **n > 0) {
            let centre = |i: usize| low + (i as f64 + 0.5) * width;
            assert!((centre(row) - 0.5 * centre(column)).abs() <= 0.75 * width, "{row} {column} {count}");
        }
        let matter = first.mapv(|v| v > 0.5);
        let some = Correlation::of(first.view(), second.view(), Some(matter.view())).expect("same extent");
        assert_eq!(
            some.counts.iter().sum::<u32>() as usize + some.outside,
            matter.iter().filter(|m| **m).count()
        );
        let other = Array3::zeros((4, 5, 7));
        assert!(Correlation::of(first.view(), other.view(), None).is_err());
    }

    #[test]
    fn rays_have_the_angles_of_their_compositions() {
        let volume = Array3::from_elem((2, 2, 2), 0.05f32);
        let correlation = Correlation::of(volume.view(), volume.view(), None).expect("same extent");
        let phases = Phases::default();
        for (ray, f) in correlation.rays(&phases).iter().zip([0.0, 1.0, 0.3, 0.7]) {
            // Both axes span the same, so parts of the sides have the slope of the densities.
            let slope = (ray.from.0 - ray.to.0) / (ray.to.1 - ray.from.1);
            assert!((slope.atan() - phases.angle(f)).abs() < 1e-9, "{f}");
        }
        let drawing = correlation.drawing(&phases).expect("draws");
        let text = drawing.to_svg_document();
        for words in ["LFP 27.5°", "FP 65.0°", "30 %", "OD at 708.2 eV", "OD at 710.2 eV"] {
            assert!(text.contains(words), "{words}");
        }
        assert!(drawing.to_png().expect("encodes").is_some());
    }

    #[test]
    fn nothing_to_count_is_drawn() {
        let nothing = Array3::from_elem((1, 1, 1), f32::NAN);
        let correlation = Correlation::of(nothing.view(), nothing.view(), None).expect("same extent");
        assert!(correlation.drawing(&Phases::default()).is_ok());
    }
}
