//! What can go wrong when a scattering factor is asked for.

use super::TableSource;

/// Why no scattering factor could be given.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ScatteringError {
    /// The text is no symbol of an element.
    #[error("element {symbol:?} is unknown; {suggestion}")]
    UnknownSymbol {
        /// The text as given.
        symbol: String,
        /// What to write instead.
        suggestion: String,
    },
    /// The text is no chemical formula.
    #[error("formula {formula:?}: {reason}; write it like `Li1.2Mn0.54Ni0.13Co0.13O2` or `Fe2(SO4)3`")]
    Formula {
        /// The text as given.
        formula: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The atomic number is outside the tables.
    #[error("atomic number {atomic_number} is outside the tables; use 1 (H) to 92 (U)")]
    UnknownAtomicNumber {
        /// The number as given.
        atomic_number: u32,
    },
    /// The energy is not a positive finite number.
    #[error(
        "scattering factor of {symbol}: the energy {energy} eV is not a positive number; give the photon energy \
         in eV"
    )]
    InvalidEnergy {
        /// Symbol of the element.
        symbol: &'static str,
        /// The energy as given, eV.
        energy: f64,
    },
    /// The table has no value at that energy.
    #[error(
        "scattering factor of {symbol}: {energy} eV is outside the {source_table} table, which has values from \
         {first} to {last} eV; choose an energy in that range or the other table"
    )]
    EnergyOutOfRange {
        /// Symbol of the element.
        symbol: &'static str,
        /// The energy as given, eV.
        energy: f64,
        /// The table.
        source_table: TableSource,
        /// First energy with both f1 and f'', eV.
        first: f64,
        /// Last energy, eV.
        last: f64,
    },
    /// An element is listed twice in one set.
    #[error("set of scattering factors: {symbol} is listed twice; list each element once")]
    RepeatedElement {
        /// Symbol of the element.
        symbol: &'static str,
    },
    /// The set has no factor for the element.
    #[error("set of scattering factors: {symbol} is not among {present}; add it when the set is made")]
    NotInSet {
        /// Symbol of the element asked for.
        symbol: &'static str,
        /// Symbols in the set.
        present: String,
    },
    /// A spectrum of f'' cannot be transformed.
    #[error("Kramers-Kronig transform of a piecewise linear f'': {reason}")]
    InvalidSpectrum {
        /// What is wrong and what to do about it.
        reason: String,
    },
    /// The embedded data cannot be read: the build is broken.
    #[error("embedded scattering data: {reason}; rebuild from a clean checkout")]
    DamagedData {
        /// What was found.
        reason: String,
    },
}
