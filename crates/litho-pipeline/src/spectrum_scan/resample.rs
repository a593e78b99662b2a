//! Images on other pixels: separable Lanczos interpolation.

use ndarray::{Array2, ArrayView2};
use std::f64::consts::PI;
use std::ops::{AddAssign, Mul};

/// Half width of the kernel, pixels: its error stays below a hundredth up to eight tenths of the highest frequency.
const REACH: usize = 4;
/// Weights of one output pixel.
const TAPS: usize = 2 * REACH;

/// Where along one axis the output pixels lie between the input pixels, and with which weights.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Samples {
    /// Input pixels and their weights, for each output pixel.
    taps: Vec<[(usize, f32); TAPS]>,
}

impl Samples {
    /// `count` output pixels that lie at `first`, `first + step`, … of `length` input pixels. Beyond the ends the
    /// outermost pixel goes on.
    pub(super) fn new(count: usize, first: f64, step: f64, length: usize) -> Self {
        let taps = (0..count).map(|index| taps(first + step * index as f64, length)).collect();
        Self { taps }
    }
}

/// Lanczos: `w(x) = sinc(x) sinc(x/a)` for |x| < a, made to sum to one (Duchon, J. Appl. Meteorol. 18, 1016 (1979)).
fn taps(at: f64, length: usize) -> [(usize, f32); TAPS] {
    let sinc = |x: f64| if x.abs() < 1e-12 { 1.0 } else { (PI * x).sin() / (PI * x) };
    let below = at.floor();
    let places: [f64; TAPS] = std::array::from_fn(|tap| below + tap as f64 + 1.0 - REACH as f64);
    let weights = places.map(|place| {
        let x = at - place;
        if x.abs() < REACH as f64 { sinc(x) * sinc(x / REACH as f64) } else { 0.0 }
    });
    let total: f64 = weights.iter().sum();
    let last = length.saturating_sub(1) as f64;
    std::array::from_fn(|tap| (places[tap].clamp(0.0, last) as usize, (weights[tap] / total) as f32))
}

/// `image` `(y, x)` at the places of `rows` and `columns`.
pub(super) fn resampled<T>(image: ArrayView2<'_, T>, rows: &Samples, columns: &Samples) -> Array2<T>
where
    T: Copy + Default + AddAssign + Mul<f32, Output = T>,
{
    let mut narrow = Array2::from_elem((image.dim().0, columns.taps.len()), T::default());
    for (from, mut to) in image.outer_iter().zip(narrow.outer_iter_mut()) {
        for (value, taps) in to.iter_mut().zip(&columns.taps) {
            for &(x, weight) in taps {
                *value += from[x] * weight;
            }
        }
    }
    let mut out = Array2::from_elem((rows.taps.len(), columns.taps.len()), T::default());
    for (mut to, taps) in out.outer_iter_mut().zip(&rows.taps) {
        for &(y, weight) in taps {
            for (value, from) in to.iter_mut().zip(narrow.row(y)) {
                *value += *from * weight;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn a_wave_is_resampled_to_a_hundredth() {
        // Analytic: eight tenths of the highest frequency along y, four tenths along x. The bound is that of the kernel.
        let wave = |y: f64, x: f64| (TAU * (0.4 * y + 0.2 * x)).cos() as f32;
        let image = Array2::from_shape_fn((60, 50), |(y, x)| wave(y as f64, x as f64));
        let out =
            resampled(image.view(), &Samples::new(40, 10.3, 0.98, 60), &Samples::new(30, 8.7, 1.01, 50));
        for ((y, x), value) in out.indexed_iter() {
            let expected = wave(10.3 + 0.98 * y as f64, 8.7 + 1.01 * x as f64);
            assert!((value - expected).abs() < 0.02, "({y}, {x}): {value} instead of {expected}");
        }
    }

    #[test]
    fn whole_steps_copy_and_constants_stay_beyond_the_ends() {
        let image = Array2::from_shape_fn((9, 12), |(y, x)| (10 * y + x) as f32);
        let out = resampled(image.view(), &Samples::new(5, 2.0, 1.0, 9), &Samples::new(6, 3.0, 1.0, 12));
        // The kernel is exactly 1 and 0 at whole pixels but for rounding of sin(πn), 1e-16.
        assert!(out.indexed_iter().all(|((y, x), v)| (v - image[(y + 2, x + 3)]).abs() < 1e-4));
        let flat = Array2::from_elem((9, 12), 3.0_f32);
        let out = resampled(flat.view(), &Samples::new(20, -5.3, 0.9, 9), &Samples::new(20, -4.0, 1.1, 12));
        assert!(out.iter().all(|v| (v - 3.0).abs() < 8.0 * 3.0 * f32::EPSILON));
    }
}
