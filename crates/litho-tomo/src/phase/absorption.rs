//! Optical density from the modulus of a transmission.

use super::ramp::median;
use litho_types::C32;
use ndarray::{Array2, ArrayView2};

/// Optical density of one projection.
#[derive(Debug, Clone, PartialEq)]
pub struct OpticalDensity {
    /// `−2 ln(|T|/|T|_air)`; where `|T|` is at most `dark |T|_air` it is `−2 ln(dark)`, the largest that can be told; NaN
    /// where `T` is not finite.
    pub optical_density: Array2<f32>,
    /// Median of `|T|` in air.
    pub air: f64,
    /// Pixels at the largest value, or not finite.
    pub clipped: usize,
}

/// Optical density `−2 ln|T|` with the modulus of air, the median over the pixels where `air` is true, as one; `None` if no
/// such pixel has a positive modulus. `dark` is the part of the modulus of air below which nothing is told.
pub fn optical_density(
    transmission: ArrayView2<'_, C32>,
    air: ArrayView2<'_, bool>,
    dark: f32,
) -> Option<OpticalDensity> {
    let modulus = |(t, _): (&C32, &bool)| f64::from(t.norm());
    let of_air = median(transmission.iter().zip(air).filter(|(_, air)| **air).map(modulus).collect())?;
    if of_air <= 0.0 {
        return None;
    }
    let dark = dark.max(f32::MIN_POSITIVE);
    let mut clipped = 0;
    let optical_density = transmission.mapv(|t| {
        let part = (f64::from(t.norm()) / of_air) as f32;
        if !t.is_finite() {
            clipped += 1;
            f32::NAN
        } else if part > dark {
            -2.0 * part.ln()
        } else {
            clipped += 1;
            -2.0 * dark.ln()
        }
    });
    Some(OpticalDensity { optical_density, air: of_air, clipped })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn the_factor_is_two_and_air_is_zero() {
        let air = arr2(&[[true, true, true], [false, false, false]]);
        // |T| = 0.8 in air; 0.8 exp(−1/2) has OD 1.
        let thin = 0.8 * (-0.5_f32).exp();
        let image = arr2(&[
            [C32::new(0.0, 0.8), C32::new(-0.8, 0.0), C32::new(0.8, 0.0)],
            [C32::new(0.0, -thin), C32::default(), C32::new(f32::NAN, 0.0)],
        ]);
        let found = optical_density(image.view(), air.view(), 1e-3).expect("air");
        assert!((found.air - 0.8).abs() < 1e-7 && found.clipped == 2);
        assert!(found.optical_density.row(0).iter().all(|od| od.abs() < 1e-6));
        assert!((found.optical_density[(1, 0)] - 1.0).abs() < 1e-6);
        // −2 ln 10⁻³ = 13.8155
        assert!((found.optical_density[(1, 1)] - 13.8155).abs() < 1e-4);
        assert!(found.optical_density[(1, 2)].is_nan());
        let nothing = arr2(&[[false; 3]; 2]);
        assert_eq!(optical_density(image.view(), nothing.view(), 1e-3), None);
    }
}
