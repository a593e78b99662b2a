//! The stages of a tomographic experiment, in order.

use super::chemistry;
use super::config::TomographyConfig;
use super::projections::{ScanSeries, series_of};
use super::truth::{self, Agreement};
use crate::align::{self, AlignConfig};
use crate::error::PipelineError;
use crate::output;
use crate::provenance::fingerprint;
use crate::reconstruct::Status;
use crate::run::journal::{Journal, Request, Summary};
use crate::run::stages::Key;
use crate::threads::in_pool;
use crate::tomo::page::{self, Beside, Content};
use crate::tomo::{self, TomoConfig};
use litho_io::write_tilts;
use litho_types::observer::{CancelToken, Observer};
use std::path::{Path, PathBuf};

/// The stages, in order.
pub(in crate::run) const STAGES: [&str; 6] =
    [PROJECTIONS, ALIGN, TOMO, chemistry::CHEMISTRY, chemistry::PARTICLES, REPORT];

/// Images of all angles.
const PROJECTIONS: &str = "projections";
/// Preparation and alignment.
const ALIGN: &str = "align";
/// Volumes.
const TOMO: &str = "tomo";
/// The report.
pub(super) const REPORT: &str = "report";

/// The files of one energy.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EnergyFiles {
    /// What the energy is called in names of files; empty if there is one series without an energy.
    pub(super) label: String,
    pub(super) tilts: PathBuf,
    pub(super) aligned: PathBuf,
    pub(super) volume: PathBuf,
    pub(super) report: PathBuf,
}

/// Runs the experiment of this text.
///
/// # Errors
/// [`PipelineError`] for a bad experiment, bad data or a file that cannot be written.
pub(in crate::run) fn run(
    request: &Request,
    text: &str,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Summary, PipelineError> {
    let config = TomographyConfig::from_text(text, &request.experiment)?;
    let mut flow = Flow { journal: Journal::new(request, &STAGES)?, config: &config };
    output::make_folder(&request.folder)?;
    let (mut done, mut volumes) = (Vec::new(), Vec::new());
    for source in flow.sources() {
        let files = flow.files(&source);
        let Some(tilts) = flow.tilts(&source, &files, observer, cancel)? else {
            return Ok(flow.journal.end(Status::Interrupted, request.folder.clone()));
        };
        let Some(aligned) = flow.aligned(&files, &tilts, observer, cancel)? else {
            return Ok(flow.journal.end(Status::Interrupted, request.folder.clone()));
        };
        let Some(volume) = flow.volume(&files, &aligned, observer, cancel)? else {
            return Ok(flow.journal.end(Status::Interrupted, request.folder.clone()));
        };
        volumes.push(chemistry::Energy {
            volume: files.volume.clone(),
            aligned: files.aligned.clone(),
            key: volume,
        });
        done.push(files);
    }
    let chemistry = chemistry::stages(&mut flow.journal, &config, &volumes, cancel)?;
    let report = flow.report(&done)?;
    let report = match chemistry {
        Some(files) => chemistry::report(&mut flow.journal, &config, &files)?,
        None => report,
    };
    Ok(flow.journal.end(Status::Done, report))
}

/// Where the projections of one energy come from.
enum Source {
    Scans(Box<ScanSeries>),
    Series { file: PathBuf, energy: Option<f64> },
}

impl Source {
    fn energy(&self) -> Option<f64> {
        match self {
            Self::Scans(series) => series.energy,
            Self::Series { energy, .. } => *energy,
        }
    }
}

struct Flow<'a> {
    journal: Journal<'a>,
    config: &'a TomographyConfig,
}

