//! The settings of `particles`, complete and checked.

use super::config::ParticlesConfig;
use crate::config::{Allowed, ConfigError, Mistakes};

/// Everything `particles` needs to know beside the chemistry.
#[derive(Debug, Clone, PartialEq)]
pub struct ParticlesSettings {
    /// How touching particles are told apart.
    pub split: Split,
    /// Resolution, nm, if it was said.
    pub resolution_nm: Option<f64>,
    /// Fewest voxels of a particle.
    pub smallest: usize,
    /// Dynamics of the watershed, voxels.
    pub dynamics: f64,
    /// Fractions of the second phase from which a particle is active.
    pub active: Vec<f64>,
    /// Widths of the bins.
    pub bins: Bins,
    /// Permutations of a test.
    pub permutations: u64,
    /// Their seed.
    pub seed: u64,
    /// Threads, 0 for one per core.
    pub threads: usize,
    /// The configuration for the record.
    pub config: ParticlesConfig,
}

/// How touching particles are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Cuboids.
    Plates,
    /// Watershed of the distance.
    Watershed,
    /// Not at all.
    Components,
}

/// Widths of the bins of statistics.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bins {
    /// Of volume, voxels.
    pub volume_voxels: f64,
    /// Of facet area, nm².
    pub facet_nm2: f64,
    /// Of thickness, nm.
    pub thickness_nm: f64,
}

const SPLITS: [(&str, Split); 3] =
    [("plates", Split::Plates), ("watershed", Split::Watershed), ("components", Split::Components)];

impl ParticlesSettings {
    /// Completes and checks a configuration.
    ///
    /// # Errors
    /// Every value that makes no sense.
    pub fn resolve(config: ParticlesConfig) -> Result<Self, Vec<ConfigError>> {
        let mut mistakes = Mistakes::default();
        let split = mistakes.choose("split", config.split.as_ref(), &SPLITS).unwrap_or(Split::Plates);
        let mut resolution = 0.0;
        mistakes.set("resolution_nm", config.resolution_nm, Allowed::Positive, &mut resolution);
        let mut smallest = 60;
        mistakes.count("smallest_voxels", config.smallest_voxels, (1, usize::MAX), &mut smallest);
        let mut dynamics = 1.0;
        mistakes.set("dynamics_voxels", config.dynamics_voxels, Allowed::Positive, &mut dynamics);
        let active = config.active.clone().unwrap_or_else(|| vec![0.15, 0.25]);
        if active.is_empty() || active.iter().any(|limit| !(0.0..=1.0).contains(limit)) {
            mistakes.add("active", format!("{active:?}"), "give fractions from 0 to 1, one at least");
        }
        let mut bins = Bins { volume_voxels: 200.0, facet_nm2: 5000.0, thickness_nm: 5.0 };
        mistakes.set(
            "volume_bin_voxels",
            config.volume_bin_voxels,
            Allowed::Positive,
            &mut bins.volume_voxels,
        );
        mistakes.set("facet_bin_nm2", config.facet_bin_nm2, Allowed::Positive, &mut bins.facet_nm2);
        mistakes.set("thickness_bin_nm", config.thickness_bin_nm, Allowed::Positive, &mut bins.thickness_nm);
        let mut permutations = 10_000;
        mistakes.count("permutations", config.permutations, (100, 10_000_000), &mut permutations);
        let settings = Self {
            split,
            resolution_nm: config.resolution_nm,
            smallest,
            dynamics,
            active,
            bins,
            permutations: permutations as u64,
            seed: config.seed.unwrap_or(1),
            threads: config.threads.unwrap_or(0),
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
        let text = "split = \"knife\"\nresolution_nm = -1.0\nsmallest_voxels = 0\nactive = [1.5]\nvolume_bin_voxels = 0.0\npermutations = 3\n";
        let mistakes = ParticlesSettings::resolve(toml::from_str(text).expect("TOML")).unwrap_err();
        assert_eq!(mistakes.len(), 6, "{mistakes:?}");
    }

    #[test]
    fn defaults_are_those_of_the_paper() {
        let settings = ParticlesSettings::resolve(ParticlesConfig::default()).unwrap();
        assert_eq!(settings.active, [0.15, 0.25]);
        assert!((settings.bins.volume_voxels - 200.0).abs() < f64::EPSILON);
    }
}
