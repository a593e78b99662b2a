//! Spectra as mixtures: linear combinations of reference spectra, and the components that the data themselves hold.
//!
//! [`unmix()`] fits every pixel of an energy stack with [`Reference`]s; [`Components`] tells how many spectra the stack needs
//! and whether a reference is among them.

mod basis;
mod error;
mod fit;
mod interpolate;
mod lanes;
mod options;
mod pca;
mod reference;
mod shift;
mod solver;
#[cfg(test)]
mod tests;

pub use error::UnmixError;
pub use fit::{Unmixed, unmix};
pub use options::{Background, Shift, UnmixOptions, UnmixWarning};
pub use pca::{Components, ComponentsOptions, TargetTransform};
pub use reference::Reference;
