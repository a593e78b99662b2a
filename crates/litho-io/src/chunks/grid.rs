//! Where the chunks of a stack of frames lie: position on the chunk grid → place in the file.

use super::error::{ChunkError, ChunkErrorKind};
use super::origin::Origin;
use hdf5::Dataset;

/// One chunk in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// Byte address in the file, user block included.
    pub(super) address: u64,
    /// Bytes stored.
    pub(super) size: u64,
    /// Filter mask: bit `i` set means filter `i` was skipped.
    pub(super) skipped: u32,
}

/// The chunks of a dataset seen as (frame, y, x).
#[derive(Debug)]
pub(super) struct ChunkGrid {
    /// Frames, rows, columns.
    pub(super) shape: [usize; 3],
    /// Chunk shape; may reach beyond `shape`.
    pub(super) chunk: [usize; 3],
    /// Chunks by grid cell (layer, row, column), sorted by cell.
    stored: Vec<([usize; 3], Stored)>,
}

impl ChunkGrid {
    /// Asks HDF5 for the address of every chunk. `shape` and `chunk` have no zero; `dataset` has rank 3, or rank
    /// 4 with a leading axis of length 1.
    pub(super) fn visit(
        dataset: &Dataset,
        shape: [usize; 3],
        chunk: [usize; 3],
        origin: &Origin,
    ) -> Result<Self, ChunkError> {
        let mut stored = Vec::new();
        let mut off_grid = None;
        dataset
            .chunks_visit(|info| {
                match cell(info.offset, chunk) {
                    // A writer may add chunks before it extends the shape: what lies beyond is not yet data.
                    Some(cell) if (0..3).any(|axis| cell[axis] >= shape[axis].div_ceil(chunk[axis])) => {}
                    Some(cell) => {
                        let (address, size, skipped) = (info.addr, info.size, info.filter_mask);
                        stored.push((cell, Stored { address, size, skipped }));
                    }
                    None => off_grid = Some(info.offset.to_vec()),
                }
                0
            })
            .map_err(origin.hdf5("listing the chunks"))?;
        if let Some(offset) = off_grid {
            return Err(origin.error(ChunkErrorKind::Index { offset, chunk }));
        }
        stored.sort_unstable_by_key(|&(cell, chunk)| (cell, chunk.address));
        Ok(Self { shape, chunk, stored })
    }

    /// The chunk at a grid cell, if the file holds one.
    pub(super) fn find(&self, cell: [usize; 3]) -> Option<&Stored> {
        let at = self.stored.binary_search_by_key(&cell, |&(cell, _)| cell).ok()?;
        self.stored.get(at).map(|(_, chunk)| chunk)
    }

    /// (frame, y, x) of the first element of a grid cell.
    pub(super) fn offset(&self, cell: [usize; 3]) -> [usize; 3] {
        std::array::from_fn(|axis| cell[axis] * self.chunk[axis])
    }
}

/// The grid cell of a chunk whose first element is at `offset`; `None` if it is not on the grid.
fn cell(offset: &[u64], chunk: [usize; 3]) -> Option<[usize; 3]> {
    let (leading, last) = offset.split_last_chunk::<3>()?;
    if leading.iter().any(|&index| index != 0) {
        return None;
    }
    let mut cell = [0; 3];
    for axis in 0..3 {
        let index = usize::try_from(last[axis]).ok()?;
        cell[axis] = index.checked_div(chunk[axis]).filter(|_| index.is_multiple_of(chunk[axis]))?;
    }
    Some(cell)
}
