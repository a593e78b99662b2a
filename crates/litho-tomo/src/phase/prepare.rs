//! All projections of a series: ramp and offset removed, unwrapped, with what was noticed on the way.

use super::absorption::optical_density;
use super::air::{Air, Found, LEAST_SHARE, find, in_given};
use super::goldstein::{disagreement, goldstein};
use super::least_squares::Rounds;
use super::ramp::{Ramp, coarse_ramp, median};
use super::unwrap::{Unwrapped, unwrap, without_holes};
use super::warning::{PhaseWarning, warnings};
use super::wrapped::{Wrapped, fold};
use crate::error::TomoError;
use litho_types::C32;
use litho_types::observer::{CancelToken, Observer, Step};
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis};
use rayon::prelude::*;

const NAME: &str = "phase of projections";
/// Projections that are worked on before the observer hears of them.
const TOGETHER: usize = 16;

/// How projections are prepared.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseSettings {
    /// Where air is.
    pub air: Air,
    /// Part of the median modulus of a projection at or below which a pixel is unlit.
    pub dark: f32,
    /// When the least-squares fit around residues ends.
    pub rounds: Rounds,
    /// Also unwrap around branch cuts, and compare.
    pub check: bool,
}

impl Default for PhaseSettings {
    /// Air found by itself, pixels below a thousandth of the median unlit, no second unwrapping.
    fn default() -> Self {
        Self { air: Air::Automatic, dark: 1e-3, rounds: Rounds::default(), check: false }
    }
}

/// Line integrals ready for alignment and reconstruction, all `(angle, y, x)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// Unwrapped phase, 0 in air. Pixels without a phase are filled from their neighbours.
    pub phase: Array3<f32>,
    /// Optical density, 0 in air; none for projections that are phases. Pixels without a number are filled.
    pub optical_density: Option<Array3<f32>>,
    /// 1 where the phase can be trusted, 0 in unlit pixels and within a pixel of a residue.
    pub weights: Array3<f32>,
    /// What each projection was like.
    pub projections: Vec<ProjectionPhase>,
    /// What a person should know.
    pub warnings: Vec<PhaseWarning>,
}

/// What was found in one projection.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectionPhase {
    /// The plane that was taken off.
    pub ramp: Ramp,
    /// Share of the lit pixels that is air; 0 where none was found, and then the ramp is the strongest plane wave.
    pub air: f64,
    /// Standard deviation of the phase in air, radians.
    pub noise: f64,
    /// Median modulus in air.
    pub modulus: Option<f64>,
    /// Residues among lit pixels.
    pub residues: usize,
    /// Edges across which the unwrapped phase still jumps by more than half a turn.
    pub torn: usize,
    /// Pixels without a phase.
    pub unlit: usize,
    /// Mean phase of all lit pixels, radians; matter makes it negative.
    pub mean: f64,
    /// Share of pixels to which branch cuts give another number of turns, if that was asked for.
    pub disagreement: Option<f64>,
}

