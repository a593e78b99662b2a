//! The formats of tilt series, one file each: each finds its ingredients and leaves the checks to `assemble`.

pub(super) mod exchange;
pub(super) mod generic;
pub(super) mod nxtomo;
pub(super) mod own;
pub(super) mod tiff;
