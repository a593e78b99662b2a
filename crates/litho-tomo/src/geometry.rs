//! Which ray each projection pixel sums: parallel beams, rotation axis along the detector's columns.

use crate::error::TomoError;
use litho_types::tilt::TiltAngles;

/// Parallel-beam geometry of the slices of a volume.
///
/// Column `j` and row `i` of a slice of `size × size` voxels lie at `x = j − (size − 1)/2` and `y = (size − 1)/2 − i`.
/// Detector pixel `u` of the projection at angle `θ` sums along the ray `x cos θ + y sin θ = u − axis`. This is ASTRA's
/// `parallel` geometry with the axis free.
#[derive(Debug, Clone, PartialEq)]
pub struct Geometry {
    angles: Vec<f64>,
    detector: usize,
    size: usize,
    axis: f64,
}

impl Geometry {
    /// Rays to `detector` pixels at `angles` around the detector's middle, `(detector − 1)/2`, through slices as wide as the
    /// detector.
    ///
    /// # Errors
    /// [`TomoError::Empty`] for no pixel.
    pub fn centred(angles: &TiltAngles, detector: usize) -> Result<Self, TomoError> {
        Self::new(angles, detector, detector, (detector as f64 - 1.0) / 2.0)
    }

    /// Rays to `detector` pixels at `angles` through slices of `size × size` voxels; `axis` is where the rotation axis
    /// meets the detector, in pixels from the middle of pixel 0.
    ///
    /// # Errors
    /// [`TomoError::Empty`] for no pixel or no voxel, [`TomoError::Axis`] for an axis off the detector.
    pub fn new(angles: &TiltAngles, detector: usize, size: usize, axis: f64) -> Result<Self, TomoError> {
        if detector == 0 || size == 0 {
            return Err(TomoError::Empty { detector, size });
        }
        let last = detector as f64 - 1.0;
        if !(axis.is_finite() && (0.0..=last).contains(&axis)) {
            return Err(TomoError::Axis { axis, last });
        }
        Ok(Self { angles: angles.radians(), detector, size, axis })
    }

    /// Tilt angles in radians, ascending.
    pub fn angles(&self) -> &[f64] {
        &self.angles
    }

    /// Pixels of a projection's row.
    pub fn detector(&self) -> usize {
        self.detector
    }

    /// Voxels along each edge of a slice.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Where the rotation axis meets the detector, in pixels from the middle of pixel 0.
    pub fn axis(&self) -> f64 {
        self.axis
    }

    /// The same rays around another axis.
    ///
    /// # Errors
    /// [`TomoError::Axis`] for an axis off the detector.
    pub fn with_axis(&self, axis: f64) -> Result<Self, TomoError> {
        let last = self.detector as f64 - 1.0;
        if !(axis.is_finite() && (0.0..=last).contains(&axis)) {
            return Err(TomoError::Axis { axis, last });
        }
        Ok(Self { axis, ..self.clone() })
    }

    /// The same angles on another grid.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn resampled(&self, detector: usize, size: usize, axis: f64) -> Result<Self, TomoError> {
        if detector == 0 || size == 0 {
            return Err(TomoError::Empty { detector, size });
        }
        Self { detector, size, ..self.clone() }.with_axis(axis)
    }

    /// The rays of some of the angles, by place; they need not ascend.
    #[must_use]
    pub fn select(&self, places: &[usize]) -> Self {
        Self { angles: places.iter().map(|&place| self.angles[place]).collect(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_lies_on_the_detector() -> Result<(), TomoError> {
        let angles = TiltAngles::from_degrees(&[0.0, 90.0]).expect("two angles");
        let geometry = Geometry::centred(&angles, 8)?;
        assert_eq!((geometry.axis(), geometry.size()), (3.5, 8));
        assert!(geometry.with_axis(7.0).is_ok());
        assert_eq!(geometry.with_axis(7.5), Err(TomoError::Axis { axis: 7.5, last: 7.0 }));
        assert!(matches!(geometry.with_axis(f64::NAN), Err(TomoError::Axis { .. })));
        assert_eq!(Geometry::new(&angles, 0, 8, 0.0), Err(TomoError::Empty { detector: 0, size: 8 }));
        Ok(())
    }
}
