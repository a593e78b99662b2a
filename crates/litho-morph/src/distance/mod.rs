//! Exact Euclidean distances to the nearest voxel outside.
//!
//! `d²(z, y, x) = min_z' [ (z−z')² e_z² + min_y' [ (y−y')² e_y² + d_x²(z', y', x) ] ]`: one pass along x, one along y
//! while a slice is in the cache, one along z on blocks of columns. Squares are kept in units of the edge along x.

mod block;
mod columns;
mod parabolas;
mod rows;
#[cfg(test)]
mod tests;

use crate::error::MorphError;
use crate::spacing::Spacing;
use block::BLOCK;
pub(crate) use block::Block;
use columns::Costs;
use ndarray::{Array3, ArrayView2, ArrayView3, ArrayViewMut2, Axis};
use rayon::prelude::*;
pub(crate) use rows::Matter;

/// What lies beyond the faces of the array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Border {
    /// Outside: the first voxels beyond the array are outside, as around a particle that was cut out.
    Outside,
    /// Nothing is said about it: only voxels of the array count.
    #[default]
    Ignored,
}

/// Distance of every voxel of the mask to the nearest voxel centre outside it, 0 outside. A mask with nothing outside
/// gives +∞ where the border is ignored.
///
/// # Errors
/// None at present; the signature leaves room for volumes that cannot be handled.
pub fn distance(mask: ArrayView3<bool>, spacing: Spacing, border: Border) -> Result<Array3<f32>, MorphError> {
    Ok(distance_of(mask, spacing, border))
}

/// Distance of every labelled voxel to the nearest voxel centre with another label, 0 at the label 0; all labels at
/// once. A label that fills the array gives +∞ where the border is ignored.
///
/// # Errors
/// As [`distance`].
pub fn distance_labels(
    labels: ArrayView3<u32>,
    spacing: Spacing,
    border: Border,
) -> Result<Array3<f32>, MorphError> {
    Ok(distance_of(labels, spacing, border))
}

fn distance_of<T: Matter>(volume: ArrayView3<T>, spacing: Spacing, border: Border) -> Array3<f32> {
    let volume = volume.as_standard_layout();
    let measure = Measure::new(volume.dim(), spacing, border);
    let mut squares = Array3::zeros(volume.dim());
    squares
        .axis_iter_mut(Axis(0))
        .into_par_iter()
        .zip(volume.axis_iter(Axis(0)).into_par_iter())
        .for_each_init(Block::default, |block, (squares, slice)| measure.slice(slice, squares, block));
    squares
        .axis_iter_mut(Axis(1))
        .into_par_iter()
        .zip(volume.axis_iter(Axis(1)).into_par_iter())
        .for_each_init(Block::default, |block, (squares, columns)| measure.depth(columns, squares, block));
    squares
}

/// The parts of the sum of squares that do not depend on the volume.
pub(crate) struct Measure {
    border: Border,
    along_y: Costs,
    along_z: Costs,
    /// The edge along x: what squares are counted in.
    edge: f32,
}

impl Measure {
    /// For volumes of this shape.
    pub(crate) fn new((nz, ny, _): (usize, usize, usize), spacing: Spacing, border: Border) -> Self {
        let [z, y, x] = spacing.edges();
        Self { border, along_y: Costs::new(ny, y / x), along_z: Costs::new(nz, z / x), edge: x as f32 }
    }

    /// Squares of the distances within a slice `(y, x)`.
    pub(crate) fn slice<T: Matter>(
        &self,
        slice: ArrayView2<T>,
        mut squares: ArrayViewMut2<f32>,
        block: &mut Block<T::Label>,
    ) {
        for (row, mut squares) in slice.outer_iter().zip(squares.outer_iter_mut()) {
            if let (Some(row), Some(squares)) = (row.to_slice(), squares.as_slice_mut()) {
                T::squares(row, self.border, squares);
            }
        }
        self.sweep(slice, squares, &self.along_y, block, |square| square);
    }

    /// Distances of the columns `(z, x)` at one y, from the squares within slices.
    pub(crate) fn depth<T: Matter>(
        &self,
        columns: ArrayView2<T>,
        squares: ArrayViewMut2<f32>,
        block: &mut Block<T::Label>,
    ) {
        self.sweep(columns, squares, &self.along_z, block, |square| square.sqrt() * self.edge);
    }

    fn sweep<T: Matter>(
        &self,
        volume: ArrayView2<T>,
        mut squares: ArrayViewMut2<f32>,
        costs: &Costs,
        block: &mut Block<T::Label>,
        finish: impl Fn(f32) -> f32,
    ) {
        let mut values: Vec<&mut [f32]> =
            squares.outer_iter_mut().filter_map(ndarray::ArrayViewMut1::into_slice).collect();
        let kinds: Vec<&[T]> = volume.outer_iter().filter_map(|row| row.to_slice()).collect();
        for start in (0..volume.ncols()).step_by(BLOCK) {
            block.load::<T>(&values, &kinds, start);
            block.minimise::<T>(costs, self.border);
            block.store(&mut values, start, &finish);
        }
    }
}
