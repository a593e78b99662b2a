//! Images and arrays for other programs: TIFF and NPY.

mod npy;
mod tiff_file;

pub use npy::write_npy;
pub use tiff_file::{write_tiff, write_tiff_stack};