/// Prepares complex transmissions `(angle, y, x)`. Pixels that are not finite or have no modulus are unlit.
///
/// # Errors
/// [`TomoError::Shape`] and [`TomoError::OutsideProjection`] for air that does not fit, [`TomoError::Setting`],
/// [`TomoError::NothingCounts`] if there is no pixel, [`TomoError::Interrupted`].
pub fn prepare(
    projections: ArrayView3<'_, C32>,
    settings: &PhaseSettings,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Prepared, TomoError> {
    let one = |index: usize| {
        let transmission = projections.index_axis(Axis(0), index);
        of_transmission(transmission, settings, index)
    };
    all(projections.dim(), one, settings, observer, cancel)
}

/// Prepares phases `(angle, y, x)`, wrapped or not. Pixels that are not finite are unlit.
///
/// # Errors
/// As [`prepare()`].
pub fn prepare_phase(
    projections: ArrayView3<'_, f32>,
    settings: &PhaseSettings,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Prepared, TomoError> {
    let one = |index: usize| {
        let wrapped = Wrapped::of_phase(projections.index_axis(Axis(0), index));
        of_wrapped(wrapped, settings, index).0
    };
    all(projections.dim(), one, settings, observer, cancel)
}

/// One projection.
struct One {
    phase: Array2<f32>,
    optical_density: Option<Array2<f32>>,
    weight: Array2<f32>,
    report: ProjectionPhase,
}

fn all(
    shape: (usize, usize, usize),
    one: impl Fn(usize) -> One + Sync,
    settings: &PhaseSettings,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Prepared, TomoError> {
    check(shape, settings)?;
    let mut prepared = Prepared {
        phase: Array3::zeros(shape),
        optical_density: None,
        weights: Array3::zeros(shape),
        projections: Vec::new(),
        warnings: Vec::new(),
    };
    observer.begin("phase", 0, shape.0);
    for first in (0..shape.0).step_by(TOGETHER) {
        if cancel.is_cancelled() {
            return Err(TomoError::Interrupted { operation: NAME });
        }
        let last = shape.0.min(first + TOGETHER);
        let done: Vec<One> = (first..last).into_par_iter().map(&one).collect();
        for (index, one) in (first..last).zip(done) {
            prepared.phase.index_axis_mut(Axis(0), index).assign(&one.phase);
            prepared.weights.index_axis_mut(Axis(0), index).assign(&one.weight);
            if let Some(values) = one.optical_density {
                let all = prepared.optical_density.get_or_insert_with(|| Array3::zeros(shape));
                all.index_axis_mut(Axis(0), index).assign(&values);
            }
            let loss = one.report.noise;
            observer.step(Step { iteration: index + 1, iterations: shape.0, loss });
            prepared.projections.push(one.report);
        }
    }
    observer.end();
    prepared.warnings = warnings(&prepared.projections);
    Ok(prepared)
}

fn check(shape: (usize, usize, usize), settings: &PhaseSettings) -> Result<(), TomoError> {
    settings.air.check(shape)?;
    if shape.0 == 0 || shape.1 == 0 || shape.2 == 0 {
        return Err(TomoError::NothingCounts { operation: NAME });
    }
    let number = |setting: &'static str, value: f64, fix: &'static str| {
        Err(TomoError::Setting { operation: NAME, setting, value, fix })
    };
    if !(0.0..1.0).contains(&settings.dark) {
        let (setting, fix) = ("the part of the modulus that is dark", "give a number from 0 to below 1");
        return number(setting, f64::from(settings.dark), fix);
    }
    let tolerance = settings.rounds.tolerance;
    if !(0.0..1.0).contains(&tolerance) {
        let (setting, fix) = ("the tolerance of a round", "give a number from 0 to below 1");
        return number(setting, f64::from(tolerance), fix);
    }
    Ok(())
}

fn of_transmission(transmission: ArrayView2<'_, C32>, settings: &PhaseSettings, index: usize) -> One {
    let moduli = transmission.iter().map(|t| f64::from(t.norm())).filter(|m| *m > 0.0);
    let dark = settings.dark * median(moduli.collect()).unwrap_or(0.0) as f32;
    let wrapped = Wrapped::of_transmission(transmission, dark);
    let (mut one, air) = of_wrapped(wrapped, settings, index);
    // without air, the modulus 1
    let found = air.and_then(|air| optical_density(transmission, air.view(), settings.dark));
    let values = match found {
        Some(found) => {
            one.report.modulus = Some(found.air);
            found.optical_density
        }
        None => transmission.mapv(|t| -2.0 * t.norm().max(settings.dark.max(f32::MIN_POSITIVE)).ln()),
    };
    let finite = values.mapv(f32::is_finite);
    one.optical_density = Some(without_holes(values, finite.view()));
    one
}

/// One projection without its optical density, and its air if there is any.
fn of_wrapped(mut wrapped: Wrapped, settings: &PhaseSettings, index: usize) -> (One, Option<Array2<bool>>) {
    let shape = wrapped.dim();
    let coarse = coarse_ramp(&wrapped);
    for (at, phase) in wrapped.phase.indexed_iter_mut() {
        *phase = if wrapped.lit[at] { fold(*phase - coarse.at(at.0, at.1) as f32) } else { 0.0 };
    }
    let Unwrapped { mut phase, residues, uncertain, torn, turns, .. } = unwrap(&wrapped, settings.rounds);
    let lit = wrapped.lit.view();
    let found = match settings.air.given(index, shape) {
        Some(given) => in_given(phase.view(), lit, &given),
        None => find(phase.view(), lit),
    };
    let lit_pixels = shape.0 * shape.1 - wrapped.unlit();
    let share =
        |found: &Found| found.mask.iter().filter(|air| **air).count() as f64 / lit_pixels.max(1) as f64;
    let enough = |found: &Found| settings.air != Air::Automatic || share(found) >= LEAST_SHARE;
    let found = found.filter(enough);
    let ramp = found.as_ref().map(|found| found.ramp).unwrap_or_default();
    ramp.remove(&mut phase);
    let sum: f64 = phase.iter().zip(&wrapped.lit).filter(|(_, lit)| **lit).map(|(v, _)| f64::from(*v)).sum();
    let report = ProjectionPhase {
        ramp: coarse.plus(ramp),
        air: found.as_ref().map_or(0.0, share),
        noise: found.as_ref().map_or(0.0, |found| found.noise),
        modulus: None,
        residues,
        torn,
        unlit: wrapped.unlit(),
        mean: sum / lit_pixels.max(1) as f64,
        disagreement: settings.check.then(|| disagreement(&wrapped, &turns, &goldstein(&wrapped))),
    };
    let weight = Array2::from_shape_fn(shape, |at| if wrapped.lit[at] && !uncertain[at] { 1.0 } else { 0.0 });
    (One { phase, optical_density: None, weight, report }, found.map(|found| found.mask))
}
