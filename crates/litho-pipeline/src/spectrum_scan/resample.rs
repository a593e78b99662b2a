//! Images on other pixels: separable interpolation by polynomials.

use ndarray::{Array2, ArrayView2};
use std::ops::{AddAssign, Mul};

/// Pixels on either side that an output pixel is made of.
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

/// Lagrange's polynomial through the eight nearest pixels, `w_k(t) = Π_{m≠k} (t − m)/(k − m)`: exact for coarse structure, where
/// windowed sinc functions of this reach misplace by a fiftieth of a pixel; weakens what is finer than three pixels.
fn taps(at: f64, length: usize) -> [(usize, f32); TAPS] {
    let below = at.floor();
    let node = |tap: usize| tap as f64 + 1.0 - REACH as f64;
    let t = at - below;
    let last = length.saturating_sub(1) as f64;
    std::array::from_fn(|tap| {
        let others = (0..TAPS).filter(|other| *other != tap);
        let weight: f64 = others.map(|other| (t - node(other)) / (node(tap) - node(other))).product();
        ((below + node(tap)).clamp(0.0, last) as usize, weight as f32)
    })
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
    fn waves_of_six_pixels_are_resampled_to_two_thousandths() {
        // Analytic: the remainder of a polynomial through eight points is at most (ω^8/8!) Π|t − m|, in the middle between pixels
        // (π/3)^8/40320 · (½·3/2·5/2·7/2)² = 0.0016 along y; along x, of twice the period, 256 times less.
        let wave = |y: f64, x: f64| (TAU * (y / 6.0 + x / 12.0)).cos() as f32;
        let image = Array2::from_shape_fn((60, 50), |(y, x)| wave(y as f64, x as f64));
        let out =
            resampled(image.view(), &Samples::new(40, 10.3, 0.98, 60), &Samples::new(30, 8.7, 1.01, 50));
        for ((y, x), value) in out.indexed_iter() {
            let expected = wave(10.3 + 0.98 * y as f64, 8.7 + 1.01 * x as f64);
            assert!((value - expected).abs() < 0.002, "({y}, {x}): {value} instead of {expected}");
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
