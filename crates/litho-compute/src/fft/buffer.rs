//! Memory for frames that starts on a cache line.
#![expect(unsafe_code, reason = "cache lines of numbers seen as one slice of numbers")]

use std::ops::{Deref, DerefMut};

use super::{LANES, c32};

/// Numbers of one cache line: one row of a column tile.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C, align(64))]
struct Line([c32; LANES]);

/// Zero-initialised complex numbers on a cache-line boundary.
///
/// In frames whose width is a multiple of [`LANES`] each row of a column tile is then one cache line and not two
/// halves, which saves 5 to 20 % of the time of a transform. The transforms work on any slice.
#[derive(Debug, Clone)]
pub struct WaveBuffer {
    lines: Vec<Line>,
    len: usize,
}

impl WaveBuffer {
    /// `len` zeros.
    pub fn zeros(len: usize) -> Self {
        Self { lines: vec![Line::default(); len.div_ceil(LANES)], len }
    }
}

impl Deref for WaveBuffer {
    type Target = [c32];

    fn deref(&self) -> &[c32] {
        // SAFETY: `Line` is `repr(C)` of `LANES` numbers without padding (64 bytes in size and alignment), and
        // `zeros` made at least `len` of them.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
}

impl DerefMut for WaveBuffer {
    fn deref_mut(&mut self) -> &mut [c32] {
        // SAFETY: as in `deref`; the borrow is unique.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}
