//! From a configuration to results: plans, runs and records.
//!
//! This is the one crate that sees all others. It owns the clock, the threads
//! and the files; what it computes, it asks the science crates for.
//!
//! - [`config`]: what a person wrote, checked and completed.
//! - [`reconstruct`]: from a scan file to a result file; [`streaming`] for scans larger than the memory.
//! - [`run`]: a whole experiment on several samples, from scans to domains and a report.
//! - [`spectrum_scan`]: from the scans of many energies to a stack of images.
//! - [`xanes`], [`cluster`], [`unmix`]: from a stack to maps, from maps to chemical domains, from a stack to shares of
//!   known spectra; [`stack_input`] reads stacks for them.
//! - [`align`], [`tomo`]: from a tilt series to aligned projections, from those to a volume; [`tilt_input`] reads series for them.
//! - [`estimate`]: what that takes in memory and time, without doing it.
//! - [`resolution`], [`export`], [`report`]: from result files to numbers, pictures and a page.
//! - [`inspect`], [`simulate`], [`doctor`]: what is in a file, what would one look like, can this machine do it.

pub mod align;
pub mod checkpoint;
pub mod chemistry;
pub mod cluster;
pub mod config;
pub mod dataset;
pub mod doctor;
pub mod error;
pub mod estimate;
pub mod export;
pub mod inspect;
pub mod orientation;
pub mod particles;
pub mod probe;
pub mod provenance;
pub mod raster;
pub mod reconstruct;
pub mod report;
pub mod resolution;
pub mod run;
pub mod simulate;
pub mod spectrum_scan;
pub mod split;
pub mod stack_input;
pub mod streaming;
pub mod tilt_input;
pub mod tomo;
pub mod unmix;
pub mod xanes;

mod citations;
mod grid;
pub mod optics;
mod output;
mod stored;
mod threads;
mod volume_input;

pub use error::PipelineError;
