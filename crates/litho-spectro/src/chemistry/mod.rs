//! Chemistry of voxels: what the optical density of a volume at a few energies says of the phases in each voxel.
//!
//! Voxels have one size, so thickness needs no energy of its own. With the densities of the phases,
//! `(OD_E − OD_pre) = I C` is solved for the amounts `C` of every voxel ([`solve()`]).
//!
//! Volumes are `(z, y, x)`, optical densities are those of a voxel. A fraction is a phase's share of the amounts in the
//! references' unit: of the volume if they tell the density of a nanometre. Fractions below 0 and above 1 are kept,
//! because without them means and peaks are biased.

mod amounts;
mod angle;
mod error;
mod noise;
mod references;
mod solve;

pub use amounts::{AmountCovariance, Amounts, clipped};
pub use angle::{AngleScale, Angles, angles};
pub use error::ChemistryError;
pub use noise::{Noise, PreEdge, covariance_of_halves};
pub use references::PhaseReferences;
pub use solve::solve;
