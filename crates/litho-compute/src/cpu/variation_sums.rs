//! How every frame asks its probe to vary along one direction.

use super::residuals::{self, Residual};
use super::slots::{CHUNK, Slot};
use super::{CpuKernels, Workspace, beam, pixels, pixels_mut};
use crate::detector::ReplaceModulus;
use crate::kernels::VariationSums;
use crate::model::Model;
use litho_types::C32;
use ndarray::Array3;
use rayon::prelude::*;

pub(super) fn run(
    kernels: &CpuKernels,
    model: &Model<CpuKernels>,
    direction: &Array3<C32>,
    weights: &[f32],
) -> (Vec<VariationSums>, Array3<C32>) {
    let (ny, nx) = kernels.measurement.frame_shape();
    let mut found = Vec::new();
    let mut push = Array3::zeros((1, ny, nx));
    for chunk in kernels.all_frames().chunks(CHUNK) {
        let parts: Vec<(VariationSums, Vec<C32>)> = chunk
            .par_iter()
            .map(|&frame| {
                kernels.with_workspace(model.waves_per_frame(), |workspace| {
                    one_frame(kernels, model, direction, frame, workspace)
                })
            })
            .collect();
        for ((sums, part), &frame) in parts.into_iter().zip(chunk) {
            found.push(sums);
            pixels_mut(&mut push).iter_mut().zip(part).for_each(|(sum, p)| *sum += p * weights[frame]);
        }
    }
    (found, push)
}

/// One frame's sums with `U O`, and its push `O* χ_0` on the first mode, `(y, x)`.
fn one_frame(
    kernels: &CpuKernels,
    model: &Model<CpuKernels>,
    direction: &Array3<C32>,
    frame: usize,
    workspace: &mut Workspace,
) -> (VariationSums, Vec<C32>) {
    let (patch, shift) = kernels.locate(model, frame);
    let (n, nx) = (patch.pixels(), patch.shape.1);
    let mut residual = vec![C32::default(); model.waves_per_frame() * n];
    let change = Residual::Change;
    let slot = &mut Slot::default();
    residuals::visit::<ReplaceModulus>(kernels, model, frame, change, &mut residual, slot, workspace);
    // The waves of the first mode.
    let residual = &mut residual[..model.views.exposures * n];
    let (fft, field) = (kernels.measurement.propagator().fft(), &mut workspace.field);
    let varied = &mut field.waves[..residual.len()];
    beam::spread(&model.views, frame, shift, fft, &mut field.scratch, pixels(direction), varied);
    let mut sums = VariationSums::default();
    for (pixel, (u, chi)) in varied.iter().zip(residual.iter_mut()).enumerate() {
        let o = pixels(&model.object)[patch.row(pixel % n / nx)][pixel % nx];
        let wave = u * o;
        sums.right += f64::from(wave.re * chi.re + wave.im * chi.im);
        sums.normal += f64::from(wave.norm_sqr());
        *chi *= o.conj();
    }
    let mut push = vec![C32::default(); n];
    beam::gather(&model.views, frame, shift, fft, &mut field.scratch, residual, &mut push);
    (sums, push)
}
