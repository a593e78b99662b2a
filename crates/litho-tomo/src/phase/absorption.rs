//! Optical density from the modulus of a transmission.

use super::air::{Air, LEAST_SHARE, find};
use super::ramp::median;
use crate::error::TomoError;
use litho_types::C32;
use ndarray::{Array2, Array3, ArrayView2, Axis};
use rayon::prelude::*;

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

/// Takes the median over air off each projection `(angle, y, x)` of optical density; returns it, none where no air was
/// found. Pixels that are not finite stay as they are.
///
/// # Errors
/// [`TomoError::Shape`] and [`TomoError::OutsideProjection`] for air that does not fit.
pub fn zero_in_air(projections: &mut Array3<f32>, air: &Air) -> Result<Vec<Option<f64>>, TomoError> {
    let shape = projections.dim();
    air.check(shape)?;
    let images = projections.axis_iter_mut(Axis(0)).into_par_iter().enumerate();
    let offset_of = |(index, mut image): (usize, ndarray::ArrayViewMut2<'_, f32>)| {
        let finite = image.mapv(f32::is_finite);
        let mask = air.given(index, (shape.1, shape.2)).or_else(|| {
            let mask = find(image.view(), finite.view())?.mask;
            let pixels = mask.iter().filter(|air| **air).count() as f64;
            (pixels >= LEAST_SHARE * (shape.1 * shape.2) as f64).then_some(mask)
        })?;
        let inside = image.iter().zip(&mask).filter(|(_, air)| **air);
        let offset = median(inside.map(|(value, _)| f64::from(*value)).collect())?;
        image.mapv_inplace(|value| value - offset as f32);
        Some(offset)
    };
    Ok(images.map(offset_of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{arr2, s};

    #[test]
    fn air_of_each_projection_becomes_zero() -> Result<(), TomoError> {
        // A block of optical density 1 on offsets 0.3 and −0.2.
        let mut series = Array3::from_elem((2, 40, 48), 0.3_f32);
        series.slice_mut(s![1, .., ..]).fill(-0.2);
        series.slice_mut(s![.., 10..30, 15..30]).mapv_inplace(|v| v + 1.0);
        series[(0, 0, 0)] = f32::NAN;
        let offsets = zero_in_air(&mut series, &Air::Automatic)?;
        assert_eq!(offsets, [Some(f64::from(0.3_f32)), Some(f64::from(-0.2_f32))]);
        assert_eq!((series[(0, 39, 47)], series[(1, 0, 0)]), (0.0, 0.0));
        assert!((series[(1, 20, 20)] - 1.0).abs() < 1e-6 && series[(0, 0, 0)].is_nan());
        let wrong = Air::Mask(Array2::from_elem((2, 2), true));
        assert!(zero_in_air(&mut series, &wrong).is_err());
        Ok(())
    }

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
