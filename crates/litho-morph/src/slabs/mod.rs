//! Volumes larger than memory, some planes at a time; results have the bits of those in memory.
//!
//! This crate knows no files: planes come from a source and go to a sink that the caller provides.

#[cfg(test)]
mod tests;

use crate::components::{Seams, Slab};
use crate::connectivity::Connectivity;
use crate::distance::{Block, Border, Measure};
use crate::error::{MorphError, check_shape};
use crate::spacing::Spacing;
use ndarray::{Array2, Array3, ArrayView3, Axis, s};
use rayon::prelude::*;
use std::ops::Range;

/// Where the planes of a mask are read from; they are asked for more than once.
pub trait MaskSlabs {
    /// Shape `(nz, ny, nx)` of the volume.
    fn shape(&self) -> (usize, usize, usize);
    /// These planes.
    ///
    /// # Errors
    /// [`MorphError::Slabs`] if they cannot be read.
    fn read(&mut self, planes: Range<usize>) -> Result<Array3<bool>, MorphError>;
}

/// Where labels go, from the first planes to the last.
pub trait LabelSink {
    /// Takes the labels of these planes.
    ///
    /// # Errors
    /// [`MorphError::Slabs`] if they cannot be written.
    fn write(&mut self, planes: Range<usize>, labels: ArrayView3<u32>) -> Result<(), MorphError>;
}

/// A place for a volume of numbers that is written in planes and rewritten in columns along z.
pub trait DistanceStore {
    /// Takes these planes `(z, y, x)`.
    ///
    /// # Errors
    /// [`MorphError::Slabs`] if they cannot be written.
    fn write_planes(&mut self, planes: Range<usize>, numbers: ArrayView3<f32>) -> Result<(), MorphError>;
    /// These rows of all planes, `(z, y, x)`.
    ///
    /// # Errors
    /// [`MorphError::Slabs`] if they cannot be read.
    fn read_rows(&mut self, rows: Range<usize>) -> Result<Array3<f32>, MorphError>;
    /// Takes these rows of all planes.
    ///
    /// # Errors
    /// [`MorphError::Slabs`] if they cannot be written.
    fn write_rows(&mut self, rows: Range<usize>, numbers: ArrayView3<f32>) -> Result<(), MorphError>;
}

/// Connected components as [`components`](crate::components()) finds them, `depth` planes at a time: once to see what
/// touches over the seams, once to write. Gives how many there are.
///
/// # Errors
/// A depth of 0, more sets than can be numbered, whatever source and sink say.
pub fn components_by_slabs(
    mask: &mut dyn MaskSlabs,
    labels: &mut dyn LabelSink,
    connectivity: Connectivity,
    depth: usize,
) -> Result<u32, MorphError> {
    let (nz, ny, nx) = mask.shape();
    let slabs = ranges("components by slabs", "planes at a time", nz, depth)?;
    let mut seams = Seams::default();
    let mut before = None;
    for planes in &slabs {
        let slab = Slab::new(read(mask, planes)?.view(), connectivity)?;
        seams.add(before.as_ref(), &slab, connectivity)?;
        before = Some(slab);
    }
    let (numbers, count) = seams.numbers();
    for (planes, numbers) in slabs.into_iter().zip(numbers) {
        let slab = Slab::new(read(mask, &planes)?.view(), connectivity)?;
        let mut found = Array3::zeros((planes.len(), ny, nx));
        if let Some(found) = found.as_slice_mut() {
            slab.write(&numbers, found);
        }
        labels.write(planes, found.view())?;
    }
    Ok(count)
}

/// Distances as [`distance`](crate::distance()) finds them: squares within planes go to the store `depth` planes at a
/// time, columns along z are finished there `rows` rows at a time.
///
/// # Errors
/// A depth or rows of 0, whatever source and store say.
pub fn distance_by_slabs(
    mask: &mut dyn MaskSlabs,
    store: &mut dyn DistanceStore,
    spacing: Spacing,
    border: Border,
    depth: usize,
    rows: usize,
) -> Result<(), MorphError> {
    const OPERATION: &str = "distances by slabs";
    let (nz, ny, nx) = mask.shape();
    let measure = Measure::new((nz, ny, nx), spacing, border);
    let row_ranges = ranges(OPERATION, "rows at a time", ny, rows)?;
    for planes in ranges(OPERATION, "planes at a time", nz, depth)? {
        let slab = read(mask, &planes)?;
        let mut squares = Array3::zeros(slab.dim());
        squares
            .axis_iter_mut(Axis(0))
            .into_par_iter()
            .zip(slab.axis_iter(Axis(0)).into_par_iter())
            .for_each_init(Block::default, |block, (squares, slice)| measure.slice(slice, squares, block));
        store.write_planes(planes, squares.view())?;
    }
    // Outside has square 0, so the passes along z need no mask.
    let unused = Array2::from_elem((nz, nx), false);
    for rows in row_ranges {
        let read = store.read_rows(rows.clone())?;
        check_shape(OPERATION, "the rows that were read", read.shape(), &[nz, rows.len(), nx])?;
        let mut columns = read.as_standard_layout().into_owned();
        columns
            .axis_iter_mut(Axis(1))
            .into_par_iter()
            .for_each_init(Block::default, |block, columns| measure.depth(unused.view(), columns, block));
        store.write_rows(rows, columns.view())?;
    }
    Ok(())
}

/// Reads planes and sees that they are what was asked for, in the order of memory.
fn read(mask: &mut dyn MaskSlabs, planes: &Range<usize>) -> Result<Array3<bool>, MorphError> {
    let (_, ny, nx) = mask.shape();
    let slab = mask.read(planes.clone())?;
    check_shape("reading slabs", "the planes that were read", slab.shape(), &[planes.len(), ny, nx])?;
    Ok(slab.as_standard_layout().into_owned())
}

fn ranges(
    operation: &'static str,
    setting: &'static str,
    len: usize,
    part: usize,
) -> Result<Vec<Range<usize>>, MorphError> {
    if part == 0 {
        return Err(MorphError::Setting { operation, setting, value: 0.0, fix: "give at least one" });
    }
    Ok((0..len).step_by(part).map(|start| start..len.min(start + part)).collect())
}

impl MaskSlabs for ArrayView3<'_, bool> {
    fn shape(&self) -> (usize, usize, usize) {
        self.dim()
    }

    fn read(&mut self, planes: Range<usize>) -> Result<Array3<bool>, MorphError> {
        Ok(self.slice(s![planes, .., ..]).to_owned())
    }
}

impl LabelSink for Array3<u32> {
    fn write(&mut self, planes: Range<usize>, labels: ArrayView3<u32>) -> Result<(), MorphError> {
        self.slice_mut(s![planes, .., ..]).assign(&labels);
        Ok(())
    }
}

impl DistanceStore for Array3<f32> {
    fn write_planes(&mut self, planes: Range<usize>, numbers: ArrayView3<f32>) -> Result<(), MorphError> {
        self.slice_mut(s![planes, .., ..]).assign(&numbers);
        Ok(())
    }

    fn read_rows(&mut self, rows: Range<usize>) -> Result<Array3<f32>, MorphError> {
        Ok(self.slice(s![.., rows, ..]).to_owned())
    }

    fn write_rows(&mut self, rows: Range<usize>, numbers: ArrayView3<f32>) -> Result<(), MorphError> {
        self.slice_mut(s![.., rows, ..]).assign(&numbers);
        Ok(())
    }
}
