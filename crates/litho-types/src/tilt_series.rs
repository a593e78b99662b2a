//! Projections of one sample at many tilt angles.

use crate::C32;
use crate::quantity::{ElectronVolts, Metres};
use crate::tilt::TiltAngles;
use ndarray::{Array3, Axis};
use thiserror::Error;

/// Projections `(angle, y, x)` of one sample with the rotation axis along y, all on pixels of one size.
///
/// A missing value is NaN.
#[derive(Debug, Clone, PartialEq)]
pub struct TiltSeries {
    angles: TiltAngles,
    projections: Projections,
    /// Edge of a pixel on the sample; pixels are square.
    pub pixel: Option<Metres>,
    /// Photon energy.
    pub energy: Option<ElectronVolts>,
}

/// What was recorded at each angle, `(angle, y, x)`.
#[derive(Debug, Clone, PartialEq)]
pub enum Projections {
    /// Complex transmission `exp(−μt/2 + iφ)`, as ptychography gives it.
    Transmission(Array3<C32>),
    /// Phase `φ` in radians, ≤ 0 for matter; it may be wrapped.
    Phase(Array3<f32>),
    /// Optical density `μt = −2 ln|T|`.
    OpticalDensity(Array3<f32>),
}

/// Why projections and angles do not make a series.
#[derive(Debug, Error, Clone, PartialEq)]
pub enum TiltSeriesError {
    /// As many projections as angles are needed.
    #[error(
        "tilt series: {projections} projections for {angles} angles; one projection per angle, along the first axis"
    )]
    Count {
        /// Projections along the first axis.
        projections: usize,
        /// Angles.
        angles: usize,
    },
    /// A projection without pixels.
    #[error("tilt series: projections of {ny}×{nx} pixels; give images")]
    Empty {
        /// Rows.
        ny: usize,
        /// Columns.
        nx: usize,
    },
}

impl Projections {
    /// Shape `(angle, y, x)`.
    pub fn dim(&self) -> (usize, usize, usize) {
        match self {
            Self::Transmission(images) => images.dim(),
            Self::Phase(images) | Self::OpticalDensity(images) => images.dim(),
        }
    }

    /// The projections at these places, in that order.
    #[must_use]
    pub fn select(&self, places: &[usize]) -> Self {
        match self {
            Self::Transmission(images) => Self::Transmission(images.select(Axis(0), places)),
            Self::Phase(images) => Self::Phase(images.select(Axis(0), places)),
            Self::OpticalDensity(images) => Self::OpticalDensity(images.select(Axis(0), places)),
        }
    }

    /// What the numbers are, in words.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Transmission(_) => "transmission",
            Self::Phase(_) => "phase",
            Self::OpticalDensity(_) => "optical density",
        }
    }
}

impl TiltSeries {
    /// A series of `projections`, one per angle.
    ///
    /// # Errors
    /// [`TiltSeriesError`] if counts disagree or a projection has no pixel.
    pub fn new(
        angles: TiltAngles,
        projections: Projections,
        pixel: Option<Metres>,
        energy: Option<ElectronVolts>,
    ) -> Result<Self, TiltSeriesError> {
        let (count, ny, nx) = projections.dim();
        if count != angles.len() {
            return Err(TiltSeriesError::Count { projections: count, angles: angles.len() });
        }
        if ny == 0 || nx == 0 {
            return Err(TiltSeriesError::Empty { ny, nx });
        }
        Ok(Self { angles, projections, pixel, energy })
    }

    /// The angle of each projection.
    pub fn angles(&self) -> &TiltAngles {
        &self.angles
    }

    /// The projections `(angle, y, x)`.
    pub fn projections(&self) -> &Projections {
        &self.projections
    }

    /// Angles and projections.
    pub fn into_parts(self) -> (TiltAngles, Projections) {
        (self.angles, self.projections)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_projection_per_angle() {
        let series = |images: usize, nx: usize| {
            let angles = TiltAngles::from_degrees(&[0.0, 90.0]).expect("two angles");
            TiltSeries::new(angles, Projections::Phase(Array3::zeros((images, 3, nx))), None, None)
        };
        assert!(series(2, 4).is_ok());
        assert_eq!(series(3, 4), Err(TiltSeriesError::Count { projections: 3, angles: 2 }));
        assert_eq!(series(2, 0), Err(TiltSeriesError::Empty { ny: 3, nx: 0 }));
    }
}
