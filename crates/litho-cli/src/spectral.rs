//! Commands of spectroscopic ptychography.

use crate::arguments::SpectrumScanArguments;
use crate::progress::{Progress, say, warn};
use litho_pipeline::PipelineError;
use litho_pipeline::error::{EXIT_DONE, EXIT_INTERRUPTED, EXIT_NOT_CONVERGED};
use litho_pipeline::reconstruct::{Resume, Status};
use litho_pipeline::spectrum_scan;
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
    Ok(match summary.status {
        Status::Done => EXIT_DONE,
        Status::NotConverged => EXIT_NOT_CONVERGED,
        Status::Interrupted => EXIT_INTERRUPTED,
    })
}
