//! The angles of a tilt series.

use crate::quantity::Radians;
use thiserror::Error;

/// Tilt angles in ascending order, all finite, at least two of them different.
///
/// An angle may occur twice: both projections then count. A ray of a projection at `θ` through a slice obeys
/// `x cos θ + y sin θ = s`.
#[derive(Debug, Clone, PartialEq)]
pub struct TiltAngles(Vec<Radians>);

/// Why a list of numbers is no set of tilt angles.
#[derive(Debug, Error, Clone, PartialEq)]
pub enum TiltAnglesError {
    /// Fewer than two different angles.
    #[error(
        "tilt angles: {found} angles, {different} of them different; a volume needs projections at two angles or more"
    )]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many of those differ.
        different: usize,
    },
    /// NaN or infinite.
    #[error("tilt angles: number {index} is {value}°; give the angle of each projection in degrees")]
    NotAnAngle {
        /// Place in the list, from 0.
        index: usize,
        /// What stands there, degrees.
        value: f64,
    },
    /// Not in ascending order.
    #[error("tilt angles: number {index} is {value}° after {before}°; sort the projections by angle")]
    Unsorted {
        /// Place in the list, from 0.
        index: usize,
        /// What stands there, degrees.
        value: f64,
        /// What stands before it, degrees.
        before: f64,
    },
}

impl TiltAngles {
    /// The angles given in degrees.
    ///
    /// # Errors
    /// [`TiltAnglesError`] for a number that is not finite or below the one before it, or if all are the same.
    pub fn from_degrees(degrees: &[f64]) -> Result<Self, TiltAnglesError> {
        for (index, &value) in degrees.iter().enumerate() {
            if !value.is_finite() {
                return Err(TiltAnglesError::NotAnAngle { index, value });
            }
            if index > 0 && value < degrees[index - 1] {
                return Err(TiltAnglesError::Unsorted { index, value, before: degrees[index - 1] });
            }
        }
        let different = degrees.windows(2).filter(|pair| pair[0] != pair[1]).count() + 1;
        if degrees.len() < 2 || different < 2 {
            return Err(TiltAnglesError::TooFew {
                found: degrees.len(),
                different: different.min(degrees.len()),
            });
        }
        Ok(Self(degrees.iter().map(|&degrees| Radians::from_degrees(degrees)).collect()))
    }

    /// The order in which projections at these angles are sorted: `order[k]` is the place of the k-th smallest angle,
    /// equal angles in their own order. NaN comes last; [`from_degrees`](Self::from_degrees) then names it.
    pub fn ascending_order(degrees: &[f64]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..degrees.len()).collect();
        order.sort_by(|&a, &b| degrees[a].total_cmp(&degrees[b]));
        order
    }

    /// How many.
    #[expect(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The angles, ascending.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Radians> + '_ {
        self.0.iter().copied()
    }

    /// The bare numbers in radians, ascending.
    pub fn radians(&self) -> Vec<f64> {
        self.0.iter().map(|angle| angle.value()).collect()
    }

    /// The bare numbers in degrees, ascending.
    pub fn degrees(&self) -> Vec<f64> {
        self.0.iter().map(|angle| angle.value().to_degrees()).collect()
    }

    /// The angles at these places, which ascend.
    ///
    /// # Errors
    /// [`TiltAnglesError::TooFew`] if fewer than two different ones are left.
    pub fn select(&self, places: &[usize]) -> Result<Self, TiltAnglesError> {
        let degrees: Vec<f64> = places.iter().map(|&place| self.0[place].value().to_degrees()).collect();
        Self::from_degrees(&degrees)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_ascend_and_there_are_two() {
        assert_eq!(TiltAngles::from_degrees(&[-80.0, 0.0, 0.0, 77.0]).map(|a| a.len()), Ok(4));
        assert_eq!(TiltAngles::from_degrees(&[]), Err(TiltAnglesError::TooFew { found: 0, different: 0 }));
        assert_eq!(TiltAngles::from_degrees(&[5.0]), Err(TiltAnglesError::TooFew { found: 1, different: 1 }));
        assert_eq!(
            TiltAngles::from_degrees(&[5.0, 5.0]),
            Err(TiltAnglesError::TooFew { found: 2, different: 1 })
        );
        assert_eq!(
            TiltAngles::from_degrees(&[1.0, 0.0]),
            Err(TiltAnglesError::Unsorted { index: 1, value: 0.0, before: 1.0 })
        );
        assert!(matches!(
            TiltAngles::from_degrees(&[0.0, f64::NAN]),
            Err(TiltAnglesError::NotAnAngle { index: 1, .. })
        ));
    }

    #[test]
    fn sorting_keeps_equal_angles_in_their_order() {
        assert_eq!(TiltAngles::ascending_order(&[3.0, 1.0, 3.0, -2.0]), [3, 1, 0, 2]);
    }
}
