//! The settings of `unmix` and the list of references, as a person writes them.

use crate::stack_input::StackConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of linear combination fits; everything may be left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UnmixConfig {
    /// How the stack is read.
    pub stack: StackConfig,
    /// "ols" (ordinary least squares), "nnls" (no coefficient below 0), "sum-to-one" (no coefficient below 0, together 1:
    /// for spectra normalised to one edge step). Default "nnls".
    pub method: Option<String>,
    /// What is fitted besides: "none", "constant", "linear". Default "constant".
    pub background: Option<String>,
    /// Lowest and highest energy of the fit, eV. Default: all.
    pub range_ev: Option<[f64; 2]>,
    /// Energy shift of the references.
    pub shift: ShiftConfig,
    /// Components of the stack.
    pub components: PcaConfig,
    /// Weight energies by the noise that the stack states. Default true.
    pub weighted: Option<bool>,
    /// Threads; results do not depend on it. Default: one per core.
    pub threads: Option<usize>,
}

/// Energy shift of the references.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ShiftConfig {
    /// "none", "shared" (one for all pixels), "per-pixel". Default "none".
    pub of: Option<String>,
    /// Largest shift both ways, eV. Default 1.
    pub most_ev: Option<f64>,
    /// Grid of the search, eV, finer than the features. Default 0.1.
    pub step_ev: Option<f64>,
}

/// Components of the stack.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PcaConfig {
    /// Components that references are looked for in. Default: as many as the indicator says, no fewer than references.
    pub count: Option<usize>,
    /// Take the mean spectrum off first. Default false.
    pub centred: Option<bool>,
}

/// Reference spectra.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReferencesConfig {
    /// One per compound.
    pub reference: Vec<ReferenceConfig>,
}

/// One reference: a file, or numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReferenceConfig {
    /// Its name, that of its map.
    pub name: String,
    /// File with energies and absorption: .xdi, Athena project, columns of text; relative to this file.
    pub file: Option<String>,
    /// Column of absorption, by name or number from 1. Default: recognised.
    pub column: Option<String>,
    /// Label of the group in an Athena project. Default: its only one.
    pub group: Option<String>,
    /// Or energies, eV.
    pub energy: Option<Vec<f64>>,
    /// And optical density at each.
    pub optical_density: Option<Vec<f64>>,
}
