//! Edges of a voxel.

use crate::error::MorphError;

/// Edges of a voxel along `(z, y, x)`, in any unit of length; results of this crate are in that unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spacing([f64; 3]);

impl Spacing {
    /// Voxels of edge one: lengths are counted in voxels.
    pub const UNIT: Self = Self([1.0; 3]);

    /// Voxels with these edges.
    ///
    /// # Errors
    /// An edge that is not a positive finite number.
    pub fn new(edges: [f64; 3]) -> Result<Self, MorphError> {
        match edges.into_iter().find(|edge| !(edge.is_finite() && *edge > 0.0)) {
            Some(edge) => Err(MorphError::Setting {
                operation: "spacing",
                setting: "voxel edge",
                value: edge,
                fix: "give three positive lengths",
            }),
            None => Ok(Self(edges)),
        }
    }

    /// Cubic voxels.
    ///
    /// # Errors
    /// As [`Spacing::new`].
    pub fn cubic(edge: f64) -> Result<Self, MorphError> {
        Self::new([edge; 3])
    }

    /// The edges along `(z, y, x)`.
    pub const fn edges(self) -> [f64; 3] {
        self.0
    }

    /// Volume of one voxel.
    pub fn volume(self) -> f64 {
        self.0.iter().product()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_positive_lengths() {
        assert_eq!(Spacing::new([2.0, 1.0, 0.5]).map(Spacing::volume), Ok(1.0));
        for edge in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Spacing::new([1.0, edge, 1.0]).is_err(), "{edge}");
        }
    }
}
