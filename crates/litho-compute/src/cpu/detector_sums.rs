//! Sums over the frames at every detector pixel.

use super::exit_waves::illuminate;
use super::{CpuKernels, Workspace};
use crate::kernels::DetectorSums;
use crate::model::Model;
use litho_types::C32;
use ndarray::Array2;
use rayon::prelude::*;

/// Frames whose sums one task takes: fixed, so that the sums do not depend on the number of threads.
pub(super) const GROUP: usize = 32;
/// Frames whose groups are summed before the next are begun: bounds the memory of their sums.
pub(super) const BATCH: usize = 16 * GROUP;

/// ε of the weights, in counts: bounds the say of a pixel that should be dark.
const DARK_COUNTS: f64 = 0.05;

pub(super) fn run(kernels: &CpuKernels, model: &Model<CpuKernels>) -> DetectorSums {
    let shape = kernels.measurement.frame_shape();
    let none = || DetectorSums {
        frames: Array2::zeros(shape),
        counts: Array2::zeros(shape),
        weight: Array2::zeros(shape),
        excess: Array2::zeros(shape),
    };
    let saturation = kernels.measurement.saturation();
    let mut total = none();
    for batch in kernels.all_frames().chunks(BATCH) {
        let groups: Vec<DetectorSums> = batch
            .par_chunks(GROUP)
            .map(|group| {
                let mut sums = none();
                for &frame in group {
                    at_detector(kernels, model, frame, |coherent, amplitude| {
                        add_frame(&mut sums, coherent, amplitude, model.background.as_ref(), saturation);
                    });
                }
                sums
            })
            .collect();
        for group in groups {
            total.frames += &group.frames;
            total.counts += &group.counts;
            total.weight += &group.weight;
            total.excess += &group.excess;
        }
    }
    total
}

/// Carries the model of a frame to the detector and calls `take` with `Σ_k|F_k|²` and `√I`, `(y, x)`.
pub(super) fn at_detector(
    kernels: &CpuKernels,
    model: &Model<CpuKernels>,
    frame: usize,
    take: impl FnOnce(&[f32], &[f32]),
) {
    kernels.with_workspace(model.waves_per_frame(), |workspace| {
        let Workspace { field, amplitude, beam } = workspace;
        let sight = kernels.sight(model, frame, &mut field.scratch, beam);
        for y in 0..sight.patch.shape.0 {
            illuminate(&sight, y, &mut field.waves);
        }
        let displacements = model.views.displacements(frame, sight.shift);
        kernels.measurement.propagator().to_displaced_detector(field, &displacements);
        kernels.measurement.amplitude_into(frame, amplitude);
        let n = amplitude.len();
        let coherent: Vec<f32> =
            (0..n).map(|pixel| field.waves[pixel..].iter().step_by(n).map(C32::norm_sqr).sum()).collect();
        take(&coherent, amplitude);
    });
}

/// Saturated pixels are left out: their counts say little of a weak background.
fn add_frame(
    sums: &mut DetectorSums,
    coherent: &[f32],
    amplitude: &[f32],
    background: Option<&Array2<f32>>,
    saturation: f32,
) {
    let nx = sums.frames.dim().1;
    for (pixel, (&f, &a)) in coherent.iter().zip(amplitude).enumerate() {
        if a < 0.0 || a >= saturation {
            continue;
        }
        let at = (pixel / nx, pixel % nx);
        let (f, counts) = (f64::from(f), f64::from(a).powi(2));
        let weight = 1.0 / (f + background.map_or(0.0, |b| f64::from(b[at])) + DARK_COUNTS);
        sums.frames[at] += 1.0;
        sums.counts[at] += counts;
        sums.weight[at] += weight;
        sums.excess[at] += weight * (counts - f);
    }
}
