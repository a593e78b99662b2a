//! A configuration made complete and checked.

use super::corrections::{Corrections, FlyScan, corrections, fly_scan, stop};
use super::engines::stages;
use super::mistakes::{Allowed, Mistakes};
use super::parse::ConfigError;
use super::raw::{InputConfig, OrientationSetting, ReconstructConfig};
use crate::streaming::{StreamChoice, Streaming};
use litho_io::{BadCounts, Format, KeyNames, LengthUnit, PositionSense, ReadOptions, Regime};
use litho_ptycho::{Stage, StopRule};
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

impl ProbeSource {
    /// The file it is read from, if it is one of its own.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Auto | Self::MeanFrame => None,
            Self::Optics(path) => Some(path.clone()),
            Self::Dataset(spec) => {
                Some(PathBuf::from(spec.rsplit_once(":/").map_or(spec.as_str(), |(file, _)| file)))
            }
        }
    }
}

/// Everything `reconstruct` needs to know, complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Engines in the order they run.
    pub stages: Vec<Stage>,
    /// What is corrected between their iterations.
    pub corrections: Corrections,
    /// When to stop before the last iteration.
    pub stop: StopRule,
    /// Whether the fractions of positions count.
    pub subpixel: bool,
    /// How the beam moves during every exposure.
    pub fly_scan: Option<FlyScan>,
    /// Counts from which on a pixel is saturated.
    pub saturation: Option<f32>,
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

const MAX_MODES: usize = 32;

