//! Chemistry of voxels: what the optical density of a volume at a few energies says of the phases in each voxel.
//!
//! Voxels have one size, so thickness needs no energy of its own. With the densities of the phases,
//! `(OD_E − OD_pre) = I C` is solved for the amounts `C` of every voxel ([`solve()`]), voxels that hold
//! matter are told from empty ones ([`matter()`]) and sorted into classes ([`classify()`]), the polar angle
//! `θ = atan2(OD₂, OD₁)` is counted in a [`histogram()`] with one peak for each phase ([`fit_peaks()`]), and
//! [`state_of_charge()`] is the share of one phase in all matter. [`project()`], [`r_factor()`] and [`compare_maps()`] hold the
//! result against what was measured of the same sample in two dimensions.
//!
//! Volumes are `(z, y, x)`, optical densities are those of a voxel. A fraction is a phase's share of the amounts in the
//! references' unit: of the volume if they tell the density of a nanometre. Fractions below 0 and above 1 are kept,
//! because without them means and peaks are biased.

mod amounts;
mod angle;
mod charge;
mod classify;
mod consistency;
mod error;
mod histogram;
mod matter;
mod noise;
mod normal;
mod peaks;
mod references;
mod solve;

pub use amounts::{AmountCovariance, Amounts, clipped};
pub use angle::{AngleScale, Angles, angles};
pub use charge::{ChargeOptions, StateOfCharge, share, state_of_charge};
pub use classify::{Class, ClassLimits, Classes, Prior, classify};
pub use consistency::{MapDifference, compare_maps, project, r_factor, share_below};
pub use error::ChemistryError;
pub use histogram::{AngleHistogram, HistogramOptions, histogram};
pub use matter::{Matter, Threshold, grown, interior, matter};
pub use noise::{Noise, PreEdge, covariance_of_halves};
pub use peaks::{Peak, PeakComposition, PeakFit, fit_peaks};
pub use references::PhaseReferences;
pub use solve::solve;
