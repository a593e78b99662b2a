//! Light that reaches the detector without having met the sample.

use crate::error::SimError;
use ndarray::Array2;

/// Incoherent background, the same in every frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Background {
    /// So many counts in every pixel, on the average.
    Flat(f64),
    /// A ring, a slope, a spot and a floor that together hold this share of the photons in the beam.
    Structured {
        /// Share of the photons, 0 to 1.
        share: f64,
    },
}

impl Background {
    /// No background.
    pub const NONE: Self = Self::Flat(0.0);

    /// Mean counts `(y, x)` of frames of `shape` = (ny, nx) with `photons` in the beam; zero frequency in the middle.
    pub fn mean_counts(&self, shape: (usize, usize), photons: f64) -> Array2<f64> {
        match *self {
            Self::Flat(counts) => Array2::from_elem(shape, counts),
            Self::Structured { share } => {
                let form = Array2::from_shape_fn(shape, |(y, x)| {
                    let (v, u) = (from_middle(y, shape.0), from_middle(x, shape.1));
                    let ring = (-(v.hypot(u) - 0.6).powi(2) / 0.045).exp();
                    let spot = 0.3 * (-((v - 0.3).powi(2) + (u + 0.2).powi(2)) / 0.02).exp();
                    0.4 + ring + 0.25 * (u + 1.0) + spot
                });
                let scale = share * photons / form.sum();
                form * scale
            }
        }
    }

    /// # Errors
    /// [`SimError`] if there is less than no background, or more than there is light.
    pub(crate) fn validate(&self) -> Result<(), SimError> {
        match *self {
            Self::Flat(counts) => SimError::not_negative("the background", counts, "counts").map(drop),
            Self::Structured { share } => {
                SimError::not_negative("the background", share, "of the photons")?;
                SimError::not_negative("what the background leaves of the photons", 1.0 - share, "of 1")
                    .map(drop)
            }
        }
    }
}

/// Index `i` of `n` in half widths from the middle.
fn from_middle(i: usize, n: usize) -> f64 {
    2.0 * i as f64 / n as f64 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_structured_background_holds_its_share_and_has_structure() {
        let b = Background::Structured { share: 0.01 }.mean_counts((40, 50), 1e6);
        // A sum of 2000 numbers in double precision.
        assert!((b.sum() / 1e4 - 1.0).abs() < 1e-12);
        let (low, high) = b.iter().fold((f64::INFINITY, 0.0_f64), |(l, h), v| (l.min(*v), h.max(*v)));
        assert!(low > 0.0 && high > 2.0 * low, "{low} to {high}");
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in [
            Background::Flat(-1.0),
            Background::Flat(f64::NAN),
            Background::Structured { share: -0.1 },
            Background::Structured { share: 1.5 },
        ] {
            assert!(bad.validate().is_err(), "{bad:?}");
        }
        assert!(Background::Structured { share: 0.01 }.validate().is_ok());
    }
}
