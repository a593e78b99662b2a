//! Fourier transforms of rows, and filters of rows and slices.

mod plane_filter;
mod row_filter;
mod transform;

pub(crate) use plane_filter::PlaneFilter;
pub(crate) use row_filter::RowFilter;
