//! The runs of some planes of a volume, and which of them are connected.

use super::forest::Forest;
use super::runs::{Kind, Run};
use super::touch::{Reach, Row, touching};
use crate::connectivity::Connectivity;
use crate::error::MorphError;
use ndarray::ArrayView3;

/// The runs of neighbouring planes, in the order of memory.
pub(crate) struct Slab<M> {
    runs: Vec<Run<M>>,
    /// Where the runs of each row begin, and the end of the last.
    rows: Vec<usize>,
    /// The set of each run, from 1 by the first run of the set.
    sets: Vec<u32>,
    /// How many sets there are.
    pub(crate) count: u32,
    planes: usize,
    /// Rows of a plane, voxels of a row.
    shape: (usize, usize),
}

impl<M: Copy + PartialEq + Send + Sync> Slab<M> {
    /// The runs of these planes, which lie in the order of memory.
    ///
    /// # Errors
    /// More runs than can be numbered.
    pub(crate) fn new<K: Kind<Mark = M>>(
        volume: ArrayView3<K>,
        connectivity: Connectivity,
    ) -> Result<Self, MorphError> {
        let (planes, ny, nx) = volume.dim();
        let mut runs = Vec::new();
        let mut rows = Vec::with_capacity(planes * ny + 1);
        rows.push(0);
        for row in volume.rows() {
            if let Some(row) = row.as_slice() {
                K::runs(row, &mut runs);
            }
            rows.push(runs.len());
        }
        let mut slab = Self { runs, rows, sets: Vec::new(), count: 0, planes, shape: (ny, nx) };
        slab.unite(connectivity)?;
        Ok(slab)
    }

    /// The runs of row `y` of plane `z`.
    fn row(&self, z: usize, y: usize) -> Row<'_, M> {
        let row = z * self.shape.0 + y;
        let (first, end) = (self.rows[row], self.rows[row + 1]);
        Row { runs: &self.runs[first..end], first }
    }

    /// The sets of runs that are connected within the slab.
    ///
    /// # Errors
    /// More runs than can be numbered.
    fn unite(&mut self, connectivity: Connectivity) -> Result<(), MorphError> {
        let mut forest = Forest::new(self.runs.len())?;
        let mut unite = |a, b| forest.unite(a, b);
        let reach = Reach::of(connectivity);
        for z in 0..self.planes {
            for y in 0..self.shape.0 {
                if y > 0 {
                    touching(self.row(z, y - 1), self.row(z, y), reach.face, &mut unite);
                }
                if z > 0 {
                    for (other, reach) in reach.in_plane(y, self.shape.0) {
                        touching(self.row(z - 1, other), self.row(z, y), reach, &mut unite);
                    }
                }
            }
        }
        (self.sets, self.count) = forest.numbers();
        Ok(())
    }

    /// Calls `unite` with the sets, counted from 0 in each slab, that touch over the seam to the slab behind this one.
    pub(crate) fn over_seam(
        &self,
        next: &Self,
        connectivity: Connectivity,
        mut unite: impl FnMut(usize, usize),
    ) {
        if self.planes == 0 || next.planes == 0 {
            return;
        }
        let mut unite = |a: usize, b: usize| unite(self.sets[a] as usize - 1, next.sets[b] as usize - 1);
        for y in 0..self.shape.0 {
            for (other, reach) in Reach::of(connectivity).in_plane(y, self.shape.0) {
                touching(self.row(self.planes - 1, other), next.row(0, y), reach, &mut unite);
            }
        }
    }

    /// Writes the number of each set to its voxels, which lie in the order of memory.
    pub(crate) fn write(&self, numbers: &[u32], labels: &mut [u32]) {
        for (places, row) in self.rows.windows(2).zip(labels.chunks_mut(self.shape.1.max(1))) {
            let places = places[0]..places[1];
            for (run, &set) in self.runs[places.clone()].iter().zip(&self.sets[places]) {
                row[run.start as usize..run.end as usize].fill(numbers[set as usize - 1]);
            }
        }
    }
}
