//! `O ← (Σ_jk P_k* ψ_jk + c O)/(Σ_jk |P_k|² + c)`.

use super::{CpuKernels, pixels, pixels_mut};
use crate::simd::vectorised;
use litho_types::C32;
use ndarray::{Array2, Array3, Array4};
use rayon::prelude::*;

/// Object rows that one task sums. Any split gives the same bits.
const BAND: usize = 16;

pub(super) fn run(
    kernels: &CpuKernels,
    inertia: f32,
    probe: &Array3<C32>,
    waves: &Array4<C32>,
    object: &mut Array2<C32>,
) {
    let (modes, ny, nx) = probe.dim();
    let pitch = object.dim().1;
    let (probe, waves) = (pixels(probe), pixels(waves));
    let corners = &kernels.measurement.placement().corners;
    let mut weight = vec![0.0_f32; object.len()];
    let mut sum = vec![C32::default(); object.len()];
    sum.par_chunks_mut(BAND * pitch).zip(weight.par_chunks_mut(BAND * pitch)).enumerate().for_each(
        |(band, (sum, weight))| {
            let (first, last) = (band * BAND, band * BAND + sum.len() / pitch);
            for (frame, corner) in corners.iter().enumerate() {
                for y in first.max(corner[0])..last.min(corner[0] + ny) {
                    let to = (y - first) * pitch + corner[1];
                    let from = (y - corner[0]) * nx;
                    for mode in 0..modes {
                        let p = &probe[mode * ny * nx + from..][..nx];
                        let w = &waves[(frame * modes + mode) * ny * nx + from..][..nx];
                        accumulate(p, w, &mut sum[to..to + nx], &mut weight[to..to + nx]);
                    }
                }
            }
        },
    );
    let largest = weight.par_iter().copied().reduce(|| 0.0, f32::max);
    divide(&sum, &weight, inertia * largest + f32::MIN_POSITIVE, pixels_mut(object));
}

vectorised! {
    /// `sum += P* ψ`, `weight += |P|²` along one row.
    fn accumulate(probe: &[C32], wave: &[C32], sum: &mut [C32], weight: &mut [f32]) {
        for (((s, d), p), w) in sum.iter_mut().zip(weight.iter_mut()).zip(probe).zip(wave) {
            *s += p.conj() * w;
            *d += p.norm_sqr();
        }
    }
}

vectorised! {
    /// `value ← (sum + c value)/(weight + c)`.
    fn divide(sum: &[C32], weight: &[f32], c: f32, value: &mut [C32]) {
        for ((v, s), d) in value.iter_mut().zip(sum).zip(weight) {
            *v = (s + *v * c) / (d + c);
        }
    }
}
