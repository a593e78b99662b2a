//! Hard X-ray ptychographic tomography of a lithium-rich NMC particle, simulated with known truth.
//!
//! The experiment of E. H. R. Tsai et al., *iScience* 11, 356 (2019), DOI 10.1016/j.isci.2018.12.028: a cycled secondary
//! particle of `Li1.17(Ni0.19Mn0.54Co0.10)O2` with primary grains in layers like an onion's, pores between the layers and
//! cracks from the core. Through the middle of it the phase is about −2π. The particle is chosen to look like the paper's; it
//! is not its data. At the smaller sizes grains and pores grow with the
//! pixel; the tiny particle is smaller as well.
//!
//! - [`optics`]: electron density and absorption; [`particle`]: grains, pores and cracks.
//! - [`plan`]: the numbers of each size; [`experiment`]: everything together; [`truth`]: what an analysis should find.

mod cracks;
pub mod experiment;
pub mod optics;
pub mod particle;
pub mod plan;
pub mod truth;

pub use crate::tilts::Size;
pub use experiment::Experiment;
pub use particle::Particle;
pub use plan::Plan;
pub use truth::Truth;
