//! Where a pass reads and writes its rows of eight columns: in the frame, or in a tile.
//!
//! Bounds are checked once per pass, through `rows`, and not again for every row: the checks would take as many
//! instructions as the smaller butterflies and the registers that hold the butterfly's addresses.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
#![expect(unsafe_code, reason = "row access without a bounds check for each row")]

use super::c32;
use super::tile::SplitRow;
use litho_lanes::{LANES, Lanes, Split};

/// Rows to read from.
pub(super) trait Source {
    /// Number of rows that may be read.
    fn rows(&self) -> usize;

    /// Reads one row.
    ///
    /// # Safety
    ///
    /// `row < self.rows()`.
    unsafe fn load<L: Lanes>(&self, row: usize) -> Split<L>;
}

/// Rows to write to.
pub(super) trait Sink {
    /// Number of rows that may be written.
    fn rows(&self) -> usize;

    /// Writes one row.
    ///
    /// # Safety
    ///
    /// `row < self.rows()`.
    unsafe fn store<L: Lanes>(&mut self, row: usize, value: Split<L>);
}

impl Source for &[SplitRow] {
    #[inline(always)]
    fn rows(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    unsafe fn load<L: Lanes>(&self, row: usize) -> Split<L> {
        // SAFETY: the caller keeps `row` below the length.
        let SplitRow { re, im } = unsafe { self.get_unchecked(row) };
        Split { re: L::load(re), im: L::load(im) }
    }
}

impl Sink for &mut [SplitRow] {
    #[inline(always)]
    fn rows(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    unsafe fn store<L: Lanes>(&mut self, row: usize, value: Split<L>) {
        // SAFETY: the caller keeps `row` below the length.
        let SplitRow { re, im } = unsafe { self.get_unchecked_mut(row) };
        value.re.store(re);
        value.im.store(im);
    }
}

/// Rows of [`LANES`] numbers, `pitch` apart, that lie wholly in `len` numbers.
fn whole_rows(len: usize, pitch: usize) -> usize {
    len.checked_sub(LANES).map_or(0, |last| last / pitch + 1)
}

/// Eight columns of a C-order frame, to read: they start at `data[0]`, rows `pitch ≥ 1` numbers apart.
pub(super) struct FrameSource<'a> {
    pub(super) data: &'a [c32],
    pub(super) pitch: usize,
}

impl Source for FrameSource<'_> {
    #[inline(always)]
    fn rows(&self) -> usize {
        whole_rows(self.data.len(), self.pitch)
    }

    #[inline(always)]
    unsafe fn load<L: Lanes>(&self, row: usize) -> Split<L> {
        // SAFETY: the caller keeps `row` below `whole_rows`, so eight numbers from `row·pitch` are in the slice.
        L::deinterleave(unsafe { &*self.data.as_ptr().add(row * self.pitch).cast() })
    }
}

/// Eight columns of a C-order frame, to write: they start at `data[0]`, rows `pitch ≥ 1` numbers apart.
///
/// With `INVERSE` row `k` goes to row `−k mod transform_rows`, which turns the forward transform into the inverse:
/// `Σ_j x[j] exp(+2πi jk/n) = Σ_j x[j] exp(−2πi j(−k)/n)`.
pub(super) struct FrameSink<'a, const INVERSE: bool> {
    pub(super) data: &'a mut [c32],
    pub(super) pitch: usize,
    pub(super) transform_rows: usize,
}

impl<const INVERSE: bool> Sink for FrameSink<'_, INVERSE> {
    #[inline(always)]
    fn rows(&self) -> usize {
        whole_rows(self.data.len(), self.pitch).min(self.transform_rows)
    }

    #[inline(always)]
    unsafe fn store<L: Lanes>(&mut self, row: usize, value: Split<L>) {
        let row = if INVERSE && row != 0 { self.transform_rows - row } else { row };
        // SAFETY: the caller keeps `row` below `self.rows()`, which is no larger than `whole_rows` and
        // `transform_rows`, and `run` asks for all `transform_rows`, so eight numbers from `row·pitch` are in the slice.
        L::interleave(value, unsafe { &mut *self.data.as_mut_ptr().add(row * self.pitch).cast() });
    }
}
