//! Samples in three dimensions and their projections: exact chords of convex solids, never a sum over voxels.
//!
//! - [`solid`]: convex solids and rays; [`body`]: solids that replace each other; [`vector`].
//! - [`view`]: angle, shift, turn and magnification of a projection; [`motion`]: how they stray.
//! - [`raster`]: images, averaged over the area of their pixels; [`series`]: transmissions with gauge and noise.
//! - [`acquisition`]: the numbers of an experiment, and the scan of a projection; [`size`].
//! - [`voxels`]: the same body on voxels.
//!
//! A projection is taken as the sum along straight rays, so waves do not spread inside the sample. That holds where
//! the sample is thinner than the depth of focus, about five times the square of the resolution over the wavelength.

pub mod acquisition;
pub mod body;
pub mod motion;
pub mod raster;
pub(crate) mod seeds;
pub mod series;
pub mod size;
pub mod solid;
pub mod vector;
pub mod view;
pub mod voxels;

pub use acquisition::{Acquisition, Pattern, ScanPlan, ZonePlate};
pub use body::{Body, Shape};
pub use motion::{Gauge, GaugeSpread, Motion};
pub use raster::Raster;
pub use series::Projected;
pub use size::Size;
pub use view::View;
pub use voxels::{Filling, Voxels};
