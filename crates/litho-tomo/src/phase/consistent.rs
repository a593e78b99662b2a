//! Ramp and offset from what all projections agree on.
//!
//! A projection alone may show little air, or matter that looks like it. A volume from all of them knows: its empty voxels
//! project to air. So the projections are reconstructed, the matter is separated from air by Otsu's threshold, its mask is
//! projected, and each projection gets the plane of its phase where the mask projects to nothing; again until the planes
//! no longer change.

use super::ramp::{Ramp, robust_plane};
use crate::error::TomoError;
use crate::geometry::Geometry;
use crate::project::project;
use crate::settings::{Filter, Method, Settings, Support};
use crate::stream::reconstruct;
use litho_types::observer::{CancelToken, Observer, Silent, Step};
use litho_types::point::Point;
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, Zip, s};
use rayon::prelude::*;

const NAME: &str = "consistent ramps";

/// What is taken off each projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Baseline {
    /// A plane, for phases.
    #[default]
    Ramp,
    /// A constant, for optical densities.
    Offset,
}

/// How air is made consistent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConsistentSettings {
    /// Rounds at most.
    pub rounds: usize,
    /// Pixels that are averaged along each side for the volume.
    pub binning: usize,
    /// Plane or constant.
    pub baseline: Baseline,
    /// Largest change of a projection, in its unit, at which rounds end early.
    pub tolerance: f64,
}

impl Default for ConsistentSettings {
    /// Three rounds on 2 × 2 pixels, planes, until they change by less than 1 mrad.
    fn default() -> Self {
        Self { rounds: 3, binning: 2, baseline: Baseline::Ramp, tolerance: 1e-3 }
    }
}

/// What was taken off.
#[derive(Debug, Clone, PartialEq)]
pub struct Consistency {
    /// All that was taken off each projection.
    pub ramps: Vec<Ramp>,
    /// Share of the pixels of each projection that is air; 0 where there was too little, and nothing was taken off.
    pub air: Vec<f64>,
    /// Largest change of a pixel in each round.
    pub change: Vec<f64>,
}

/// Least share of the pixels that air must have.
const LEAST_SHARE: f64 = 0.01;

/// Makes aligned projections `(angle, y, x)` 0 where the volume has no matter, in place. Pixels of weight 0 have no say.
///
/// # Errors
/// [`TomoError::Shape`], [`TomoError::Setting`], [`TomoError::NotFinite`], [`TomoError::Interrupted`].
pub fn make_consistent(
    projections: &mut Array3<f32>,
    weights: Option<ArrayView3<'_, f32>>,
    geometry: &Geometry,
    settings: &ConsistentSettings,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Consistency, TomoError> {
    let (angles, ny, nx) = projections.dim();
    check(projections, weights, geometry, settings)?;
    let binned = Binned::new(geometry, settings.binning)?;
    let mut found =
        Consistency { ramps: vec![Ramp::default(); angles], air: vec![0.0; angles], change: Vec::new() };
    observer.begin("consistent ramps", 0, settings.rounds);
    for round in 1..=settings.rounds {
        let air = binned.air(projections.view(), cancel)?;
        let planes: Vec<Option<(Ramp, f64)>> = (0..angles)
            .into_par_iter()
            .map(|angle| {
                let open = air.index_axis(Axis(0), angle);
                let weights = weights.map(|weights| weights.index_axis_move(Axis(0), angle));
                let open = binned.at_pixels(open, (ny, nx), weights);
                let share = open.iter().filter(|air| **air).count() as f64 / (ny * nx) as f64;
                let image = projections.index_axis(Axis(0), angle);
                let plane = (share >= LEAST_SHARE).then(|| robust_plane(image, open.view()))??.0;
                Some((settings.baseline.of(plane, open.view()), share))
            })
            .collect();
        let mut change = 0.0_f64;
        for (angle, plane) in planes.into_iter().enumerate() {
            let (plane, share) = plane.unwrap_or_default();
            found.air[angle] = share;
            found.ramps[angle] = found.ramps[angle].plus(plane);
            let mut image = projections.index_axis_mut(Axis(0), angle);
            image.indexed_iter_mut().for_each(|((y, x), v)| *v = (f64::from(*v) - plane.at(y, x)) as f32);
            for (y, x) in [(0, 0), (0, nx - 1), (ny - 1, 0), (ny - 1, nx - 1)] {
                change = change.max(plane.at(y, x).abs());
            }
        }
        found.change.push(change);
        observer.step(Step { iteration: round, iterations: settings.rounds, loss: change });
        if change < settings.tolerance {
            break;
        }
    }
    observer.end();
    Ok(found)
}

impl Baseline {
    /// A plane, or its mean over air.
    fn of(self, plane: Ramp, air: ArrayView2<'_, bool>) -> Ramp {
        if self == Self::Ramp {
            return plane;
        }
        let (mut sum, mut count) = (0.0, 0.0);
        for ((y, x), _) in air.indexed_iter().filter(|(_, air)| **air) {
            sum += plane.at(y, x);
            count += 1.0;
        }
        Ramp { offset: sum / f64::max(count, 1.0), slope: Point::new(0.0, 0.0) }
    }
}

fn check(
    projections: &Array3<f32>,
    weights: Option<ArrayView3<'_, f32>>,
    geometry: &Geometry,
    settings: &ConsistentSettings,
) -> Result<(), TomoError> {
    let (angles, ny, nx) = projections.dim();
    let shape = |array: &'static str, found: &[usize], wanted: &[usize]| TomoError::Shape {
        operation: NAME,
        array,
        found: found.to_vec(),
        wanted: wanted.to_vec(),
    };
    if (angles, nx) != (geometry.angles().len(), geometry.detector()) || ny == 0 {
        let wanted = [geometry.angles().len(), ny.max(1), geometry.detector()];
        return Err(shape("the projections", projections.shape(), &wanted));
    }
    if let Some(found) = weights.filter(|weights| weights.dim() != projections.dim()) {
        return Err(shape("the weights", found.shape(), projections.shape()));
    }
    let least = ny.min(nx) / 8;
    if settings.binning == 0 || settings.binning > least.max(1) {
        let (setting, fix) = ("the binning", "give 1 or more, at most an eighth of the shorter side");
        return Err(TomoError::Setting { operation: NAME, setting, value: settings.binning as f64, fix });
    }
    Ok(())
}

