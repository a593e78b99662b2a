//! The gradient of a likelihood by object and probe.

use super::CpuKernels;
use super::residuals::{self, Residual};
use super::slots::{CHUNK, Sums, Wanted};
use crate::detector::{AmplitudeGradient, IntensityGradient, Likelihood, PoissonGradient, Rule};
use crate::kernels::Gradient;
use crate::model::Model;
use ndarray::{Array2, Array3};
use rayon::prelude::*;

pub(super) fn run(
    kernels: &CpuKernels,
    likelihood: Likelihood,
    model: &Model<CpuKernels>,
) -> Gradient<CpuKernels> {
    match likelihood {
        Likelihood::Amplitude => gather::<AmplitudeGradient>(kernels, model),
        Likelihood::Intensity => gather::<IntensityGradient>(kernels, model),
        Likelihood::Poisson => gather::<PoissonGradient>(kernels, model),
    }
}

fn gather<R: Rule>(kernels: &CpuKernels, model: &Model<CpuKernels>) -> Gradient<CpuKernels> {
    let mut sums = Sums::new(model, Wanted { light: false, probe: true, waves_kept: false });
    let mut slots = sums.slots(kernels, model, kernels.measurement.frame_count());
    for chunk in kernels.all_frames().chunks(CHUNK) {
        let slots = &mut slots[..chunk.len()];
        slots.par_iter_mut().zip(chunk).for_each(|(slot, &frame)| {
            kernels.with_workspace(model.waves_per_frame(), |workspace| {
                residuals::visit::<R>(kernels, model, frame, Residual::Whole, &mut [], slot, workspace);
            });
        });
        sums.add(model, slots, &[]);
    }
    kernels.return_slots(slots);
    let Sums { object, probe, error, .. } = sums;
    Gradient {
        object: Array2::from_shape_vec(model.object.dim(), object).expect("as many pixels as the object"),
        probe: Array3::from_shape_vec(model.probe.dim(), probe).expect("as many pixels as the probe"),
        error,
    }
}
