//! `simulate vanadium`: the scans of many particles at many energies, the experiment files, and the truth.

mod tables;
mod truth;

use super::files::write_text;
use crate::error::PipelineError;
use litho_io::write_cxi;
use litho_sim::background::Background;
use litho_sim::scan::ScanSimulation;
use litho_sim::vanadium::{Experiment, Sample};
use litho_types::observer::CancelToken;
use std::path::{Path, PathBuf};

pub use litho_sim::vanadium::Size;

/// What to simulate and where to put it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// How large.
    pub size: Size,
    /// Samples to simulate, by name; `None` for those of the size. A sample is the same whatever others are asked for.
    pub samples: Option<Vec<String>>,
    /// Seed of particles, drifts, stage jitter and noise; `None` for 1.
    pub seed: Option<u64>,
    /// Photons per frame; `None` keeps the experiment's own (10⁷).
    pub photons: Option<f64>,
    /// Factor on the photons per frame; `None` for 1.
    pub dose: Option<f64>,
    /// Share of the photons in a structured background; `None` for no background.
    pub background: Option<f64>,
    /// Folder to write to.
    pub folder: PathBuf,
}

/// How a simulation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everything is written.
    Complete,
    /// Interrupted between two scans; `vanadium.toml` is missing.
    Interrupted,
}

/// Simulates and writes, one scan after the other: `truth.h5`, `optics.toml`, `NAME/e00.cxi` … and `NAME.toml` for each
/// sample, and `vanadium.toml` last. `wrote` is told each file.
///
/// # Errors
/// [`PipelineError`] for an impossible experiment, or files that cannot be written.
pub fn simulate(
    request: &Request,
    cancel: &CancelToken,
    wrote: &mut dyn FnMut(&Path),
) -> Result<Ending, PipelineError> {
    let samples = samples(request)?;
    let factor = factor(request)?;
    let experiment = Experiment::new(request.size, request.seed.unwrap_or(DEFAULT_SEED))?;
    let scan = |sample, index| -> Result<ScanSimulation, PipelineError> {
        let mut scan = experiment.scan(sample, index)?;
        scan.photons_per_frame = request.photons.unwrap_or(scan.photons_per_frame) * factor;
        if let Some(share) = request.background {
            scan.background = Background::Structured { share };
        }
        Ok(scan)
    };
    // Nothing is written if the numbers are wrong.
    scan(samples[0], 0)?.check()?;
    crate::output::make_folder(&request.folder)?;
    let at = |name: &str| request.folder.join(name);
    truth::write(&at("truth.h5"), &experiment, &samples, request)?;
    wrote(&at("truth.h5"));
    write_text(&at("optics.toml"), &tables::optics(), wrote)?;
    for &sample in &samples {
        crate::output::make_folder(&at(sample.name()))?;
        for index in 0..experiment.energies().len() {
            if cancel.is_cancelled() {
                return Ok(Ending::Interrupted);
            }
            let path = at(&tables::scan_file(sample, index));
            write_cxi(&path, &scan(sample, index)?.simulate()?.0)?;
            wrote(&path);
        }
        let name = format!("{}.toml", sample.name());
        write_text(&at(&name), &tables::sample(sample, &experiment, request), wrote)?;
    }
    write_text(&at("vanadium.toml"), &tables::all(&samples, request), wrote)?;
    Ok(Ending::Complete)
}

/// Seed of an experiment for which none is given.
const DEFAULT_SEED: u64 = 1;

/// The samples asked for, each once, in the order of the experiment.
fn samples(request: &Request) -> Result<Vec<Sample>, PipelineError> {
    let Some(names) = &request.samples else { return Ok(request.size.samples().to_vec()) };
    let known = || Sample::ALL.map(Sample::name).join(", ");
    let mut samples = Vec::with_capacity(names.len());
    for name in names {
        let sample = Sample::from_name(name).ok_or_else(|| {
            PipelineError::argument(
                "--samples",
                name,
                format!("there is no such sample; choose from {}", known()),
            )
        })?;
        samples.push(sample);
    }
    if samples.is_empty() {
        return Err(PipelineError::argument("--samples", "", format!("name at least one of {}", known())));
    }
    samples.sort_by_key(|sample| sample.index());
    samples.dedup();
    Ok(samples)
}

/// The factor on the photons.
fn factor(request: &Request) -> Result<f64, PipelineError> {
    let dose = request.dose.unwrap_or(1.0);
    if dose.is_finite() && dose > 0.0 {
        return Ok(dose);
    }
    Err(PipelineError::argument(
        "--dose",
        dose,
        "give a factor above zero, such as 0.1 for a tenth of the photons",
    ))
}
