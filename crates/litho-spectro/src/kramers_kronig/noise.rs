//! How noisy each energy is, in each channel.

use super::KkError;
use ndarray::{ArrayView2, ArrayView3, Axis, Zip};

/// Standard deviations of one pixel at each energy.
///
/// Photon counting gives a reconstruction the same noise in μt/2 and in φ, so twice as much in μt.
#[derive(Debug, Clone, PartialEq)]
pub struct Noise {
    /// Of μt.
    pub optical_density: Vec<f64>,
    /// Of φ, radians.
    pub phase: Vec<f64>,
}

/// Fewest pixels of air for a standard deviation: its own error is then 1/√(2·31), 13 %.
const LEAST_AIR: usize = 32;
const NAME: &str = "noise in air";

impl Noise {
    /// The same noise at each of `energies` energies.
    pub fn uniform(energies: usize, optical_density: f64, phase: f64) -> Self {
        Self { optical_density: vec![optical_density; energies], phase: vec![phase; energies] }
    }

    /// Measured where `air` `(y, x)` is true: the standard deviation over those pixels of each image of the stacks
    /// `(energy, y, x)`. Pixels without a number do not count. Ramps must be gone ([`fix_gauge`](super::fix_gauge)).
    ///
    /// # Errors
    /// [`KkError::Shape`], and [`KkError::TooLittleAir`] for fewer than 32 pixels.
    pub fn in_air(
        optical_density: ArrayView3<'_, f32>,
        phase: ArrayView3<'_, f32>,
        air: ArrayView2<'_, bool>,
    ) -> Result<Self, KkError> {
        Ok(Self { optical_density: spread(optical_density, air)?, phase: spread(phase, air)? })
    }

    pub(super) fn check(&self, energies: usize) -> Result<(), KkError> {
        for (channel, levels) in [("optical density", &self.optical_density), ("phase", &self.phase)] {
            let bad =
                levels.iter().copied().enumerate().find(|(_, level)| !(level.is_finite() && *level > 0.0));
            if levels.len() != energies || bad.is_some() {
                return Err(KkError::Noise { channel, levels: levels.len(), energies, bad });
            }
        }
        Ok(())
    }
}

fn spread(stack: ArrayView3<'_, f32>, air: ArrayView2<'_, bool>) -> Result<Vec<f64>, KkError> {
    let (energies, ny, nx) = stack.dim();
    if air.dim() != (ny, nx) {
        let (found, expected) = (air.shape().to_vec(), vec![ny, nx]);
        return Err(KkError::Shape { operation: NAME, what: "the mask of air (y, x)", found, expected });
    }
    (0..energies)
        .map(|energy| {
            let mut values = Vec::new();
            Zip::from(stack.index_axis(Axis(0), energy)).and(air).for_each(|&value, &air| {
                if air && value.is_finite() {
                    values.push(f64::from(value));
                }
            });
            let pixels = values.len();
            if pixels < LEAST_AIR {
                return Err(KkError::TooLittleAir { operation: NAME, energy, pixels, least: LEAST_AIR });
            }
            // σ² = Σ (x − x̄)² / (n − 1)
            let mean = values.iter().sum::<f64>() / pixels as f64;
            Ok((values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (pixels - 1) as f64).sqrt())
        })
        .collect()
}
