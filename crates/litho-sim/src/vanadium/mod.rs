//! Spectroscopic ptychography of lithium vanadium oxides at the V K edge, simulated with known truth.
//!
//! The experiment of H. Uematsu et al., *Phys. Chem. Chem. Phys.* 2023 (DOI 10.1039/d2cp04087e): particles of
//! Li10/7V6/7O2 as prepared (P1–P3) and delithiated (D1–D3) and the standards `LiVO2` and `LiVO3`, 40 energies from
//! 5420 to 5540 eV. Sizes, domains and spectra are chosen to look like the paper's; they are not its data.
//!
//! - [`kind`]: the six kinds of domain, their composition and their edge; [`edge_shape`]: the paper's eq. 1.
//! - [`factors`]: f'' on Henke's table with eq. 1 in the window of the edge, f' by Kramers–Kronig.
//! - [`particle`]: outline, thickness and domains; [`sample`]: what distinguishes P1 from D3.
//! - [`experiment`]: everything together, one scan per sample and energy; [`truth`]: what an analysis should find.

pub mod amounts;
mod domains;
pub mod edge_shape;
pub mod experiment;
pub mod factors;
pub mod kind;
pub mod particle;
pub mod plan;
pub mod sample;
pub mod truth;
mod waves;

pub use experiment::Experiment;
pub use kind::Kind;
pub use plan::Size;
pub use sample::{Group, Sample};
pub use truth::SampleTruth;
