//! What a pointwise operation sees between the forward and the inverse column transforms.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]

use super::{LANES, Lanes, Split};

/// One row of a tile: eight neighbouring columns, real and imaginary parts apart; one cache line.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[repr(C, align(64))]
pub struct SplitRow {
    /// Real parts; lane `l` is column `first_column + l`.
    pub re: [f32; LANES],
    /// Imaginary parts, in the same order.
    pub im: [f32; LANES],
}

impl SplitRow {
    /// The row as vectors.
    #[inline(always)]
    pub fn load<L: Lanes>(&self) -> Split<L> {
        Split { re: L::load(&self.re), im: L::load(&self.im) }
    }

    /// Replaces the row.
    #[inline(always)]
    pub fn store<L: Lanes>(&mut self, value: Split<L>) {
        value.re.store(&mut self.re);
        value.im.store(&mut self.im);
    }
}

/// The spectra of all modes in [`LANES`] neighbouring columns, all rows, zero frequency in row 0.
///
/// Lane `l` of every row is column `first_column() + l` of the frame. In the last tile of a frame whose width is
/// no multiple of [`LANES`] only the first `valid_lanes()` exist; the others hold zero and what is left in
/// them is dropped.
#[derive(Debug)]
pub struct ColumnTile<'a> {
    pub(super) waves: &'a mut [SplitRow],
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) first_column: usize,
    pub(super) valid_lanes: usize,
}

impl ColumnTile<'_> {
    /// Rows of the tile, those of the frame.
    #[inline(always)]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of modes.
    #[inline(always)]
    pub fn modes(&self) -> usize {
        self.waves.len() / self.rows
    }

    /// Column of the frame in lane 0.
    #[inline(always)]
    pub fn first_column(&self) -> usize {
        self.first_column
    }

    /// Lanes that are columns of the frame, 1 to [`LANES`].
    #[inline(always)]
    pub fn valid_lanes(&self) -> usize {
        self.valid_lanes
    }

    /// The rows of one mode.
    #[inline(always)]
    pub fn mode(&mut self, mode: usize) -> &mut [SplitRow] {
        &mut self.waves[mode * self.rows..][..self.rows]
    }

    /// Row `row` of every mode in turn.
    #[inline(always)]
    pub fn row_of_modes(&mut self, row: usize) -> impl Iterator<Item = &mut SplitRow> {
        self.waves[row..].iter_mut().step_by(self.rows)
    }

    /// The pixels of a C-order image of the frame's shape that lie under row `row` of the tile; lanes past the
    /// last column are `T::default()`.
    ///
    /// # Panics
    ///
    /// If the image has fewer pixels than the frame.
    #[inline(always)]
    pub fn pixels<T: Copy + Default>(&self, image: &[T], row: usize) -> [T; LANES] {
        let start = row * self.columns + self.first_column;
        if self.valid_lanes == LANES {
            let mut lanes = [T::default(); LANES];
            lanes.copy_from_slice(&image[start..start + LANES]);
            return lanes;
        }
        let mut lanes = [T::default(); LANES];
        lanes[..self.valid_lanes].copy_from_slice(&image[start..start + self.valid_lanes]);
        lanes
    }
}

/// An operation on the spectra of all modes, applied between a forward and an inverse transform.
///
/// It is called once per tile, tiles in order of their columns. Mark `apply` and what it calls
/// `#[inline(always)]` and write it over the vectors `L`: it is then compiled for the plan's
/// [`InstructionSet`](super::InstructionSet).
pub trait ColumnOp {
    /// Replaces the spectra in the tile.
    fn apply<L: Lanes>(&mut self, tile: ColumnTile<'_>);
}
