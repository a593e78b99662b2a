//! Writing an HDF5 file that appears complete or not at all.

use super::data::{ArrayData, AttrValue};
use crate::error::IoError;
use hdf5::types::VarLenUnicode;
use hdf5::{Hyperslab, Selection, SliceOrIndex};
use litho_types::frames::Frames;
use ndarray::{ArrayView1, ArrayViewD, arr0};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use tempfile::TempPath;

/// Arrays smaller than this are stored as they are.
const COMPRESS_FROM_BYTES: usize = 16 << 10;
/// Deflate level: beyond 4 the time grows faster than the saving.
const DEFLATE_LEVEL: u8 = 4;
/// Largest chunk along each of the last two axes.
const CHUNK_SIDE: usize = 256;

/// How an array lies in the file.
enum Layout {
    /// Compressed if it is large.
    Compact,
    /// Compressed, in chunks of this shape.
    Chunks(Vec<usize>),
    /// As it is, in one piece.
    Plain,
}

/// An HDF5 file under construction beside its final place.
pub(crate) struct H5Writer {
    target: PathBuf,
    temporary: TempPath,
    file: hdf5::File,
}

impl H5Writer {
    /// Begins a file that will stand at `path` once committed.
    pub(crate) fn create(path: &Path) -> Result<Self, IoError> {
        hdf5::silence_errors(true);
        let temporary = crate::atomic::temporary_beside(path)?.into_temp_path();
        let file = hdf5::File::create(&temporary).map_err(|e| IoError::write(path, "the file", e))?;
        Ok(Self { target: path.to_owned(), temporary, file })
    }

    /// The final place.
    pub(crate) fn path(&self) -> &Path {
        &self.target
    }

    /// True if `path` is already there.
    pub(crate) fn exists(&self, path: &str) -> bool {
        path == "/" || self.file.loc_type_by_name(path).is_ok()
    }

    /// Makes a group and those above it.
    pub(crate) fn group(&self, path: &str) -> Result<(), IoError> {
        if self.exists(path) {
            return Ok(());
        }
        self.file.create_group(path).map(drop).map_err(|e| self.fail(path, e))
    }

