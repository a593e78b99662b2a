//! A configuration made complete and checked.

use super::parse::{ConfigError, nearest};
use super::raw::{DifferenceMapConfig, InputConfig, OrientationSetting, PieConfig, ReconstructConfig};
use crate::streaming::{StreamChoice, Streaming};
use litho_io::{BadCounts, Format, KeyNames, LengthUnit, PositionSense, ReadOptions, Regime};
use litho_ptycho::{Algorithm, DifferenceMap, Pie, Stage};
use litho_types::mask::MaskPolarity;
use litho_types::orientation::Orientation;
use litho_types::quantity::{ElectronVolts, Metres};
use litho_types::scan::FrameOrigin;
use std::path::{Path, PathBuf};

/// Where the starting probe comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum ProbeSource {
    /// The scan's own probe if it has one, else the mean frame.
    Auto,
    /// The mean frame.
    MeanFrame,
    /// A file describing the optics.
    Optics(PathBuf),
    /// A complex dataset, `FILE:/path`.
    Dataset(String),
}

/// Everything `reconstruct` needs to know, complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Engines in the order they run.
    pub stages: Vec<Stage>,
    /// Probe modes; `None` keeps those of the starting probe.
    pub modes: Option<usize>,
    /// Seed of everything random.
    pub seed: u64,
    /// Threads; 0 is one per core.
    pub threads: usize,
    /// The detector's orientation; `None` finds it.
    pub orientation: Option<Orientation>,
    /// Where the starting probe comes from.
    pub probe: ProbeSource,
    /// Whether to reconstruct halves too.
    pub split: bool,
    /// Iterations between checkpoints; 0 for none but the last.
    pub checkpoint_every: usize,
    /// Whether frames stream from disk.
    pub streaming: Streaming,
    /// How to read the scan.
    pub read: ReadOptions,
}

const ENGINES: [&str; 3] = ["epie", "rpie", "dm"];
const DEFAULT_ITERATIONS: usize = 100;
const MAX_MODES: usize = 32;

/// Collects mistakes while values are resolved.
#[derive(Default)]
struct Mistakes(Vec<ConfigError>);

impl Mistakes {
    fn add(&mut self, key: &'static str, value: impl ToString, reason: impl Into<String>) {
        self.0.push(ConfigError::Value { key, value: value.to_string(), reason: reason.into() });
    }

    /// The choice called `name`, or a mistake that lists the choices.
    fn choose<T: Copy>(
        &mut self,
        key: &'static str,
        name: Option<&String>,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let name = name?;
        let found = choices.iter().find(|(choice, _)| choice == name).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
            self.add(key, name, format!("choose one of {}", known.join(", ")));
        }
        found
    }
}

impl Settings {
    /// Completes and checks a configuration.
    ///
    /// # Errors
    /// Every value that makes no sense.
    pub fn resolve(config: &ReconstructConfig) -> Result<Self, Vec<ConfigError>> {
        let mut mistakes = Mistakes::default();
        let seed = config.seed.unwrap_or(1);
        let settings = Self {
            stages: stages(config, seed, &mut mistakes),
            modes: config.modes,
            seed,
            threads: config.threads.unwrap_or(0),
            orientation: orientation(config.orientation.as_ref(), &mut mistakes),
            probe: probe_source(config.probe.as_deref()),
            split: config.split.unwrap_or(false),
            checkpoint_every: config.checkpoint_every.unwrap_or(0),
            streaming: streaming(config, &mut mistakes),
            read: read_options(&config.input, &mut mistakes),
        };
        if let Some(modes) = config.modes.filter(|modes| !(1..=MAX_MODES).contains(modes)) {
            mistakes.add("modes", modes, format!("give 1 to {MAX_MODES}"));
        }
        if mistakes.0.is_empty() { Ok(settings) } else { Err(mistakes.0) }
    }

    /// Iterations over all stages.
    pub fn iterations(&self) -> usize {
        self.stages.iter().map(|stage| stage.iterations).sum()
    }
}

