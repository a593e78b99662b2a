//! Commands of spectroscopic ptychography.

use crate::arguments::{RunArguments, SpectrumScanArguments};
use crate::progress::{Progress, say, warn};
use litho_pipeline::PipelineError;
use litho_pipeline::error::{EXIT_DONE, EXIT_INTERRUPTED, EXIT_NOT_CONVERGED};
use litho_pipeline::reconstruct::{Resume, Status};
use litho_pipeline::{run as experiment, spectrum_scan};
use litho_types::observer::CancelToken;

pub(crate) fn spectrum_scan(
    arguments: &SpectrumScanArguments,
    cancel: &CancelToken,
) -> Result<u8, PipelineError> {
    let request = spectrum_scan::Request {
        experiment: arguments.experiment.clone(),
        folder: arguments.output.clone(),
        resume: if arguments.resume { Resume::FromCheckpoint } else { Resume::No },
        threads: arguments.threads.unwrap_or(0),
    };
    let summary = spectrum_scan::spectrum_scan(&request, &mut Progress::new(), cancel)?;
    summary.warnings.iter().for_each(|warning| warn(warning));
    summary.lines.iter().for_each(|line| say(line));
    say(&format!("wrote {}", summary.output.display()));
    Ok(code_of(summary.status))
}

pub(crate) fn run(arguments: &RunArguments, cancel: &CancelToken) -> Result<u8, PipelineError> {
    let stage = |name: &String| {
        let known: Vec<&str> = experiment::Stage::ALL.iter().map(|(name, _)| *name).collect();
        let found = experiment::Stage::ALL.iter().find(|(known, _)| known == name).map(|(_, stage)| *stage);
        found.ok_or_else(|| PipelineError::Argument {
            what: "--from",
            value: name.clone(),
            reason: format!("choose one of {}", known.join(", ")),
        })
    };
    let request = experiment::Request {
        experiment: arguments.experiment.clone(),
        folder: arguments.output.clone().unwrap_or_else(|| arguments.experiment.with_extension("")),
        from: arguments.from.as_ref().map(stage).transpose()?,
        threads: arguments.threads.unwrap_or(0),
    };
    let summary = experiment::run(&request, &mut Progress::new(), cancel)?;
    summary.warnings.iter().for_each(|warning| warn(warning));
    summary.lines.iter().for_each(|line| say(line));
    say(&match summary.status {
        Status::Interrupted => {
            format!("interrupted; the same command goes on in {}", summary.output.display())
        }
        _ => format!("wrote {}", summary.output.display()),
    });
    Ok(code_of(summary.status))
}

fn code_of(status: Status) -> u8 {
    match status {
        Status::Done => EXIT_DONE,
        Status::NotConverged => EXIT_NOT_CONVERGED,
        Status::Interrupted => EXIT_INTERRUPTED,
    }
}
