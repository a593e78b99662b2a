//! From complex projections to line integrals of phase and optical density.
//!
//! Ptychography leaves a phase ramp and an offset free, and tells the phase modulo 2π only. [`prepare()`] unwraps each
//! projection, finds air in it, and takes off the plane that the phase has there; the modulus becomes an optical density
//! with air at 0. With a first volume, [`consistent`] finds air from all projections together.
//!
//! Pixels without a phase, which are not finite or have no modulus, have weight 0 everywhere and spread nowhere.

pub mod absorption;
pub mod air;
pub mod consistent;
pub mod derivative;
pub mod goldstein;
pub mod prepare;
pub mod ramp;
pub mod residues;
pub mod unwrap;
pub mod warning;
pub mod wrapped;

mod flood;
mod least_squares;
mod poisson;

pub use air::Air;
pub use least_squares::Rounds;
pub use prepare::{PhaseSettings, Prepared, ProjectionPhase, prepare, prepare_phase};
pub use ramp::Ramp;
pub use unwrap::{Unwrapped, unwrap};
pub use warning::PhaseWarning;
pub use wrapped::Wrapped;
