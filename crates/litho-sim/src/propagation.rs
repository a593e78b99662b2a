//! Free-space propagation of single images in double precision.

use crate::C64;
use crate::error::SimError;
use crate::fourier::{Fourier, to_double, to_single};
use crate::grid::Grid;
use litho_types::C32;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use ndarray::{Array2, ArrayView2};
use std::f64::consts::TAU;

/// A stretch of free space between two parallel planes of equal sampling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FreeSpace {
    /// Wavelength of the wave.
    pub wavelength: Metres,
    /// Distance of neighbouring samples in both planes.
    pub pixel: Point<Metres>,
    /// Distance between the planes; positive goes downstream, negative back.
    pub distance: Metres,
}

impl FreeSpace {
    /// The field `(y, x)` after the distance, by the angular spectrum (Goodman,
    /// Introduction to Fourier Optics, §3.10) without the factor `exp(2πiz/λ)`. The field is periodic.
    ///
    /// # Errors
    /// [`SimError::Value`] if the field is empty, a pixel or the wavelength is not above zero, or the
    /// distance is not finite.
    pub fn propagate(&self, field: ArrayView2<'_, C32>) -> Result<Array2<C32>, SimError> {
        let mut wave = to_double(field);
        self.propagate_in_place(&mut wave)?;
        Ok(to_single(&wave))
    }

    /// The field on its way, in double precision.
    pub(crate) fn propagate_in_place(&self, wave: &mut Array2<C64>) -> Result<(), SimError> {
        let transfer = self.transfer(wave.dim())?;
        let fourier = Fourier::new(wave.dim());
        fourier.forward(wave);
        *wave *= &transfer;
        fourier.inverse(wave);
        Ok(())
    }

    /// Transfer function `H(q)`, `(y, x)`, zero frequency at the corner.
    pub(crate) fn transfer(&self, shape: (usize, usize)) -> Result<Array2<C64>, SimError> {
        let wavelength = SimError::positive("the wavelength", self.wavelength.value(), "m")?;
        let distance = SimError::finite("the distance of propagation", self.distance.value(), "m")?;
        let (qy, qx) = Grid::new(shape, self.pixel)?.frequencies();
        Ok(Array2::from_shape_fn(shape, |(y, x)| {
            let sine_squared = (wavelength * qy[y]).powi(2) + (wavelength * qx[x]).powi(2);
            if sine_squared > 1.0 {
                return C64::default(); // evanescent
            }
            // H = exp[2πi(z/λ)(√(1 − λ²q²) − 1)]; √(1 − s) − 1 = −s/(1 + √(1 − s)) keeps the digits of a small s.
            let path = -sine_squared / (1.0 + (1.0 - sine_squared).sqrt());
            C64::cis(TAU * distance / wavelength * path)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fourier::power;

    #[test]
    fn a_gaussian_beam_spreads_as_in_the_textbook() {
        // Siegman, Lasers, ch. 17: w(z) = w0 √(1 + (z/zR)²), zR = π w0²/λ. At z = zR the peak intensity halves,
        // and the phase on the axis is −arctan(z/zR) = −π/4 (Gouy).
        let (wavelength, waist, pixel) = (1e-9, 1e-6, 0.1e-6);
        let rayleigh = std::f64::consts::PI * waist * waist / wavelength;
        let mut wave = Array2::from_shape_fn((128, 128), |(y, x)| {
            let r = (y as f64 - 64.0).hypot(x as f64 - 64.0) * pixel;
            C64::from((-(r / waist).powi(2)).exp())
        });
        let before = power(&wave);
        let pixel = Point::new(Metres::new(pixel), Metres::new(pixel));
        let space = FreeSpace { wavelength: Metres::new(wavelength), pixel, distance: Metres::new(rayleigh) };
        space.propagate_in_place(&mut wave).unwrap();
        // The beam is paraxial to (λ/πw0)² = 1e-7; the grid cuts it at exp(−2·(6.4/1.41)²) = 1e-18.
        assert!((wave[(64, 64)].norm_sqr() - 0.5).abs() < 1e-6);
        assert!((wave[(64, 64)].arg() + std::f64::consts::FRAC_PI_4).abs() < 1e-6);
        assert!((power(&wave) / before - 1.0).abs() < 1e-12);
    }
}
