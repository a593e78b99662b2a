//! What can go wrong when spectra are worked on.

use litho_types::scattering::ScatteringError;
use thiserror::Error;

/// Errors of every operation in this crate.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SpectroError {
    /// A parameter of the model contradicts itself.
    #[error("edge model: {parameter} {problem}; {fix}")]
    Parameter {
        /// Name of the parameter.
        parameter: String,
        /// What is wrong with it, with the values.
        problem: String,
        /// What to do.
        fix: &'static str,
    },
    /// The model has nothing to fit.
    #[error("edge model: {problem}; {fix}")]
    Model {
        /// What is missing.
        problem: &'static str,
        /// What to do.
        fix: &'static str,
    },
    /// Fewer energies than the fit needs.
    #[error(
        "edge fit: {energies} energies for {free} free parameters; measure at least {} energies, or hold parameters",
        free + 1
    )]
    TooFewEnergies {
        /// Energies of the stack.
        energies: usize,
        /// Free parameters of the model.
        free: usize,
    },
    /// Fewer energies before the edge than the noise rule needs.
    #[error(
        "noise before the edge: {wanted} pre-edge points of {energies} energies; use {minimum} to {energies}"
    )]
    PreEdge {
        /// Points asked for.
        wanted: usize,
        /// Energies of the stack.
        energies: usize,
        /// Fewest that give a standard deviation.
        minimum: usize,
    },
    /// A map and the stack, or two maps, differ in shape.
    #[error(
        "{operation}: {map} is {}×{} but the images are {}×{} pixels; give a map of their shape",
        found.0, found.1, wanted.0, wanted.1
    )]
    Shape {
        /// What was being computed.
        operation: &'static str,
        /// Name of the map.
        map: &'static str,
        /// Its shape (ny, nx).
        found: (usize, usize),
        /// Shape (ny, nx) of the images.
        wanted: (usize, usize),
    },
    /// No pixel of a region has a number at every energy.
    #[error(
        "{operation}: no pixel of region {region} has a number at every energy; choose a region with data"
    )]
    EmptyRegion {
        /// What was being computed.
        operation: &'static str,
        /// Its label.
        region: u32,
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
    /// The formula lacks the absorbing element.
    #[error("composition: {formula} holds no {absorber}; give a compound of the absorbing element")]
    NoAbsorber {
        /// The compound.
        formula: String,
        /// Symbol of the absorbing element.
        absorber: &'static str,
    },
    /// The constants lack an element.
    #[error("composition: the constants hold no f' of {element}; they are for {present}")]
    NoFactor {
        /// Symbol of the element.
        element: &'static str,
        /// Symbols of those that are there.
        present: String,
    },
    /// The table has no sharp edge there.
    #[error(
        "composition: {element} has no tabulated edge within {window} eV of {energy} eV; give the edge's own energy"
    )]
    NoEdge {
        /// Symbol of the element.
        element: &'static str,
        /// Energy asked for, eV.
        energy: f64,
        /// How far was looked, eV.
        window: f64,
    },
    /// A scattering factor is not to be had.
    #[error(transparent)]
    Scattering(#[from] ScatteringError),
}