    /// Writes an array; large ones are compressed.
    pub(crate) fn array<'a>(&self, path: &str, data: impl Into<ArrayData<'a>>) -> Result<(), IoError> {
        self.put_data(path, data.into(), &Layout::Compact)
    }

    /// Writes an array in one piece, uncompressed.
    pub(crate) fn plain_array(&self, path: &str, data: ArrayData<'_>) -> Result<(), IoError> {
        self.put_data(path, data, &Layout::Plain)
    }

    fn put_data(&self, path: &str, data: ArrayData<'_>, layout: &Layout) -> Result<(), IoError> {
        match data {
            ArrayData::U8(a) => self.put(path, a, layout),
            ArrayData::U16(a) => self.put(path, a, layout),
            ArrayData::U32(a) => self.put(path, a, layout),
            ArrayData::F32(a) => self.put(path, a, layout),
            ArrayData::F64(a) => self.put(path, a, layout),
            ArrayData::C32(a) => self.put(path, a, layout),
        }
    }

    /// Makes a dataset of single-precision numbers, to be filled slab by slab.
    pub(crate) fn reserve(&self, path: &str, shape: &[usize]) -> Result<(), IoError> {
        let builder = self.file.new_dataset::<f32>();
        builder.shape(shape).create(path).map(drop).map_err(|e| self.fail(path, e))
    }

    /// Fills part of a reserved dataset, from index `start` of its first axis on.
    pub(crate) fn put_slab(
        &self,
        path: &str,
        start: usize,
        slab: ArrayViewD<'_, f32>,
    ) -> Result<(), IoError> {
        let dataset = self.file.dataset(path).map_err(|e| self.fail(path, e))?;
        let shape = dataset.shape();
        let fits = shape.len() == slab.ndim()
            && shape.get(1..) == slab.shape().get(1..)
            && slab.shape().first().is_some_and(|n| start.checked_add(*n).is_some_and(|end| end <= shape[0]));
        if !fits {
            let reason =
                format!("a slab of shape {:?} from {start} on does not fit into {shape:?}", slab.shape());
            return Err(self.fail(path, reason));
        }
        if slab.is_empty() {
            return Ok(());
        }
        let rows = SliceOrIndex::from(start..start + slab.shape()[0]);
        let axes = std::iter::once(rows).chain(shape[1..].iter().map(|_| SliceOrIndex::from(..)));
        let selection = Selection::from(Hyperslab::from(axes.collect::<Vec<_>>()));
        let slab = slab.as_standard_layout();
        dataset.write_slice(slab.view(), selection).map_err(|e| self.fail(path, e))
    }

    /// Writes frames compressed, one frame to a chunk.
    pub(crate) fn frames(&self, path: &str, frames: &Frames) -> Result<(), IoError> {
        let (ny, nx) = frames.shape();
        let chunk = Layout::Chunks(vec![1, ny, nx]);
        litho_types::with_frames!(frames, a => self.put(path, a.view().into_dyn(), &chunk), _ => {
            Err(self.fail(path, "the frames stream from a disk; read the scan into memory to write it"))
        })
    }

    fn put<T: hdf5::H5Type + Clone>(
        &self,
        path: &str,
        array: ArrayViewD<'_, T>,
        layout: &Layout,
    ) -> Result<(), IoError> {
        let array = array.as_standard_layout();
        let mut builder = self.file.new_dataset_builder();
        let large = array.len() * size_of::<T>() >= COMPRESS_FROM_BYTES;
        let chunk = match layout {
            Layout::Compact => large.then(|| chunk_of(array.shape())),
            Layout::Chunks(chunk) => Some(chunk.clone()),
            Layout::Plain => None,
        };
        if let Some(chunk) = chunk.filter(|_| !array.is_empty() && array.ndim() > 0) {
            builder = builder.chunk(chunk).shuffle().deflate(DEFLATE_LEVEL);
        }
        builder.with_data(array.view()).create(path).map(drop).map_err(|e| self.fail(path, e))
    }

    /// Writes a scalar, or a list of texts, as a dataset.
    pub(crate) fn value(&self, path: &str, value: impl Into<AttrValue>) -> Result<(), IoError> {
        let builder = || self.file.new_dataset_builder();
        match value.into() {
            AttrValue::Text(text) => {
                let text = arr0(self.unicode(path, &text)?);
                builder().with_data(text.view()).create(path).map(drop)
            }
            AttrValue::Texts(texts) => {
                let texts = self.unicodes(path, &texts)?;
                builder().with_data(ArrayView1::from(&texts)).create(path).map(drop)
            }
            AttrValue::Number(value) => builder().with_data(arr0(value).view()).create(path).map(drop),
            AttrValue::Numbers(values) => {
                builder().with_data(ArrayView1::from(&values)).create(path).map(drop)
            }
            AttrValue::Integer(value) => builder().with_data(arr0(value).view()).create(path).map(drop),
        }
        .map_err(|e| self.fail(path, e))
    }

    /// Sets an attribute of a group or dataset, replacing one of the same name.
    pub(crate) fn attr(&self, object: &str, name: &str, value: impl Into<AttrValue>) -> Result<(), IoError> {
        let fail = |e: hdf5::Error| self.fail(&format!("{object}@{name}"), e);
        let dataset = self.file.dataset(object);
        let group = self.file.group(object);
        let location: &hdf5::Location = match (&dataset, &group) {
            (Ok(dataset), _) => dataset,
            (_, Ok(group)) => group,
            (_, Err(e)) => return Err(self.fail(object, e)),
        };
        if location.attr(name).is_ok() {
            location.delete_attr(name).map_err(fail)?;
        }
        let builder = location.new_attr_builder();
        match value.into() {
            AttrValue::Text(text) => {
                let text = arr0(self.unicode(object, &text)?);
                builder.with_data(text.view()).create(name).map(drop)
            }
            AttrValue::Texts(texts) => {
                let texts = self.unicodes(object, &texts)?;
                builder.with_data(ArrayView1::from(&texts)).create(name).map(drop)
            }
            AttrValue::Number(value) => builder.with_data(arr0(value).view()).create(name).map(drop),
            AttrValue::Numbers(values) => builder.with_data(ArrayView1::from(&values)).create(name).map(drop),
            AttrValue::Integer(value) => builder.with_data(arr0(value).view()).create(name).map(drop),
        }
        .map_err(fail)
    }

    /// Makes `link` lead to `target`.
    pub(crate) fn soft_link(&self, target: &str, link: &str) -> Result<(), IoError> {
        self.file.link_soft(target, link).map_err(|e| self.fail(link, e))
    }

    /// Makes `link` lead to the object `target` of another file, found relative to this one.
    pub(crate) fn external_link(&self, file: &str, target: &str, link: &str) -> Result<(), IoError> {
        self.file.link_external(file, target, link).map_err(|e| self.fail(link, e))
    }

    /// Closes the file, flushes it to the disk and puts it in its place.
    pub(crate) fn commit(self) -> Result<(), IoError> {
        let Self { target, temporary, file } = self;
        let fail = |e: hdf5::Error| IoError::write(&target, "the file", e);
        file.flush().map_err(fail)?;
        file.close().map_err(fail)?;
        crate::atomic::put_in_place(temporary, &target)
    }

    fn unicode(&self, path: &str, text: &str) -> Result<VarLenUnicode, IoError> {
        VarLenUnicode::from_str(text).map_err(|_| self.fail(path, "the text contains a NUL character"))
    }

    fn unicodes(&self, path: &str, texts: &[String]) -> Result<Vec<VarLenUnicode>, IoError> {
        texts.iter().map(|text| self.unicode(path, text)).collect()
    }

    fn fail(&self, path: &str, reason: impl ToString) -> IoError {
        IoError::write(&self.target, path, reason)
    }
}

/// One image, or a tile of a large one, per chunk; long vectors in pieces.
fn chunk_of(shape: &[usize]) -> Vec<usize> {
    let image_axes = shape.len().saturating_sub(2);
    let side = if shape.len() == 1 { CHUNK_SIDE * CHUNK_SIDE } else { CHUNK_SIDE };
    shape.iter().enumerate().map(|(axis, &n)| if axis < image_axes { 1 } else { n.min(side) }).collect()
}
