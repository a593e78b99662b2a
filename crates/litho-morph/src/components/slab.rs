//! The runs of some planes of a volume, and which of them touch.

use super::forest::Forest;
use super::runs::{Kind, Run};
use super::touch::{Reach, Row, unite};
use crate::connectivity::Connectivity;
use crate::error::MorphError;
use ndarray::ArrayView3;

/// The runs of neighbouring planes, in the order of memory.
pub(crate) struct Slab<M> {
    runs: Vec<Run<M>>,
    /// Where the runs of each row begin, and the end of the last.
    rows: Vec<usize>,
    planes: usize,
    /// Rows of a plane, voxels of a row.
    shape: (usize, usize),
}

impl<M: Copy + PartialEq + Send + Sync> Slab<M> {
    /// The runs of these planes, which lie in the order of memory.
    pub(crate) fn new<K: Kind<Mark = M>>(volume: ArrayView3<K>) -> Self {
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
        Self { runs, rows, planes, shape: (ny, nx) }
    }

    /// How many runs there are.
    pub(crate) fn len(&self) -> usize {
        self.runs.len()
    }

    /// The runs of row `y` of plane `z`; in the forest, the slab begins at `first`.
    fn row(&self, z: usize, y: usize, first: usize) -> Row<'_, M> {
        let row = z * self.shape.0 + y;
        let (start, end) = (self.rows[row], self.rows[row + 1]);
        Row { runs: &self.runs[start..end], first: first + start }
    }

    /// The sets of runs that are connected within the slab.
    ///
    /// # Errors
    /// More runs than can be numbered.
    pub(crate) fn forest(&self, connectivity: Connectivity) -> Result<Forest, MorphError> {
        let mut forest = Forest::new(self.runs.len())?;
        let reach = Reach::of(connectivity);
        for z in 0..self.planes {
            for y in 0..self.shape.0 {
                if y > 0 {
                    unite(self.row(z, y - 1, 0), self.row(z, y, 0), reach.face, &mut forest);
                }
                if z > 0 {
                    for (other, reach) in reach.in_plane(y, self.shape.0) {
                        unite(self.row(z - 1, other, 0), self.row(z, y, 0), reach, &mut forest);
                    }
                }
            }
        }
        Ok(forest)
    }

    /// Unites the runs of the last plane of this slab, which begins at `first` in the forest, with those of the first
    /// plane of the slab behind it.
    pub(crate) fn unite_seam(
        &self,
        next: &Self,
        first: usize,
        connectivity: Connectivity,
        forest: &mut Forest,
    ) {
        if self.planes == 0 || next.planes == 0 {
            return;
        }
        for y in 0..self.shape.0 {
            let row = next.row(0, y, first + self.len());
            for (other, reach) in Reach::of(connectivity).in_plane(y, self.shape.0) {
                unite(self.row(self.planes - 1, other, first), row, reach, forest);
            }
        }
    }

    /// Writes the number of each run to its voxels, which lie in the order of memory.
    pub(crate) fn write(&self, numbers: &[u32], labels: &mut [u32]) {
        for (places, row) in self.rows.windows(2).zip(labels.chunks_mut(self.shape.1.max(1))) {
            let places = places[0]..places[1];
            for (run, &number) in self.runs[places.clone()].iter().zip(&numbers[places]) {
                row[run.start as usize..run.end as usize].fill(number);
            }
        }
    }
}
