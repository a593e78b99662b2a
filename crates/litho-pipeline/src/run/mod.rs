//! A whole experiment from one file: from the scans of several samples to domains and a report.
//!
//! Stages: `spectrum-scan` and `xanes` for every sample, `cluster` over all of them, `report`. Each leaves a file and beside it
//! a key, the hash of everything the file depends on: a changed setting repeats only what depends on it, and an
//! interrupted run goes on where it stopped.

mod config;
mod flow;
mod page;
mod samples;
mod stages;
mod truth;

pub use config::{ExperimentSampleConfig, RunConfig};
pub use flow::{Request, Stage, Summary, run};

/// The JSON Schema of the experiment file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(RunConfig).to_value()
}
