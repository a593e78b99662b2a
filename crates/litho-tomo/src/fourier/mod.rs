//! Fourier transforms of rows, and filters of rows and slices.

mod gridding;
mod plane_filter;
mod row_filter;
mod spread;
mod transform;

pub(crate) use gridding::Gridding;
pub(crate) use plane_filter::PlaneFilter;
pub(crate) use row_filter::RowFilter;
