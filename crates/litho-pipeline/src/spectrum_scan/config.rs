//! The experiment file of a multi-energy scan, as a person writes it.

use crate::config::ReconstructConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A multi-energy ptychography experiment. Paths are relative to the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ExperimentConfig {
    /// What was measured.
    pub sample: SampleConfig,
    /// One scan per energy.
    pub inputs: Vec<EnergyInputConfig>,
    /// How the energies are reconstructed together.
    pub spectrum_scan: SpectrumScanConfig,
    /// Everything else about the reconstruction of each energy, as in the file of `reconstruct`.
    pub reconstruct: ReconstructConfig,
}

/// The sample.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SampleConfig {
    /// What to call it.
    pub name: Option<String>,
    /// Symbol of the element whose edge is scanned; with it stands the Kramers–Kronig constraint.
    pub absorber: Option<String>,
    /// The edge, for the record: "K", "L3".
    pub edge: Option<String>,
}

/// The scan at one energy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnergyInputConfig {
    /// Scan file.
    pub file: String,
    /// Photon energy, eV. Default: what the file says.
    pub energy: Option<f64>,
    /// Starting probe of this energy, as in `reconstruct`. Default: that of `[reconstruct]`.
    pub probe: Option<String>,
}

/// How the energies are reconstructed together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SpectrumScanConfig {
    /// Engine or chain of engines, as in `reconstruct`. Default "epie".
    pub engine: Option<String>,
    /// Iterations of an engine named without a number. Default 800.
    pub iterations: Option<usize>,
    /// Seed of everything random. Default 1.
    pub seed: Option<u64>,
    /// The Kramers–Kronig constraint: true, false, or a table. Default true if the absorber is known and 8 energies or more.
    pub kramers_kronig: Option<KramersKronigSetting>,
    /// How the images of all energies come to one pixel: "resample-objects", "resample-frames", "crop-frames".
    /// Default "resample-objects".
    pub pixel: Option<String>,
    /// Energy whose image the others are registered to, eV. Default: the first.
    pub reference_energy_ev: Option<f64>,
    /// Iterations of the reference energy whose probe all energies start from; 0: each starts from its own. Default 30.
    pub warm_start: Option<usize>,
    /// A rectangle that is air at all energies, [y0, x0, y1, x1] on the sample, m. Default: found from the phase.
    pub air_m: Option<[f64; 4]>,
}

/// On, off, or on with settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum KramersKronigSetting {
    /// On with defaults, or off.
    Switch(bool),
    /// On with these settings.
    Table(KramersKronigConfig),
}

/// Settings of the Kramers–Kronig constraint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KramersKronigConfig {
    /// First iteration after which it acts. Default: five eighths of all (500 of 800).
    pub start: Option<usize>,
    /// Iterations between two times. Default: a sixteenth of all (50 of 800).
    pub every: Option<usize>,
    /// Share of the way to the consistent stack that is gone each time, above 0, at most 1. Default 1.
    pub strength: Option<f64>,
    /// Width of the absorber's core level, eV: f'' is taken to vary no faster than the lifetimes of core hole and
    /// photoelectron allow. 0 asks for consistency alone. Default 1.0.
    pub core_hole_ev: Option<f64>,
}
