//! From energy stacks of ptychographic images to spectra, maps of edge energy and composition, and chemical domains.
//!
//! Stacks are `(energy, y, x)`, maps `(y, x)`; optical density is `μt = −2 ln|T|`, phase `φ = arg T ≤ 0` for matter,
//! energies are in eV. A missing value is NaN. Every sum has a fixed order: results have the same bits for any number of
//! threads.

pub mod chemistry;
pub mod cluster;
pub mod composition;
pub mod error;
pub mod fit;
pub mod kramers_kronig;
pub mod spectra;
pub mod unmix;

mod dense;

pub use error::SpectroError;
