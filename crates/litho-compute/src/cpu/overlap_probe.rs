//! `P_k ← (Σ_j O_j* ψ_jk + c P_k)/(Σ_j |O_j|² + c)`.

use super::{CpuKernels, pixels, pixels_mut};
use crate::simd::vectorised;
use litho_types::C32;
use ndarray::{Array2, Array3, Array4};
use rayon::prelude::*;

/// Probe rows that one task sums. Any split gives the same bits.
const BAND: usize = 8;

pub(super) fn run(
    kernels: &CpuKernels,
    inertia: f32,
    object: &Array2<C32>,
    waves: &Array4<C32>,
    probe: &mut Array3<C32>,
) -> f64 {
    let (modes, ny, nx) = probe.dim();
    let frame = ny * nx;
    let (object, waves) = (pixels(object), pixels(waves));
    let c = inertia * kernels.measurement.frames().len() as f32 + f32::MIN_POSITIVE;
    let row_changes: Vec<[f64; 2]> = pixels_mut(probe)
        .par_chunks_exact_mut(nx)
        .with_min_len(BAND)
        .enumerate()
        .map(|(row, p_row)| {
            let (mode, y) = (row / ny, row % ny);
            let mut sum = vec![C32::default(); nx];
            let mut weight = vec![0.0_f32; nx];
            for j in 0..kernels.measurement.frames().len() {
                let o = &object[kernels.patch(j).row(y)];
                let w = &waves[(j * modes + mode) * frame + y * nx..][..nx];
                accumulate(o, w, &mut sum, &mut weight);
            }
            replace(&sum, &weight, c, p_row)
        })
        .collect();
    let [change, power] = row_changes.iter().fold([0.0, 0.0], |[c, p], [dc, dp]| [c + dc, p + dp]);
    (change / power.max(f64::MIN_POSITIVE)).sqrt()
}

vectorised! {
    /// `sum += O* ψ`, `weight += |O|²` along one row.
    fn accumulate(object: &[C32], wave: &[C32], sum: &mut [C32], weight: &mut [f32]) {
        for (((s, d), o), w) in sum.iter_mut().zip(weight.iter_mut()).zip(object).zip(wave) {
            *s += o.conj() * w;
            *d += o.norm_sqr();
        }
    }
}

vectorised! {
    /// `P ← (sum + c P)/(weight + c)` along one row; returns `[‖P' − P‖², ‖P‖²]`.
    fn replace(sum: &[C32], weight: &[f32], c: f32, probe: &mut [C32]) -> [f64; 2] {
        let (mut change, mut power) = (0.0_f32, 0.0_f32);
        for ((p, s), d) in probe.iter_mut().zip(sum).zip(weight) {
            let new = (s + *p * c) / (d + c);
            change += (new - *p).norm_sqr();
            power += p.norm_sqr();
            *p = new;
        }
        [f64::from(change), f64::from(power)]
    }
}
