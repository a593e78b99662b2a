//! Smooth random fields of unit variance: sums of a few plane waves.

use rand::{Rng, RngExt};
use std::f64::consts::TAU;

/// Plane waves in a field.
const COUNT: usize = 8;

/// A smooth field of mean 0 and mean square 1 on the plane.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Waves {
    /// Wave vector `(y, x)` in radians per metre, and phase.
    waves: [(f64, f64, f64); COUNT],
}

impl Waves {
    /// A field whose waves are `0.7` to `1.4` times `length` (metres) long, in all directions.
    pub(crate) fn new(length: f64, rng: &mut impl Rng) -> Self {
        let waves = std::array::from_fn(|i| {
            // Directions are spread evenly and then jittered, so that no field is a grating.
            let angle = TAU * (i as f64 + rng.random::<f64>()) / (2 * COUNT) as f64;
            let number = TAU / (length * (0.7 + 0.7 * rng.random::<f64>()));
            (number * angle.sin(), number * angle.cos(), TAU * rng.random::<f64>())
        });
        Self { waves }
    }

    /// The field at `(y, x)`, metres; at most `√(2·8) = 4` in size.
    pub(crate) fn at(&self, y: f64, x: f64) -> f64 {
        let sum: f64 = self.waves.iter().map(|(ky, kx, phase)| (ky * y + kx * x + phase).cos()).sum();
        sum * (2.0 / COUNT as f64).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn a_field_has_mean_zero_and_unit_variance() {
        let waves = Waves::new(1.0, &mut ChaCha8Rng::seed_from_u64(3));
        let side = 400;
        let values: Vec<f64> = (0..side * side)
            .map(|i| waves.at(f64::from(i / side) * 0.25, f64::from(i % side) * 0.25))
            .collect();
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let square = values.iter().map(|v| v * v).sum::<f64>() / count;
        // 100 wavelengths along each axis: what is left of a wave is below 2/(2π·100·0.7), of eight waves 0.02.
        assert!(mean.abs() < 0.02 && (square - 1.0).abs() < 0.05, "{mean} {square}");
    }
}
