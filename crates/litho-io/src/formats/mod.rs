//! One file per format: how to read it, and how to write it.

pub(crate) mod cxi;
pub(crate) mod eiger;
pub(crate) mod generic;
pub(crate) mod nxcxi;
pub(crate) mod ptychodus;
pub(crate) mod ptyd;
pub(crate) mod ptylab;
pub(crate) mod tike;
mod write;

pub use write::{write_cxi, write_scan};
