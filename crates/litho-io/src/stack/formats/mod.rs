//! The formats of energy stacks, one file each: each finds its ingredients and leaves the checks to `assemble`.

pub(super) mod exchange;
pub(super) mod generic;
pub(super) mod nxstxm;
pub(super) mod own;
pub(super) mod tiff;