/// Coarser projections of the same sample.
struct Binned {
    geometry: Geometry,
    binning: usize,
}

impl Binned {
    fn new(geometry: &Geometry, binning: usize) -> Result<Self, TomoError> {
        let detector = geometry.detector() / binning;
        // the middle of pixel u of the coarse detector is at b u + (b − 1)/2
        let axis = (geometry.axis() - (binning as f64 - 1.0) / 2.0) / binning as f64;
        let axis = axis.clamp(0.0, detector as f64 - 1.0);
        Ok(Self { geometry: geometry.resampled(detector, detector, axis)?, binning })
    }

    /// Where no matter of the volume projects to, `(angle, row, column)` of coarse pixels.
    fn air(&self, projections: ArrayView3<'_, f32>, cancel: &CancelToken) -> Result<Array3<bool>, TomoError> {
        let coarse = self.means(projections);
        let mut fbp = Settings::new(Method::Fbp { filter: Filter::Hann });
        fbp.support = Support::Circle;
        let volume = reconstruct(coarse.view(), None, &self.geometry, &fbp, &mut Silent, cancel)?.volume;
        let matter = matter(&volume);
        let thickness = project(matter.view(), &self.geometry)?;
        Ok(thickness.mapv(|thickness| thickness < 0.5))
    }

    /// Means of squares of pixels.
    fn means(&self, projections: ArrayView3<'_, f32>) -> Array3<f32> {
        let b = self.binning;
        let (angles, ny, nx) = projections.dim();
        let mut coarse = Array3::zeros((angles, ny / b, nx / b));
        Zip::from(coarse.axis_iter_mut(Axis(0))).and(projections.axis_iter(Axis(0))).par_for_each(
            |mut coarse, image| {
                for ((y, x), value) in coarse.indexed_iter_mut() {
                    let square = image.slice(s![y * b..(y + 1) * b, x * b..(x + 1) * b]);
                    *value = square.sum() / (b * b) as f32;
                }
            },
        );
        coarse
    }

    /// Coarse air at the pixels of a projection, where their weight is not 0.
    fn at_pixels(
        &self,
        coarse: ArrayView2<'_, bool>,
        shape: (usize, usize),
        weights: Option<ArrayView2<'_, f32>>,
    ) -> Array2<bool> {
        Array2::from_shape_fn(shape, |(y, x)| {
            let counts = weights.is_none_or(|weights| weights[(y, x)] > 0.0);
            let air = coarse.get((y / self.binning, x / self.binning)).copied().unwrap_or(false);
            counts && air
        })
    }
}

/// 1 in voxels that hold matter, of either sign. A threshold by Otsu on the volume averaged over 3 × 3 × 3 voxels tells
/// what is dense; matter is what has a third of that, so that its soft rim is no air.
fn matter(volume: &Array3<f32>) -> Array3<f32> {
    let smooth = averaged(volume);
    let threshold = otsu(&smooth);
    let dense: (f64, usize) = smooth
        .iter()
        .filter(|v| v.abs() > threshold)
        .fold((0.0, 0), |(sum, n), v| (sum + f64::from(v.abs()), n + 1));
    let limit = (dense.0 / dense.1.max(1) as f64 / 3.0) as f32;
    smooth.mapv(|v| if v.abs() > limit.min(threshold) { 1.0 } else { 0.0 })
}

/// Means over the voxels around each, along one axis after the other.
fn averaged(volume: &Array3<f32>) -> Array3<f32> {
    let mut smooth = volume.clone();
    for axis in 0..3 {
        Zip::from(smooth.lanes_mut(Axis(axis))).par_for_each(|mut lane| {
            let old = lane.to_vec();
            for (i, value) in lane.iter_mut().enumerate() {
                let window = &old[i.saturating_sub(1)..(i + 2).min(old.len())];
                *value = window.iter().sum::<f32>() / window.len() as f32;
            }
        });
    }
    smooth
}

