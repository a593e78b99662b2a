//! The settings of `particles`, as a person writes them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of the particles of a volume; everything may be left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ParticlesConfig {
    /// How touching particles are told apart: "plates" (cuboids fitted to the filling of the voxels), "watershed" (by the
    /// distance map), "components" (not at all). Default "plates".
    pub split: Option<String>,
    /// Resolution of the volume, full width at half maximum, nm. Default: 1.2 voxels.
    pub resolution_nm: Option<f64>,
    /// Particles of fewer voxels are left out. Default 60.
    pub smallest_voxels: Option<usize>,
    /// Watershed: by how much two maxima of the distance must rise above the pass between them, voxels. Default 1.
    pub dynamics_voxels: Option<f64>,
    /// Fractions of the second phase from which a particle counts as active, the first for the figures. Default [0.15, 0.25].
    pub active: Option<Vec<f64>>,
    /// Width of the bins of volume, voxels. Default 200.
    pub volume_bin_voxels: Option<f64>,
    /// Width of the bins of facet area, nm². Default 5000.
    pub facet_bin_nm2: Option<f64>,
    /// Width of the bins of thickness, nm. Default 5.
    pub thickness_bin_nm: Option<f64>,
    /// Permutations of the tests of rank correlation. Default 10000.
    pub permutations: Option<usize>,
    /// Seed of the permutations. Default 1.
    pub seed: Option<u64>,
    /// Threads; results do not depend on it. Default: one per core.
    pub threads: Option<usize>,
}
