//! Spectroscopy beside peers: one file per family of rows.

mod fit;
mod kmeans;
mod printed;
mod unmix;

use crate::error::BenchError;
use crate::machine::Machine;
use std::path::PathBuf;

/// What is measured how often.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Folder of the Python environments.
    pub(crate) environments: PathBuf,
    /// How often everything is measured, taking turns.
    pub(crate) rounds: usize,
    /// Pixels that the peers fit.
    pub(crate) pixels: usize,
}

/// The report as Markdown.
///
/// # Errors
/// [`BenchError`] if the data cannot be made or a fit of ours fails. A peer that fails is reported.
pub(crate) fn run(settings: &Settings) -> Result<String, BenchError> {
    let parts = [fit::run(settings)?, kmeans::run(settings)?, unmix::run(settings)?];
    Ok(format!("Machine: {}.\n\n{}", Machine::here(), parts.join("\n")))
}
