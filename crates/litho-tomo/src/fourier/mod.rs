//! Fourier transforms of rows, and the filters of back-projection.

mod row_filter;
mod transform;

pub(crate) use row_filter::RowFilter;
