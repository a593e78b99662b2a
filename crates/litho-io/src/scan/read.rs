//! Carries a plan out.

use super::frames::read_frames;
use super::mask::read_mask;
use super::origin::detect_origin;
use super::plan::{OriginPlan, ProbePlan, ScanPlan};
use crate::error::IoError;
use crate::h5::H5File;
use litho_types::C32;
use litho_types::frames::{Count, Frames};
use litho_types::scan::Scan;
use ndarray::{Array2, Array3, ArrayView2};

/// Reads a scan as planned.
///
/// # Errors
/// [`IoError`] if a frame cannot be read, a count cannot be, the mask has not the shape of a frame
/// or leaves no pixel, or no frame holds a count.
pub fn read(plan: &ScanPlan) -> Result<Scan, IoError> {
    let mut warnings = plan.warnings.clone();
    let mut mask = read_mask(plan.mask.as_ref(), &plan.frames)?;
    let (frames, noticed) = read_frames(&plan.frames, &mut mask, plan.bad_counts)?;
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
    litho_types::with_frames!(frames, all => all.outer_iter().filter(|frame| is_empty(frame.view(), good)).count())
}

/// A probe (…, y, x) as `(mode, y, x)`; one that does not fit the frames is left out with a warning.
fn read_probe(
    plan: &ProbePlan,
    (ny, nx): (usize, usize),
    warnings: &mut Vec<String>,
) -> Result<Option<Array3<C32>>, IoError> {
    let file = H5File::open(&plan.file)?;
    let shape = file.shape(&plan.dataset)?;
    let modes = match shape.as_slice() {
        [leading @ .., y, x] if (*y, *x) == (ny, nx) => leading.iter().product::<usize>(),
        _ => 0,
    };
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
