//! The settings of `chemistry`, as a person writes them.

use crate::stack_input::StackConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of the chemistry of voxels; everything may be left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChemistryConfig {
    /// Photon energies of the volumes, eV, in their order. Default: what the files say.
    pub energies_ev: Option<Vec<f64>>,
    /// What differs in place between the volumes: "none", "shift", "rigid" (shift and rotation), "similarity" (and scale).
    /// Default "similarity".
    pub register: Option<String>,
    /// The amount that makes a voxel matter: "half-plateau" (half of a full voxel), "otsu", or a share of a full voxel such as
    /// 0.4. Default "half-plateau".
    pub matter: Option<MatterSetting>,
    /// Compositions, as fractions of the second phase, between which a voxel is mixed. Default [0.3, 0.7].
    pub mixed: Option<[f64; 2]>,
    /// Resolution (full width at half maximum), nm: how many voxels share one noise. Default: two voxels.
    pub resolution_nm: Option<f64>,
    /// A stack of images of the same sample at tilt 0, at as many energies as there are references or more: the volume projected
    /// along the beam is compared with it. In `run`, the projections nearest to 0° stand in for it; as the volumes are made of
    /// those, that tests reconstruction and registration, whereas a separate stack is an independent check.
    pub stack: Option<String>,
    /// How the stack is read.
    pub stack_as: StackConfig,
    /// Threads; results do not depend on it. Default: one per core.
    pub threads: Option<usize>,
}

/// A share of a full voxel, or a word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum MatterSetting {
    /// Share of a full voxel.
    Share(f64),
    /// "half-plateau" or "otsu".
    Word(String),
}
