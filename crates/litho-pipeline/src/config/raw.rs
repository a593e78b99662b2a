//! The configuration file of `reconstruct`, field by field.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of `lithoscope reconstruct`. Every field has a default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReconstructConfig {
    /// Engine, or a chain of engines with their iterations: "epie", "rpie", "dm", "dm:100,epie:50". Default "epie".
    pub engine: Option<String>,
    /// Iterations of an engine named without a number. Default 100.
    pub iterations: Option<usize>,
    /// Mutually incoherent probe modes, 1 to 32. Default 1, or as many as the starting probe has.
    pub modes: Option<usize>,
    /// Seed of everything random. Default 1.
    pub seed: Option<u64>,
    /// Threads; 0 means one per core. Results have the same bits for any number. Default 0.
    pub threads: Option<usize>,
    /// How the detector lies relative to the scan: "auto" or 0 to 7. Default "auto".
    pub orientation: Option<OrientationSetting>,
    /// Starting probe: "auto", "mean" (from the mean frame), a file of optics (`.toml`), or `FILE:/path`. Default "auto".
    pub probe: Option<String>,
    /// Also reconstruct two halves of the scan and correlate them. Default false.
    pub split: Option<bool>,
    /// Save a checkpoint every so many iterations; 0 saves one only when interrupted. Default 0.
    pub checkpoint_every: Option<usize>,
    /// Whether frames stream from disk instead of lying in memory: "auto", "always", "never". Results have the same
    /// bits. Default "auto": when two copies of the frames (three with `split`) exceed the memory.
    pub stream: Option<String>,
    /// Memory to do with for `stream = "auto"`, MB (10⁶ bytes). Default: what the system has available.
    pub memory_limit_mb: Option<u64>,
    /// How to read the scan.
    pub input: InputConfig,
    /// Settings of ePIE and rPIE.
    pub pie: PieConfig,
    /// Settings of the difference map.
    pub dm: DifferenceMapConfig,
}

/// "auto" or a number from 0 to 7.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OrientationSetting {
    /// The number of an orientation.
    Index(u8),
    /// "auto", or the number as text.
    Name(String),
}

/// What overrides or completes the input file. Lengths in metres, energy in electronvolts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InputConfig {
    /// File format: "cxi", "`nxcxi_ptycho`", "ptyd", "ptychodus", "ptylab", "tike", "eiger", "hdf5". Default: recognised from the contents.
    pub format: Option<String>,
    /// Photon energy, eV.
    pub energy_ev: Option<f64>,
    /// Sample to detector, m.
    pub distance_m: Option<f64>,
    /// Detector pixel, m.
    pub pixel_m: Option<f64>,
    /// Focus to sample, m; makes it a near-field scan.
    pub focus_distance_m: Option<f64>,
    /// "far" or "near" field.
    pub regime: Option<String>,
    /// Where frames hold the zero frequency: "centre", "corner". Default: found from the mean frame.
    pub zero_frequency: Option<String>,
    /// Positions from another file: `FILE:/path`, or a text table of y, x.
    pub positions: Option<String>,
    /// Whether stored positions are of the "beam" on the object or of the "sample".
    pub position_sense: Option<String>,
    /// Unit of stored positions: "m", "mm", "um", "nm", "angstrom", "px" (object pixels).
    pub position_unit: Option<String>,
    /// The second file of a ptychodus pair.
    pub companion: Option<String>,
    /// Counts that cannot be (NaN, negative): "reject", "mask", "zero". Default "reject".
    pub bad_counts: Option<String>,
    /// Read only this many frames.
    pub frame_limit: Option<usize>,
    /// Dataset of the frames.
    pub frames_key: Option<String>,
    /// Dataset of the positions (N, 2) as y, x; or of y alone.
    pub positions_key: Option<String>,
    /// Dataset of the x positions, if stored by themselves.
    pub positions_x_key: Option<String>,
    /// Dataset of the detector mask.
    pub mask_key: Option<String>,
    /// Meaning of the mask: "cxi", "nexus", "nonzero-good", "nonzero-bad".
    pub mask_polarity: Option<String>,
    /// Dataset of a starting probe.
    pub probe_key: Option<String>,
    /// Dataset of the photon energy.
    pub energy_key: Option<String>,
    /// Dataset of the distance.
    pub distance_key: Option<String>,
    /// Dataset of the pixel size.
    pub pixel_key: Option<String>,
}

/// Steps of the sequential engines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PieConfig {
    /// Object step α. Default 0.5.
    pub object_step: Option<f32>,
    /// Probe step β. Default 0.3.
    pub probe_step: Option<f32>,
    /// γ of rPIE's object denominator, in (0, 1]; ePIE is 1. Default 0.1 (rPIE).
    pub gamma: Option<f32>,
    /// First iteration that updates the probe, counted from 0. Default 0.
    pub probe_start: Option<usize>,
}

/// Settings of the difference map.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DifferenceMapConfig {
    /// First iteration that updates the probe, counted from 0. Default 2.
    pub probe_start: Option<usize>,
    /// Most alternations of object and probe per iteration. Default 10.
    pub overlap_iterations: Option<usize>,
    /// Relative probe change at which the alternation stops. Default 0.05.
    pub overlap_tolerance: Option<f64>,
    /// Relaxation of the Fourier projection, 0 to below 1. Default 0.1.
    pub relaxation: Option<f32>,
}

/// Defines `or`: each field of `self` where it is set, of `other` where not.
macro_rules! layered {
    ($name:ident { $($field:ident),* } $({ $($nested:ident),* })?) => {
        impl $name {
            /// Lays this configuration over `other`: what is set here wins.
            #[must_use]
            pub fn or(self, other: Self) -> Self {
                Self {
                    $($field: self.$field.or(other.$field),)*
                    $($($nested: self.$nested.or(other.$nested),)*)?
                }
            }
        }
    };
}

layered!(ReconstructConfig {
    engine, iterations, modes, seed, threads, orientation, probe, split, checkpoint_every, stream,
    memory_limit_mb
} { input, pie, dm });
layered!(InputConfig {
    format,
    energy_ev,
    distance_m,
    pixel_m,
    focus_distance_m,
    regime,
    zero_frequency,
    positions,
    position_sense,
    position_unit,
    companion,
    bad_counts,
    frame_limit,
    frames_key,
    positions_key,
    positions_x_key,
    mask_key,
    mask_polarity,
    probe_key,
    energy_key,
    distance_key,
    pixel_key
});
layered!(PieConfig { object_step, probe_step, gamma, probe_start });
layered!(DifferenceMapConfig { probe_start, overlap_iterations, overlap_tolerance, relaxation });
