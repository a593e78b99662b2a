//! The tables of the corrections in a configuration file. Each is off unless its table is there, be it empty.
//!
//! Iterations count from 0 over all stages; a correction acts after the iterations `start`, `start + every`, … before
//! `end`.

use super::layers::layered;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Refinement of the beam's positions; the table, even empty, turns it on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PositionsConfig {
    /// "gradient" (least squares, precise), "annealing" (trials, for errors of several pixels), "both": trials until their
    /// radius is that of a least-squares step, least squares all along. Default "gradient".
    pub method: Option<String>,
    /// First iteration after which it acts. Default 3.
    pub start: Option<usize>,
    /// Iterations from one time to the next. Default 1.
    pub every: Option<usize>,
    /// Iteration from which on it no longer acts. Default: to the end.
    pub end: Option<usize>,
    /// Multiple of the least-squares displacement that is gone, above 0, at most 4. Default 2.
    pub step: Option<f64>,
    /// Longest least-squares displacement at a time, object pixels. Default 0.5.
    pub longest_px: Option<f64>,
    /// Annealing: displacements tried at a time, 1 to 64. Default 4.
    pub trials: Option<usize>,
    /// Annealing: radius of the first trials, object pixels. Default 3.
    pub radius_px: Option<f64>,
    /// Annealing: factor on the radius with every iteration, above 0, at most 1. Default 0.93.
    pub shrink: Option<f64>,
    /// Annealing: smallest radius, object pixels. Default 0.05.
    pub smallest_px: Option<f64>,
    /// Share of what single frames want beside an affine map (drift, scale, rotation, shear) of the measured positions:
    /// 0 holds them to the map. Default: no map.
    pub freedom: Option<f64>,
    /// Spare object pixels around the scan: the farthest that positions may move outward. Default 16.
    pub margin_px: Option<usize>,
}

/// Retrieval of an incoherent background; the table, even empty, turns it on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BackgroundConfig {
    /// First iteration after which it acts. Default 10.
    pub start: Option<usize>,
    /// Iterations from one time to the next. Default 2.
    pub every: Option<usize>,
    /// Iteration from which on it no longer acts. Default: to the end.
    pub end: Option<usize>,
    /// Smoothing, 0 for none. Default 0.3.
    pub smoothness: Option<f64>,
}

/// Intensity of the beam in each frame; the table, even empty, turns it on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IntensitiesConfig {
    /// First iteration after which it acts. Default 5.
    pub start: Option<usize>,
    /// Iterations from one time to the next. Default 2.
    pub every: Option<usize>,
    /// Iteration from which on it no longer acts. Default: to the end.
    pub end: Option<usize>,
    /// Share of the correction that is made at a time, above 0, at most 1. Default 0.5.
    pub step: Option<f64>,
}

/// Variation of the probe from frame to frame; the table, even empty, turns it on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VariationsConfig {
    /// Directions in which the first mode varies, 1 to 16. Default 1.
    pub count: Option<usize>,
    /// First iteration after which it acts. Default 10.
    pub start: Option<usize>,
    /// Iterations from one time to the next. Default 1.
    pub every: Option<usize>,
    /// Iteration from which on it no longer acts. Default: to the end.
    pub end: Option<usize>,
    /// Share of the least-squares step that is gone, above 0, at most 1. Default 0.5.
    pub step: Option<f32>,
}

/// What is known of the probe.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProbeLimitsConfig {
    /// The probe is dark outside a disc of this diameter, a share of the frame's shorter side in (0, 1.5].
    pub support: Option<f64>,
    /// Keep the probe's power at that of the brightest frame. Default false.
    pub keep_power: Option<bool>,
    /// First iteration after which it acts. Default 0.
    pub start: Option<usize>,
    /// Iterations from one time to the next. Default 1.
    pub every: Option<usize>,
    /// Iteration from which on it no longer acts. Default: to the end.
    pub end: Option<usize>,
}

/// What is known of the object.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ObjectLimitsConfig {
    /// Smallest amplitude.
    pub smallest: Option<f32>,
    /// Largest amplitude.
    pub largest: Option<f32>,
    /// The object does not absorb: its amplitude is 1. Default false.
    pub phase_only: Option<bool>,
    /// Step of a diffusion that evens the object out, above 0, at most 1.
    pub smoothness: Option<f32>,
    /// Step down the total variation, above 0; steps of more than a quarter of the contrast count as that.
    pub total_variation: Option<f32>,
    /// Contrast of the object below which differences count as noise to the total variation. Default 0.05.
    pub contrast: Option<f32>,
    /// First iteration after which it acts. Default 0.
    pub start: Option<usize>,
    /// Iterations from one time to the next. Default 1.
    pub every: Option<usize>,
    /// Iteration from which on it no longer acts. Default: to the end.
    pub end: Option<usize>,
}

/// A beam that moves during every exposure.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FlyScanConfig {
    /// Incoherent sub-exposures that stand for the sweep, 2 to 32. Default 5.
    pub exposures: Option<usize>,
    /// How far the beam moves over the object during an exposure, (y, x) in m.
    pub sweep_m: Option<[f64; 2]>,
    /// The same in object pixels.
    pub sweep_px: Option<[f64; 2]>,
}

/// A stop before the last iteration when the error no longer falls; the table, even empty, turns it on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StopConfig {
    /// Iterations averaged over. Default 10.
    pub window: Option<usize>,
    /// Smallest relative fall of the error from window to window worth going on for, 0 to below 1. Default 1e-3.
    pub tolerance: Option<f64>,
}

layered!(PositionsConfig {
    method,
    start,
    every,
    end,
    step,
    longest_px,
    trials,
    radius_px,
    shrink,
    smallest_px,
    freedom,
    margin_px
});
layered!(BackgroundConfig { start, every, end, smoothness });
layered!(IntensitiesConfig { start, every, end, step });
layered!(VariationsConfig { count, start, every, end, step });
layered!(ProbeLimitsConfig { support, keep_power, start, every, end });
layered!(ObjectLimitsConfig {
    smallest,
    largest,
    phase_only,
    smoothness,
    total_variation,
    contrast,
    start,
    every,
    end
});
layered!(FlyScanConfig { exposures, sweep_m, sweep_px });
layered!(StopConfig { window, tolerance });
