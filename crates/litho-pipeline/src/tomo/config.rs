//! The settings of `tomo`, as a person writes them.

use crate::tilt_input::TiltsConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of the reconstruction of a volume; everything may be left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TomoConfig {
    /// How the series is read.
    pub tilts: TiltsConfig,
    /// "fbp" (filtered back-projection), "derivative" (the same from phase gradients, without unwrapping), "fourier", "art"
    /// (algebraic, ray by ray), "sart" (angle by angle), "sirt" (all at once), "cgls" (conjugate gradients), "tv" (total
    /// variation), "wedge" (total variation fills what the missing wedge left unmeasured). Default "fbp".
    pub method: Option<String>,
    /// Iterations. Default 20.
    pub iterations: Option<usize>,
    /// Share of each correction that is applied by "art" and "sart", above 0, below 2. Default 0.1 and 0.5.
    pub relaxation: Option<f64>,
    /// Window of the ramp filter: "ramp", "shepp-logan", "cosine", "hamming", "hann". Default "ramp".
    pub filter: Option<String>,
    /// By how much an iteration of "tv" and "wedge" flattens, as a share of the value of dense matter. Default 0.01.
    pub strength: Option<f64>,
    /// Bounds of the line integrals' density per voxel, [lowest, highest], in the quantity that is written. Default: none.
    pub range: Option<[f64; 2]>,
    /// No voxel below 0 (in the quantity that is written). Default false.
    pub positive: Option<bool>,
    /// Where voxels may differ from 0: "circle" (what all projections see), "everywhere", or `FILE:/path` of a mask (z, y, x).
    /// Default "circle".
    pub support: Option<String>,
    /// What is written: "od", "phase", "delta", "electron-density", "mass-density". Default: "electron-density" of phases whose
    /// pixel and energy are known, else what the projections are.
    pub quantity: Option<String>,
    /// Chemical formula for "mass-density".
    pub formula: Option<String>,
    /// Column of the rotation axis, in pixels from the middle of column 0: "middle", "auto" (found), or a number. Default: where
    /// `align` put it, else "auto".
    pub axis: Option<AxisSetting>,
    /// Also reconstruct odd and even projections: resolution by Fourier shell correlation, and σ of the voxels. Default false.
    pub split: Option<bool>,
    /// Threads; results do not depend on it. Default: one per core.
    pub threads: Option<usize>,
}

/// A word or a number of pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum AxisSetting {
    /// From the middle of column 0.
    Pixels(f64),
    /// "middle" or "auto".
    Word(String),
}
