//! Part of a stack of frames, without reading the rest.

use super::complex::{ComplexMembers, RealImag};
use super::file::H5File;
use crate::error::IoError;
use crate::memory::ensure_fits;
use crate::scan::FramePart;
use hdf5::{Hyperslab, Selection, SliceOrIndex};
use litho_types::C32;
use ndarray::{ArrayD, IxDyn};
use std::ops::Range;

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

    /// The part of a numeric dataset in these ranges, one per axis, converted to `T`.
    pub(crate) fn region<T: hdf5::H5Type>(
        &self,
        name: &str,
        ranges: &[Range<usize>],
    ) -> Result<ArrayD<T>, IoError> {
        if !self.is_numeric(name)? {
            return Err(self.wrong_type(name, &self.number_type(name)?.0, "real numbers"));
        }
        self.raw_region(name, ranges)
    }

    /// The part of a complex dataset in these ranges, one per axis.
    pub(crate) fn complex_region(&self, name: &str, ranges: &[Range<usize>]) -> Result<ArrayD<C32>, IoError> {
        match self.complex_members(name)? {
            ComplexMembers::Short => self.raw_region::<C32>(name, ranges),
            ComplexMembers::Long => {
                Ok(self.raw_region::<RealImag>(name, ranges)?.mapv(|v| C32::new(v.real, v.imag)))
            }
        }
    }

    fn raw_region<T: hdf5::H5Type>(&self, name: &str, ranges: &[Range<usize>]) -> Result<ArrayD<T>, IoError> {
        let shape = self.shape(name)?;
        let inside = ranges.iter().zip(&shape).all(|(range, &n)| range.start <= range.end && range.end <= n);
        if ranges.len() != shape.len() || !inside {
            return Err(self.wrong_shape(name, shape, &format!("large enough to read {ranges:?} of it")));
        }
        let lengths: Vec<usize> = ranges.iter().map(Range::len).collect();
        ensure_fits(self.path(), name, &lengths, size_of::<T>())?;
        let axes: Vec<SliceOrIndex> = ranges.iter().cloned().map(SliceOrIndex::from).collect();
        let selection = Selection::from(Hyperslab::from(axes));
        self.dataset(name)?.read_slice::<T, _, IxDyn>(selection).map_err(|e| self.hdf5("read", name, &e))
    }
}
