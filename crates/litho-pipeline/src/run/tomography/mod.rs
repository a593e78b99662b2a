//! Ptychographic tomography: from scans or projections at many angles to volumes and a report.

mod chemistry;
mod config;
mod flow;
mod projections;
mod truth;

pub use config::{TiltInputConfig, TomographyConfig};
pub(super) use flow::{STAGES, run};
