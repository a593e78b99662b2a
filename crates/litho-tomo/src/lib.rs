//! From the projections of a tilt series to aligned volumes with absolute units.
//!
//! A tilt series is `(angle, y, x)` with the rotation axis along y, a volume `(z, y, x)` with z the row of the
//! projections; pixels and voxels have one size and lengths are counted in it. Everything works on *line integrals*:
//! a projection pixel is the sum of the voxels along its ray. [`geometry`] says which ray that is, [`project()`] sums
//! along it, [`reconstruct`] finds the volume.
//!
//! Every sum has a fixed order: results have the same bits for any number of threads.

pub mod align;
mod angle_weights;
mod batch;
mod constraint;
pub mod error;
mod fourier;
pub mod geometry;
pub mod halves;
mod memory;
mod methods;
mod missing;
pub mod phase;
pub mod project;
mod projector;
pub mod quantity;
pub mod settings;
mod sheet;
pub mod stream;
mod sums;
mod track;

pub use error::TomoError;
pub use geometry::Geometry;
pub use memory::memory;
pub use project::{back_project, project};
pub use settings::{Filter, Method, Settings, Stop, Support};
pub use stream::{Reconstruction, Rows, Slices, reconstruct, reconstruct_layers};
