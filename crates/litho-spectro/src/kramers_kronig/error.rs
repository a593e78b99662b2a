//! What can be wrong with a Kramers–Kronig constraint or with what it is applied to.

use litho_types::scattering::ScatteringError;
use thiserror::Error;

/// Why a constraint could not be planned or applied.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum KkError {
    /// Too few energies leave nothing to test.
    #[error(
        "Kramers-Kronig constraint: {energies} energies are too few for {absorbers} absorber(s); give at least {least}"
    )]
    TooFewEnergies {
        /// Energies given.
        energies: usize,
        /// Absorbing elements.
        absorbers: usize,
        /// Fewest that will do.
        least: usize,
    },
    /// No element, or one twice.
    #[error(
        "Kramers-Kronig constraint: the list of absorbers {absorbers:?} is empty or names one twice; list each \
         element with an edge among the energies once"
    )]
    Absorbers {
        /// Symbols as given.
        absorbers: Vec<&'static str>,
    },
    /// The element has no edge in the window.
    #[error(
        "Kramers-Kronig constraint: {symbol} has no absorption edge between {first} and {last} eV with a measured \
         energy on each side; leave it out, or measure across its edge"
    )]
    NoEdge {
        /// The element.
        symbol: &'static str,
        /// First measured energy, eV.
        first: f64,
        /// Last measured energy, eV.
        last: f64,
    },
    /// A setting is out of its range.
    #[error("Kramers-Kronig constraint: {name} is {value}; it must be {allowed}")]
    Setting {
        /// Which.
        name: &'static str,
        /// As given.
        value: f64,
        /// What would do.
        allowed: &'static str,
    },
    /// A noise level is missing or is none.
    #[error(
        "Kramers-Kronig constraint: the noise of the {channel} has {levels} levels for {energies} energies, the first \
         bad one {bad:?}; give a positive standard deviation for each energy"
    )]
    Noise {
        /// Which channel.
        channel: &'static str,
        /// Levels given.
        levels: usize,
        /// Energies.
        energies: usize,
        /// Place and value of the first that is not positive and finite.
        bad: Option<(usize, f64)>,
    },
    /// Arrays of different shapes.
    #[error("{operation}: {what} has the shape {found:?}; {expected:?} is needed")]
    Shape {
        /// What was tried.
        operation: &'static str,
        /// Which array.
        what: &'static str,
        /// Its shape.
        found: Vec<usize>,
        /// The shape needed.
        expected: Vec<usize>,
    },
    /// Too few pixels of air.
    #[error(
        "{operation}: only {pixels} pixels of air hold a number at energy {energy} (from 0); mark at least {least} in \
         the mask"
    )]
    TooLittleAir {
        /// What was tried.
        operation: &'static str,
        /// Place of the energy, from 0.
        energy: usize,
        /// Pixels found.
        pixels: usize,
        /// Fewest that will do.
        least: usize,
    },
    /// Nothing absorbs where there should be material.
    #[error(
        "typical density: the {pixels} pixels of the mask that hold numbers show no edge; mark the material in the mask"
    )]
    NoMaterial {
        /// Pixels that counted.
        pixels: u32,
    },
    /// The table does not reach.
    #[error("Kramers-Kronig constraint: {0}")]
    Scattering(#[from] ScatteringError),
}
