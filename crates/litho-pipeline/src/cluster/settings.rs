//! The settings of `cluster`, complete and checked.

use super::config::{ClusterConfig, GroupConfig, KSetting};
use crate::config::{Allowed, ConfigError, Mistakes};
use litho_spectro::cluster::{FractionOptions, KMeansOptions};

/// Everything `cluster` needs to know beside the maps.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterSettings {
    /// Number of clusters; none chooses it.
    pub k: Option<usize>,
    /// The most clusters tried.
    pub k_max: usize,
    /// Maps that pixels are sorted by.
    pub descriptors: Vec<String>,
    /// Map of the weights.
    pub weight: Option<String>,
    /// Whether the sorting is weighted.
    pub weighted_sorting: bool,
    /// Standard deviations at which descriptors are clipped, 0 for none.
    pub clip: f64,
    /// How pixels are sorted.
    pub method: Method,
    /// How k-means runs.
    pub kmeans: KMeansOptions,
    /// Particles that count together.
    pub groups: Vec<GroupConfig>,
    /// How the fractions' errors are found.
    pub fractions: FractionOptions,
    /// Bins of the densities.
    pub bins: usize,
    /// The configuration for the record.
    pub config: ClusterConfig,
}

/// How pixels are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// To the nearest centre.
    KMeans,
    /// To the most probable Gaussian.
    Mixture,
}

const METHODS: [(&str, Method); 2] = [("kmeans", Method::KMeans), ("gmm", Method::Mixture)];
/// The most clusters: labels are stored in eight bits on the way.
const MOST: usize = 255;

impl ClusterSettings {
    /// Completes and checks a configuration.
    ///
    /// # Errors
    /// Every value that makes no sense.
    pub fn resolve(config: ClusterConfig) -> Result<Self, Vec<ConfigError>> {
        let mut mistakes = Mistakes::default();
        let k = match &config.k {
            None => None,
            Some(KSetting::Word(word)) if word == "auto" => None,
            Some(KSetting::Number(k)) if (1..=MOST).contains(k) => Some(*k),
            Some(KSetting::Number(k)) => {
                mistakes.add("k", k, format!("give 1 to {MOST}, or \"auto\""));
                None
            }
            Some(KSetting::Word(word)) => {
                mistakes.add("k", word, format!("give 1 to {MOST}, or \"auto\""));
                None
            }
        };
        let mut k_max = 12;
        mistakes.count("k_max", config.k_max, (2, MOST), &mut k_max);
        let descriptors = config
            .descriptors
            .clone()
            .unwrap_or_else(|| ["edge_energy", "pre_edge_ratio", "n_eff_ratio"].map(str::to_owned).to_vec());
        if descriptors.is_empty()
            || descriptors.iter().enumerate().any(|(at, name)| descriptors[..at].contains(name))
        {
            mistakes.add("descriptors", descriptors.join(", "), "name at least one map, each once");
        }
        let mut kmeans = KMeansOptions { seed: config.seed.unwrap_or(1), ..KMeansOptions::default() };
        mistakes.count("restarts", config.restarts, (1, usize::MAX), &mut kmeans.starts);
        let mut fractions = FractionOptions { seed: kmeans.seed, ..FractionOptions::default() };
        mistakes.count("tile", config.tile, (1, usize::MAX), &mut fractions.tile);
        mistakes.count("draws", config.draws, (2, usize::MAX), &mut fractions.draws);
        let (mut bins, mut clip) = (200, 0.0);
        mistakes.count("bins", config.bins, (2, usize::MAX), &mut bins);
        mistakes.set("clip", config.clip, Allowed::NotNegative, &mut clip);
        for (place, group) in config.group.iter().enumerate() {
            let taken = config.group[..place].iter().any(|other| other.name == group.name);
            if group.name.is_empty() || group.inputs.is_empty() || taken {
                mistakes.add(
                    "group",
                    &group.name,
                    "give every group a name of its own and at least one input",
                );
            }
        }
        let weight = config.weight.clone().unwrap_or_else(|| "n_absorber".to_owned());
        let settings = Self {
            k,
            k_max,
            descriptors,
            weight: Some(weight).filter(|weight| weight != "none"),
            weighted_sorting: config.weighted_sorting.unwrap_or(false),
            clip,
            method: mistakes.choose("method", config.method.as_ref(), &METHODS).unwrap_or(Method::KMeans),
            kmeans,
            groups: config.group.clone(),
            fractions,
            bins,
            config,
        };
        if mistakes.0.is_empty() { Ok(settings) } else { Err(mistakes.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named_at_once() {
        let text = "k = \"many\"\nk_max = 1\ndescriptors = []\nmethod = \"som\"\nrestarts = 0\nclip = -1.0\n\
                    group = [{ name = \"a\", inputs = [\"x\"] }, { name = \"a\", inputs = [\"y\"] }]\n";
        let mistakes = ClusterSettings::resolve(toml::from_str(text).expect("TOML")).unwrap_err();
        assert_eq!(mistakes.len(), 7, "{mistakes:?}");
    }

    #[test]
    fn k_may_be_a_number_or_left_to_the_data() {
        let k = |text: &str| ClusterSettings::resolve(toml::from_str(text).expect("TOML")).unwrap().k;
        assert_eq!((k("k = 6"), k("k = \"auto\""), k("")), (Some(6), None, None));
    }
}
