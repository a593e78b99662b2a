//! Where the rotation axis meets the detector, found from the projections alone.
//!
//! Around a wrong axis no volume explains the projections. For each candidate the volume of bands of rows is reconstructed
//! (filtered back-projection, positive, within the circle all projections see), projected again and compared with the data
//! without slow variations along x; the misfit has its minimum at the axis. This works with two rows, with 90 angles, with less than
//! half a turn, and whatever surrounds the sample. Where two projections are half a turn apart, one must be the mirror image of the
//! other: that is a second, independent answer.

use super::apply::check_finite;
use super::centre::background;
use super::correlate::vertex;
use super::flow::Flow;
use super::level::{Level, Model};
use super::placement::Placement;
use super::quality::median;
use super::settings::Motion;
use crate::error::TomoError;
use litho_types::observer::{CancelToken, Observer, Step};
use litho_types::quantity::Radians;
use litho_types::tilt::TiltAngles;
use ndarray::{Array3, ArrayView2, ArrayView3, Axis, s};
use std::f64::consts::PI;

const NAME: &str = "finding the rotation axis";
/// Bands of rows that are worked on: as many slices as are reconstructed at once.
const BANDS: usize = 32;
/// Columns to which the first search averages, and beyond which the last one does.
const COARSE: usize = 64;
const FINE: usize = 512;
/// Pixels, of those that are averaged, to either side over which the axes of single bands are looked for.
const ASIDE: i32 = 5;
/// Rounds of candidates around the best one.
const ROUNDS: usize = 4;
/// Part of the width, at either end, where no axis is looked for.
const MARGIN: f64 = 0.2;
/// Cycles over the width from which on variations along x count, and the window at the edges.
const HIGH_PASS: f64 = 5.0;
const WINDOW: f64 = 0.1;

/// A rotation axis.
#[derive(Debug, Clone, PartialEq)]
pub struct AxisFound {
    /// Where it meets the middle row, pixels from the middle of pixel 0.
    pub axis: f64,
    /// The rotation of the projections' content, from x towards y, that makes the axis upright; `None` with less than 16 rows.
    pub upright: Option<Radians>,
    /// The same axis by mirror images, the median over all pairs of projections half a turn apart, if there are any.
    pub mirrored: Option<f64>,
    /// What was tried last, `(axis, misfit)`, ascending. A clear minimum is a sure axis.
    pub tried: Vec<(f64, f64)>,
}

/// Finds the rotation axis of projections `(angle, y, x)` that are not misplaced against each other.
///
/// # Errors
/// [`TomoError`] if there is not one projection per angle, the width is below 8 pixels, a number is not finite, or on
/// request.
pub fn find_axis(
    projections: ArrayView3<'_, f32>,
    angles: &TiltAngles,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<AxisFound, TomoError> {
    let (count, ny, nx) = projections.dim();
    if count != angles.len() || nx < 8 || ny == 0 {
        return Err(TomoError::Shape {
            operation: NAME,
            array: "the projections",
            found: vec![count, ny, nx],
            wanted: vec![angles.len(), ny.max(1), nx.max(8)],
        });
    }
    check_finite(NAME, projections)?;
    let (bands, sign) = bands(projections);
    let mut bin = 1;
    while nx / (2 * bin) >= COARSE {
        bin *= 2;
    }
    let is_finest = |bin: usize| bin == 1 || 2 * nx / bin > FINE;
    let halvings = (0..bin.ilog2()).take_while(|halved| !is_finest(bin >> halved)).count();
    let first = (MARGIN * nx as f64).floor();
    let everywhere: Vec<f64> = (0..nx)
        .map(|k| first + (k * bin) as f64)
        .take_while(|&axis| axis <= nx as f64 - 1.0 - first)
        .collect();

    observer.begin(NAME, 0, halvings + 2);
    let mut search = Search { bands: bands.view(), sign, angles, cancel, tried: Vec::new() };
    search.round(&everywhere, bin)?;
    for done in 1..=halvings + 1 {
        observer.step(Step { iteration: done, iterations: halvings + 2, loss: search.lowest() });
        let step = if done > halvings {
            0.25 * bin as f64
        } else {
            bin /= 2;
            0.5 * bin as f64
        };
        search.settle(step, bin)?;
    }
    observer.step(Step { iteration: halvings + 2, iterations: halvings + 2, loss: search.lowest() });
    let (axis, tried) = (search.best(), search.curve(Tried::total));
    let upright = search.upright(axis, bin, ny)?;
    observer.end();
    Ok(AxisFound { axis, upright, mirrored: mirrored(projections, angles), tried })
}

/// The rows averaged over at most [`BANDS`] bands, above their background, and the sign of the sample.
fn bands(projections: ArrayView3<'_, f32>) -> (Array3<f32>, f32) {
    let (count, ny, nx) = projections.dim();
    let number = ny.min(BANDS);
    let mut bands = Array3::zeros((count, number, nx));
    for (mut image, raw) in bands.axis_iter_mut(Axis(0)).zip(projections.axis_iter(Axis(0))) {
        for (band, mut row) in image.axis_iter_mut(Axis(0)).enumerate() {
            let (from, to) = (band * ny / number, (band + 1) * ny / number);
            let sum = raw.slice(s![from..to, ..]).sum_axis(Axis(0));
            row.assign(&(sum / (to - from) as f32));
        }
        let air = background(image.view()).unwrap_or(0.0);
        image -= air;
    }
    let sign = if bands.iter().map(|&v| f64::from(v)).sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
    (bands, sign)
}

struct Search<'a> {
    bands: ArrayView3<'a, f32>,
    sign: f32,
    angles: &'a TiltAngles,
    cancel: &'a CancelToken,
    /// The candidates of the last round, ascending.
    tried: Vec<Tried>,
}

