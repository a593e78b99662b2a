//! Spectra of regions, and what can be read from a spectrum without a model.

mod derivative;
mod region;

pub use derivative::derivative_e0;
pub use region::{RegionSpectrum, mask_spectrum, rectangle_mask};
