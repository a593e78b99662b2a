//! Part of a stack of frames, without reading the rest.

use super::file::H5File;
use crate::error::IoError;
use crate::scan::FramePart;
use hdf5::{Hyperslab, Selection, SliceOrIndex};
use ndarray::IxDyn;

impl H5File {
    /// Frames of `part` from frame `start` on, as many as fit into `bytes` (at
    /// least one row of the first axis), leading axes flattened, in C order.
    ///
    /// For more than one leading axis, `start` must be where a row of the first axis begins.
    pub(crate) fn frame_block<T: hdf5::H5Type>(
        &self,
        part: &FramePart,
        start: usize,
        bytes: usize,
    ) -> Result<Vec<T>, IoError> {
        let name = &part.dataset;
        if self.shape(name)? != part.shape {
            let found = self.shape(name)?;
            return Err(self.wrong_shape(name, found, &format!("{:?}, as when first looked at", part.shape)));
        }
        let dataset = self.dataset(name)?;
        let [rows, rest @ ..] = part.shape.as_slice() else {
            return Err(self.wrong_shape(name, part.shape.clone(), "(N, y, x)"));
        };
        let frames_per_row: usize = rest[..rest.len().saturating_sub(2)].iter().product();
        let row_bytes = rest.iter().product::<usize>().max(1) * size_of::<T>();
        let first = start / frames_per_row.max(1);
        let last = (first + (bytes / row_bytes).max(1)).min(*rows);
        let all = SliceOrIndex::from(..);
        let axes = std::iter::once(SliceOrIndex::from(first..last)).chain(rest.iter().map(|_| all));
        let selection = Selection::from(Hyperslab::from(axes.collect::<Vec<_>>()));
        let block = dataset
            .read_slice::<T, _, IxDyn>(selection)
            .map_err(|e| self.hdf5("read frames of", name, &e))?;
        Ok(block.into_raw_vec_and_offset().0)
    }
}
