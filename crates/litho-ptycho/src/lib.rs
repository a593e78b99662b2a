//! Ptychographic phase retrieval: from diffraction frames to object and probe.
//!
//! 1. [`prepare`] turns a scan and an orientation into a measurement the kernels understand.
//! 2. A [`Plan`] says which engines run for how many iterations, and what is corrected between them.
//! 3. [`reconstruct`] runs it from a [`State`] and hands the last state back;
//!    a state is everything: stored and given back it continues with the same bits.
//!
//! Engines are written once, over [`litho_compute::Kernels`]; none touches a pixel.

mod corrections;
mod engine;
mod engines;
mod line_search;
pub mod modes;
mod order;
mod prepare;
mod run;
mod starting_probe;
mod stopping;

pub use corrections::{
    AffineDrift, AmplitudeLimits, BackgroundRetrieval, BeamIntensities, Correction, PositionAnnealing,
    PositionGradient, ProbePower, ProbeSupport, ProbeVariations, Scheduled, Smoothness, TotalVariation,
};
pub use engine::{Engine, Fields, HostMemory, Memory};
pub use engines::{
    Algorithm, BatchPie, Decay, DifferenceMap, LsqMl, MaximumLikelihood, Momentum, Pie, Raar, Wasp,
};
pub use prepare::{MARGIN, PrepareError, orient_probe, place, prepare, prepare_with_margin};
pub use run::{Checkpoint, Control, NoCheckpoint, Outcome, Plan, Stage, State, StopReason, reconstruct};
pub use starting_probe::{coverage, coverage_of_views, mean_frame_probe, scale_to_frames};
pub use stopping::{Stagnation, StopRule};
