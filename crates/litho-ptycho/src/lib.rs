//! Ptychographic phase retrieval: from diffraction frames to object and probe.
//!
//! 1. [`prepare`] turns a scan and an orientation into a measurement the kernels understand.
//! 2. A list of [`Stage`]s says which engine runs for how many iterations.
//! 3. [`reconstruct`] runs them from a [`State`] and hands the last state back;
//!    a state is everything: stored and given back it continues with the same bits.
//!
//! Engines are written once, over [`litho_compute::Kernels`]; none touches a pixel.

mod difference_map;
mod engine;
pub mod modes;
mod pie;
mod prepare;
mod run;
mod starting_probe;

pub use difference_map::DifferenceMap;
pub use engine::{Engine, Fields};
pub use pie::Pie;
pub use prepare::{PrepareError, orient_probe, place, prepare};
pub use run::{Algorithm, Checkpoint, Control, NoCheckpoint, Outcome, Stage, State, StopReason, reconstruct};
pub use starting_probe::{coverage, mean_frame_probe, scale_to_frames};