impl Flow<'_> {
    fn sources(&self) -> Vec<Source> {
        let beside = |path: &str| self.journal.beside(path);
        let whole = self.config.inputs.iter().filter(|input| input.angle.is_none());
        let series = whole.map(|input| Source::Series { file: beside(&input.file), energy: input.energy });
        series
            .chain(series_of(self.config, beside).into_iter().map(|series| Source::Scans(Box::new(series))))
            .collect()
    }

    fn files(&self, source: &Source) -> EnergyFiles {
        let label = match (source, source.energy()) {
            (_, Some(energy)) => format!("{energy}"),
            (Source::Series { file, .. }, None) => {
                file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
            }
            (Source::Scans(_), None) => String::new(),
        };
        let suffix = if label.is_empty() { String::new() } else { format!("-{label}") };
        let at = |name: &str| self.journal.request.folder.join(format!("{name}{suffix}.h5"));
        let tilts = match source {
            Source::Scans(_) => at("tilts"),
            Source::Series { file, .. } => file.clone(),
        };
        EnergyFiles {
            label,
            tilts,
            aligned: at("aligned"),
            volume: at("volume"),
            report: at("report").with_extension("html"),
        }
    }

    /// The tilt series of one energy, made if it is not there; `None` if that was interrupted.
    fn tilts(
        &mut self,
        source: &Source,
        files: &EnergyFiles,
        observer: &mut (dyn Observer + Send),
        cancel: &CancelToken,
    ) -> Result<Option<Key>, PipelineError> {
        let series = match source {
            Source::Series { file, energy } => {
                let (_, hash) = fingerprint(file)?;
                return Ok(Some(Key::of("series", &format!("{energy:?}"), &[&hash])));
            }
            Source::Scans(series) => series,
        };
        let key = Key::of(PROJECTIONS, &series.settings(), &[&series.hash()?]);
        if self.journal.is_done(PROJECTIONS, &key, &files.tilts) {
            self.journal.say_done(PROJECTIONS, &files.label);
            return Ok(Some(key));
        }
        let folder = self.journal.request.folder.join(format!("scans{}", files.label));
        if self.journal.repeats(PROJECTIONS) && folder.exists() {
            forget(&folder)?;
        }
        let made = in_pool(self.journal.request.threads, || series.reconstruct(&folder, observer, cancel))?;
        let Some((tilts, lines)) = made else { return Ok(None) };
        self.journal.say(PROJECTIONS, &files.label, &lines);
        write_tilts(&files.tilts, &tilts)?;
        key.keep(&files.tilts)?;
        Ok(Some(key))
    }

    /// The aligned projections of one energy; `None` if that was interrupted.
    fn aligned(
        &mut self,
        files: &EnergyFiles,
        tilts: &Key,
        observer: &mut (dyn Observer + Send),
        cancel: &CancelToken,
    ) -> Result<Option<Key>, PipelineError> {
        let config = AlignConfig {
            threads: Some(self.journal.request.threads),
            placements: self
                .config
                .align
                .placements
                .as_ref()
                .map(|path| self.journal.beside(path).display().to_string()),
            ..self.config.align.clone()
        };
        let settings = toml::to_string(&self.config.align).unwrap_or_default();
        let placements = match &config.placements {
            Some(path) => fingerprint(Path::new(path))?.1,
            None => String::new(),
        };
        let key = Key::of(ALIGN, &settings, &[tilts.text(), &placements]);
        if self.journal.is_done(ALIGN, &key, &files.aligned) {
            self.journal.say_done(ALIGN, &files.label);
            return Ok(Some(key));
        }
        let request = align::Request { tilts: files.tilts.clone(), output: files.aligned.clone(), config };
        let summary = align::align(&request, observer, cancel)?;
        self.keep(ALIGN, files, &key, &files.aligned, summary)
    }

    /// The volume of one energy; `None` if that was interrupted.
    fn volume(
        &mut self,
        files: &EnergyFiles,
        aligned: &Key,
        observer: &mut (dyn Observer + Send),
        cancel: &CancelToken,
    ) -> Result<Option<Key>, PipelineError> {
        let settings = toml::to_string(&self.config.tomo).unwrap_or_default();
        let key = Key::of(TOMO, &settings, &[aligned.text()]);
        if self.journal.is_done(TOMO, &key, &files.volume) {
            self.journal.say_done(TOMO, &files.label);
            return Ok(Some(key));
        }
        let config = TomoConfig { threads: Some(self.journal.request.threads), ..self.config.tomo.clone() };
        let request = tomo::Request { tilts: files.aligned.clone(), output: files.volume.clone(), config };
        let summary = tomo::tomo(&request, observer, cancel)?;
        self.keep(TOMO, files, &key, &files.volume, summary)
    }

    /// Notes what a stage said, and that its file is made of what the key says; `None` if it was interrupted.
    fn keep(
        &mut self,
        stage: &str,
        files: &EnergyFiles,
        key: &Key,
        file: &Path,
        summary: crate::align::Summary,
    ) -> Result<Option<Key>, PipelineError> {
        self.journal.say(stage, &files.label, &summary.lines);
        let head = if files.label.is_empty() { String::new() } else { format!("{}: ", files.label) };
        self.journal.warnings.extend(summary.warnings.iter().map(|warning| format!("{head}{warning}")));
        if summary.status == Status::Interrupted {
            return Ok(None);
        }
        key.keep(file)?;
        Ok(Some(key.clone()))
    }

    /// The report of every energy; the path of the first.
    fn report(&mut self, done: &[EnergyFiles]) -> Result<PathBuf, PipelineError> {
        let title = self.journal.title(self.config.title.as_deref());
        let truth = self.config.truth.as_ref().map(|truth| self.journal.beside(truth));
        let mut first = None;
        for files in done {
            let agreement = match &truth {
                Some(truth) => truth::compare(truth, files)?,
                None => None,
            };
            if let Some(agreement) = &agreement {
                self.journal.say(REPORT, &files.label, &agreement.lines());
            }
            let title =
                if files.label.is_empty() { title.clone() } else { format!("{title}, {} eV", files.label) };
            let beside = Beside {
                title,
                aligned: Some(files.aligned.clone()),
                facts: agreement.iter().flat_map(Agreement::facts).collect(),
                truth: agreement.map(|agreement| agreement.truth),
            };
            let content = Content::read(&files.volume, beside)?;
            page::write(&content, &files.report)?;
            first.get_or_insert_with(|| files.report.clone());
        }
        Ok(first.unwrap_or_else(|| self.journal.request.folder.clone()))
    }
}

/// Removes the results of single scans, so that they are made anew.
fn forget(folder: &Path) -> Result<(), PipelineError> {
    std::fs::remove_dir_all(folder).map_err(|error| PipelineError::Write {
        file: folder.display().to_string(),
        reason: format!("its old results cannot be removed: {error}"),
    })
}
