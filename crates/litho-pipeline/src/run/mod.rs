//! A whole experiment from one file, to its report.
//!
//! A file with `[[sample]]` is a spectroscopic one: `spectrum-scan` and `xanes` for every sample, `cluster` over all of them,
//! `report`. One with `[[inputs]]` is tomography: `projections`, `align`, `tomo`, `report`.
//! Each stage leaves a file and beside it a key, the hash of everything the file depends on: a changed setting repeats only
//! what depends on it, and an interrupted run goes on where it stopped.

mod journal;
mod spectroscopy;
mod stages;
mod tomography;

pub use journal::{Request, Summary};
pub use spectroscopy::{ExperimentSampleConfig, RunConfig};
pub use tomography::{TiltInputConfig, TomographyConfig};

use crate::error::PipelineError;
use litho_types::observer::{CancelToken, Observer};

/// The stages of every kind of experiment, by the names that `--from` takes.
pub const STAGES: [&[&str]; 2] = [&spectroscopy::STAGES, &tomography::STAGES];

/// Runs an experiment from its scans to its report; what is done already is not done again.
///
/// # Errors
/// [`PipelineError`] for a bad experiment, bad data or a file that cannot be written.
pub fn run(
    request: &Request,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Summary, PipelineError> {
    let text = std::fs::read_to_string(&request.experiment).map_err(|error| {
        let reason = format!("{error}; give a TOML file");
        PipelineError::argument("EXPERIMENT.toml", request.experiment.display(), reason)
    })?;
    if is_tomography(&text) {
        tomography::run(request, &text, observer, cancel)
    } else {
        spectroscopy::run(request, &text, observer, cancel)
    }
}

/// True if the file lists projections. One that cannot be parsed does not; whoever reads it then says why.
fn is_tomography(text: &str) -> bool {
    let Ok(table) = text.parse::<toml::Table>() else { return false };
    let lists_samples = table.get("sample").is_some_and(toml::Value::is_array);
    !lists_samples && ["inputs", "align", "tomo"].iter().any(|key| table.contains_key(*key))
}

/// The JSON Schema of the file of a spectroscopic experiment.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(RunConfig).to_value()
}

/// The JSON Schema of the file of a tomographic experiment.
pub fn tomography_schema() -> serde_json::Value {
    schemars::schema_for!(TomographyConfig).to_value()
}
