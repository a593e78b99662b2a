//! The experiment made complete and checked.

use super::config::{ExperimentConfig, KramersKronigConfig, KramersKronigSetting};
use crate::config::{Allowed, ConfigError, Mistakes, ReconstructConfig, Settings, parse};
use crate::error::PipelineError;
use litho_types::quantity::ElectronVolts;
use litho_types::scattering::Element;
use std::path::{Path, PathBuf};

/// Everything `spectrum-scan` needs to know, complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// What to call the sample.
    pub name: String,
    /// The element whose edge is scanned.
    pub absorber: Option<Element>,
    /// One scan per energy, in the order of the file.
    pub inputs: Vec<EnergyInput>,
    /// How each energy is reconstructed.
    pub settings: Settings,
    /// The constraint between the energies.
    pub kramers_kronig: Option<KramersKronig>,
    /// How the images come to one pixel.
    pub pixel: CommonPixel,
    /// Energy the others are registered to.
    pub reference: Option<ElectronVolts>,
    /// Iterations of the reference whose probe all others start from.
    pub warm_start: usize,
    /// Air on the sample, `[y0, x0, y1, x1]` in m.
    pub air: Option<[f64; 4]>,
    /// The configuration, complete, for the record.
    pub config: ExperimentConfig,
}

/// One energy's scan.
#[derive(Debug, Clone, PartialEq)]
pub struct EnergyInput {
    /// The scan as it is named, relative paths resolved.
    pub dataset: String,
    /// Photon energy, if the file is not to be asked.
    pub energy: Option<ElectronVolts>,
    /// How it is read and where its probe starts.
    pub settings: Settings,
}

/// When and how the energies are made consistent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KramersKronig {
    /// First iteration after which it acts.
    pub start: usize,
    /// Iterations between two times.
    pub every: usize,
    /// Share of the way that is gone.
    pub strength: f64,
    /// Width of the core level; `None` asks for consistency alone.
    pub core_hole: Option<ElectronVolts>,
}

/// How images of all energies come to one real-space pixel: the far field's is `λz/(Np)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommonPixel {
    /// Objects are reconstructed on their own pixels and resampled to the largest.
    ResampleObjects,
    /// Frames are resampled to the frequencies of the lowest energy before reconstruction.
    ResampleFrames,
    /// Frames are cropped to the nearest equal pixel; objects are resampled by the rest.
    CropFrames,
}

const DEFAULT_ITERATIONS: usize = 800;
const DEFAULT_WARM_START: usize = 30;
/// Width of the K level of vanadium (Krause & Oliver, J. Phys. Chem. Ref. Data 8, 329 (1979)).
const DEFAULT_CORE_HOLE_EV: f64 = 1.01;
const PIXELS: [(&str, CommonPixel); 3] = [
    ("resample-objects", CommonPixel::ResampleObjects),
    ("resample-frames", CommonPixel::ResampleFrames),
    ("crop-frames", CommonPixel::CropFrames),
];

impl Experiment {
    /// Reads an experiment file.
    ///
    /// # Errors
    /// [`PipelineError::Config`] with every mistake.
    pub fn from_file(path: &Path) -> Result<Self, PipelineError> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            PipelineError::argument("EXPERIMENT.toml", path.display(), format!("{error}; give a TOML file"))
        })?;
        let config = parse(&text, &path.display().to_string()).map_err(PipelineError::Config)?;
        Self::resolve(config, path.parent().unwrap_or(Path::new(""))).map_err(PipelineError::Config)
    }

    /// Completes and checks an experiment whose paths are relative to `folder`.
    ///
    /// # Errors
    /// Every value that makes no sense.
    pub fn resolve(config: ExperimentConfig, folder: &Path) -> Result<Self, Vec<ConfigError>> {
        let mut mistakes = Mistakes::default();
        let scan = &config.spectrum_scan;
        let reconstruct = ReconstructConfig {
            engine: scan.engine.clone().or(config.reconstruct.engine.clone()),
            iterations: scan.iterations.or(config.reconstruct.iterations).or(Some(DEFAULT_ITERATIONS)),
            seed: scan.seed.or(config.reconstruct.seed),
            // Images of many energies are compared to fractions of a pixel.
            subpixel: config.reconstruct.subpixel.or(Some(true)),
            ..config.reconstruct.clone()
        };
        let settings = Settings::resolve(&reconstruct);
        let inputs = inputs(&config, &reconstruct, folder, &mut mistakes);
        let absorber = absorber(config.sample.absorber.as_deref(), &mut mistakes);
        let iterations = settings.as_ref().map_or(usize::MAX, Settings::iterations);
        let kramers_kronig = kramers_kronig(
            scan.kramers_kronig.as_ref(),
            iterations,
            absorber,
            config.inputs.len(),
            &mut mistakes,
        );
        if settings.as_ref().is_ok_and(|settings| settings.split) {
            mistakes.add("reconstruct.split", true, "halves are for single scans; use `reconstruct --split`");
        }
        let air = scan.air_m;
        if let Some([y0, x0, y1, x1]) = air
            && !(y0 < y1 && x0 < x1 && [y0, x0, y1, x1].iter().all(|v| v.is_finite()))
        {
            mistakes.add(
                "spectrum_scan.air_m",
                format!("{:?}", [y0, x0, y1, x1]),
                "give [y0, x0, y1, x1] with y0 < y1 and x0 < x1",
            );
        }
        let reference =
            mistakes.number("spectrum_scan.reference_energy_ev", scan.reference_energy_ev, Allowed::Positive);
        let pixel = mistakes.choose("spectrum_scan.pixel", scan.pixel.as_ref(), &PIXELS);
        let settings = match settings {
            Ok(settings) if mistakes.0.is_empty() => settings,
            Ok(_) => return Err(mistakes.0),
            Err(more) => return Err(mistakes.0.into_iter().chain(more).collect()),
        };
        Ok(Self {
            name: config.sample.name.clone().unwrap_or_else(|| "sample".to_owned()),
            absorber,
            inputs,
            settings,
            kramers_kronig,
            pixel: pixel.unwrap_or(CommonPixel::ResampleObjects),
            reference: reference.map(ElectronVolts::new),
            warm_start: scan.warm_start.unwrap_or(DEFAULT_WARM_START),
            air,
            config: ExperimentConfig { reconstruct, ..config },
        })
    }

    /// The ends of what is done in one go after `done` iterations: up to each meeting, and to the last iteration.
    pub fn blocks(&self, done: usize) -> Vec<usize> {
        let last = self.settings.iterations();
        let mut ends = self.meetings();
        if ends.last() != Some(&last) {
            ends.push(last);
        }
        ends.retain(|end| *end >= done);
        ends
    }

    /// The iterations after which the energies are made consistent.
    pub fn meetings(&self) -> Vec<usize> {
        let last = self.settings.iterations();
        self.kramers_kronig.map_or(Vec::new(), |kk| (kk.start..=last).step_by(kk.every).collect())
    }
}

