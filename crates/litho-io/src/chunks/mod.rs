//! Frames from chunked HDF5 datasets, decoded in Rust on all cores.
//!
//! HDF5 takes one lock around every call, so a detector's compressed frames come through it one at a time. Here HDF5
//! only says where the chunks lie; they are read with positioned reads and decoded in parallel. Filters undone:
//! bitshuffle (32008) raw, with LZ4 or with zstd, LZ4 (32004), zstd (32015), deflate (1), shuffle (2). All other
//! datasets (contiguous, virtual, other filters, foreign byte order) are read through HDF5; the caller sees no
//! difference but [`FrameReader::fallback_reason`].

mod bitshuffle;
#[cfg(target_arch = "x86_64")]
mod bitshuffle_avx2;
mod blocks;
mod codec;
mod dataset;
mod direct;
mod element;
mod error;
mod grid;
mod lz4_block;
mod origin;

pub use dataset::FrameReader;
pub use element::{Element, ElementKind};
pub use error::{ChunkError, ChunkErrorKind, CodecError};

#[cfg(test)]
mod tests;