fn stages(config: &ReconstructConfig, seed: u64, mistakes: &mut Mistakes) -> Vec<Stage> {
    let default = config.iterations.unwrap_or(DEFAULT_ITERATIONS);
    if config.iterations == Some(0) {
        mistakes.add("iterations", 0, "give at least 1");
    }
    let chain = config.engine.as_deref().unwrap_or("epie");
    let mut stages = Vec::new();
    for part in chain.split(',') {
        let (name, count) = part.split_once(':').map_or((part, None), |(name, count)| (name, Some(count)));
        let iterations = match count.map(|count| count.trim().parse::<usize>()) {
            None => default,
            Some(Ok(count)) if count > 0 => count,
            Some(_) => {
                mistakes.add("engine", part, "after the colon comes a number of iterations, at least 1");
                continue;
            }
        };
        let algorithm = match name.trim() {
            "epie" => Algorithm::Pie(pie(
                Pie::epie(seed),
                PieConfig { gamma: None, ..config.pie.clone() },
                mistakes,
            )),
            "rpie" => Algorithm::Pie(pie(Pie::rpie(seed), config.pie.clone(), mistakes)),
            "dm" => Algorithm::DifferenceMap(difference_map(&config.dm, mistakes)),
            other => {
                let hint = nearest(other, ENGINES.into_iter())
                    .map_or(String::new(), |s| format!("; did you mean {s}?"));
                mistakes.add("engine", other, format!("choose one of {}{hint}", ENGINES.join(", ")));
                continue;
            }
        };
        stages.push(Stage { algorithm, iterations });
    }
    stages
}

fn pie(mut pie: Pie, config: PieConfig, mistakes: &mut Mistakes) -> Pie {
    let mut set = |key, value: Option<f32>, largest: f32, field: &mut f32| {
        if let Some(value) = value {
            if value > 0.0 && value <= largest {
                *field = value;
            } else {
                mistakes.add(key, value, format!("give a number above 0, at most {largest}"));
            }
        }
    };
    set("pie.object_step", config.object_step, 2.0, &mut pie.weights.object_step);
    set("pie.probe_step", config.probe_step, 2.0, &mut pie.weights.probe_step);
    set("pie.gamma", config.gamma, 1.0, &mut pie.weights.object_gamma);
    pie.probe_start = config.probe_start.unwrap_or(pie.probe_start);
    pie
}

fn difference_map(config: &DifferenceMapConfig, mistakes: &mut Mistakes) -> DifferenceMap {
    let default = DifferenceMap::default();
    let map = DifferenceMap {
        probe_start: config.probe_start.unwrap_or(default.probe_start),
        overlap_iterations: config.overlap_iterations.unwrap_or(default.overlap_iterations),
        overlap_tolerance: config.overlap_tolerance.unwrap_or(default.overlap_tolerance),
        relaxation: config.relaxation.unwrap_or(default.relaxation),
        ..default
    };
    if !(0.0..1.0).contains(&map.relaxation) {
        mistakes.add("dm.relaxation", map.relaxation, "give a number from 0 to below 1");
    }
    if map.overlap_iterations == 0 {
        mistakes.add("dm.overlap_iterations", 0, "give at least 1");
    }
    if map.overlap_tolerance.is_nan() || map.overlap_tolerance < 0.0 {
        mistakes.add("dm.overlap_tolerance", map.overlap_tolerance, "give a number of at least 0");
    }
    map
}

fn orientation(setting: Option<&OrientationSetting>, mistakes: &mut Mistakes) -> Option<Orientation> {
    let index = match setting? {
        OrientationSetting::Index(index) => Some(*index),
        OrientationSetting::Name(name) if name == "auto" => return None,
        OrientationSetting::Name(name) => name.parse().ok(),
    };
    let found = index.and_then(Orientation::from_index);
    if found.is_none() {
        let written = match setting? {
            OrientationSetting::Index(index) => index.to_string(),
            OrientationSetting::Name(name) => name.clone(),
        };
        mistakes.add("orientation", written, "give \"auto\" or a number from 0 to 7");
    }
    found
}

fn probe_source(probe: Option<&str>) -> ProbeSource {
    match probe {
        None | Some("auto") => ProbeSource::Auto,
        Some("mean") => ProbeSource::MeanFrame,
        Some(file) if is_toml(file) => ProbeSource::Optics(PathBuf::from(file)),
        Some(dataset) => ProbeSource::Dataset(dataset.to_owned()),
    }
}

fn is_toml(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
}

fn streaming(config: &ReconstructConfig, mistakes: &mut Mistakes) -> Streaming {
    let choices =
        [("auto", StreamChoice::Auto), ("always", StreamChoice::Always), ("never", StreamChoice::Never)];
    if config.memory_limit_mb == Some(0) {
        mistakes.add("memory_limit_mb", 0, "give at least 1, or stream = \"always\"");
    }
    Streaming {
        choice: mistakes.choose("stream", config.stream.as_ref(), &choices).unwrap_or_default(),
        memory_limit: config.memory_limit_mb.map(|megabytes| megabytes.saturating_mul(1_000_000)),
    }
}

