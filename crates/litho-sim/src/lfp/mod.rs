//! Two-energy soft X-ray tomography of lithium iron phosphate, simulated with known truth.
//!
//! The experiment of Y.-S. Yu et al., *Three dimensional localization of nanoscale battery reactions using soft X-ray
//! tomography*: an agglomerate of some hundred nano-plates of the 100 × 80 × 20 nm class from a half-charged electrode, 158
//! projections from −80° to +77° at 708.2 and 710.2 eV, where Fe²⁺ of `LiFePO4` and Fe³⁺ of `FePO4` absorb most. Sizes,
//! shapes and spectra are chosen to look like the paper's; they are not its data.
//!
//! - [`optics`]: what the two phases do to the beam; [`plate`]: a plate and the domains in it.
//! - [`agglomerate`]: plates that touch and never overlap; [`chemistry`]: which of them have reacted, and how.
//! - [`plan`]: the numbers of each size; [`experiment`]: everything together; [`truth`]: what an analysis should find.
//!
//! The beam is taken to pass straight through. With a depth of focus of 5 · (6.7 nm)²/λ = 130 nm the voxel size is at its
//! limit here, as in the experiment; the paper's resolution of 11 nm has 350 nm.

pub mod agglomerate;
pub mod chemistry;
pub mod experiment;
pub mod optics;
pub mod plan;
pub mod plate;
pub mod truth;

pub use crate::tilts::Size;
pub use experiment::Experiment;
pub use optics::Phase;
pub use plan::Plan;
pub use plate::Plate;
pub use truth::Truth;
