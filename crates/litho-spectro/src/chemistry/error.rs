//! What can go wrong when voxels are taken apart.

use thiserror::Error;

/// Errors of [`chemistry`](super).
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ChemistryError {
    /// Two arrays that belong together differ in shape.
    #[error("{operation}: {array} has the shape {found:?}, {wanted:?} is needed; give arrays of one shape")]
    Shape {
        /// What was being computed.
        operation: &'static str,
        /// Name of the array.
        array: &'static str,
        /// Its shape.
        found: Vec<usize>,
        /// The shape it should have.
        wanted: Vec<usize>,
    },
    /// A reference holds a number that is no optical density.
    #[error(
        "reference {phase}: the density at energy {energy} (counted from 0) is {value}; give finite numbers"
    )]
    Reference {
        /// Name of the phase.
        phase: String,
        /// Which energy.
        energy: usize,
        /// The number.
        value: f64,
    },
    /// References that cannot be told apart.
    #[error(
        "references: condition number {condition:.3e} at these energies; choose energies at which the phases differ"
    )]
    Alike {
        /// Condition number of the references, each scaled to length 1.
        condition: f64,
    },
    /// Polar angles need two energies and two phases.
    #[error("{operation}: {energies} energies and {phases} phases; a polar angle needs two of each")]
    NotTwo {
        /// What was being computed.
        operation: &'static str,
        /// Energies given.
        energies: usize,
        /// Phases given.
        phases: usize,
    },
    /// A phase that is not there.
    #[error("{operation}: phase {phase} of {phases}, counted from 0; choose one that is there")]
    NoPhase {
        /// What was being computed.
        operation: &'static str,
        /// Phase asked for.
        phase: usize,
        /// How many there are.
        phases: usize,
    },
    /// Noise that is no covariance.
    #[error("{operation}: the covariance of the noise is not positive; {fix}")]
    Covariance {
        /// What was being computed.
        operation: &'static str,
        /// What to do.
        fix: &'static str,
    },
    /// Nothing is left to look at.
    #[error("{operation}: {what}; {fix}")]
    Nothing {
        /// What was being computed.
        operation: &'static str,
        /// What is missing.
        what: &'static str,
        /// What to do.
        fix: &'static str,
    },
    /// A setting that makes no sense.
    #[error("{operation}: {setting} is {value}; {fix}")]
    Setting {
        /// What was being computed.
        operation: &'static str,
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        fix: &'static str,
    },
}

/// All volumes have the shape of the first.
pub(super) fn check_shape(
    operation: &'static str,
    array: &'static str,
    found: &[usize],
    wanted: &[usize],
) -> Result<(), ChemistryError> {
    if found == wanted {
        return Ok(());
    }
    Err(ChemistryError::Shape { operation, array, found: found.to_vec(), wanted: wanted.to_vec() })
}
