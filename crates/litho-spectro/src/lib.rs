//! From spectra of absorption and phase, one per pixel, to maps of edge energy, composition and chemical state.
//!
//! Stacks are `(energy, y, x)`, maps `(y, x)`; optical density is `μt = −2 ln|T|`, phase `φ = arg T ≤ 0` for matter,
//! energies are in eV. A missing value is NaN.

pub mod composition;
pub mod error;
pub mod fit;
pub mod spectra;

pub use error::SpectroError;
