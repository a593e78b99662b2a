//! From the projections of a tilt series to aligned volumes with absolute units.
//!
//! A tilt series is `(angle, y, x)` with the rotation axis along y, a volume `(z, y, x)` with z the row of the
//! projections; pixels and voxels have one size and lengths are counted in it. Everything works on *line integrals*:
//! a projection pixel is the sum of the voxels along its ray. [`geometry`] says which ray that is.
//!
//! Every sum has a fixed order: results have the same bits for any number of threads.

pub mod align;
pub mod error;
pub mod geometry;

pub use error::TomoError;
pub use geometry::Geometry;
