//! Images and arrays for other programs: TIFF and NPY.

mod npy;
mod tiff_file;
mod tiff_read;

pub use npy::write_npy;
pub use tiff_file::{write_tiff, write_tiff_stack};

pub(crate) use tiff_read::{read_tiff_pages, tiff_shape};
