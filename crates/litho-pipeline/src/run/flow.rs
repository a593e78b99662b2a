//! The stages of an experiment, in order.

use super::config::{RunConfig, STANDARD};
use super::page;
use super::samples::SampleFiles;
use super::stages::Key;
use super::truth::Comparison;
use crate::cluster::{self, ClusterConfig, GroupConfig};
use crate::error::PipelineError;
use crate::output;
use crate::provenance::fingerprint;
use crate::reconstruct::{Resume, Status};
use crate::spectrum_scan::{self, Experiment};
use crate::xanes;
use litho_types::observer::{CancelToken, Observer};
use std::path::{Path, PathBuf};

/// What to run and where to put it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The experiment file.
    pub experiment: PathBuf,
    /// Folder of the results.
    pub folder: PathBuf,
    /// The first stage to repeat even if its result is there.
    pub from: Option<Stage>,
    /// Threads; 0 is one per core.
    pub threads: usize,
}

/// A stage of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Images of all energies.
    SpectrumScan,
    /// Fits of spectra.
    Xanes,
    /// Domains.
    Cluster,
    /// The report.
    Report,
}

impl Stage {
    /// Every stage, in order, with its name.
    pub const ALL: [(&'static str, Self); 4] = [
        ("spectrum-scan", Self::SpectrumScan),
        ("xanes", Self::Xanes),
        ("cluster", Self::Cluster),
        ("report", Self::Report),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, stage)| *stage == self).map_or("", |(name, _)| name)
    }
}

/// What a person is told at the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// How it ended.
    pub status: Status,
    /// The report, or the folder of an interrupted run.
    pub output: PathBuf,
    /// What each stage said.
    pub lines: Vec<String>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// Runs an experiment from its scans to its report; what is done already is not done again.
///
/// # Errors
/// [`PipelineError`] for a bad experiment, bad data or a file that cannot be written.
pub fn run(
    request: &Request,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Summary, PipelineError> {
    let config = RunConfig::from_file(&request.experiment)?;
    let mut flow = Flow { request, config: &config, lines: Vec::new(), warnings: Vec::new() };
    let mut samples = Vec::new();
    for index in 0..config.sample.len() {
        let files = flow.files(index);
        output::make_folder(&files.folder)?;
        let Some(stack) = flow.stack(index, &files, observer, cancel)? else {
            return Ok(flow.end(Status::Interrupted, request.folder.clone()));
        };
        let maps = flow.maps(&files, &stack)?;
        samples.push((files, maps));
        if cancel.is_cancelled() {
            return Ok(flow.end(Status::Interrupted, request.folder.clone()));
        }
    }
    let domains = flow.domains(&samples)?;
    let report = flow.report(&samples, domains.as_deref())?;
    Ok(flow.end(Status::Done, report))
}

struct Flow<'a> {
    request: &'a Request,
    config: &'a RunConfig,
    lines: Vec<String>,
    warnings: Vec<String>,
}

