//! Zarr: arrays in chunks, one file each. Written as OME-Zarr 0.5 on Zarr 3, with a pyramid; read from Zarr 2 and 3.

mod codec;
mod find;
mod metadata;
mod read;
mod write;

pub(super) use find::{find, is_zarr};
pub(super) use metadata::ZarrArray;
pub(super) use read::slab;
pub(super) use write::ZarrSink;
