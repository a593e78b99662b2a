//! The settings of `align`, complete and checked.

use super::config::AlignConfig;
use crate::config::{Allowed, ConfigError, Mistakes};
use litho_io::TiltOptions;
use litho_resolve::region::Rectangle;
use litho_tomo::align::{self, Motion};
use litho_tomo::phase::{Air, PhaseSettings};
use std::path::PathBuf;

/// Everything `align` needs to know beside the series.
#[derive(Debug, Clone, PartialEq)]
pub struct AlignSettings {
    /// How the series is read.
    pub tilts: TiltOptions,
    /// What complex projections become.
    pub channel: Channel,
    /// How phases are prepared.
    pub phase: PhaseSettings,
    /// Whether phases that are not complex numbers are unwrapped; `None` if they show that they are wrapped.
    pub unwrap: Option<bool>,
    /// Rounds in which offsets and ramps are made consistent with the volume's air; `None` for what the series needs.
    pub consistent_rounds: Option<usize>,
    /// Where the placements come from.
    pub movement: Movement,
    /// Whether projections that fit far worse than the others are left out.
    pub leave_out_flagged: bool,
    /// Threads, 0 for one per core.
    pub threads: usize,
    /// The configuration for the record.
    pub config: AlignConfig,
}

/// What a complex projection becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The unwrapped phase.
    Phase,
    /// The optical density.
    OpticalDensity,
}

/// Where placements come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Movement {
    /// Nothing moves.
    None,
    /// They are found.
    Found(align::AlignSettings),
    /// They are those of another result.
    Of(PathBuf),
}

const CHANNELS: [(&str, Channel); 2] = [("phase", Channel::Phase), ("od", Channel::OpticalDensity)];
const MODELS: [(&str, Option<Motion>); 3] =
    [("shift", Some(Motion::Shift)), ("similarity", Some(Motion::Similarity)), ("none", None)];

impl AlignSettings {
    /// Completes and checks a configuration.
    ///
    /// # Errors
    /// Every value that makes no sense.
    pub fn resolve(config: AlignConfig) -> Result<Self, Vec<ConfigError>> {
        let mut mistakes = Mistakes::default();
        let tilts = config.tilts.resolve(&mut mistakes);
        let channel = mistakes.choose("quantity", config.quantity.as_ref(), &CHANNELS);
        let motion = mistakes.choose("model", config.model.as_ref(), &MODELS).unwrap_or(Some(Motion::Shift));
        let mut found = align::AlignSettings::default();
        mistakes.count("iterations", config.iterations, (1, usize::MAX), &mut found.iterations);
        mistakes.set("tolerance_px", config.tolerance_px, Allowed::Positive, &mut found.tolerance);
        let left_out =
            mistakes.choose("leave_out", config.leave_out.as_ref(), &[("none", false), ("flagged", true)]);
        if config.placements.is_some() && config.model.is_some() {
            let fix = "give either `placements` of another result or a `model` to find them";
            mistakes.add("model", config.model.clone().unwrap_or_default(), fix);
        }
        let movement = match (&config.placements, motion) {
            (Some(path), _) => Movement::Of(PathBuf::from(path)),
            (None, Some(motion)) => Movement::Found(align::AlignSettings { motion, ..found }),
            (None, None) => Movement::None,
        };
        let settings = Self {
            tilts,
            channel: channel.unwrap_or(Channel::Phase),
            phase: PhaseSettings {
                air: air(&config, &mut mistakes),
                check: config.prepare.check.unwrap_or(false),
                ..PhaseSettings::default()
            },
            unwrap: config.prepare.unwrap,
            consistent_rounds: config.prepare.consistent_rounds,
            movement,
            leave_out_flagged: left_out.unwrap_or(false),
            threads: config.threads.unwrap_or(0),
            config,
        };
        if mistakes.0.is_empty() { Ok(settings) } else { Err(mistakes.0) }
    }
}

fn air(config: &AlignConfig, mistakes: &mut Mistakes) -> Air {
    let Some([y0, x0, y1, x1]) = config.prepare.air_px else { return Air::Automatic };
    if y0 < y1 && x0 < x1 {
        return Air::Rectangles(vec![Rectangle { y: y0, x: x0, height: y1 - y0, width: x1 - x0 }]);
    }
    let fix = "give [y0, x0, y1, x1] with y0 < y1 and x0 < x1";
    mistakes.add("prepare.air_px", format!("{:?}", [y0, x0, y1, x1]), fix);
    Air::Automatic
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named_at_once() {
        let text = "quantity = \"colour\"\nmodel = \"affine\"\niterations = 0\ntolerance_px = 0.0\nleave_out = \"bad\"\n\
                    placements = \"a.h5\"\n[prepare]\nair_px = [3, 0, 3, 4]\n";
        let mistakes = AlignSettings::resolve(toml::from_str(text).expect("TOML")).unwrap_err();
        assert_eq!(mistakes.len(), 7, "{mistakes:?}");
    }

    #[test]
    fn shifts_are_found_unless_placements_are_given() {
        let settings = AlignSettings::resolve(AlignConfig::default()).expect("defaults");
        assert!(matches!(settings.movement, Movement::Found(ref found) if found.motion == Motion::Shift));
        let given = AlignConfig { placements: Some("a.h5".to_owned()), ..AlignConfig::default() };
        let settings = AlignSettings::resolve(given).expect("placements");
        assert_eq!(settings.movement, Movement::Of(PathBuf::from("a.h5")));
    }
}
