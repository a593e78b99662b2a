//! The whole-voxel shift between two volumes: the peak of their cross-correlation.

use super::placement::Vector;
use crate::fourier::signed_index;
use crate::fsc::transform::fft3;
use crate::window::Window;
use ndarray::{Array3, ArrayView3, Zip};
use num_complex::Complex;

/// Voxels over which volumes fall to zero at their faces.
const FALL: f64 = 8.0;

/// How far the content of `moving` lies from that of `reference`.
pub(super) fn whole_shift(reference: ArrayView3<'_, f32>, moving: ArrayView3<'_, f32>) -> Vector {
    let (nz, ny, nx) = reference.dim();
    let mut product = spectrum(moving);
    // C(s) = Σ m(r + s) r(r) ⇔ F_m F_r*; its transform again is C(−s), without conjugates of a real C
    Zip::from(&mut product).and(&spectrum(reference)).par_for_each(|m, r| *m *= r.conj());
    fft3(&mut product);
    let best = product
        .indexed_iter()
        .fold(((0, 0, 0), f32::NEG_INFINITY), |best, (at, v)| if v.re > best.1 { (at, v.re) } else { best });
    let (z, y, x) = best.0;
    [(z, nz), (y, ny), (x, nx)].map(|(k, n)| -signed_index(k, n) as f64)
}

/// Transform of a volume without its mean, apodised at the faces.
fn spectrum(volume: ArrayView3<'_, f32>) -> Array3<Complex<f32>> {
    let (nz, ny, nx) = volume.dim();
    let fall = Window::Tukey { taper: FALL };
    let [wz, wy, wx] = [nz, ny, nx].map(|n| fall.samples(n, 0.0, 0.0));
    let mean = volume.iter().map(|&v| f64::from(v)).sum::<f64>() / volume.len() as f64;
    let mut field = Array3::from_shape_fn((nz, ny, nx), |(z, y, x)| {
        let value = (f64::from(volume[(z, y, x)]) - mean) * wz[z] * wy[y] * wx[x];
        Complex::new(value as f32, 0.0)
    });
    fft3(&mut field);
    field
}
