//! `Σ_jk |P_jk|²` on the object and `Σ_j |O_j|²` on the probe.

use super::slots::{CHUNK, Slot, add_light_of, add_power, shared_light};
use super::{CpuKernels, pixels};
use crate::kernels::Light;
use crate::model::Model;
use litho_lanes::blocks;
use litho_lanes::lanewise;
use litho_types::C32;
use ndarray::Array2;
use rayon::prelude::*;

/// Probe rows that one task sums.
const BAND: usize = 8;

pub(super) fn run(kernels: &CpuKernels, frames: &[usize], model: &Model<CpuKernels>) -> Light<CpuKernels> {
    Light { on_object: on_object(kernels, frames, model), on_probe: on_probe(kernels, frames, model) }
}

/// `Σ_jk |P_jk|²`, as the object.
fn on_object(kernels: &CpuKernels, frames: &[usize], model: &Model<CpuKernels>) -> Array2<f32> {
    let shared = shared_light(model);
    let (ny, nx) = kernels.measurement.frame_shape();
    let own = if shared.is_empty() { ny * nx } else { 0 };
    let mut light = vec![0.0; model.object.len()];
    for chunk in frames.chunks(CHUNK) {
        let slots: Vec<Slot> = chunk
            .par_iter()
            .map(|&frame| {
                if own == 0 {
                    return Slot { patch: kernels.locate(model, frame).0, ..Slot::default() };
                }
                kernels.with_workspace(model.waves_per_frame(), |workspace| {
                    let sight =
                        kernels.sight(model, frame, &mut workspace.field.scratch, &mut workspace.beam);
                    let mut light = vec![0.0; own];
                    sight.beam.chunks_exact(own).for_each(|beam| add_power(beam, &mut light));
                    Slot { patch: sight.patch, light, ..Slot::default() }
                })
            })
            .collect();
        add_light_of(&slots, &shared, model.object.dim().1, &mut light);
    }
    Array2::from_shape_vec(model.object.dim(), light).expect("as many pixels as the object")
}

/// `Σ_j c_j²|O_j|²`, as one probe mode; fractions of a pixel do not matter to it.
pub(super) fn on_probe(kernels: &CpuKernels, frames: &[usize], model: &Model<CpuKernels>) -> Array2<f32> {
    let (ny, nx) = kernels.measurement.frame_shape();
    let object = pixels(&model.object);
    let patches: Vec<_> = frames
        .iter()
        .map(|&frame| (kernels.locate(model, frame).0, model.views.amplitudes[frame].powi(2)))
        .collect();
    let mut matter = vec![0.0; object.len()];
    matter.par_chunks_mut(nx).zip(object.par_chunks(nx)).for_each(|(matter, object)| power(object, matter));
    let mut light = vec![0.0; ny * nx];
    light.par_chunks_exact_mut(nx).with_min_len(BAND).enumerate().for_each(|(y, row)| {
        for (patch, weight) in &patches {
            add_weighted(&matter[patch.row(y)], *weight, row);
        }
    });
    Array2::from_shape_vec((ny, nx), light).expect("as many pixels as the frame")
}

lanewise! {
    /// `|O|²` along one row.
    fn power<L>(object: &[C32], square: &mut [f32]) {
        for at in blocks(object.len()) {
            at.put_real(at.complex::<L>(object).norm_sqr(), square);
        }
    }
}

lanewise! {
    /// `sum += w a` along one row.
    fn add_weighted<L>(a: &[f32], weight: f32, sum: &mut [f32]) {
        let weight = L::splat(weight);
        for at in blocks(a.len()) {
            at.put_real(at.real::<L>(a).mul_add(weight, at.real(sum)), sum);
        }
    }
}
