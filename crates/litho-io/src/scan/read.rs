//! Carries a plan out.

use super::frames::read_frames;
use super::keep::Place;
use super::mask::read_mask;
use super::origin::detect_origin;
use super::plan::{OriginPlan, ProbePlan, ScanPlan};
use super::scratch::ScratchHealth;
use crate::error::IoError;
use crate::h5::H5File;
use litho_types::C32;
use litho_types::frames::{Count, Frames};
use litho_types::scan::Scan;
use ndarray::{Array2, Array3, ArrayView2};
use rayon::prelude::*;
use std::path::Path;

/// Reads a scan as planned, its frames into memory.
///
/// # Errors
/// [`IoError`] if a frame cannot be read, a count cannot be, the mask has not the shape of a frame
/// or leaves no pixel, no frame holds a count, or the frames exceed the memory.
pub fn read(plan: &ScanPlan) -> Result<Scan, IoError> {
    keep(plan, Place::Memory)
}

/// As [`read`] for a scan larger than the memory: its frames go, a block at a time, into a scratch file on the
/// disk of `folder`, which has no name and is gone with the last copy of the scan's frames. The scan behaves as
/// one in memory and has the same bits; whether the disk gave out all frames that were asked for since, the
/// [`ScratchHealth`] tells.
///
/// # Errors
/// As [`read`], and [`IoError::Scratch`] if the scratch file cannot be written or read.
pub fn read_streamed(plan: &ScanPlan, folder: &Path) -> Result<(Scan, ScratchHealth), IoError> {
    let health = ScratchHealth::default();
    let scan = keep(plan, Place::Scratch { folder, health: &health });
    match health.failure() {
        Some(error) => Err(error.clone()),
        None => Ok((scan?, health)),
    }
}

fn keep(plan: &ScanPlan, place: Place<'_>) -> Result<Scan, IoError> {
    let mut warnings = plan.warnings.clone();
    let mut mask = read_mask(plan.mask.as_ref(), &plan.frames)?;
    let (frames, noticed) = read_frames(&plan.frames, &mut mask, plan.bad_counts, place)?;
    warnings.extend(noticed);
    let good = mask.good();
    let problem = |what: &str, fix: &str| IoError::BadValue {
        path: plan.path.clone(),
        dataset: plan.frames.parts.first().map(|part| part.dataset.clone()).unwrap_or_default(),
        index: "every frame".to_owned(),
        value: "nothing usable".to_owned(),
        problem: format!("{what}; {fix}"),
    };
    if !good.iter().any(|good| *good) {
        return Err(problem("no pixel is left unmasked", "look for NaN or gap values in the frames"));
    }
    let empty = empty_frames(&frames, &good);
    if empty == frames.len() {
        return Err(problem("no frame holds a count", "check that the scan was exposed"));
    }
    if empty > 0 {
        warnings.push(format!("{empty} of {} frames hold no count", frames.len()));
    }
    let origin = match plan.origin {
        OriginPlan::Known(origin) => origin,
        OriginPlan::Detect => {
            let (origin, doubt) = detect_origin(&frames, &good);
            warnings.extend(doubt);
            origin
        }
    };
    let probe = match &plan.probe {
        Some(probe) => read_probe(probe, plan.frames.shape, &mut warnings)?,
        None => None,
    };
    Ok(Scan {
        frames,
        origin,
        mask,
        positions: plan.positions.clone(),
        geometry: plan.geometry,
        probe,
        warnings,
    })
}

/// Number of frames without a count at any good pixel.
fn empty_frames(frames: &Frames, good: &Array2<bool>) -> usize {
    fn is_empty<T: Count>(frame: ArrayView2<'_, T>, good: &Array2<bool>) -> bool {
        frame.iter().zip(good).all(|(value, good)| !*good || value.to_f32() <= 0.0)
    }
    litho_types::with_frames!(frames, all => all.outer_iter().filter(|frame| is_empty(frame.view(), good)).count(), stored => {
        let each = (0..stored.len()).into_par_iter();
        each.filter(|&index| stored.with_frame(index, |frame| is_empty(frame, good))).count()
    })
}

/// Number of modes of the probe that comes with a scan; `None` if none of the frames' shape does.
///
/// # Errors
/// [`IoError`] if its file cannot be read.
pub fn probe_modes(plan: &ScanPlan) -> Result<Option<usize>, IoError> {
    let Some(probe) = &plan.probe else { return Ok(None) };
    let shape = H5File::open(&probe.file)?.shape(&probe.dataset)?;
    Ok(Some(modes_of(&shape, plan.frames.shape)).filter(|modes| *modes > 0))
}

/// Images `(y, x)` of a frame's shape in an array of `shape` (…, y, x); 0 if it is of another.
fn modes_of(shape: &[usize], (ny, nx): (usize, usize)) -> usize {
    match shape {
        [leading @ .., y, x] if (*y, *x) == (ny, nx) => leading.iter().product(),
        _ => 0,
    }
}

/// A probe (…, y, x) as `(mode, y, x)`; one that does not fit the frames is left out with a warning.
fn read_probe(
    plan: &ProbePlan,
    (ny, nx): (usize, usize),
    warnings: &mut Vec<String>,
) -> Result<Option<Array3<C32>>, IoError> {
    let file = H5File::open(&plan.file)?;
    let shape = file.shape(&plan.dataset)?;
    let modes = modes_of(&shape, (ny, nx));
    if modes == 0 {
        warnings.push(format!(
            "the probe {} has shape {shape:?}, not that of a frame, and is not used",
            plan.dataset
        ));
        return Ok(None);
    }
    let values = file.complex(&plan.dataset)?;
    if !values.iter().all(|v| v.re.is_finite() && v.im.is_finite()) {
        warnings.push(format!("the probe {} holds NaN or infinity and is not used", plan.dataset));
        return Ok(None);
    }
    Ok(values.into_shape_with_order((modes, ny, nx)).ok())
}
