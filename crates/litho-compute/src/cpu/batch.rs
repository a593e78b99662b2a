//! The residuals of some frames, and what they say about object and probe.

use super::residuals::{self, Residual};
use super::slots::{CHUNK, Sums, Wanted};
use super::{CpuKernels, pixels_mut};
use crate::detector::{IntensityStep, Likelihood, PoissonStep, ReplaceModulus, Rule};
use crate::kernels::Batch;
use crate::model::Model;
use litho_types::C32;
use ndarray::{Array, Array2, Array3, Array4, Dimension};
use rayon::prelude::*;

pub(super) fn run(
    kernels: &CpuKernels,
    frames: &[usize],
    likelihood: Likelihood,
    model: &Model<CpuKernels>,
    spare: Option<Batch<CpuKernels>>,
) -> Batch<CpuKernels> {
    match likelihood {
        Likelihood::Amplitude => gather::<ReplaceModulus>(kernels, frames, model, spare),
        Likelihood::Intensity => gather::<IntensityStep>(kernels, frames, model, spare),
        Likelihood::Poisson => gather::<PoissonStep>(kernels, frames, model, spare),
    }
}

fn gather<R: Rule>(
    kernels: &CpuKernels,
    frames: &[usize],
    model: &Model<CpuKernels>,
    spare: Option<Batch<CpuKernels>>,
) -> Batch<CpuKernels> {
    let (ny, nx) = kernels.measurement.frame_shape();
    let per_frame = model.waves_per_frame();
    let shape = (frames.len(), per_frame, ny, nx);
    // All of it is written anew.
    let (kept, object, probe) = match spare {
        Some(spare) if !frames.is_empty() => {
            (Some(spare.residuals), memory(spare.object_push), memory(spare.probe_push))
        }
        _ => (None, Vec::new(), Vec::new()),
    };
    let kept = kept.filter(|residuals| residuals.dim() == shape);
    let mut residuals = kept.unwrap_or_else(|| Array4::zeros(shape));
    let wanted = Wanted { light: false, probe: true, waves_kept: true };
    let mut sums = Sums::in_memory_of(model, wanted, object, probe);
    let mut slots = sums.slots(kernels, model, frames.len());
    let size = per_frame * ny * nx;
    for (chunk, keep) in frames.chunks(CHUNK).zip(pixels_mut(&mut residuals).chunks_mut(CHUNK * size)) {
        let slots = &mut slots[..chunk.len()];
        slots.par_iter_mut().zip(keep.par_chunks_exact_mut(size)).zip(chunk).for_each(
            |((slot, keep), &frame)| {
                kernels.with_workspace(per_frame, |workspace| {
                    residuals::visit::<R>(kernels, model, frame, Residual::Change, keep, slot, workspace);
                });
            },
        );
        sums.add(model, slots, keep);
    }
    kernels.return_slots(slots);
    let Sums { object, probe, error, .. } = sums;
    Batch {
        frames: frames.to_vec(),
        residuals,
        object_push: Array2::from_shape_vec(model.object.dim(), object)
            .expect("as many pixels as the object"),
        probe_push: Array3::from_shape_vec(model.probe.dim(), probe).expect("as many pixels as the probe"),
        error,
    }
}

/// The memory of an array that is no longer needed, whatever is in it.
fn memory<D: Dimension>(array: Array<C32, D>) -> Vec<C32> {
    array.into_raw_vec_and_offset().0
}
