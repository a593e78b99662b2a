//! From complex projections to line integrals of phase and optical density.

pub mod goldstein;
pub mod residues;
pub mod unwrap;
pub mod wrapped;

mod flood;
mod least_squares;
mod poisson;

pub use least_squares::Rounds;
pub use unwrap::{Unwrapped, unwrap};
pub use wrapped::Wrapped;
