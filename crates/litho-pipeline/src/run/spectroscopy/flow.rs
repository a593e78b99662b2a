//! The stages of an experiment, in order.

use super::config::{RunConfig, STANDARD};
use super::page;
use super::samples::SampleFiles;
use super::truth::Comparison;
use crate::cluster::{self, ClusterConfig, GroupConfig};
use crate::error::PipelineError;
use crate::output;
use crate::provenance::fingerprint;
use crate::reconstruct::{Resume, Status};
use crate::run::journal::{Journal, Request, Summary};
use crate::run::stages::Key;
use crate::spectrum_scan::{self, Experiment};
use crate::xanes;
use litho_types::observer::{CancelToken, Observer};
use std::path::{Path, PathBuf};

/// The stages, in order.
pub(in crate::run) const STAGES: [&str; 4] = [SPECTRUM_SCAN, XANES, CLUSTER, REPORT];

/// Images of all energies.
const SPECTRUM_SCAN: &str = "spectrum-scan";
/// Fits of spectra.
const XANES: &str = "xanes";
/// Domains.
const CLUSTER: &str = "cluster";
/// The report.
const REPORT: &str = "report";

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
    let config = RunConfig::from_text(text, &request.experiment)?;
    let mut flow = Flow { journal: Journal::new(request, &STAGES)?, config: &config };
    let mut samples = Vec::new();
    for index in 0..config.sample.len() {
        let files = flow.files(index);
        output::make_folder(&files.folder)?;
        let Some(stack) = flow.stack(index, &files, observer, cancel)? else {
            return Ok(flow.journal.end(Status::Interrupted, request.folder.clone()));
        };
        let maps = flow.maps(&files, &stack)?;
        samples.push((files, maps));
        if cancel.is_cancelled() {
            return Ok(flow.journal.end(Status::Interrupted, request.folder.clone()));
        }
    }
    let domains = flow.domains(&samples)?;
    let report = flow.report(&samples, domains.as_deref())?;
    Ok(flow.journal.end(Status::Done, report))
}

struct Flow<'a> {
    journal: Journal<'a>,
    config: &'a RunConfig,
}

