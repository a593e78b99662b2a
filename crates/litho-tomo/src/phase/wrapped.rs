//! A phase known up to multiples of 2π, and where it is known at all.

use litho_types::C32;
use ndarray::{Array2, ArrayView2};
use std::f32::consts::TAU;

/// A wrapped phase image `(y, x)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Wrapped {
    /// Radians within ±π; 0 where there is none.
    pub phase: Array2<f32>,
    /// Where there is a phase.
    pub lit: Array2<bool>,
}

impl Wrapped {
    /// The phase of a transmission. It has none where it is not finite or where its modulus is at most `dark`.
    pub fn of_transmission(transmission: ArrayView2<'_, C32>, dark: f32) -> Self {
        let lit = transmission.mapv(|t| t.is_finite() && t.norm() > dark);
        let mut phase = transmission.mapv(C32::arg);
        phase.zip_mut_with(&lit, |value, &lit| {
            if !lit {
                *value = 0.0;
            }
        });
        Self { phase, lit }
    }

    /// The phase image folded into ±π; NaN is where there is none.
    pub fn of_phase(phase: ArrayView2<'_, f32>) -> Self {
        let lit = phase.mapv(f32::is_finite);
        Self { phase: phase.mapv(|value| if value.is_finite() { fold(value) } else { 0.0 }), lit }
    }

    /// Rows and columns.
    pub fn dim(&self) -> (usize, usize) {
        self.phase.dim()
    }

    /// Pixels without a phase.
    pub fn unlit(&self) -> usize {
        self.lit.iter().filter(|lit| !**lit).count()
    }
}

/// Any finite phase within ±π, in double precision on the way: a large phase would lose digits.
pub(crate) fn fold(value: f32) -> f32 {
    let value = f64::from(value);
    (value - std::f64::consts::TAU * (value / std::f64::consts::TAU).round()) as f32
}

/// Whole turns in a phase of at most some thousand turns, as a float.
pub(super) fn turns(value: f32) -> f32 {
    // Adding and taking off 1.5·2²³ rounds to a whole number, in two instructions.
    const WHOLE: f32 = 12_582_912.0;
    (value * (1.0 / TAU) + WHOLE) - WHOLE
}

/// A difference of phases within ±π.
pub(super) fn wrap(value: f32) -> f32 {
    value - TAU * turns(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn turns_are_whole_and_what_is_left_lies_within_half_a_turn() {
        for (value, expected) in [(3.0, 0.0), (3.2, 1.0), (-3.2, -1.0), (100.0, 16.0), (-9.5, -2.0)] {
            assert_eq!(turns(value), expected);
            assert!(wrap(value).abs() < 3.15 && (wrap(value) - fold(value)).abs() < 1e-4);
        }
    }

    #[test]
    fn dark_and_missing_pixels_have_no_phase() {
        let image =
            arr2(&[[C32::new(0.0, -2.0), C32::default()], [C32::new(f32::NAN, 1.0), C32::new(0.1, 0.0)]]);
        let wrapped = Wrapped::of_transmission(image.view(), 0.2);
        assert_eq!(wrapped.lit, arr2(&[[true, false], [false, false]]));
        assert_eq!(wrapped.phase, arr2(&[[-std::f32::consts::FRAC_PI_2, 0.0], [0.0, 0.0]]));
        assert_eq!(wrapped.unlit(), 3);
        let folded = Wrapped::of_phase(arr2(&[[7.0, f32::INFINITY]]).view());
        assert!((folded.phase[(0, 0)] - (7.0 - TAU)).abs() < 1e-6 && !folded.lit[(0, 1)]);
    }
}
