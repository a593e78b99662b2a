//! The tables of the engines in a configuration file.

use super::layers::layered;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of ePIE, rPIE and mPIE (`epie`, `rpie`, `mpie`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PieConfig {
    /// Object step α, above 0, at most 2. Default 0.5 (mPIE 0.1).
    pub object_step: Option<f32>,
    /// Probe step β, above 0, at most 2. Default 0.3 (mPIE 0.2).
    pub probe_step: Option<f32>,
    /// γ of the object's denominator in rPIE and mPIE, in (0, 1]; ePIE is 1. Default 0.1.
    pub gamma: Option<f32>,
    /// γ of the probe's denominator in rPIE and mPIE, in (0, 1]; ePIE is 1. Default 1.
    pub probe_gamma: Option<f32>,
    /// First iteration that updates the probe, counted from 0. Default 0.
    pub probe_start: Option<usize>,
    /// Iterations after which steps are half: they shrink as 1/(1 + iteration/this); 0 keeps them. Default 0 (rPIE 5).
    pub decay: Option<f32>,
    /// Frames between two applications of mPIE's momentum. Default 100.
    pub momentum_period: Option<usize>,
    /// Share of the velocity that mPIE's momentum keeps, 0 to below 1. Default 0.5.
    pub momentum: Option<f32>,
    /// What frames ask of their waves: "amplitude", "poisson", "intensity". Default "amplitude".
    pub likelihood: Option<String>,
}

/// Settings of PIE over batches of frames (`batch`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BatchConfig {
    /// Frames of a batch. Default 16.
    pub frames: Option<usize>,
    /// Object step α, above 0, at most 2. Default 0.5.
    pub object_step: Option<f32>,
    /// Probe step β, above 0, at most 2. Default 1.
    pub probe_step: Option<f32>,
    /// γ of the object's denominator, in (0, 1]. Default 0.1.
    pub gamma: Option<f32>,
    /// First iteration that updates the probe, counted from 0. Default 2.
    pub probe_start: Option<usize>,
    /// What frames ask of their waves: "amplitude", "poisson", "intensity". Default "amplitude".
    pub likelihood: Option<String>,
}

/// Settings of the weighted average of sequential projections (`wasp`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WaspConfig {
    /// α of the object's denominator, a multiple of the mean illumination. Default 2.
    pub object_weight: Option<f32>,
    /// β of the probe's denominator. Default 1.
    pub probe_weight: Option<f32>,
    /// Step of the probe within the sweep, above 0, at most 2. Default 0.3.
    pub probe_step: Option<f32>,
    /// First iteration that updates the probe, counted from 0. Default 2.
    pub probe_start: Option<usize>,
    /// Share of the largest illumination that holds the object where the beam is weak. Default 1e-3.
    pub object_inertia: Option<f32>,
    /// What frames ask of their waves: "amplitude", "poisson", "intensity". Default "amplitude".
    pub likelihood: Option<String>,
}

/// Settings of the difference map (`dm`).
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
    /// Share of the largest illumination that holds the object where the beam is weak. Default 0.01.
    pub object_inertia: Option<f32>,
    /// Share of the frame count that holds the probe where the object is dark. Default 1e-9.
    pub probe_inertia: Option<f32>,
}

/// Settings of relaxed averaged alternating reflections (`raar`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RaarConfig {
    /// Relaxation β, above 0.5, at most 1. Default 0.6.
    pub beta: Option<f32>,
    /// First iteration that updates the probe, counted from 0. Default 2.
    pub probe_start: Option<usize>,
    /// Share of the largest illumination that holds the object where the beam is weak. Default 1e-6.
    pub object_inertia: Option<f32>,
    /// Share of the frame count that holds the probe where the object is dark. Default 1e-6.
    pub probe_inertia: Option<f32>,
}

/// Settings of maximum likelihood by conjugate gradients (`ml`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MaximumLikelihoodConfig {
    /// How intensities are held against counts: "amplitude", "poisson", "intensity". Default "poisson".
    pub likelihood: Option<String>,
    /// First iteration that updates the probe, counted from 0. Default 0.
    pub probe_start: Option<usize>,
    /// Share of the largest curvature that bounds the preconditioner from below, in (0, 1]. Default 0.01.
    pub damping: Option<f32>,
}

/// Settings of least-squares maximum likelihood (`lsqml`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LsqMlConfig {
    /// Frames of a batch; 0 takes a twentieth of the scan, at least 8. Default 0.
    pub batch: Option<usize>,
    /// Share of the least-squares steps that is gone, above 0, at most 1. Default 0.9.
    pub step: Option<f32>,
    /// Share of the largest illumination in the object's denominator, in (0, 1]. Default 0.1.
    pub object_damping: Option<f32>,
    /// Share of the mean added to the diagonal of each frame's equations, 0 to 1. Default 0.1.
    pub step_damping: Option<f64>,
    /// First iteration that updates the probe, counted from 0. Default 2.
    pub probe_start: Option<usize>,
    /// Momentum between iterations, 0 (none) to below 1. Default 0.
    pub momentum: Option<f32>,
    /// What frames ask of their waves: "amplitude", "poisson", "intensity". Default "amplitude".
    pub likelihood: Option<String>,
}

layered!(PieConfig {
    object_step,
    probe_step,
    gamma,
    probe_gamma,
    probe_start,
    decay,
    momentum_period,
    momentum,
    likelihood
});
layered!(BatchConfig { frames, object_step, probe_step, gamma, probe_start, likelihood });
layered!(WaspConfig { object_weight, probe_weight, probe_step, probe_start, object_inertia, likelihood });
layered!(DifferenceMapConfig {
    probe_start,
    overlap_iterations,
    overlap_tolerance,
    relaxation,
    object_inertia,
    probe_inertia
});
layered!(RaarConfig { beta, probe_start, object_inertia, probe_inertia });
layered!(MaximumLikelihoodConfig { likelihood, probe_start, damping });
layered!(LsqMlConfig { batch, step, object_damping, step_damping, probe_start, momentum, likelihood });