impl Flow<'_> {
    fn files(&self, index: usize) -> SampleFiles {
        let sample = &self.config.sample[index];
        let folder = self.journal.request.folder.join(&sample.name);
        let stack = match &sample.stack {
            Some(stack) => self.journal.beside(stack),
            None => folder.join("stack.h5"),
        };
        SampleFiles {
            name: sample.name.clone(),
            group: sample.group.clone(),
            maps: folder.join(format!("{}.maps.h5", sample.name)),
            stack,
            folder,
        }
    }

    /// The stack of a sample, made if it is not there; `None` if that was interrupted.
    fn stack(
        &mut self,
        index: usize,
        files: &SampleFiles,
        observer: &mut (dyn Observer + Send),
        cancel: &CancelToken,
    ) -> Result<Option<Key>, PipelineError> {
        let Some(experiment) = &self.config.sample[index].experiment else {
            let (_, hash) = fingerprint(&files.stack)?;
            return Ok(Some(Key::of("stack", "", &[&hash])));
        };
        let path = self.journal.beside(experiment);
        let resolved = Experiment::from_file(&path)?;
        let hashes = spectrum_scan::hash_of_inputs(&resolved)?;
        let settings = toml::to_string(&resolved.config).unwrap_or_default();
        let key = Key::of(SPECTRUM_SCAN, &settings, &[&hashes]);
        if self.journal.is_done(SPECTRUM_SCAN, &key, &files.stack) {
            self.journal.say_done(SPECTRUM_SCAN, &files.name);
            return Ok(Some(key));
        }
        let mut request = spectrum_scan::Request {
            experiment: path,
            folder: files.folder.clone(),
            resume: Resume::FromCheckpoint,
            threads: self.journal.request.threads,
        };
        if self.journal.repeats(SPECTRUM_SCAN) || !spectrum_scan::can_resume(&request)? {
            request.resume = Resume::No;
        }
        let summary = spectrum_scan::spectrum_scan(&request, observer, cancel)?;
        self.journal.say(SPECTRUM_SCAN, &files.name, &summary.lines);
        self.journal.warnings.extend(summary.warnings);
        if summary.status == Status::Interrupted {
            return Ok(None);
        }
        key.keep(&files.stack)?;
        Ok(Some(key))
    }

    fn maps(&mut self, files: &SampleFiles, stack: &Key) -> Result<Key, PipelineError> {
        let config =
            xanes::XanesConfig { threads: Some(self.journal.request.threads), ..self.config.xanes.clone() };
        let settings = toml::to_string(&self.config.xanes).unwrap_or_default();
        let regions = hash_of(self.config.xanes.regions.as_deref())?;
        let key = Key::of(XANES, &settings, &[stack.text(), &regions]);
        if self.journal.is_done(XANES, &key, &files.maps) {
            self.journal.say_done(XANES, &files.name);
            return Ok(key);
        }
        let request = xanes::Request { stack: files.stack.clone(), output: files.maps.clone(), config };
        let summary = xanes::xanes(&request)?;
        self.journal.say(XANES, &files.name, &summary.lines);
        self.journal
            .warnings
            .extend(summary.warnings.iter().map(|warning| format!("{}: {warning}", files.name)));
        key.keep(&files.maps)?;
        Ok(key)
    }

    /// The domains of all samples but the standards; `None` if there is nothing else.
    fn domains(&mut self, samples: &[(SampleFiles, Key)]) -> Result<Option<PathBuf>, PipelineError> {
        let sorted: Vec<&(SampleFiles, Key)> =
            samples.iter().filter(|(files, _)| files.group != STANDARD).collect();
        if sorted.is_empty() {
            return Ok(None);
        }
        let maps: Vec<PathBuf> = sorted.iter().map(|(files, _)| files.maps.clone()).collect();
        let config = ClusterConfig {
            group: if self.config.cluster.group.is_empty() {
                groups(&sorted)
            } else {
                self.config.cluster.group.clone()
            },
            threads: Some(self.journal.request.threads),
            ..self.config.cluster.clone()
        };
        let groups: Vec<&str> = sorted.iter().map(|(files, _)| files.group.as_str()).collect();
        let settings = format!("{}\n{groups:?}", toml::to_string(&self.config.cluster).unwrap_or_default());
        let matched = hash_of(self.config.cluster.match_labels.as_deref())?;
        let mut keys: Vec<&str> = sorted.iter().map(|(_, key)| key.text()).collect();
        keys.push(&matched);
        let key = Key::of(CLUSTER, &settings, &keys);
        let output = self.journal.request.folder.join("domains.h5");
        if self.journal.is_done(CLUSTER, &key, &output) {
            self.journal.say_done(CLUSTER, "");
            return Ok(Some(output));
        }
        let summary = cluster::cluster(&cluster::Request { maps, output: output.clone(), config })?;
        self.journal.say(CLUSTER, "", &summary.lines);
        self.journal.warnings.extend(summary.warnings);
        key.keep(&output)?;
        Ok(Some(output))
    }

    fn report(
        &mut self,
        samples: &[(SampleFiles, Key)],
        domains: Option<&Path>,
    ) -> Result<PathBuf, PipelineError> {
        let output = self.journal.request.folder.join("report.html");
        let files: Vec<&SampleFiles> = samples.iter().map(|(files, _)| files).collect();
        let truth = match &self.config.truth {
            Some(truth) => Some(Comparison::read(&self.journal.beside(truth), &files, domains)?),
            None => None,
        };
        if let Some(truth) = &truth {
            self.journal.say(REPORT, "", &truth.lines());
        }
        let title = self.journal.title(self.config.title.as_deref());
        page::write(&title, self.config, &files, domains, truth.as_ref(), &output)?;
        Ok(output)
    }
}

/// The hash of a file that settings name, `FILE` or `FILE:/path`; nothing of none.
fn hash_of(named: Option<&str>) -> Result<String, PipelineError> {
    let file = named.map(|named| named.rsplit_once(":/").map_or(named, |(file, _)| file));
    file.map_or(Ok(String::new()), |file| Ok(fingerprint(Path::new(file))?.1))
}

/// Samples of one group count together; those without one by themselves.
fn groups(samples: &[&(SampleFiles, Key)]) -> Vec<GroupConfig> {
    let mut all: Vec<GroupConfig> = Vec::new();
    for (files, _) in samples {
        let name = if files.group.is_empty() { &files.name } else { &files.group };
        let input = files.maps.display().to_string();
        match all.iter_mut().find(|group| &group.name == name) {
            Some(group) => group.inputs.push(input),
            None => all.push(GroupConfig { name: name.clone(), inputs: vec![input] }),
        }
    }
    all
}
