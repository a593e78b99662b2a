//! Heights in a mask, ready to be flooded.

use super::order::by_height;
use crate::connectivity::Connectivity;
use crate::error::{MorphError, check_shape};
use ndarray::{Array3, ArrayView3};

/// A volume with a layer of voxels outside the mask around it, so that every voxel has all its neighbours.
pub(super) struct Terrain {
    frame: Frame,
    /// The step of each voxel in the staircase of heights, from 1 at the top; 0 outside the mask.
    pub(super) steps: Vec<u32>,
    /// Voxels of the mask from high to low, equals in the order of memory.
    order: Vec<u32>,
    /// Where each step begins in the order, and the end of the last.
    pub(super) starts: Vec<u32>,
    /// The height of each step.
    pub(super) heights: Vec<f32>,
}

/// Where voxels lie in a volume with a layer around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    shape: (usize, usize, usize),
}

impl Terrain {
    /// Sorts the heights of the mask.
    ///
    /// # Errors
    /// Shapes that differ, heights in the mask that are not finite, more voxels than a `u32` numbers.
    pub(super) fn new(
        operation: &'static str,
        height: ArrayView3<f32>,
        mask: ArrayView3<bool>,
    ) -> Result<Self, MorphError> {
        check_shape(operation, "the mask", mask.shape(), height.shape())?;
        let frame = Frame { shape: height.dim() };
        let size = frame.size();
        if size >= u32::MAX as usize {
            return Err(MorphError::TooMany {
                operation,
                what: "voxels with a layer around them",
                count: size,
                most: u32::MAX as usize - 1,
            });
        }
        let (height, mask) = (height.as_standard_layout(), mask.as_standard_layout());
        let mut voxels = Vec::new();
        for (row, (heights, inside)) in height.rows().into_iter().zip(mask.rows()).enumerate() {
            let first = frame.row(row) as u32;
            let row = heights.iter().zip(inside).enumerate().filter(|(_, (_, inside))| **inside);
            voxels.extend(row.map(|(x, (&height, _))| (height, first + x as u32)));
        }
        if let Some(&(value, place)) = voxels.iter().find(|(height, _)| !height.is_finite()) {
            let voxel = frame.voxel(place as usize);
            return Err(MorphError::NotFinite { operation, voxel, value: value.into() });
        }
        Ok(Self::of(frame, &by_height(voxels)))
    }

    /// The staircase of sorted voxels.
    fn of(frame: Frame, sorted: &[(f32, u32)]) -> Self {
        let mut steps = vec![0; frame.size()];
        let (mut starts, mut heights) = (Vec::new(), Vec::new());
        for (index, &(height, place)) in sorted.iter().enumerate() {
            if heights.last() != Some(&height) {
                heights.push(height);
                starts.push(index as u32);
            }
            steps[place as usize] = heights.len() as u32;
        }
        starts.push(sorted.len() as u32);
        Self { frame, steps, order: sorted.iter().map(|&(_, place)| place).collect(), starts, heights }
    }

    /// Distances in memory to every neighbour of a voxel.
    pub(super) fn neighbours(&self, connectivity: Connectivity) -> Vec<isize> {
        self.frame.neighbours(connectivity)
    }

    /// The voxels of a step, counted from 0.
    pub(super) fn on(&self, step: usize) -> &[u32] {
        &self.order[self.starts[step] as usize..self.starts[step + 1] as usize]
    }

    /// Where the voxels lie.
    pub(super) fn frame(&self) -> Frame {
        self.frame
    }
}

impl Frame {
    /// Voxels with the layer around them.
    pub(super) fn size(self) -> usize {
        (self.shape.0 + 2) * (self.shape.1 + 2) * (self.shape.2 + 2)
    }

    /// Where the row of this number begins.
    fn row(self, row: usize) -> usize {
        let (_, ny, nx) = self.shape;
        let (z, y) = (row / ny, row % ny);
        ((z + 1) * (ny + 2) + y + 1) * (nx + 2) + 1
    }

    fn voxel(self, place: usize) -> [usize; 3] {
        let (_, ny, nx) = self.shape;
        let (row, x) = (place / (nx + 2), place % (nx + 2));
        [row / (ny + 2) - 1, row % (ny + 2) - 1, x - 1]
    }

    fn neighbours(self, connectivity: Connectivity) -> Vec<isize> {
        let (_, ny, nx) = self.shape;
        let (plane, row) = (((ny + 2) * (nx + 2)) as isize, (nx + 2) as isize);
        connectivity.steps().map(|[z, y, x]| z * plane + y * row + x).collect()
    }

    /// The rows of values with the layer around them.
    pub(super) fn rows(self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let (nz, ny, nx) = self.shape;
        (0..nz * ny).map(move |row| self.row(row)..self.row(row) + nx)
    }

    /// The values without the layer around them.
    pub(super) fn inner(self, values: &[u32]) -> Array3<u32> {
        let mut inner = Array3::zeros(self.shape);
        for (row, places) in inner.rows_mut().into_iter().zip(self.rows()) {
            for (to, &from) in row.into_iter().zip(&values[places]) {
                *to = from;
            }
        }
        inner
    }
}
