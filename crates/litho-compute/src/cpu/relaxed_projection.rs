//! `ψ ← (1−a−b) ψ + a P·O + b Π_F[c P·O + (1−c) ψ]`, all frames in parallel.

use super::exit_waves::illuminate;
use super::{CpuKernels, pixels, pixels_mut};
use crate::kernels::RelaxedProjection;
use crate::simd::vectorised;
use litho_types::C32;
use ndarray::{Array2, Array3, Array4};
use rayon::prelude::*;

pub(super) fn run(
    kernels: &CpuKernels,
    coefficients: RelaxedProjection,
    object: &Array2<C32>,
    probe: &Array3<C32>,
    waves: &mut Array4<C32>,
) -> f64 {
    let measurement = &kernels.measurement;
    let (modes, ny, nx) = probe.dim();
    let (object, probe) = (pixels(object), pixels(probe));
    let frame_errors: Vec<f64> = pixels_mut(waves)
        .par_chunks_exact_mut(modes * ny * nx)
        .enumerate()
        .map(|(frame, wave)| {
            kernels.with_workspace(modes, |workspace| {
                let field = &mut workspace.field;
                illuminate(object, probe, kernels.patch(frame), &mut field.waves);
                overlap_part(coefficients, &mut field.waves, wave);
                measurement.amplitude_into(frame, &mut workspace.amplitude);
                let error = measurement.propagator().project(field, &workspace.amplitude);
                fourier_part(coefficients.b, &field.waves, wave);
                error
            })
        })
        .collect();
    frame_errors.iter().sum()
}

vectorised! {
    /// With `model` = P·O: `model ← c P·O + (1−c) ψ` and `ψ ← (1−a−b) ψ + a P·O`.
    fn overlap_part(coefficients: RelaxedProjection, model: &mut [C32], wave: &mut [C32]) {
        let RelaxedProjection { a, b, c } = coefficients;
        for (m, w) in model.iter_mut().zip(wave.iter_mut()) {
            let (overlap, psi) = (*m, *w);
            *m = overlap * c + psi * (1.0 - c);
            *w = psi * (1.0 - a - b) + overlap * a;
        }
    }
}

vectorised! {
    /// `ψ ← ψ + b Π_F[…]`.
    fn fourier_part(b: f32, projected: &[C32], wave: &mut [C32]) {
        for (w, p) in wave.iter_mut().zip(projected) {
            *w += *p * b;
        }
    }
}