/// One candidate.
struct Tried {
    axis: f64,
    /// Misfit of each band.
    misfit: Vec<f64>,
}

impl Tried {
    fn total(&self) -> f64 {
        self.misfit.iter().sum()
    }
}

impl Search<'_> {
    /// Tries these axes, ascending and evenly spaced, on columns averaged over `bin`.
    fn round(&mut self, candidates: &[f64], bin: usize) -> Result<(), TomoError> {
        self.tried.clear();
        for &axis in candidates {
            if self.cancel.is_cancelled() {
                return Err(TomoError::Interrupted { operation: NAME });
            }
            let level = Level::new(self.bands, self.sign, self.angles, axis, (1, bin))?;
            let flow = Flow::new(level.shape(), Motion::Shift, HIGH_PASS, WINDOW);
            let places: Vec<usize> = (0..self.angles.len()).collect();
            let data = level.aligned(&vec![Placement::default(); places.len()]);
            let mut model = Model::default();
            level.improve(&mut model, &data, &places, true, self.cancel)?;
            let misfit = flow.misfit_of_rows(&model.projections, &data);
            self.tried.push(Tried { axis, misfit });
        }
        Ok(())
    }

    /// Tries axes `step` apart around the best one until the lowest is not the outermost.
    fn settle(&mut self, step: f64, bin: usize) -> Result<(), TomoError> {
        let last = self.bands.len_of(Axis(2)) as f64 - bin as f64;
        for _ in 0..ROUNDS {
            let best = self.best();
            let mut candidates: Vec<f64> = (-2..=2).map(|k| best + f64::from(k) * step).collect();
            candidates.retain(|&axis| axis >= bin as f64 && axis <= last);
            self.round(&candidates, bin)?;
            let (Some(&low), Some(&high)) = (candidates.first(), candidates.last()) else { break };
            if self.best() > low && self.best() < high {
                break;
            }
        }
        Ok(())
    }

    /// The candidates with a misfit, ascending.
    fn curve(&self, misfit: impl Fn(&Tried) -> f64) -> Vec<(f64, f64)> {
        self.tried.iter().map(|tried| (tried.axis, misfit(tried))).collect()
    }

    /// The axis of least misfit.
    fn best(&self) -> f64 {
        minimum(&self.curve(Tried::total)).0
    }

    fn lowest(&self) -> f64 {
        self.curve(Tried::total).iter().map(|at| at.1).fold(f64::INFINITY, f64::min)
    }

    /// The rotation that makes the axis upright: the slope of the line through the axes of all bands, each with the curvature of its
    /// misfit as weight. A content turned by φ has its axis along `x = −y tan φ`.
    fn upright(&mut self, axis: f64, bin: usize, ny: usize) -> Result<Option<Radians>, TomoError> {
        let number = self.bands.len_of(Axis(1));
        if number < 16 {
            return Ok(None);
        }
        let last = self.bands.len_of(Axis(2)) as f64 - bin as f64;
        let mut candidates: Vec<f64> = (-ASIDE..=ASIDE).map(|k| axis + f64::from(k) * bin as f64).collect();
        candidates.retain(|&axis| axis >= bin as f64 && axis <= last);
        self.round(&candidates, bin)?;
        let (mut sums, mut moments) = ([0.0; 3], [0.0; 2]);
        for band in 0..number {
            let curve = self.curve(|tried| tried.misfit[band]);
            let (axis, curvature) = minimum(&curve);
            // at an end of the curve there is no curvature
            if curvature > 0.0 {
                let y = (band as f64 + 0.5) * ny as f64 / number as f64;
                for (k, sum) in sums.iter_mut().enumerate() {
                    *sum += curvature * y.powi(k as i32);
                }
                moments[0] += curvature * axis;
                moments[1] += curvature * axis * y;
            }
        }
        let slope = (sums[0] * moments[1] - sums[1] * moments[0]) / (sums[0] * sums[2] - sums[1] * sums[1]);
        Ok(slope.is_finite().then(|| Radians::new(slope.atan())))
    }
}

