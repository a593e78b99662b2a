//! Spectroscopic ptychography of several samples: from the scans of all energies to domains and a report.

mod config;
mod flow;
mod page;
mod samples;
mod truth;

pub use config::{ExperimentSampleConfig, RunConfig};
pub(super) use flow::{STAGES, run};
