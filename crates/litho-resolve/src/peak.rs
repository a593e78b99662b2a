//! The continuous frequency at which a Fourier sum is largest.

use crate::fourier::{C64, fft2, signed_index};
use ndarray::{Array2, s};
use std::f64::consts::TAU;

/// How finely the frequency is searched, as parts of one Fourier pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refinement {
    /// The best multiple of 1/8 pixel.
    Eighth,
    /// To about 1/4000 pixel.
    Fine,
}

/// Half width, in steps, of the grid on which each zoom looks.
const REACH: isize = 4;
/// Zooms after the first: each is four times finer.
const FINE_ZOOMS: usize = 4;

/// The frequencies `(f_y, f_x)`, in cycles per sample (−0.5 to 0.5), that maximise
/// `|Σ f(y, x) exp(−2πi(f_y y + f_x x))|`: a transform padded to twice the size, then
/// ever finer grids by matrix-product Fourier transforms around its maximum
/// (Guizar-Sicairos, Thurman & Fienup, Opt. Lett. 33, 156 (2008)).
pub(crate) fn spectral_peak(field: &Array2<C64>, refinement: Refinement) -> (f64, f64) {
    let (ny, nx) = field.dim();
    let mut padded = Array2::zeros((2 * ny, 2 * nx));
    padded.slice_mut(s![..ny, ..nx]).assign(field);
    let (ky, kx) = highest(&fft2(padded));
    let frequency = |k: usize, n: usize| signed_index(k, 2 * n) as f64 / (2 * n) as f64;
    let zooms = match refinement {
        Refinement::Eighth => 0,
        Refinement::Fine => FINE_ZOOMS,
    };
    // REACH steps of 1/8 pixel cover the half pixel of the padded transform; each later zoom covers its predecessor's step.
    let mut parts = 8.0;
    let mut peak = zoom(field, (frequency(ky, ny), frequency(kx, nx)), parts);
    for _ in 0..zooms {
        parts *= REACH as f64;
        peak = zoom(field, peak, parts);
    }
    peak
}

/// The best point of a grid of ±[`REACH`] steps of 1/`parts` Fourier pixel around `start`.
fn zoom(field: &Array2<C64>, start: (f64, f64), parts: f64) -> (f64, f64) {
    let (ny, nx) = field.dim();
    let grid = |centre: f64, n: usize| -> Vec<f64> {
        (-REACH..=REACH).map(|i| centre + i as f64 / (parts * n as f64)).collect()
    };
    let (fy, fx) = (grid(start.0, ny), grid(start.1, nx));
    // F = E_y f E_xᵀ with E(j, r) = exp(−2πi f_j r)
    let ey = Array2::from_shape_fn((fy.len(), ny), |(j, y)| C64::cis(-TAU * fy[j] * y as f64));
    let ex = Array2::from_shape_fn((nx, fx.len()), |(x, j)| C64::cis(-TAU * fx[j] * x as f64));
    let (iy, ix) = highest(&ey.dot(&field.dot(&ex)));
    (wrapped(fy[iy]), wrapped(fx[ix]))
}

/// Index of the largest modulus, the first of equals.
fn highest(values: &Array2<C64>) -> (usize, usize) {
    let best = values
        .indexed_iter()
        .fold(((0, 0), -1.0), |best, (at, v)| if v.norm_sqr() > best.1 { (at, v.norm_sqr()) } else { best });
    best.0
}

/// A frequency in −0.5..0.5 cycles per sample.
fn wrapped(frequency: f64) -> f64 {
    frequency - frequency.round()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_between_the_pixels_is_found() {
        let truth = (0.123_456, -0.377_7);
        let wave = Array2::from_shape_fn((40, 31), |(y, x)| {
            C64::cis(TAU * (truth.0 * y as f64 + truth.1 * x as f64)) * 2.0
        });
        let peak = spectral_peak(&wave, Refinement::Fine);
        // Last grid step 1/(8·4⁴) of a Fourier pixel, half of it is the largest error.
        assert!((peak.0 - truth.0).abs() < 0.5 / (2048.0 * 40.0), "{peak:?}");
        assert!((peak.1 - truth.1).abs() < 0.5 / (2048.0 * 31.0), "{peak:?}");
    }
}
