//! What can go wrong when spectra are taken apart.

use thiserror::Error;

/// Errors of [`unmix`](super).
#[derive(Debug, Clone, PartialEq, Error)]
pub enum UnmixError {
    /// A reference with unusable numbers.
    #[error("reference {name}: {values} values for {energies} energies; give one for each")]
    Length {
        /// Name of the reference.
        name: String,
        /// Its values.
        values: usize,
        /// Its energies.
        energies: usize,
    },
    /// A reference value that is no number.
    #[error("reference {name}: the value at {energy} eV is {value}; leave this energy out")]
    NotFinite {
        /// Name of the reference.
        name: String,
        /// Energy in eV.
        energy: f64,
        /// The value.
        value: f64,
    },
    /// A reference does not reach over the energies of the fit.
    #[error(
        "reference {name} covers {first} to {last} eV, the fit needs {wanted_first} to {wanted_last} eV (shift included); \
         set the range of energies to {} to {} eV, or give a longer reference", first + shift, last - shift
    )]
    Uncovered {
        /// Name of the reference.
        name: String,
        /// Its lowest energy in eV.
        first: f64,
        /// Its highest.
        last: f64,
        /// Lowest energy at which it is asked for.
        wanted_first: f64,
        /// Highest.
        wanted_last: f64,
        /// Largest shift in eV.
        shift: f64,
    },
    /// No reference or too many of them.
    #[error("linear combination: {found} references; give 1 to {most}")]
    References {
        /// References given.
        found: usize,
        /// The most.
        most: usize,
    },
    /// Not more energies than unknowns.
    #[error(
        "{operation}: {energies} energies in the range for {unknowns} unknowns; widen the range or leave terms out"
    )]
    TooFewEnergies {
        /// What was being computed.
        operation: &'static str,
        /// Energies in the range.
        energies: usize,
        /// Coefficients.
        unknowns: usize,
    },
    /// References that cannot be told apart.
    #[error(
        "linear combination: {first} and {second} cannot be told apart (condition number {condition:.3e}); \
         leave one of the two out or widen the range of energies"
    )]
    Collinear {
        /// Condition number of the terms, each scaled to length 1.
        condition: f64,
        /// One of the most parallel pair.
        first: String,
        /// The other.
        second: String,
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
    /// Noise of another number of energies, or not above zero.
    #[error(
        "linear combination: the noise has {found} values for {energies} energies, or one is not above zero; give one σ > 0 each"
    )]
    Noise {
        /// Values given.
        found: usize,
        /// Energies of the stack.
        energies: usize,
    },
    /// No pixel has a number at every energy.
    #[error("{operation}: none of {pixels} pixels has a number at every energy; look at the mask")]
    NoPixels {
        /// What was being computed.
        operation: &'static str,
        /// Pixels of the stack.
        pixels: usize,
    },
}