impl Flow<'_> {
    fn end(self, status: Status, output: PathBuf) -> Summary {
        Summary { status, output, lines: self.lines, warnings: self.warnings }
    }

    /// A path of the experiment file, which is relative to it.
    fn beside(&self, path: &str) -> PathBuf {
        self.request.experiment.parent().unwrap_or(Path::new("")).join(path)
    }

    fn files(&self, index: usize) -> SampleFiles {
        let sample = &self.config.sample[index];
        let folder = self.request.folder.join(&sample.name);
        let stack = match &sample.stack {
            Some(stack) => self.beside(stack),
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

    /// True if the result `file` of `stage` is there and nothing asks to repeat it.
    fn is_done(&self, stage: Stage, key: &Key, file: &Path) -> bool {
        self.request.from.is_none_or(|from| stage < from) && key.holds(file)
    }

    fn say(&mut self, stage: Stage, subject: &str, lines: &[String]) {
        let head =
            if subject.is_empty() { stage.name().to_owned() } else { format!("{} {subject}", stage.name()) };
        self.lines.extend(lines.iter().map(|line| format!("{head}: {line}")));
    }

    fn say_done(&mut self, stage: Stage, subject: &str) {
        self.say(stage, subject, &["nothing changed, the result is there".to_owned()]);
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
        let path = self.beside(experiment);
        let resolved = Experiment::from_file(&path)?;
        let hashes = spectrum_scan::hash_of_inputs(&resolved)?;
        let settings = toml::to_string(&resolved.config).unwrap_or_default();
        let key = Key::of(Stage::SpectrumScan.name(), &settings, &[&hashes]);
        if self.is_done(Stage::SpectrumScan, &key, &files.stack) {
            self.say_done(Stage::SpectrumScan, &files.name);
            return Ok(Some(key));
        }
        let mut request = spectrum_scan::Request {
            experiment: path,
            folder: files.folder.clone(),
            resume: Resume::FromCheckpoint,
            threads: self.request.threads,
        };
        if self.request.from.is_some() || !spectrum_scan::can_resume(&request)? {
            request.resume = Resume::No;
        }
        let summary = spectrum_scan::spectrum_scan(&request, observer, cancel)?;
        self.say(Stage::SpectrumScan, &files.name, &summary.lines);
        self.warnings.extend(summary.warnings);
        if summary.status == Status::Interrupted {
            return Ok(None);
        }
        key.keep(&files.stack)?;
        Ok(Some(key))
    }

    fn maps(&mut self, files: &SampleFiles, stack: &Key) -> Result<Key, PipelineError> {
        let config = xanes::XanesConfig { threads: Some(self.request.threads), ..self.config.xanes.clone() };
        let settings = toml::to_string(&self.config.xanes).unwrap_or_default();
        let regions = hash_of(self.config.xanes.regions.as_deref())?;
        let key = Key::of(Stage::Xanes.name(), &settings, &[stack.text(), &regions]);
        if self.is_done(Stage::Xanes, &key, &files.maps) {
            self.say_done(Stage::Xanes, &files.name);
            return Ok(key);
        }
        let request = xanes::Request { stack: files.stack.clone(), output: files.maps.clone(), config };
        let summary = xanes::xanes(&request)?;
        self.say(Stage::Xanes, &files.name, &summary.lines);
        self.warnings.extend(summary.warnings.iter().map(|warning| format!("{}: {warning}", files.name)));
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
            threads: Some(self.request.threads),
            ..self.config.cluster.clone()
        };
        let groups: Vec<&str> = sorted.iter().map(|(files, _)| files.group.as_str()).collect();
        let settings = format!("{}\n{groups:?}", toml::to_string(&self.config.cluster).unwrap_or_default());
        let matched = hash_of(self.config.cluster.match_labels.as_deref())?;
        let mut keys: Vec<&str> = sorted.iter().map(|(_, key)| key.text()).collect();
        keys.push(&matched);
        let key = Key::of(Stage::Cluster.name(), &settings, &keys);
        let output = self.request.folder.join("domains.h5");
        if self.is_done(Stage::Cluster, &key, &output) {
            self.say_done(Stage::Cluster, "");
            return Ok(Some(output));
        }
        let summary = cluster::cluster(&cluster::Request { maps, output: output.clone(), config })?;
        self.say(Stage::Cluster, "", &summary.lines);
        self.warnings.extend(summary.warnings);
        key.keep(&output)?;
        Ok(Some(output))
    }

    fn report(
        &mut self,
        samples: &[(SampleFiles, Key)],
        domains: Option<&Path>,
    ) -> Result<PathBuf, PipelineError> {
        let output = self.request.folder.join("report.html");
        let files: Vec<&SampleFiles> = samples.iter().map(|(files, _)| files).collect();
        let truth = match &self.config.truth {
            Some(truth) => Some(Comparison::read(&self.beside(truth), &files, domains)?),
            None => None,
        };
        if let Some(truth) = &truth {
            self.say(Stage::Report, "", &truth.lines());
        }
        let title = self.config.title.clone().unwrap_or_else(|| {
            self.request
                .experiment
                .file_stem()
                .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
        });
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
