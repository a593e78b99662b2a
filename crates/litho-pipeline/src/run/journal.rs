//! What every run keeps: where its experiment lies, from which stage on it repeats, and what it has to tell.

use super::stages::Key;
use crate::error::PipelineError;
use crate::reconstruct::Status;
use std::path::{Path, PathBuf};

/// What to run and where to put it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The experiment file.
    pub experiment: PathBuf,
    /// Folder of the results.
    pub folder: PathBuf,
    /// Name of the first stage to repeat even if its result is there.
    pub from: Option<String>,
    /// Threads; 0 is one per core.
    pub threads: usize,
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

/// A run on its way.
pub(in crate::run) struct Journal<'a> {
    pub(in crate::run) request: &'a Request,
    stages: &'static [&'static str],
    /// Place among the stages of the first one to repeat.
    from: Option<usize>,
    lines: Vec<String>,
    pub(in crate::run) warnings: Vec<String>,
}

impl<'a> Journal<'a> {
    /// An empty journal of a run whose stages have these names, in order.
    ///
    /// # Errors
    /// [`PipelineError::Argument`] if the stage to begin with is none of them.
    pub(in crate::run) fn new(
        request: &'a Request,
        stages: &'static [&'static str],
    ) -> Result<Self, PipelineError> {
        let from = match &request.from {
            None => None,
            Some(name) => Some(stages.iter().position(|stage| stage == name).ok_or_else(|| {
                PipelineError::argument("--from", name, format!("choose one of {}", stages.join(", ")))
            })?),
        };
        Ok(Self { request, stages, from, lines: Vec::new(), warnings: Vec::new() })
    }

    pub(in crate::run) fn end(self, status: Status, output: PathBuf) -> Summary {
        Summary { status, output, lines: self.lines, warnings: self.warnings }
    }

    /// A path of the experiment file, which is relative to it.
    pub(in crate::run) fn beside(&self, path: &str) -> PathBuf {
        self.request.experiment.parent().unwrap_or(Path::new("")).join(path)
    }

    /// The experiment's title, or the name of its file.
    pub(in crate::run) fn title(&self, title: Option<&str>) -> String {
        let stem = self.request.experiment.file_stem();
        title.map_or_else(
            || stem.map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
            str::to_owned,
        )
    }

    /// True if a stage is to be repeated whatever is there.
    pub(in crate::run) fn repeats(&self, stage: &str) -> bool {
        let place = self.stages.iter().position(|name| *name == stage);
        self.from.is_some_and(|from| place.is_some_and(|place| place >= from))
    }

    /// True if the result `file` of `stage` is there and nothing asks to repeat it.
    pub(in crate::run) fn is_done(&self, stage: &str, key: &Key, file: &Path) -> bool {
        !self.repeats(stage) && key.holds(file)
    }

    pub(in crate::run) fn say(&mut self, stage: &str, subject: &str, lines: &[String]) {
        let head = if subject.is_empty() { stage.to_owned() } else { format!("{stage} {subject}") };
        self.lines.extend(lines.iter().map(|line| format!("{head}: {line}")));
    }

    pub(in crate::run) fn say_done(&mut self, stage: &str, subject: &str) {
        self.say(stage, subject, &["nothing changed, the result is there".to_owned()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_that_is_none_is_refused_with_those_there_are() {
        let request = |from: &str| Request {
            experiment: PathBuf::from("day/lfp.toml"),
            folder: PathBuf::from("day/lfp"),
            from: Some(from.to_owned()),
            threads: 0,
        };
        let (wrong, right) = (request("xanes"), request("tomo"));
        let stages: &[&str] = &["align", "tomo", "report"];
        let error = Journal::new(&wrong, stages).err().expect("no such stage").to_string();
        assert!(error.contains("align, tomo, report"), "{error}");
        let journal = Journal::new(&right, stages).expect("a stage");
        assert_eq!(["align", "tomo", "report"].map(|stage| journal.repeats(stage)), [false, true, true]);
        assert_eq!(journal.title(None), "lfp");
        assert_eq!(journal.beside("truth.h5"), PathBuf::from("day/truth.h5"));
    }
}
