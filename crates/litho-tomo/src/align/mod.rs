//! Bringing the projections of a tilt series onto one geometry.

mod apply;
mod placement;
mod spline;

pub use apply::{apply, coverage};
pub use placement::Placement;