fn inputs(
    config: &ExperimentConfig,
    reconstruct: &ReconstructConfig,
    folder: &Path,
    mistakes: &mut Mistakes,
) -> Vec<EnergyInput> {
    if config.inputs.is_empty() {
        mistakes.add("inputs", "[]", "name the scan of each energy in a table [[inputs]] with file = \"…\"");
    }
    let mut all = Vec::new();
    for input in &config.inputs {
        let energy = mistakes.number("inputs.energy", input.energy, Allowed::Positive);
        let mut own = reconstruct.clone();
        own.probe = input.probe.clone().or(own.probe).map(|probe| relative_probe(folder, &probe));
        own.input.energy_ev = energy.or(own.input.energy_ev);
        let Ok(settings) = Settings::resolve(&own) else { continue };
        all.push(EnergyInput {
            dataset: relative(folder, &input.file),
            energy: energy.map(ElectronVolts::new),
            settings,
        });
    }
    all
}

/// A dataset beside the experiment file; examples and absolute paths stay.
fn relative(folder: &Path, file: &str) -> String {
    if file.starts_with("example:") { file.to_owned() } else { folder.join(file).display().to_string() }
}

/// As [`relative`]; words stay.
fn relative_probe(folder: &Path, probe: &str) -> String {
    if matches!(probe, "auto" | "mean") {
        probe.to_owned()
    } else {
        PathBuf::from(folder).join(probe).display().to_string()
    }
}

fn absorber(symbol: Option<&str>, mistakes: &mut Mistakes) -> Option<Element> {
    let symbol = symbol?;
    match symbol.parse() {
        Ok(element) => Some(element),
        Err(error) => {
            mistakes.add("sample.absorber", symbol, error.to_string());
            None
        }
    }
}

/// Fewest energies for which the constraint is on unless it is off.
const LEAST_ENERGIES: usize = 8;

fn kramers_kronig(
    setting: Option<&KramersKronigSetting>,
    iterations: usize,
    absorber: Option<Element>,
    energies: usize,
    mistakes: &mut Mistakes,
) -> Option<KramersKronig> {
    let default = KramersKronigConfig::default();
    let config = match setting {
        None if absorber.is_some() && energies >= LEAST_ENERGIES => &default,
        None | Some(KramersKronigSetting::Switch(false)) => return None,
        Some(KramersKronigSetting::Switch(true)) => &default,
        Some(KramersKronigSetting::Table(config)) => config,
    };
    if absorber.is_none() {
        mistakes.add(
            "sample.absorber",
            "",
            "the Kramers–Kronig constraint needs the element whose edge is scanned; name it, or set kramers_kronig = false",
        );
    }
    let mut settings = KramersKronig {
        start: (iterations / 8).saturating_mul(5).max(1),
        every: (iterations / 16).max(1),
        strength: 1.0,
        core_hole: None,
    };
    mistakes.count("spectrum_scan.kramers_kronig.start", config.start, (1, iterations), &mut settings.start);
    mistakes.count("spectrum_scan.kramers_kronig.every", config.every, (1, usize::MAX), &mut settings.every);
    let allowed = Allowed::UpTo(1.0);
    mistakes.set("spectrum_scan.kramers_kronig.strength", config.strength, allowed, &mut settings.strength);
    let mut core_hole = DEFAULT_CORE_HOLE_EV;
    let key = "spectrum_scan.kramers_kronig.core_hole_ev";
    mistakes.set(key, config.core_hole_ev, Allowed::NotNegative, &mut core_hole);
    settings.core_hole = (core_hole > 0.0).then(|| ElectronVolts::new(core_hole));
    Some(settings)
}
