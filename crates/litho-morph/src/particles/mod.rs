//! What is measured of labelled particles: place, size and shape, who touches whom, and composition.
//!
//! - [`measure()`]: volume, centroid, principal axes, equal-moment ellipsoid and cuboid, enclosing ellipsoid.
//! - [`neighbours()`]: which particles touch, and over what area.
//! - [`composition()`]: means of a map of voxels in every particle, with their error.

pub mod composition;
mod enclosing;
mod hull;
pub mod measure;
mod moments;
pub mod neighbours;

pub use composition::{Composition, VoxelMaps, composition};
pub use enclosing::Ellipsoid;
pub use measure::{Bounds, Particle, measure};
pub use neighbours::{Contact, neighbours};
