//! The settings of `align`, as a person writes them.

use crate::tilt_input::TiltsConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of the preparation and alignment of a tilt series; everything may be left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AlignConfig {
    /// How the series is read.
    pub tilts: TiltsConfig,
    /// What complex projections become: "phase" (refraction) or "od" (optical density). Default "phase".
    pub quantity: Option<String>,
    /// How complex projections are prepared.
    pub prepare: PrepareConfig,
    /// What moves from projection to projection: "shift", "similarity" (shift, rotation and scale), or "none" (only
    /// prepare). Default "shift".
    pub model: Option<String>,
    /// Most iterations of joint reprojection at each binning. Default 50.
    pub iterations: Option<usize>,
    /// Largest step, in pixels, at which an alignment is at rest. Default 0.01.
    pub tolerance_px: Option<f64>,
    /// Take the placements of this result of `align` instead of finding them, for another energy or channel.
    pub placements: Option<String>,
    /// Projections that are left out: "none", or "flagged" for those that fit far worse than the others. Default "none".
    pub leave_out: Option<String>,
    /// Threads; results do not depend on it. Default: one per core.
    pub threads: Option<usize>,
}

/// How complex projections are prepared.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PrepareConfig {
    /// A rectangle that is air in every projection, [y0, x0, y1, x1] in pixels. Default: found.
    pub air_px: Option<[usize; 4]>,
    /// Unwrap a series of phases. Default: if a phase jumps by more than half a turn from pixel to pixel. Complex projections are
    /// always unwrapped.
    pub unwrap: Option<bool>,
    /// Also unwrap around branch cuts (Goldstein), and warn of projections where that gives another number of turns.
    /// Default false.
    pub check: Option<bool>,
    /// Rounds in which offset and ramp of every projection are made consistent with the volume's air. Default 3
    /// of complex projections, else 0.
    pub consistent_rounds: Option<usize>,
}
