//! Moving an image by a fraction of a pixel, knowing which pixels of the result are real.

use ndarray::{Array2, ArrayView2};

/// Half width of the kernel in pixels.
const REACH: isize = 3;

/// The image with its content moved by `shift` = (dy, dx) pixels, interpolated once by the polynomial of degree 5 through
/// six pixels (Lagrange; Abramowitz & Stegun 25.2.1). A wave of 8 pixels is placed to 0.0002 pixels and weakened by 0.1 %
/// at worst, one of 4 pixels to 0.008 and by 5 %; a windowed sinc as long weakens fine waves less, but misplaces even
/// the coarsest by up to 0.02 pixels. A pixel that would need a value from outside the
/// image, or one that is not finite, becomes NaN; along an axis moved by whole pixels only the pixel itself is needed.
pub fn shift_valid(image: ArrayView2<'_, f32>, shift: (f64, f64)) -> Array2<f32> {
    let (ny, nx) = image.dim();
    let (rows, columns) = (Kernel::new(shift.0), Kernel::new(shift.1));
    // along x first, then along y: the kernel is a product
    let along_x =
        Array2::from_shape_fn((ny, nx), |(y, x)| columns.sum(x, nx, |column| f64::from(image[(y, column)])));
    Array2::from_shape_fn((ny, nx), |(y, x)| rows.sum(y, ny, |row| along_x[(row, x)]) as f32)
}

/// Weights of the pixels around a place between pixels.
struct Kernel {
    /// First pixel relative to that of the result.
    first: isize,
    weights: Vec<f64>,
}

impl Kernel {
    /// For content moved by `shift`: the result at `i` is the image at `i − shift`.
    fn new(shift: f64) -> Self {
        // Further than any image is wide: nothing is left of it. NaN becomes 0 here and NaN below.
        let place = -shift.clamp(-1e9, 1e9);
        let (whole, fraction) = (place.floor(), place - place.floor());
        if fraction == 0.0 {
            return Self { first: whole as isize, weights: vec![1.0] };
        }
        // w_a = Π_{b≠a} (f − b)/(a − b)
        let taps = || 1 - REACH..=REACH;
        let factor = |a: isize, b: isize| (fraction - b as f64) / (a - b) as f64;
        let weights = taps().map(|a| taps().filter(|b| *b != a).map(|b| factor(a, b)).product()).collect();
        Self { first: whole as isize + 1 - REACH, weights }
    }

    /// `Σ w_j f(i + first + j)`; NaN if a term lies outside `0..n`.
    fn sum(&self, index: usize, n: usize, value: impl Fn(usize) -> f64) -> f64 {
        let start = index as isize + self.first;
        let inside = start >= 0 && start + self.weights.len() as isize <= n as isize;
        if !inside {
            return f64::NAN;
        }
        let sum: f64 = self.weights.iter().enumerate().map(|(j, w)| w * value(start as usize + j)).sum();
        if sum.is_finite() { sum } else { f64::NAN }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn whole_pixels_are_moved_bit_for_bit() {
        let image = Array2::from_shape_fn((4, 5), |(y, x)| (10 * y + x) as f32 * 0.1);
        let moved = shift_valid(image.view(), (1.0, -2.0));
        for ((y, x), value) in moved.indexed_iter() {
            if y >= 1 && x + 2 < 5 {
                assert_eq!(*value, image[(y - 1, x + 2)]);
            } else {
                assert!(value.is_nan(), "({y}, {x}) comes from outside");
            }
        }
        assert!(shift_valid(image.view(), (1e30, 0.0)).iter().all(|v| v.is_nan()));
    }

    #[test]
    fn a_smooth_wave_moves_by_a_fraction_and_a_hole_grows_by_the_kernel() {
        let wave = |y: f64, x: f64| (std::f64::consts::TAU * (y / 16.0 + x / 12.0)).sin();
        let mut image = Array2::from_shape_fn((24, 24), |(y, x)| wave(y as f64, x as f64) as f32);
        image[(12, 12)] = f32::NAN;
        let moved = shift_valid(image.view(), (0.3, -0.4));
        for ((y, x), value) in moved.indexed_iter() {
            // Six taps from y − 3 to y + 2 along y (moved down) and x − 2 to x + 3 along x.
            let whole = (3..22).contains(&y) && (2..21).contains(&x);
            let beside_hole = (10..=15).contains(&y) && (9..=14).contains(&x);
            assert_eq!(value.is_finite(), whole && !beside_hole, "({y}, {x})");
            if value.is_finite() {
                // Remainder of the polynomial, |Π(f − b)|/6! ≤ (15/8)²/6! = 0.005 times k⁶, k = 2π/12 and 2π/16 per
                // pixel: 1e-4 + 2e-5.
                let truth = wave(y as f64 - 0.3, x as f64 + 0.4);
                assert!((f64::from(*value) - truth).abs() < 1.2e-4, "({y}, {x}): {value} {truth}");
            }
        }
    }
}