fn read_options(config: &InputConfig, mistakes: &mut Mistakes) -> ReadOptions {
    let formats: Vec<(&'static str, Format)> = Format::ALL.iter().map(|f| (f.name(), *f)).collect();
    let regimes = [("far", Regime::FarField), ("near", Regime::NearField)];
    let origins = [("centre", FrameOrigin::Centre), ("corner", FrameOrigin::Corner)];
    let senses = [("beam", PositionSense::Beam), ("sample", PositionSense::Sample)];
    let bad = [("reject", BadCounts::Reject), ("mask", BadCounts::Mask), ("zero", BadCounts::Zero)];
    ReadOptions {
        format: mistakes.choose("input.format", config.format.as_ref(), &formats),
        energy: positive("input.energy_ev", config.energy_ev, mistakes).map(ElectronVolts::new),
        distance: positive("input.distance_m", config.distance_m, mistakes).map(Metres::new),
        detector_pixel: positive("input.pixel_m", config.pixel_m, mistakes).map(Metres::new),
        focus_to_sample: positive("input.focus_distance_m", config.focus_distance_m, mistakes)
            .map(Metres::new),
        regime: mistakes.choose("input.regime", config.regime.as_ref(), &regimes),
        origin: mistakes.choose("input.zero_frequency", config.zero_frequency.as_ref(), &origins),
        positions: config.positions.clone(),
        position_sense: mistakes.choose("input.position_sense", config.position_sense.as_ref(), &senses),
        companion: config.companion.as_ref().map(PathBuf::from),
        keys: key_names(config, mistakes),
        bad_counts: mistakes.choose("input.bad_counts", config.bad_counts.as_ref(), &bad).unwrap_or_default(),
        frame_limit: config.frame_limit,
    }
}

fn key_names(config: &InputConfig, mistakes: &mut Mistakes) -> KeyNames {
    let units = [
        ("m", LengthUnit::Metre),
        ("mm", LengthUnit::Millimetre),
        ("um", LengthUnit::Micrometre),
        ("nm", LengthUnit::Nanometre),
        ("angstrom", LengthUnit::Angstrom),
        ("px", LengthUnit::ObjectPixel),
    ];
    let polarities = [
        ("cxi", MaskPolarity::CxiBits),
        ("nexus", MaskPolarity::NexusBits),
        ("nonzero-good", MaskPolarity::NonZeroIsGood),
        ("nonzero-bad", MaskPolarity::NonZeroIsBad),
    ];
    KeyNames {
        frames: config.frames_key.clone(),
        positions: config.positions_key.clone(),
        positions_x: config.positions_x_key.clone(),
        mask: config.mask_key.clone(),
        probe: config.probe_key.clone(),
        energy: config.energy_key.clone(),
        distance: config.distance_key.clone(),
        pixel: config.pixel_key.clone(),
        position_unit: mistakes.choose("input.position_unit", config.position_unit.as_ref(), &units),
        mask_polarity: mistakes.choose("input.mask_polarity", config.mask_polarity.as_ref(), &polarities),
    }
}

fn positive(key: &'static str, value: Option<f64>, mistakes: &mut Mistakes) -> Option<f64> {
    let value = value?;
    if value > 0.0 && value.is_finite() {
        return Some(value);
    }
    mistakes.add(key, value, "give a positive number");
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_engine(engine: &str) -> Result<Settings, Vec<ConfigError>> {
        let config = ReconstructConfig { engine: Some(engine.to_owned()), ..ReconstructConfig::default() };
        Settings::resolve(&config)
    }

    #[test]
    fn a_chain_runs_its_stages_in_order() {
        let settings = with_engine("dm:20,epie").unwrap();
        assert_eq!(settings.iterations(), 20 + DEFAULT_ITERATIONS);
        assert!(matches!(settings.stages[0].algorithm, Algorithm::DifferenceMap(_)));
        assert_eq!(settings.stages[1].algorithm, Algorithm::Pie(Pie::epie(1)));
    }

    #[test]
    fn every_mistake_is_reported() {
        let mut config = ReconstructConfig { engine: Some("epi:0,dmm".to_owned()), ..Default::default() };
        config.modes = Some(0);
        config.orientation = Some(OrientationSetting::Index(8));
        config.input.energy_ev = Some(-5.0);
        config.input.bad_counts = Some("ignore".to_owned());
        config.stream = Some("sometimes".to_owned());
        config.memory_limit_mb = Some(0);
        let errors = Settings::resolve(&config).unwrap_err();
        let keys: Vec<&str> = errors
            .iter()
            .map(|error| match error {
                ConfigError::Value { key, .. } => *key,
                other => panic!("unexpected {other}"),
            })
            .collect();
        for key in [
            "engine",
            "modes",
            "orientation",
            "input.energy_ev",
            "input.bad_counts",
            "stream",
            "memory_limit_mb",
        ] {
            assert!(keys.contains(&key), "{key} is missing from {keys:?}");
        }
    }
}
