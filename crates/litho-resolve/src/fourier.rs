//! Whole-image Fourier transforms of any size, in double precision.

use crate::error::ResolveError;
use litho_types::C32;
use ndarray::{Array2, ArrayView2};
use num_complex::Complex;
use rayon::prelude::*;
use rustfft::{Fft, FftPlanner};

/// Double-precision complex number.
pub(crate) type C64 = Complex<f64>;

/// `F(k) = Σ_r f(r) exp(−2πi(k_y y/ny + k_x x/nx))`, zero frequency at the corner.
pub(crate) fn fft2(field: Array2<C64>) -> Array2<C64> {
    let mut planner = FftPlanner::new();
    let (ny, nx) = field.dim();
    let (along_x, along_y) = (planner.plan_fft_forward(nx), planner.plan_fft_forward(ny));
    transform(field, &*along_x, &*along_y)
}

/// The inverse of [`fft2`], including the factor 1/(ny nx).
pub(crate) fn ifft2(field: Array2<C64>) -> Array2<C64> {
    let mut planner = FftPlanner::new();
    let (ny, nx) = field.dim();
    let (along_x, along_y) = (planner.plan_fft_inverse(nx), planner.plan_fft_inverse(ny));
    let mut result = transform(field, &*along_x, &*along_y);
    let scale = 1.0 / (ny * nx) as f64;
    result.mapv_inplace(|v| v * scale);
    result
}

fn transform(field: Array2<C64>, along_x: &dyn Fft<f64>, along_y: &dyn Fft<f64>) -> Array2<C64> {
    let rows = transform_rows(field, along_x);
    let columns = transform_rows(transposed(&rows), along_y);
    transposed(&columns)
}

fn transposed(field: &Array2<C64>) -> Array2<C64> {
    field.t().as_standard_layout().into_owned()
}

/// Transforms each row; rows are independent, so threads do not change a bit.
fn transform_rows(field: Array2<C64>, plan: &dyn Fft<f64>) -> Array2<C64> {
    let mut rows = if field.is_standard_layout() { field } else { field.as_standard_layout().into_owned() };
    let nx = rows.dim().1.max(1);
    // in standard layout the rows are always one slice
    if let Some(values) = rows.as_slice_mut() {
        let scratch = || vec![C64::default(); plan.get_inplace_scratch_len()];
        values
            .par_chunks_mut(nx)
            .for_each_init(scratch, |scratch, row| plan.process_with_scratch(row, scratch));
    }
    rows
}

/// Signed index of Fourier pixel `k` of `n`: 0, 1, …, −2, −1; the Nyquist pixel of even `n` is −n/2.
pub(crate) fn signed_index(k: usize, n: usize) -> isize {
    if k < n.div_ceil(2) { k as isize } else { k as isize - n as isize }
}

/// Multiplies spectrum `F` by the phases that move its image by `shift` = (dy, dx) pixels:
/// `F(k) exp(−2πi(k_y dy/ny + k_x dx/nx))`. The Nyquist pixel of an even side,
/// whose sign is ambiguous, gets the mean of both signs, so real images stay real.
pub(crate) fn shift_spectrum(spectrum: &mut Array2<C64>, shift: (f64, f64)) {
    let (ny, nx) = spectrum.dim();
    let (along_y, along_x) = (shift_phases(ny, shift.0), shift_phases(nx, shift.1));
    for ((y, x), value) in spectrum.indexed_iter_mut() {
        *value *= along_y[y] * along_x[x];
    }
}

fn shift_phases(n: usize, shift: f64) -> Vec<C64> {
    (0..n)
        .map(|k| {
            let phase = -std::f64::consts::TAU * signed_index(k, n) as f64 * shift / n as f64;
            if 2 * k == n { C64::new(phase.cos(), 0.0) } else { C64::cis(phase) }
        })
        .collect()
}

/// The field with zero frequency moved from the corner to `(ny/2, nx/2)`.
pub(crate) fn centred(spectrum: &Array2<C64>) -> Array2<C64> {
    let (ny, nx) = spectrum.dim();
    Array2::from_shape_fn((ny, nx), |(y, x)| spectrum[((y + ny - ny / 2) % ny, (x + nx - nx / 2) % nx)])
}

/// A single-precision image in double precision.
pub(crate) fn widened(image: ArrayView2<'_, C32>) -> Array2<C64> {
    image.mapv(widen)
}

/// One number in double precision.
pub(crate) fn widen(value: C32) -> C64 {
    C64::new(f64::from(value.re), f64::from(value.im))
}

/// One number in single precision.
pub(crate) fn narrow(value: C64) -> C32 {
    C32::new(value.re as f32, value.im as f32)
}

/// Names the first pixel that is NaN or infinite.
pub(crate) fn check_finite(
    operation: &'static str,
    name: &'static str,
    image: ArrayView2<'_, C32>,
) -> Result<(), ResolveError> {
    match image.indexed_iter().find(|(_, v)| !v.is_finite()) {
        Some(((y, x), _)) => Err(ResolveError::NotFinite { operation, image: name, y, x }),
        None => Ok(()),
    }
}

/// Two arrays must have one shape.
pub(crate) fn check_shapes(
    operation: &'static str,
    (first, first_shape): (&'static str, (usize, usize)),
    (second, second_shape): (&'static str, (usize, usize)),
) -> Result<(), ResolveError> {
    if first_shape == second_shape {
        return Ok(());
    }
    Err(ResolveError::ShapeMismatch { operation, first, first_shape, second, second_shape })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transform_of_one_wave_is_one_pixel() {
        // exp(2πi(2y/6 + x/5)) on 6 × 5 pixels has all its 30 units at (2, 1).
        let wave = Array2::from_shape_fn((6, 5), |(y, x)| {
            C64::cis(std::f64::consts::TAU * (2.0 * y as f64 / 6.0 + x as f64 / 5.0))
        });
        let spectrum = fft2(wave.clone());
        for ((y, x), value) in spectrum.indexed_iter() {
            let expected = if (y, x) == (2, 1) { 30.0 } else { 0.0 };
            assert!((value - expected).norm() < 1e-12, "({y}, {x}): {value}"); // 30 terms of double rounding
        }
        let back = ifft2(spectrum);
        assert!(back.iter().zip(&wave).all(|(a, b)| (a - b).norm() < 1e-14));
    }

    #[test]
    fn centring_puts_zero_frequency_at_half() {
        let mut spectrum = Array2::zeros((5, 4));
        spectrum[(0, 0)] = C64::new(1.0, 0.0);
        assert_eq!(centred(&spectrum)[(2, 2)].re, 1.0);
        assert_eq!((signed_index(2, 5), signed_index(3, 5), signed_index(2, 4)), (2, -2, -2));
    }
}
