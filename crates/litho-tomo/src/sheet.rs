//! Images of many slices at once: neighbouring slices lie in the lanes of vectors.
//!
//! All slices of a parallel-beam volume see the same rays, so one index and one pair of weights serve every lane.

use litho_lanes::LANES;

/// Vectors of a cell.
pub(crate) const VECTORS: usize = 4;
/// Slices worked on together.
pub(crate) const SLICES: usize = VECTORS * LANES;

/// One voxel or one detector pixel of [`SLICES`] neighbouring slices.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(128))]
pub(crate) struct Cell(pub(crate) [[f32; LANES]; VECTORS]);

impl Cell {
    pub(crate) const ZERO: Self = Self([[0.0; LANES]; VECTORS]);

    /// The same number in every slice.
    pub(crate) fn splat(value: f32) -> Self {
        Self([[value; LANES]; VECTORS])
    }

    /// The numbers, slice by slice.
    pub(crate) fn slices(&self) -> &[f32; SLICES] {
        self.0.as_flattened().try_into().expect("four times eight numbers")
    }

    /// The numbers, slice by slice.
    pub(crate) fn slices_mut(&mut self) -> &mut [f32; SLICES] {
        self.0.as_flattened_mut().try_into().expect("four times eight numbers")
    }
}

/// Cells in rows, with a margin of zeros around them: before the first and after the last cell of a row, and, for a slice,
/// before the first and after the last row. Interpolation at the edge reads the margin; nothing writes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sheet {
    rows: usize,
    width: usize,
    above: usize,
    cells: Vec<Cell>,
}

/// Cells before the first one of a row.
pub(crate) const BEFORE: usize = 1;
/// Cells, and rows of a slice, after the last.
const AFTER: usize = 2;

impl Sheet {
    /// Slices of `size × size` voxels, all zero.
    pub(crate) fn slices(size: usize) -> Self {
        Self::with_margin(size, size, BEFORE, AFTER)
    }

    /// Rows of `detector` pixels at `angles` angles, all zero.
    pub(crate) fn rays(angles: usize, detector: usize) -> Self {
        Self::with_margin(angles, detector, 0, 0)
    }

    fn with_margin(rows: usize, width: usize, above: usize, below: usize) -> Self {
        let cells = vec![Cell::ZERO; (rows + above + below) * stride(width)];
        Self { rows, width, above, cells }
    }

    /// Bytes of a sheet of slices.
    pub(crate) fn bytes_of_slices(size: usize) -> usize {
        (size + BEFORE + AFTER) * stride(size) * size_of::<Cell>()
    }

    /// Bytes of a sheet of rays.
    pub(crate) fn bytes_of_rays(angles: usize, detector: usize) -> usize {
        angles * stride(detector) * size_of::<Cell>()
    }

    /// Rows without the margin.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Cells of a row without the margin.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Cells from one row to the next.
    pub(crate) fn stride(&self) -> usize {
        stride(self.width)
    }

    /// Place of the first cell of the first row.
    pub(crate) fn origin(&self) -> usize {
        self.above * self.stride() + BEFORE
    }

    /// All cells, margins too.
    pub(crate) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// All cells; the margins stay zero.
    pub(crate) fn cells_mut(&mut self) -> &mut [Cell] {
        &mut self.cells
    }

    /// A row without its margin.
    pub(crate) fn row(&self, row: usize) -> &[Cell] {
        let start = self.origin() + row * self.stride();
        &self.cells[start..start + self.width]
    }

    /// A row without its margin.
    pub(crate) fn row_mut(&mut self, row: usize) -> &mut [Cell] {
        let start = self.origin() + row * self.stride();
        let width = self.width;
        &mut self.cells[start..start + width]
    }

    /// Rows with their margins, without the rows of the margin.
    pub(crate) fn padded_rows_mut(&mut self) -> &mut [Cell] {
        let stride = self.stride();
        let (start, len) = (self.above * stride, self.rows * stride);
        &mut self.cells[start..start + len]
    }
}

/// An odd number of cells, so that neighbouring rows do not fall onto the same lines of a cache.
pub(crate) fn stride(width: usize) -> usize {
    (width + BEFORE + AFTER) | 1
}
