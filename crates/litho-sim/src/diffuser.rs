//! A phase screen that structures the beam, without which near-field ptychography cannot tell beam from object.

use crate::C64;
use crate::error::SimError;
use crate::fourier::Fourier;
use crate::grid::Grid;
use crate::propagation::FreeSpace;
use litho_types::quantity::Metres;
use ndarray::Array2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::{PI, TAU};

/// A random phase screen with a Gaussian correlation, fixed in the beam.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Diffuser {
    /// Size of its grains as seen at the sample: the phase is white noise smoothed by a Gaussian of
    /// this full width at half maximum.
    pub grain: Metres,
    /// Root mean square of the phase, radians.
    pub rms_phase: f64,
    /// Distance upstream of the sample, in the equivalent parallel beam.
    pub upstream: Metres,
    /// Seed of the grains.
    pub seed: u64,
}

impl Diffuser {
    /// Sends the wave back to the screen, through it, and forth again.
    pub(crate) fn apply(
        &self,
        wave: &mut Array2<C64>,
        grid: &Grid,
        wavelength: Metres,
    ) -> Result<(), SimError> {
        let phase = self.phase(grid)?;
        let space = FreeSpace { wavelength, pixel: grid.pixel, distance: self.upstream };
        FreeSpace { distance: -self.upstream, ..space }.propagate_in_place(wave)?;
        wave.zip_mut_with(&phase, |w, phase| *w *= C64::cis(*phase));
        space.propagate_in_place(wave)
    }

    /// The phase of the screen, radians, `(y, x)`.
    fn phase(&self, grid: &Grid) -> Result<Array2<f64>, SimError> {
        let grain = SimError::positive("the grain of the diffuser", self.grain.value(), "m")?;
        let rms = SimError::not_negative("the phase of the diffuser", self.rms_phase, "rad")?;
        SimError::not_negative("the distance of the diffuser", self.upstream.value(), "m")?;
        if grain < grid.pixel.y.value().max(grid.pixel.x.value()) {
            let fix = "give at least one pixel of the simulation";
            return Err(SimError::Value {
                quantity: "the grain of the diffuser",
                value: self.grain.to_string(),
                fix,
            });
        }
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let mut noise: Array2<C64> = Array2::from_shape_simple_fn(grid.shape, || {
            let value: f64 = StandardNormal.sample(&mut rng);
            C64::from(value)
        });
        let fourier = Fourier::new(grid.shape);
        fourier.forward(&mut noise);
        let (qy, qx) = grid.frequencies();
        // A Gaussian of standard deviation σ = FWHM/√(8 ln 2) has the spectrum exp(−2π²σ²q²).
        let sigma = grain / (8.0 * std::f64::consts::LN_2).sqrt();
        for ((y, x), value) in noise.indexed_iter_mut() {
            *value *= (-TAU * PI * sigma * sigma * (qy[y] * qy[y] + qx[x] * qx[x])).exp();
        }
        noise[(0, 0)] = C64::default();
        fourier.inverse(&mut noise);
        let square: f64 = noise.iter().map(|v| v.re * v.re).sum();
        let scale = rms / (square / noise.len() as f64).sqrt();
        Ok(noise.mapv(|v| v.re * scale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fourier::power;
    use litho_types::point::Point;

    #[test]
    fn the_screen_has_the_phase_asked_for_and_absorbs_nothing() {
        let pixel = Point::new(Metres::new(1e-7), Metres::new(1e-7));
        let grid = Grid::new((48, 40), pixel).unwrap();
        let screen =
            Diffuser { grain: Metres::new(5e-7), rms_phase: 0.7, upstream: Metres::new(1e-3), seed: 3 };
        let phase = screen.phase(&grid).unwrap();
        let rms = (phase.iter().map(|p| p * p).sum::<f64>() / phase.len() as f64).sqrt();
        assert!((rms - 0.7).abs() < 1e-12);
        // Correlation at a lag equal to the FWHM of the smoothing: exp(−FWHM²/(4σ²)) = 2^−2 = 0.25; with some
        // 48·40/(5·5) ≈ 80 grains its standard error is ~1/√80 = 0.11.
        let lagged: f64 = phase.indexed_iter().map(|((y, x), p)| p * phase[((y + 5) % 48, x)]).sum::<f64>()
            / phase.len() as f64;
        assert!((lagged / 0.49 - 0.25).abs() < 4.0 * 0.11, "{}", lagged / 0.49);
        let mut wave = Array2::from_elem(grid.shape, C64::from(1.0));
        screen.apply(&mut wave, &grid, Metres::new(1e-10)).unwrap();
        assert!((power(&wave) / (48.0 * 40.0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_grain_below_the_pixel_is_refused() {
        let pixel = Point::new(Metres::new(1e-7), Metres::new(1e-7));
        let grid = Grid::new((8, 8), pixel).unwrap();
        let screen =
            Diffuser { grain: Metres::new(5e-8), rms_phase: 1.0, upstream: Metres::new(0.0), seed: 0 };
        assert!(matches!(screen.phase(&grid), Err(SimError::Value { .. })));
    }
}
