//! `ψ_jk = P_k(r) O(r + r_j)`.

use super::{CpuKernels, Patch, pixels};
use crate::simd::vectorised;
use litho_types::C32;
use ndarray::{Array2, Array3, Array4};
use rayon::prelude::*;

pub(super) fn run(kernels: &CpuKernels, object: &Array2<C32>, probe: &Array3<C32>) -> Array4<C32> {
    let (modes, ny, nx) = probe.dim();
    let frames = kernels.measurement.frames().len();
    let mut waves = vec![C32::default(); frames * modes * ny * nx];
    waves.par_chunks_exact_mut(modes * ny * nx).enumerate().for_each(|(frame, wave)| {
        illuminate(pixels(object), pixels(probe), kernels.patch(frame), wave);
    });
    Array4::from_shape_vec((frames, modes, ny, nx), waves).expect("the vector was made for this shape")
}

vectorised! {
    /// One frame's exit waves `(mode, y, x)` from the probe modes and the object under them.
    fn illuminate(object: &[C32], probe: &[C32], patch: Patch, waves: &mut [C32]) {
        let (ny, nx) = patch.shape;
        for (wave, mode) in waves.chunks_exact_mut(ny * nx).zip(probe.chunks_exact(ny * nx)) {
            for (y, (w_row, p_row)) in wave.chunks_exact_mut(nx).zip(mode.chunks_exact(nx)).enumerate() {
                for ((w, p), o) in w_row.iter_mut().zip(p_row).zip(&object[patch.row(y)]) {
                    *w = p * o;
                }
            }
        }
    }
}
