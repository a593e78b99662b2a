//! The stages that follow where references are known: the chemistry of voxels, their particles, a report of both.

use super::config::TomographyConfig;
use super::flow::REPORT;
use crate::align::Summary;
use crate::chemistry::{self, Beside, ChemistryConfig, Content, Truth, write};
use crate::error::PipelineError;
use crate::particles::{self, ParticlesConfig};
use crate::provenance::fingerprint;
use crate::run::journal::Journal;
use crate::run::stages::Key;
use litho_types::observer::CancelToken;
use std::path::{Path, PathBuf};

/// What voxels are made of.
pub(super) const CHEMISTRY: &str = "chemistry";
/// What particles there are.
pub(super) const PARTICLES: &str = "particles";

/// What there is of one energy.
#[derive(Debug, Clone)]
pub(super) struct Energy {
    pub(super) volume: PathBuf,
    /// The projections the volume is made of.
    pub(super) aligned: PathBuf,
    /// What the volume is made of.
    pub(super) key: Key,
}

/// The files of these stages, and the volume of the first energy.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Files {
    volume: PathBuf,
    chemistry: PathBuf,
    particles: PathBuf,
    report: PathBuf,
}

/// Runs both stages; `None` without references.
///
/// # Errors
/// [`PipelineError`] for fewer energies than references, bad references or a file that cannot be written.
pub(super) fn stages(
    journal: &mut Journal<'_>,
    config: &TomographyConfig,
    energies: &[Energy],
    cancel: &CancelToken,
) -> Result<Option<Files>, PipelineError> {
    let Some(references) = config.references.as_ref().map(|path| journal.beside(path)) else {
        return Ok(None);
    };
    let at = |name: &str| journal.request.folder.join(name);
    let files = Files {
        volume: energies.first().map(|energy| energy.volume.clone()).unwrap_or_default(),
        chemistry: at("chemistry.h5"),
        particles: at("particles.h5"),
        report: at("report.html"),
    };
    let chemistry = voxels(journal, config, energies, &references, &files.chemistry)?;
    let settings = toml::to_string(&config.particles).unwrap_or_default();
    let key = Key::of(PARTICLES, &settings, &[chemistry.text()]);
    if journal.is_done(PARTICLES, &key, &files.particles) {
        journal.say_done(PARTICLES, "");
        return Ok(Some(files));
    }
    let request = particles::Request {
        chemistry: files.chemistry.clone(),
        output: files.particles.clone(),
        config: ParticlesConfig { threads: Some(journal.request.threads), ..config.particles.clone() },
    };
    tell(journal, PARTICLES, &particles::particles(&request, cancel)?);
    key.keep(&files.particles)?;
    Ok(Some(files))
}

/// The chemistry of voxels; without a stack, the projections nearest to 0° are what the volume is compared with.
fn voxels(
    journal: &mut Journal<'_>,
    config: &TomographyConfig,
    energies: &[Energy],
    references: &Path,
    output: &Path,
) -> Result<Key, PipelineError> {
    let stack = config.chemistry.stack.as_ref().map(|stack| journal.beside(stack));
    let settings = toml::to_string(&config.chemistry).unwrap_or_default();
    let besides = [Some(references), stack.as_deref()].into_iter().flatten();
    let hashes = besides.map(|path| Ok(fingerprint(path)?.1)).collect::<Result<Vec<_>, PipelineError>>()?;
    let inputs: Vec<&str> =
        energies.iter().map(|energy| energy.key.text()).chain(hashes.iter().map(String::as_str)).collect();
    let key = Key::of(CHEMISTRY, &settings, &inputs);
    if journal.is_done(CHEMISTRY, &key, output) {
        journal.say_done(CHEMISTRY, "");
        return Ok(key);
    }
    let request = chemistry::Request {
        volumes: energies.iter().map(|energy| energy.volume.clone()).collect(),
        references: references.to_owned(),
        projections: energies.iter().map(|energy| energy.aligned.clone()).collect(),
        output: output.to_owned(),
        config: ChemistryConfig {
            threads: Some(journal.request.threads),
            stack: stack.map(|path| path.display().to_string()),
            ..config.chemistry.clone()
        },
    };
    tell(journal, CHEMISTRY, &chemistry::chemistry(&request)?);
    key.keep(output)?;
    Ok(key)
}

fn tell(journal: &mut Journal<'_>, stage: &'static str, summary: &Summary) {
    journal.say(stage, "", &summary.lines);
    journal.warnings.extend(summary.warnings.iter().cloned());
}

/// Writes the report of both.
///
/// # Errors
/// [`PipelineError`] if something cannot be drawn or written.
pub(super) fn report(
    journal: &mut Journal<'_>,
    config: &TomographyConfig,
    files: &Files,
) -> Result<PathBuf, PipelineError> {
    let truth = match &config.truth {
        Some(truth) => Truth::read(&journal.beside(truth), &files.chemistry)?,
        None => None,
    };
    let content = Content::read(
        &files.chemistry,
        Beside {
            title: journal.title(config.title.as_deref()),
            particles: Some(files.particles.clone()),
            volume: Some(files.volume.clone()),
            truth,
        },
    )?;
    if let Some(agreement) = content.agreement() {
        journal.say(REPORT, "", &agreement);
    }
    write(&content, &files.report)?;
    Ok(files.report.clone())
}
