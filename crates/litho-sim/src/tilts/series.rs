//! A tilt series as ptychography would give it: complex transmissions with their gauges and the noise of a dose.

use super::motion::Gauge;
use crate::C64;
use litho_types::C32;
use ndarray::{Array2, ArrayViewMut2};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Optical density `μt` and phase `φ` of a sample, `(y, x)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Projected {
    /// `μt`.
    pub optical_density: Array2<f64>,
    /// `φ`, radians, ≤ 0 for matter.
    pub phase: Array2<f64>,
}

impl Projected {
    /// `T = exp(−μt/2 + iφ)`.
    pub fn transmission(&self) -> Array2<C32> {
        ndarray::Zip::from(&self.optical_density).and(&self.phase).map_collect(|density, phase| {
            let wave = C64::from_polar((-0.5 * density).exp(), *phase);
            C32::new(wave.re as f32, wave.im as f32)
        })
    }

    /// Writes `T` with its gauge into `image`, with the noise of `photons` per pixel and projection.
    ///
    /// Noise is white. `N` photons give `|T|²` a standard deviation of `|T|/√N`, and so `|T|` one of `1/2√N`, whatever
    /// `|T|` is; the phase has as much across it.
    pub fn record(
        &self,
        gauge: &Gauge,
        photons: f64,
        (seed, stream): (u64, u64),
        mut image: ArrayViewMut2<'_, C32>,
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        let sigma = 0.5 / photons.sqrt();
        let middle = (0.5 * (image.dim().0 as f64 - 1.0), 0.5 * (image.dim().1 as f64 - 1.0));
        for ((row, column), place) in image.indexed_iter_mut() {
            let (density, phase) = (self.optical_density[(row, column)], self.phase[(row, column)]);
            let ramp = gauge.ramp.y * (row as f64 - middle.0) + gauge.ramp.x * (column as f64 - middle.1);
            let noise = C64::new(sigma * normal(&mut rng), sigma * normal(&mut rng));
            let clean = C64::from_polar((-0.5 * density).exp(), phase) + noise;
            let wave = clean * C64::from_polar(gauge.amplitude, gauge.phase.value() + ramp);
            *place = C32::new(wave.re as f32, wave.im as f32);
        }
    }
}

fn normal(rng: &mut impl Rng) -> f64 {
    StandardNormal.sample(rng)
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_types::point::Point;
    use litho_types::quantity::Radians;

    #[test]
    fn gauge_and_noise_are_as_stated() {
        let shape = (60, 70);
        let projected = Projected {
            optical_density: Array2::from_elem(shape, 0.8),
            phase: Array2::from_elem(shape, -1.1),
        };
        let gauge = Gauge { amplitude: 1.1, phase: Radians::new(0.4), ramp: Point::new(0.02, -0.03) };
        let photons = 1e4;
        let mut image = Array2::zeros(shape);
        projected.record(&gauge, photons, (3, 5), image.view_mut());
        let (mut sum, mut squares) = (C64::default(), [0.0; 2]);
        for ((row, column), value) in image.indexed_iter() {
            let ramp = 0.02 * (row as f64 - 29.5) - 0.03 * (column as f64 - 34.5);
            // What is left when gauge and sample are taken off: 1, and noise along and across it.
            let left = C64::new(value.re.into(), value.im.into())
                / C64::from_polar(1.1 * (-0.4_f64).exp(), 0.4 + ramp - 1.1);
            sum += left;
            squares[0] += (left.re - 1.0).powi(2);
            squares[1] += left.im.powi(2);
        }
        let count = (shape.0 * shape.1) as f64;
        let sigma = 0.5 / photons.sqrt() / (-0.4_f64).exp();
        // Standard errors: σ/√n of the mean, σ²√(2/n) of the mean square.
        assert!((sum / count - 1.0).norm() < 5.0 * sigma * (2.0 / count).sqrt(), "{}", sum / count);
        for square in squares {
            assert!(
                (square / count / (sigma * sigma) - 1.0).abs() < 5.0 * (2.0 / count).sqrt(),
                "{squares:?}"
            );
        }
    }
}
