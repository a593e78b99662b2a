//! Rows of any length taken eight numbers at a time.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]

use super::{LANES, Lanes, Split};
use crate::c32;
use litho_types::frames::Count;

/// Up to [`LANES`] neighbouring numbers of a row.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    start: usize,
    len: usize,
}

/// The blocks of a row of `len` numbers, in order; only the last one may be shorter than [`LANES`].
#[inline(always)]
pub fn blocks(len: usize) -> Blocks {
    Blocks { next: 0, len }
}

/// Made by [`blocks`]. A closure called for each block would not be compiled for the caller's instruction set.
#[derive(Debug)]
pub struct Blocks {
    next: usize,
    len: usize,
}

impl Iterator for Blocks {
    type Item = Block;

    #[inline(always)]
    fn next(&mut self) -> Option<Block> {
        if self.next >= self.len {
            return None;
        }
        let start = self.next;
        self.next += LANES;
        Some(Block { start, len: LANES.min(self.len - start) })
    }
}

impl Block {
    /// The block of a complex row; lanes past its end are zero.
    #[inline(always)]
    pub fn complex<L: Lanes>(self, row: &[c32]) -> Split<L> {
        if self.len == LANES {
            return L::deinterleave(array(&row[self.start..self.start + LANES]));
        }
        let mut lanes = [c32::default(); LANES];
        lanes[..self.len].copy_from_slice(&row[self.start..self.start + self.len]);
        L::deinterleave(&lanes)
    }

    /// The block of a complex row in an order of its own, the same for all rows ([`Lanes::part`]); lanes past its end are
    /// zero.
    #[inline(always)]
    pub fn unordered<L: Lanes>(self, row: &[c32]) -> Split<L> {
        if self.len == LANES {
            return L::part(array(&row[self.start..self.start + LANES]));
        }
        let mut lanes = [c32::default(); LANES];
        lanes[..self.len].copy_from_slice(&row[self.start..self.start + self.len]);
        L::part(&lanes)
    }

    /// Writes the block of a complex row in the order of [`unordered`](Self::unordered).
    #[inline(always)]
    pub fn put_unordered<L: Lanes>(self, value: Split<L>, row: &mut [c32]) {
        if self.len == LANES {
            return L::join(value, array_mut(&mut row[self.start..self.start + LANES]));
        }
        let mut lanes = [c32::default(); LANES];
        L::join(value, &mut lanes);
        row[self.start..self.start + self.len].copy_from_slice(&lanes[..self.len]);
    }

    /// Writes the block of a complex row.
    #[inline(always)]
    pub fn put_complex<L: Lanes>(self, value: Split<L>, row: &mut [c32]) {
        if self.len == LANES {
            return L::interleave(value, array_mut(&mut row[self.start..self.start + LANES]));
        }
        let mut lanes = [c32::default(); LANES];
        L::interleave(value, &mut lanes);
        row[self.start..self.start + self.len].copy_from_slice(&lanes[..self.len]);
    }

    /// The block of a real row; lanes past its end are zero.
    #[inline(always)]
    pub fn real<L: Lanes>(self, row: &[f32]) -> L {
        if self.len == LANES {
            return L::load(array(&row[self.start..self.start + LANES]));
        }
        let mut lanes = [0.0; LANES];
        lanes[..self.len].copy_from_slice(&row[self.start..self.start + self.len]);
        L::load(&lanes)
    }

    /// The block of a row of counts, as floats; lanes past its end are zero.
    #[inline(always)]
    pub fn converted<L: Lanes, T: Count>(self, row: &[T]) -> L {
        let mut lanes = [0.0; LANES];
        let counts = &row[self.start..self.start + self.len];
        if let Ok(counts) = <&[T; LANES]>::try_from(counts) {
            for (lane, count) in lanes.iter_mut().zip(counts) {
                *lane = count.to_f32();
            }
        } else {
            for (lane, count) in lanes.iter_mut().zip(counts) {
                *lane = count.to_f32();
            }
        }
        L::load(&lanes)
    }

    /// Writes the block of a real row.
    #[inline(always)]
    pub fn put_real<L: Lanes>(self, value: L, row: &mut [f32]) {
        if self.len == LANES {
            return value.store(array_mut(&mut row[self.start..self.start + LANES]));
        }
        let mut lanes = [0.0; LANES];
        value.store(&mut lanes);
        row[self.start..self.start + self.len].copy_from_slice(&lanes[..self.len]);
    }
}

#[inline(always)]
fn array<T>(slice: &[T]) -> &[T; LANES] {
    slice.try_into().expect("the slice was cut to this length")
}

#[inline(always)]
fn array_mut<T>(slice: &mut [T]) -> &mut [T; LANES] {
    slice.try_into().expect("the slice was cut to this length")
}
