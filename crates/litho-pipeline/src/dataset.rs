//! From the name of a dataset to a file on disk.

use crate::error::PipelineError;
use crate::provenance::VERSION;
use litho_io::{ReadOptions, ScanPlan, plan, write_cxi};
use std::path::{Path, PathBuf};

/// Names after `example:`, and what they are.
pub const EXAMPLES: [(&str, &str); 2] = [
    ("siemens", "far field: a gold Siemens star, zone plate with central stop"),
    ("near-field", "near field: grains of a cathode behind a diffuser, magnified 151 times"),
];

/// The file a dataset name means. `example:NAME` is simulated on first use and
/// kept, as a CXI file, in the folder for temporary files.
///
/// # Errors
/// [`PipelineError::Argument`] for an unknown example, [`PipelineError::Io`] if it cannot be written.
pub fn locate(name: &str) -> Result<PathBuf, PipelineError> {
    let Some(example) = name.strip_prefix("example:") else { return Ok(PathBuf::from(name)) };
    let simulation = match example {
        "siemens" => litho_sim::example::example_siemens()?,
        "near-field" => litho_sim::example::example_near_field()?,
        other => {
            let known: Vec<String> =
                EXAMPLES.iter().map(|(name, what)| format!("example:{name} ({what})")).collect();
            return Err(PipelineError::argument("dataset", format!("example:{other}"), known.join("; ")));
        }
    };
    let folder = std::env::temp_dir().join(format!("lithoscope-examples-{VERSION}"));
    crate::output::make_folder(&folder)?;
    let path = folder.join(format!("{example}.cxi"));
    if !path.exists() {
        write_cxi(&path, &simulation.simulate()?.0)?;
    }
    Ok(path)
}

/// Plans the reading of a located dataset.
///
/// # Errors
/// [`PipelineError::Io`] if the file is not a scan.
pub fn plan_scan(path: &Path, options: &ReadOptions) -> Result<ScanPlan, PipelineError> {
    Ok(plan(path, options)?)
}
