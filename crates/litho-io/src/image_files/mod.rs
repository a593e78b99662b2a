//! Images and arrays for other programs: TIFF and NPY.

mod npy;
mod tiff_file;
mod tiff_folder;
mod tiff_read;

pub use npy::write_npy;
pub use tiff_file::{write_tiff, write_tiff_stack};

pub(crate) use npy::header as npy_header;
pub(crate) use tiff_folder::{is_tiff, tiff_files, tiff_files_shape};
pub(crate) use tiff_read::{read_tiff_pages, read_tiff_part, read_tiff_rows, tiff_description, tiff_shape};
