//! What can go wrong in a volume's morphology.

use thiserror::Error;

/// Errors of every operation in this crate.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MorphError {
    /// An array has not the shape of what it belongs to.
    #[error("{operation}: {array} has shape {found:?}, wanted is {wanted:?}; give both one shape")]
    Shape {
        /// What was being computed.
        operation: &'static str,
        /// The array.
        array: &'static str,
        /// Its shape.
        found: Vec<usize>,
        /// The shape it should have.
        wanted: Vec<usize>,
    },
    /// A setting is not a number of the kind it must be.
    #[error("{operation}: {setting} is {value}; {fix}")]
    Setting {
        /// What was being computed.
        operation: &'static str,
        /// Name of the setting.
        setting: &'static str,
        /// Its value.
        value: f64,
        /// What to do.
        fix: &'static str,
    },
    /// A volume holds a number that is not finite.
    #[error("{operation}: voxel {voxel:?} (z, y, x) is {value}; mask it or mend the volume")]
    NotFinite {
        /// What was being computed.
        operation: &'static str,
        /// Where.
        voxel: [usize; 3],
        /// The number.
        value: f64,
    },
    /// More things than can be numbered.
    #[error("{operation}: {count} {what}, at most {most} can be numbered; work on parts of the volume")]
    TooMany {
        /// What was being computed.
        operation: &'static str,
        /// The things.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// Planes or rows of a volume that is not in memory cannot be read or written.
    #[error("{operation}: {message}")]
    Slabs {
        /// What was being computed.
        operation: &'static str,
        /// What went wrong, where, and what to do.
        message: String,
    },
    /// Somebody asked to stop.
    #[error("{operation}: stopped on request")]
    Cancelled {
        /// What was being computed.
        operation: &'static str,
    },
}

/// Refuses an array that has not the shape it should have.
pub(crate) fn check_shape(
    operation: &'static str,
    array: &'static str,
    found: &[usize],
    wanted: &[usize],
) -> Result<(), MorphError> {
    if found == wanted {
        return Ok(());
    }
    Err(MorphError::Shape { operation, array, found: found.to_vec(), wanted: wanted.to_vec() })
}