impl Settings {
    /// Completes and checks a configuration.
    ///
    /// # Errors
    /// Every value that makes no sense.
    pub fn resolve(config: &ReconstructConfig) -> Result<Self, Vec<ConfigError>> {
        let mut mistakes = Mistakes::default();
        let seed = config.seed.unwrap_or(1);
        let stages = stages(config, seed, &mut mistakes);
        // A chain with a mistake has fewer iterations than meant: nothing is held against them.
        let iterations = match mistakes.0.as_slice() {
            [] => stages.iter().map(|stage| stage.iterations).sum(),
            _ => usize::MAX,
        };
        let settings = Self {
            stages,
            corrections: corrections(config, seed, iterations, &mut mistakes),
            stop: stop(config.stop.as_ref(), &mut mistakes),
            subpixel: config.subpixel.unwrap_or(false),
            fly_scan: fly_scan(config.fly_scan.as_ref(), &mut mistakes),
            saturation: mistakes.number("saturation", config.saturation, Allowed::Positive),
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
    use crate::config::DEFAULT_ITERATIONS;
    use litho_compute::Likelihood;
    use litho_ptycho::{
        AffineDrift, Algorithm, AmplitudeLimits, BackgroundRetrieval, BeamIntensities, Correction, Decay,
        Pie, PositionGradient, ProbePower, ProbeVariations, Scheduled,
    };

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

    fn resolved(text: &str) -> Result<Settings, Vec<ConfigError>> {
        Settings::resolve(&crate::config::from_toml(text, "test").expect("TOML"))
    }

    #[test]
    fn every_engine_has_a_name_and_a_table() {
        let text = "engine = \"epie,rpie,mpie,batch,wasp,dm,raar,ml,lsqml\"\nlikelihood = \"poisson\"\n\
            [pie]\ndecay = 3.0\nmomentum_period = 7\nlikelihood = \"intensity\"\n[batch]\nframes = 5\n\
            [wasp]\nobject_weight = 1.5\n[dm]\nobject_inertia = 0.2\n[raar]\nbeta = 0.75\n[ml]\ndamping = 0.5\n\
            [lsqml]\nmomentum = 0.4\n";
        let settings = resolved(text).unwrap();
        let algorithms: Vec<Algorithm> = settings.stages.iter().map(|stage| stage.algorithm).collect();
        let [
            Algorithm::Pie(epie),
            Algorithm::Pie(rpie),
            Algorithm::Pie(mpie),
            Algorithm::BatchPie(batch),
            Algorithm::Wasp(wasp),
            Algorithm::DifferenceMap(map),
            Algorithm::Raar(raar),
            Algorithm::MaximumLikelihood(ml),
            Algorithm::LsqMl(lsq),
        ] = algorithms[..]
        else {
            panic!("{algorithms:?}")
        };
        assert_eq!(
            (epie.decay, epie.momentum, epie.weights.object_gamma),
            (Decay::HalfAfter(3.0), None, 1.0)
        );
        assert_eq!((rpie.momentum, rpie.weights.object_gamma), (None, 0.1));
        assert_eq!(mpie.momentum.map(|m| m.period), Some(7));
        assert_eq!((batch.batch, wasp.object_weight, map.object_inertia), (5, 1.5, 0.2));
        assert_eq!((raar.beta, ml.damping, lsq.momentum), (0.75, 0.5, 0.4));
        // The engine's own table wins over what is said for all.
        assert_eq!((epie.likelihood, lsq.likelihood), (Likelihood::Intensity, Likelihood::Poisson));
    }

    #[test]
    fn tables_turn_corrections_on() {
        assert_eq!(resolved("").unwrap().corrections.iter().count(), 0);
        let settings = resolved("[positions]\n[background]\n[intensities]\n[variations]\n[stop]\n").unwrap();
        let expected = [
            Scheduled::new(Correction::PositionGradient(PositionGradient::default()), 3, 1),
            Scheduled::new(Correction::Background(BackgroundRetrieval::default()), 10, 2),
            Scheduled::new(Correction::BeamIntensities(BeamIntensities::default()), 5, 2),
            Scheduled::new(Correction::ProbeVariations(ProbeVariations::new(1, 1)), 10, 1),
        ];
        assert_eq!(settings.corrections.for_frames(7.0), expected);
        assert_eq!(settings.corrections.margin, 16);
        assert_eq!(settings.corrections.without_positions().iter().count(), 3);
        assert_eq!(settings.stop, StopRule::Stagnation { window: 10, tolerance: 1e-3 });
        let limits =
            resolved("[probe_limits]\nkeep_power = true\n[object_limits]\nphase_only = true\n").unwrap();
        let expected = [
            Scheduled::new(Correction::ProbePower(ProbePower { counts: 7.0 }), 0, 1),
            Scheduled::new(
                Correction::AmplitudeLimits(AmplitudeLimits { smallest: 1.0, largest: 1.0 }),
                0,
                1,
            ),
        ];
        assert_eq!(limits.corrections.for_frames(7.0), expected);
    }

    #[test]
    fn trials_hand_over_to_least_squares() {
        let settings = resolved("[positions]\nmethod = \"both\"\nstart = 2\nfreedom = 0.0\n").unwrap();
        let all = settings.corrections.for_frames(0.0);
        assert!(matches!(all[0].correction, Correction::PositionAnnealing(_)));
        // 3 px · 0.93ⁱ < 0.5 px from i = 24.7 on.
        assert_eq!((all[0].start, all[0].end), (2, 25));
        assert!(matches!(all[1].correction, Correction::PositionGradient(_)) && all[1].end == usize::MAX);
        assert_eq!(all[2].correction, Correction::AffineDrift(AffineDrift { freedom: 0.0 }));
    }

    #[test]
    fn values_of_tables_that_make_no_sense_are_named() {
        let cases = [
            (
                "[positions]\nmethod = \"guess\"",
                "positions.method = guess: choose one of gradient, annealing, both",
            ),
            ("[positions]\nlongest_px = 0.0", "positions.longest_px = 0: give a number above 0"),
            ("[positions]\nevery = 0", "positions.every = 0: give at least 1"),
            ("[positions]\nend = 3", "positions.end = 3: it would never act; give more than the start, 3"),
            (
                "iterations = 8\n[background]",
                "background.start = 10: it would never act, for the run has 8 iterations",
            ),
            ("[background]\nsmoothness = nan", "background.smoothness = NaN: give a number of at least 0"),
            ("[variations]\ncount = 0", "variations.count = 0: give 1 to 16"),
            ("[probe_limits]\nsupport = 2.0", "probe_limits.support = 2: give a number above 0, at most 1.5"),
            (
                "[object_limits]\nsmallest = 2.0\nlargest = 1.0",
                "object_limits.smallest = 2: the largest amplitude, 1",
            ),
            ("[object_limits]\nphase_only = true\nlargest = 1.0", "object_limits.phase_only = true: it sets"),
            ("[fly_scan]", "fly_scan.sweep_m = : is missing"),
            ("[fly_scan]\nsweep_px = [0.0, 0.0]", "fly_scan.sweep_px = [0, 0]: give two finite numbers"),
            ("[fly_scan]\nsweep_px = [1.0, 0.0]\nexposures = 1", "fly_scan.exposures = 1: give 2 to 32"),
            ("[stop]\ntolerance = 1.0", "stop.tolerance = 1: give a number from 0 to below 1"),
            ("saturation = -1.0", "saturation = -1: give a number above 0"),
            ("likelihood = \"gauss\"", "likelihood = gauss: choose one of amplitude, poisson, intensity"),
            ("engine = \"dm\"\nlikelihood = \"poisson\"", "likelihood = poisson: dm and raar replace moduli"),
            ("engine = \"raar\"\n[raar]\nbeta = 0.5", "raar.beta = 0.5: give a number above 0.5, at most 1"),
            (
                "engine = \"lsqml\"\n[lsqml]\nmomentum = 1.0",
                "lsqml.momentum = 1: give a number from 0 to below 1",
            ),
        ];
        for (text, expected) in cases {
            let told: Vec<String> = resolved(text).expect_err(text).iter().map(ToString::to_string).collect();
            assert!(told.len() == 1 && told[0].starts_with(expected), "{text}: {told:?}");
        }
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