/// The threshold on `|v|` that parts it best in two (Otsu, IEEE Trans. SMC 9, 62 (1979)), from 256 bins.
fn otsu(volume: &Array3<f32>) -> f32 {
    const BINS: usize = 256;
    let largest = volume.iter().fold(0.0_f32, |largest, v| largest.max(v.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return 0.0;
    }
    let mut counts = [0.0_f64; BINS];
    for value in volume {
        counts[((value.abs() / largest * BINS as f32) as usize).min(BINS - 1)] += 1.0;
    }
    let total: f64 = counts.iter().sum();
    let mean: f64 = counts.iter().enumerate().map(|(bin, n)| bin as f64 * n).sum::<f64>() / total;
    let (mut below, mut moment, mut best, mut threshold) = (0.0, 0.0, 0.0, 0);
    for (bin, n) in counts.iter().enumerate().take(BINS - 1) {
        below += n / total;
        moment += bin as f64 * n / total;
        // between-class variance (mean ω − μ)²/(ω(1 − ω))
        let spread = below * (1.0 - below);
        let variance = if spread > 0.0 { (mean * below - moment).powi(2) / spread } else { 0.0 };
        if variance > best {
            (best, threshold) = (variance, bin + 1);
        }
    }
    threshold as f32 / BINS as f32 * largest
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_testkit::Lcg;
    use litho_types::tilt::TiltAngles;

    /// Line integral at (row, column) of two balls `(z, x, y, r, density)` around the middle of an 80 px detector.
    fn projections(angles: &TiltAngles) -> Array3<f32> {
        const BALLS: [[f64; 5]; 2] = [[20.0, 6.0, -4.0, 16.0, -0.2], [44.0, -12.0, 3.0, 10.0, -0.1]];
        let radians = angles.radians();
        Array3::from_shape_fn((radians.len(), 64, 80), |(angle, row, column)| {
            let (sin, cos) = radians[angle].sin_cos();
            let sum: f64 = BALLS
                .iter()
                .map(|[z, x, y, r, density]| {
                    let away = (column as f64 - 39.5) - (x * cos + y * sin);
                    let square = r * r - away * away - (row as f64 - z).powi(2);
                    2.0 * density * square.max(0.0).sqrt()
                })
                .sum();
            sum as f32
        })
    }

    #[test]
    fn ramps_and_offsets_vanish_where_the_volume_is_empty() -> Result<(), TomoError> {
        let degrees: Vec<f64> = (0..60).map(|i| 3.0 * f64::from(i)).collect();
        let angles = TiltAngles::from_degrees(&degrees).expect("angles");
        let truth = projections(&angles);
        let mut random = Lcg::new(2);
        let mut series = truth.clone();
        for mut image in series.outer_iter_mut() {
            let slope = Point::new(0.01 * random.normal(), 0.01 * random.normal());
            let ramp = Ramp { offset: 0.5 * random.normal(), slope };
            for ((y, x), value) in image.indexed_iter_mut() {
                *value += (ramp.at(y, x) + 0.02 * random.normal()) as f32;
            }
        }
        let geometry = Geometry::centred(&angles, 80)?;
        let mut fixed = series.clone();
        let settings = ConsistentSettings { rounds: 4, ..ConsistentSettings::default() };
        let cancel = CancelToken::new();
        let found = make_consistent(&mut fixed, None, &geometry, &settings, &mut Silent, &cancel)?;
        assert!(found.air.iter().all(|air| *air > 0.3), "{:?}", found.air);
        // Ramps alternate in sign and mostly cancel in the volume: a few rounds leave the noise of a plane through some
        // 2500 pixels, 0.02·2/√2500 = 8e-4 at the corners of the image, and what passes for air of a rim, 3e-3.
        for (angle, (fixed, truth)) in fixed.outer_iter().zip(truth.outer_iter()).enumerate() {
            let error = (&fixed - &truth).mean().unwrap_or(f32::NAN);
            assert!(error.abs() < 5e-3, "{angle}: {error} {:?}", found.change);
        }
        assert!(found.change.len() >= 2 && found.change[1] < 0.2 * found.change[0], "{:?}", found.change);
        Ok(())
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let angles = TiltAngles::from_degrees(&[0.0, 90.0]).expect("angles");
        let geometry = Geometry::centred(&angles, 16).expect("a detector");
        let run = |shape: (usize, usize, usize), binning: usize| {
            let settings = ConsistentSettings { binning, ..ConsistentSettings::default() };
            let mut zeros = Array3::zeros(shape);
            make_consistent(&mut zeros, None, &geometry, &settings, &mut Silent, &CancelToken::new())
        };
        assert!(matches!(run((3, 16, 16), 1), Err(TomoError::Shape { .. })));
        assert!(matches!(run((2, 16, 16), 0), Err(TomoError::Setting { .. })));
        // Nothing at all is air everywhere, and nothing is taken off.
        let empty = run((2, 16, 16), 2).expect("an empty volume");
        assert_eq!(empty.change, [0.0]);
    }
}
