//! The configuration file of `reconstruct`, field by field.

use super::correction_tables::{
    BackgroundConfig, FlyScanConfig, IntensitiesConfig, ObjectLimitsConfig, PositionsConfig,
    ProbeLimitsConfig, StopConfig, VariationsConfig,
};
use super::engine_tables::{
    BatchConfig, DifferenceMapConfig, LsqMlConfig, MaximumLikelihoodConfig, PieConfig, RaarConfig, WaspConfig,
};
use super::layers::layered;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of `lithoscope reconstruct`. Every field has a default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReconstructConfig {
    /// Engine, or a chain of engines with their iterations: "epie", "rpie", "mpie" (sequential), "batch" (PIE over batches),
    /// "wasp" (weighted average of sequential projections), "dm" (difference map), "raar" (relaxed averaged alternating
    /// reflections), "ml" (maximum likelihood by conjugate gradients), "lsqml" (least-squares maximum likelihood);
    /// "dm:100,ml:50". Default "epie".
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
    /// How intensities are held against counts, for every engine whose own table does not say: "amplitude", "poisson",
    /// "intensity". Default: each engine's own.
    pub likelihood: Option<String>,
    /// Use the fractions of positions without refining them: patches lie on whole pixels, the probe moves by the rest.
    /// Refinement implies it. Default false: positions are rounded.
    pub subpixel: Option<bool>,
    /// Counts from which on a detector pixel is saturated: it then only says that the intensity is at least this. Default:
    /// none is.
    pub saturation: Option<f32>,
    /// How to read the scan.
    pub input: InputConfig,
    /// Settings of ePIE, rPIE and mPIE.
    pub pie: PieConfig,
    /// Settings of PIE over batches.
    pub batch: BatchConfig,
    /// Settings of the weighted average of sequential projections.
    pub wasp: WaspConfig,
    /// Settings of the difference map.
    pub dm: DifferenceMapConfig,
    /// Settings of relaxed averaged alternating reflections.
    pub raar: RaarConfig,
    /// Settings of maximum likelihood.
    pub ml: MaximumLikelihoodConfig,
    /// Settings of least-squares maximum likelihood.
    pub lsqml: LsqMlConfig,
    /// Refine the beam's positions.
    pub positions: Option<PositionsConfig>,
    /// Retrieve an incoherent background.
    pub background: Option<BackgroundConfig>,
    /// Find the intensity of the beam in each frame.
    pub intensities: Option<IntensitiesConfig>,
    /// Let the probe vary from frame to frame.
    pub variations: Option<VariationsConfig>,
    /// What is known of the probe.
    pub probe_limits: Option<ProbeLimitsConfig>,
    /// What is known of the object.
    pub object_limits: Option<ObjectLimitsConfig>,
    /// The beam moves during every exposure.
    pub fly_scan: Option<FlyScanConfig>,
    /// Stop when the error no longer falls.
    pub stop: Option<StopConfig>,
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

layered!(ReconstructConfig {
    engine, iterations, modes, seed, threads, orientation, probe, split, checkpoint_every, likelihood, subpixel,
    saturation, stream, memory_limit_mb
} tables { input, pie, batch, wasp, dm, raar, ml, lsqml } optional {
    positions, background, intensities, variations, probe_limits, object_limits, fly_scan, stop
});
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_file_meet_in_a_table() {
        let positions = |start, step| PositionsConfig { start, step, ..PositionsConfig::default() };
        let flags =
            ReconstructConfig { positions: Some(positions(None, None)), ..ReconstructConfig::default() };
        let file = ReconstructConfig {
            positions: Some(positions(Some(7), Some(1.0))),
            stop: Some(StopConfig::default()),
            ..ReconstructConfig::default()
        };
        // The flag only turns on what the file describes; what it does not know stays.
        assert_eq!(flags.clone().or(file.clone()), file);
        let over = ReconstructConfig { positions: Some(positions(Some(2), None)), ..flags };
        assert_eq!(over.or(file).positions, Some(positions(Some(2), Some(1.0))));
    }
}
