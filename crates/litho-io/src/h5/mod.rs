//! HDF5 with errors a person can act on: reading, writing and naming datasets.

mod complex;
mod data;
mod file;
mod place;
mod slab;
mod spec;
mod value;
mod writer;

pub use complex::read_complex;

pub use spec::PathSpec;
pub use value::read_real;

pub use data::{ArrayData, AttrValue};
pub(crate) use file::H5File;
pub(crate) use place::{Place, located};
pub(crate) use value::{Located, describe};
pub(crate) use writer::H5Writer;
