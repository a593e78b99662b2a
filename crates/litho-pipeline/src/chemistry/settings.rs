//! The settings of `chemistry`, complete and checked.

use super::config::{ChemistryConfig, MatterSetting};
use crate::config::{Allowed, ConfigError, Mistakes};
use crate::stack_input::StackRequest;
use litho_resolve::volume_register::VolumeMotion;
use litho_spectro::chemistry::ClassLimits;

/// Everything `chemistry` needs to know beside volumes and references.
#[derive(Debug, Clone, PartialEq)]
pub struct ChemistrySettings {
    /// Energies of the volumes, eV, if they were said.
    pub energies: Option<Vec<f64>>,
    /// What is fitted to lay the volumes on each other; `None` if they lie there.
    pub motion: Option<VolumeMotion>,
    /// What makes a voxel matter.
    pub matter: MatterChoice,
    /// Where classes begin and end.
    pub limits: ClassLimits,
    /// Resolution, nm, if it was said.
    pub resolution_nm: Option<f64>,
    /// How the stack of images is read, if there is one.
    pub stack: StackRequest,
    /// Threads, 0 for one per core.
    pub threads: usize,
    /// The configuration for the record.
    pub config: ChemistryConfig,
}

/// What makes a voxel matter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MatterChoice {
    /// Half of the amount in full voxels.
    HalfPlateau,
    /// Otsu's threshold.
    Otsu,
    /// A share of what fills a voxel.
    Share(f64),
}

/// Compositions between which a voxel is mixed: the paper's.
pub(crate) const MIXED: [f64; 2] = [0.3, 0.7];
const MOTIONS: [(&str, Option<VolumeMotion>); 4] = [
    ("similarity", Some(VolumeMotion::Similarity)),
    ("rigid", Some(VolumeMotion::Rigid)),
    ("shift", Some(VolumeMotion::Shift)),
    ("none", None),
];
const WORDS: [(&str, MatterChoice); 2] =
    [("half-plateau", MatterChoice::HalfPlateau), ("otsu", MatterChoice::Otsu)];

impl ChemistrySettings {
    /// Completes and checks a configuration.
    ///
    /// # Errors
    /// Every value that makes no sense.
    pub fn resolve(config: ChemistryConfig) -> Result<Self, Vec<ConfigError>> {
        let mut mistakes = Mistakes::default();
        if let Some(energies) = &config.energies_ev
            && let Some(energy) = energies.iter().find(|energy| !(energy.is_finite() && **energy > 0.0))
        {
            mistakes.add("energies_ev", energy, "give the photon energy of every volume in eV");
        }
        let motion = mistakes.choose("register", config.register.as_ref(), &MOTIONS);
        let matter = match &config.matter {
            Some(MatterSetting::Share(share)) => {
                let mut value = *share;
                mistakes.set("matter", Some(*share), Allowed::Positive, &mut value);
                Some(MatterChoice::Share(value))
            }
            Some(MatterSetting::Word(word)) => mistakes.choose("matter", Some(word), &WORDS),
            None => None,
        };
        let [first_below, second_above] = config.mixed.unwrap_or(MIXED);
        if !(0.0..=1.0).contains(&first_below) || !(first_below..=1.0).contains(&second_above) {
            mistakes.add(
                "mixed",
                format!("[{first_below}, {second_above}]"),
                "give [low, high] within 0 to 1",
            );
        }
        if let Some(resolution) = config.resolution_nm {
            let mut value = resolution;
            mistakes.set("resolution_nm", Some(resolution), Allowed::Positive, &mut value);
        }
        let settings = Self {
            energies: config.energies_ev.clone(),
            motion: motion.unwrap_or(Some(VolumeMotion::Similarity)),
            matter: matter.unwrap_or(MatterChoice::HalfPlateau),
            limits: ClassLimits { first_below, second_above },
            resolution_nm: config.resolution_nm,
            stack: config.stack_as.resolve(&mut mistakes),
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
        let text = "energies_ev = [708.2, -1.0]\nregister = \"warp\"\nmatter = \"much\"\nmixed = [0.8, 0.2]\nresolution_nm = 0.0\n";
        let mistakes = ChemistrySettings::resolve(toml::from_str(text).expect("TOML")).unwrap_err();
        assert_eq!(mistakes.len(), 5, "{mistakes:?}");
        let share: ChemistryConfig = toml::from_str("matter = 0.4").expect("TOML");
        assert_eq!(ChemistrySettings::resolve(share).map(|s| s.matter), Ok(MatterChoice::Share(0.4)));
    }
}
