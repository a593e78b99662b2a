//! Measures of difference between complex arrays.

use litho_types::C32;
use ndarray::{ArrayView, Dimension};

/// Relative rms difference `√(Σ|a − b|² / Σ|b|²)` of two arrays of one shape,
/// `b` being the reference; summed in double precision.
///
/// # Panics
/// If the shapes differ: a test that compares different shapes is wrong.
pub fn relative_rms<D: Dimension>(a: ArrayView<'_, C32, D>, b: ArrayView<'_, C32, D>) -> f64 {
    assert_eq!(a.shape(), b.shape(), "relative_rms compares arrays of one shape");
    let (mut difference, mut size) = (0.0, 0.0);
    for (a, b) in a.iter().zip(b.iter()) {
        difference += f64::from((a - b).norm_sqr());
        size += f64::from(b.norm_sqr());
    }
    (difference / size).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr1;

    #[test]
    fn one_tenth_off_is_one_tenth() {
        let b = arr1(&[C32::new(3.0, 4.0), C32::new(0.0, -5.0)]);
        let a = b.mapv(|v| v * C32::new(1.0, 0.1));
        // |0.1 i b| / |b| = 0.1, to single precision (ε = 6e-8, two roundings).
        assert!((relative_rms(a.view(), b.view()) - 0.1).abs() < 2e-7);
    }
}
