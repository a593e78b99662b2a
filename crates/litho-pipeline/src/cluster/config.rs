//! The settings of `cluster`, as a person writes them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of the sorting into domains; everything may be left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClusterConfig {
    /// Number of clusters: a number, or "auto". Default "auto".
    pub k: Option<KSetting>,
    /// The most clusters for which elbow, silhouette and gap are computed. Default 12.
    pub k_max: Option<usize>,
    /// Maps that pixels are sorted by. Default `edge_energy`, `pre_edge_ratio`, `n_eff_ratio`.
    pub descriptors: Option<Vec<String>>,
    /// Map that fractions and mean spectra are weighted by; "none" for pixel counts. Default `n_absorber`.
    pub weight: Option<String>,
    /// Weight the sorting itself by that map too, not the fractions alone. Default false.
    pub weighted_sorting: Option<bool>,
    /// Standard deviations of a descriptor, found from its quartiles, beyond which its values are drawn in to that limit
    /// before they are standardised. 0 leaves all as they are. Default 0.
    pub clip: Option<f64>,
    /// "kmeans", "gmm" (Gaussian mixture). Default "kmeans".
    pub method: Option<String>,
    /// Starts of k-means. Default 10.
    pub restarts: Option<usize>,
    /// Seed of everything random. Default 1.
    pub seed: Option<u64>,
    /// Particles that count together in fractions. Default: each by itself.
    pub group: Vec<GroupConfig>,
    /// Side of the tiles whose redrawing gives the fractions' errors, pixels: longer than a domain. Default 16.
    pub tile: Option<usize>,
    /// Draws of the fractions' errors. Default 500.
    pub draws: Option<usize>,
    /// Bins of the densities. Default 200.
    pub bins: Option<usize>,
    /// The stacks of the inputs, in their order, for mean spectra. Default: those the maps were made from.
    pub stacks: Vec<String>,
    /// A previous result whose labels are taken over.
    pub match_labels: Option<String>,
    /// Threads; results do not depend on it. Default: one per core.
    pub threads: Option<usize>,
}

/// A number of clusters, or a word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum KSetting {
    /// So many.
    Number(usize),
    /// "auto".
    Word(String),
}

/// Particles that count together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GroupConfig {
    /// Its name.
    pub name: String,
    /// Inputs as they are named on the command line.
    pub inputs: Vec<String>,
}