/// Where a sampled curve is lowest, by the parabola through its lowest point and the neighbours of that, and its curvature there.
fn minimum(curve: &[(f64, f64)]) -> (f64, f64) {
    let lowest = (0..curve.len()).fold(0, |best, at| if curve[at].1 < curve[best].1 { at } else { best });
    if lowest == 0 || lowest + 1 >= curve.len() {
        return (curve.get(lowest).map_or(0.0, |at| at.0), 0.0);
    }
    let [before, middle, after] = [curve[lowest - 1], curve[lowest], curve[lowest + 1]];
    let step = 0.5 * (after.0 - before.0);
    let curvature = (before.1 - 2.0 * middle.1 + after.1) / (step * step);
    (middle.0 + step * vertex(before.1, middle.1, after.1), curvature)
}

/// The axis by mirror images: the median over the pairs of projections that are half a turn apart, to half a step of the angles.
fn mirrored(projections: ArrayView3<'_, f32>, angles: &TiltAngles) -> Option<f64> {
    let radians = angles.radians();
    let step = median(radians.windows(2).map(|pair| pair[1] - pair[0]).collect())?;
    let mut found = Vec::new();
    for (first, &angle) in radians.iter().enumerate() {
        let distance = |place: usize| (radians[place] - angle - PI).abs();
        let second = (0..radians.len()).min_by(|&a, &b| distance(a).total_cmp(&distance(b)))?;
        if distance(second) <= 0.5 * step + 1e-9 {
            found.push(mirror(
                projections.index_axis(Axis(0), first),
                projections.index_axis(Axis(0), second),
            ));
        }
    }
    median(found)
}

/// The axis about which `back` is the mirror image of `front`: the smallest mean of `(f(x) − b(s − x))²`, `s` twice the axis.
fn mirror(front: ArrayView2<'_, f32>, back: ArrayView2<'_, f32>) -> f64 {
    let nx = front.len_of(Axis(1));
    // at least a good third of the width must overlap
    let reach = nx - 1 - (0.6 * nx as f64) as usize..nx + (0.6 * nx as f64) as usize;
    let curve: Vec<(f64, f64)> = reach
        .map(|sum| {
            let columns = sum.saturating_sub(nx - 1)..=sum.min(nx - 1);
            let count = columns.clone().count() as f64;
            let square: f64 = columns
                .map(|x| {
                    let (f, b) = (front.column(x), back.column(sum - x));
                    f.iter().zip(b).map(|(f, b)| f64::from(f - b).powi(2)).sum::<f64>()
                })
                .sum();
            (0.5 * sum as f64, square / count)
        })
        .collect();
    minimum(&curve).0
}
