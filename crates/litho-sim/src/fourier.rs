//! Two-dimensional Fourier transforms in double precision.

use crate::C64;
use crate::grid::signed;
use litho_types::C32;
use ndarray::{Array2, ArrayView2};
use rustfft::{Fft, FftDirection, FftPlanner};
use std::f64::consts::TAU;
use std::sync::Arc;

/// Unitary transform of `(ny, nx)` arrays, kernel `exp(−2πi q·r)`, zero at the corner.
pub(crate) struct Fourier {
    shape: (usize, usize),
    forward: [Arc<dyn Fft<f64>>; 2],
    inverse: [Arc<dyn Fft<f64>>; 2],
}

impl Fourier {
    pub(crate) fn new(shape: (usize, usize)) -> Self {
        let mut planner = FftPlanner::new();
        let mut both = |direction| [shape.0, shape.1].map(|count| planner.plan_fft(count, direction));
        Self { shape, forward: both(FftDirection::Forward), inverse: both(FftDirection::Inverse) }
    }

    pub(crate) fn forward(&self, field: &mut Array2<C64>) {
        self.transform(field, &self.forward);
    }

    pub(crate) fn inverse(&self, field: &mut Array2<C64>) {
        self.transform(field, &self.inverse);
    }

    fn transform(&self, field: &mut Array2<C64>, [along_y, along_x]: &[Arc<dyn Fft<f64>>; 2]) {
        let (ny, nx) = self.shape;
        let scale = ((ny * nx) as f64).sqrt().recip();
        let mut rows: Vec<C64> = field.iter().copied().collect();
        along_x.process(&mut rows);
        let mut columns: Vec<C64> = (0..nx * ny).map(|i| rows[(i % ny) * nx + i / ny]).collect();
        along_y.process(&mut columns);
        for ((y, x), value) in field.indexed_iter_mut() {
            *value = columns[x * ny + y] * scale;
        }
    }
}

/// The centred array with its middle `(ny/2, nx/2)` moved to the corner.
pub(crate) fn to_corner<T: Copy>(centred: ArrayView2<'_, T>) -> Array2<T> {
    let (ny, nx) = centred.dim();
    Array2::from_shape_fn((ny, nx), |(y, x)| centred[((y + ny / 2) % ny, (x + nx / 2) % nx)])
}

/// The array with its corner moved to the middle `(ny/2, nx/2)`.
pub(crate) fn to_centre<T: Copy>(cornered: ArrayView2<'_, T>) -> Array2<T> {
    let (ny, nx) = cornered.dim();
    Array2::from_shape_fn((ny, nx), |(y, x)| cornered[((y + ny - ny / 2) % ny, (x + nx - nx / 2) % nx)])
}

/// Multiplies a spectrum by the ramp that shifts its wave by `shift` samples towards larger indices.
pub(crate) fn apply_shift(spectrum: &mut Array2<C64>, shift: (f64, f64)) {
    let (ny, nx) = spectrum.dim();
    // F[ψ(r − s)](q) = exp(−2πi q·s) F[ψ](q)
    let ramp = |count: usize, shift: f64| -> Vec<C64> {
        (0..count).map(|i| C64::cis(-TAU * signed(i, count) * shift / count as f64)).collect()
    };
    let (ramp_y, ramp_x) = (ramp(ny, shift.0), ramp(nx, shift.1));
    for ((y, x), value) in spectrum.indexed_iter_mut() {
        *value *= ramp_y[y] * ramp_x[x];
    }
}

/// The spectrum (zero at the corner) with its outer frequencies dropped, or
/// zeros put around them, to make it `shape` = (ny, nx).
pub(crate) fn resize_spectrum(spectrum: &Array2<C64>, shape: (usize, usize)) -> Array2<C64> {
    let from = spectrum.dim();
    let source = |index: usize, to: usize, from: usize| -> Option<usize> {
        let number = signed(index, to) as isize;
        let held = (from / 2) as isize;
        (-held <= number && number < from.div_ceil(2) as isize)
            .then(|| number.rem_euclid(from as isize) as usize)
    };
    Array2::from_shape_fn(shape, |(y, x)| match (source(y, shape.0, from.0), source(x, shape.1, from.1)) {
        (Some(y), Some(x)) => spectrum[(y, x)],
        _ => C64::default(),
    })
}

/// `Σ|ψ|²`.
pub(crate) fn power(field: &Array2<C64>) -> f64 {
    field.iter().map(C64::norm_sqr).sum()
}

/// The field as it is stored.
pub(crate) fn to_single(field: &Array2<C64>) -> Array2<C32> {
    field.mapv(|v| C32::new(v.re as f32, v.im as f32))
}

/// The field as it is computed with.
pub(crate) fn to_double(field: ArrayView2<'_, C32>) -> Array2<C64> {
    field.mapv(|v| C64::new(f64::from(v.re), f64::from(v.im)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(shape: (usize, usize)) -> Array2<C64> {
        Array2::from_shape_fn(shape, |(y, x)| {
            C64::new((y * y + 2 * x) as f64 % 5.0, (3 * y + x * x) as f64 % 7.0)
        })
    }

    #[test]
    fn equals_the_defining_sum() {
        let (ny, nx) = (6, 5);
        let input = field((ny, nx));
        let mut output = input.clone();
        Fourier::new((ny, nx)).forward(&mut output);
        for ((v, u), got) in output.indexed_iter() {
            // F(v, u) = Σ f(y, x) exp[−2πi(vy/ny + ux/nx)] / √(ny nx)
            let want: C64 = input
                .indexed_iter()
                .map(|((y, x), f)| f * C64::cis(-TAU * ((v * y) as f64 / 6.0 + (u * x) as f64 / 5.0)))
                .sum::<C64>()
                / 30_f64.sqrt();
            assert!((got - want).norm() < 1e-12, "({v}, {u}): {got} instead of {want}");
        }
    }

    #[test]
    fn a_whole_sample_shift_moves_samples() {
        let input = field((8, 6));
        let fourier = Fourier::new((8, 6));
        let mut shifted = input.clone();
        fourier.forward(&mut shifted);
        apply_shift(&mut shifted, (2.0, -1.0));
        fourier.inverse(&mut shifted);
        for ((y, x), value) in input.indexed_iter() {
            assert!((shifted[((y + 2) % 8, (x + 5) % 6)] - value).norm() < 1e-12);
        }
    }

    #[test]
    fn resizing_there_and_back_and_centring_lose_nothing() {
        for shape in [(6, 5), (7, 8)] {
            let input = field(shape);
            let padded = resize_spectrum(&input, (2 * shape.0, 2 * shape.1));
            assert_eq!(power(&padded), power(&input));
            assert_eq!(resize_spectrum(&padded, shape), input);
            assert_eq!(to_centre(to_corner(input.view()).view()), input);
        }
    }
}
