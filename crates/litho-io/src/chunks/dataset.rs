//! Frames of an HDF5 dataset, by the direct chunk path where it applies and through HDF5 where it does not.

use super::codec::Pipeline;
use super::direct::DirectSource;
use super::element::{Element, ElementKind};
use super::error::{ChunkError, ChunkErrorKind};
use super::grid::ChunkGrid;
use super::origin::Origin;
use hdf5::Dataset;
use hdf5::plist::dataset_create::{ChunkOpts, DatasetCreate, Layout};
use hdf5::plist::file_access::FileDriver;
use ndarray::{Array3, Ix3};
use std::fs::File;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

/// Largest frame and largest chunk accepted, in bytes: 16 k × 16 k pixels of 32 bits. A damaged file can announce
/// any size; this bounds what one thread allocates before the first byte is checked.
const MAX_UNIT_BYTES: usize = 1 << 30;

/// Bytes HDF5 reads at a time where the direct path does not apply: one copy of this size exists beside the output.
const HDF5_RUN_BYTES: usize = 64 << 20;

/// A stack of frames in an HDF5 dataset, ready to be read by frame number.
///
/// The chunk index is taken when the reader is opened. For a file that is still being written, refresh the dataset
/// and open a new reader.
pub struct FrameReader {
    dataset: Dataset,
    origin: Origin,
    shape: [usize; 3],
    element: ElementKind,
    source: Source,
}

enum Source {
    Direct(DirectSource),
    Hdf5 { reason: String },
}

impl FrameReader {
    /// Opens a dataset of shape (frame, y, x) or (1, frame, y, x) from a file opened read-only.
    ///
    /// # Errors
    /// [`ChunkErrorKind::Shape`] and [`ChunkErrorKind::Stored`] if it does not hold frames, [`ChunkErrorKind::Memory`] if one
    /// frame or chunk exceeds 1 GiB, [`ChunkErrorKind::Index`] and [`ChunkErrorKind::Hdf5`] if the file is damaged.
    pub fn open(dataset: &Dataset) -> Result<Self, ChunkError> {
        let origin = Origin::new(dataset);
        let full = dataset.get_shape().map_err(origin.hdf5("asking for the shape"))?;
        let shape = match full[..] {
            [frames, rows, columns] | [1, frames, rows, columns] if !full.contains(&0) => {
                [frames, rows, columns]
            }
            _ => return Err(origin.error(ChunkErrorKind::Shape { shape: full })),
        };
        let element = stored_kind(dataset, &origin)?;
        limit_unit("one frame", [1, shape[1], shape[2]], element, &origin)?;
        let source = match direct_source(dataset, shape, element, &origin)? {
            Ok(direct) => Source::Direct(direct),
            Err(reason) => Source::Hdf5 { reason },
        };
        Ok(Self { dataset: dataset.clone(), origin, shape, element, source })
    }

    /// (frames, rows, columns).
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// Element type in the file; read frames as this type.
    pub fn element(&self) -> ElementKind {
        self.element
    }

    /// Why frames go through HDF5, one thread at a time, or `None` if they are decoded directly.
    pub fn fallback_reason(&self) -> Option<&str> {
        match &self.source {
            Source::Direct(_) => None,
            Source::Hdf5 { reason } => Some(reason),
        }
    }

    /// Reads frames, in the order given (repeats allowed), as an array (frame, y, x).
    ///
    /// # Errors
    /// As [`Self::read_into`]; [`ChunkErrorKind::Memory`] if the array cannot be allocated.
    pub fn read<T: Element>(&self, frames: &[usize]) -> Result<Array3<T>, ChunkError> {
        let shape = (frames.len(), self.shape[1], self.shape[2]);
        let hint = "read fewer frames at a time";
        let refuse = |elements: usize| {
            let bytes = elements.saturating_mul(size_of::<T>());
            let (what, limit) = ("the array of frames", isize::MAX as usize);
            self.origin.error(ChunkErrorKind::Memory { what, bytes, limit, hint })
        };
        let elements = self.elements(frames.len()).ok_or_else(|| refuse(usize::MAX))?;
        let mut out = Vec::new();
        out.try_reserve_exact(elements).map_err(|_| refuse(elements))?;
        out.resize(elements, T::zeroed());
        self.read_into(frames, &mut out)?;
        let found = out.len();
        Array3::from_shape_vec(shape, out)
            .map_err(|_| self.origin.error(ChunkErrorKind::Output { found, expected: elements }))
    }

    /// Reads frames, in the order given (repeats allowed), into `out`, row-major (frame, y, x).
    ///
    /// Reusing `out` saves the page faults of fresh memory, which cost as much as decoding.
    ///
    /// # Errors
    /// [`ChunkErrorKind::Element`] if `T` is not the stored element type (byte order aside), [`ChunkErrorKind::Frame`],
    /// [`ChunkErrorKind::Output`]; [`ChunkErrorKind::Io`], [`ChunkErrorKind::Decode`] and [`ChunkErrorKind::Fallback`] if the file
    /// is damaged, for the first such chunk. `out` then holds nothing of use.
    pub fn read_into<T: Element>(&self, frames: &[usize], out: &mut [T]) -> Result<(), ChunkError> {
        if T::KIND != self.element {
            return Err(self.origin.error(ChunkErrorKind::Element { stored: self.element, asked: T::KIND }));
        }
        let count = self.shape[0];
        if let Some(&frame) = frames.iter().find(|&&frame| frame >= count) {
            return Err(self.origin.error(ChunkErrorKind::Frame { frame, count }));
        }
        if self.elements(frames.len()) != Some(out.len()) {
            let expected = self.elements(frames.len()).unwrap_or(usize::MAX);
            return Err(self.origin.error(ChunkErrorKind::Output { found: out.len(), expected }));
        }
        match &self.source {
            Source::Direct(direct) => {
                let fill = self.fill_value::<T>()?;
                direct.read(frames, bytemuck::cast_slice_mut(out), bytemuck::bytes_of(&fill), &self.origin)
            }
            Source::Hdf5 { reason } => self.read_through_hdf5(frames, out, reason),
        }
    }

    /// Elements in `frames` frames, if that is a number.
    fn elements(&self, frames: usize) -> Option<usize> {
        frames.checked_mul(self.shape[1])?.checked_mul(self.shape[2])
    }

    /// What HDF5 gives for elements that were never written.
    fn fill_value<T: Element>(&self) -> Result<T, ChunkError> {
        let fill = self.dataset.dcpl().and_then(|list| list.get_fill_value_as::<T>());
        Ok(fill.map_err(self.origin.hdf5("asking for the fill value"))?.unwrap_or_else(T::zeroed))
    }

    fn read_through_hdf5<T: Element>(
        &self,
        frames: &[usize],
        mut out: &mut [T],
        reason: &str,
    ) -> Result<(), ChunkError> {
        let frame_elements = self.shape[1] * self.shape[2];
        let longest = (HDF5_RUN_BYTES / (frame_elements * size_of::<T>())).max(1);
        for run in runs(frames, longest) {
            let (target, rest) = out.split_at_mut(run.len() * frame_elements);
            let read = if self.dataset.ndim() == 4 {
                self.dataset.read_slice::<T, _, Ix3>((0, run, .., ..))
            } else {
                self.dataset.read_slice::<T, _, Ix3>((run, .., ..))
            };
            let frames = read.map_err(|source| {
                self.origin.error(ChunkErrorKind::Fallback { reason: reason.to_owned(), source })
            })?;
            for (element, &value) in target.iter_mut().zip(frames.iter()) {
                *element = value;
            }
            out = rest;
        }
        Ok(())
    }
}

/// Consecutive frame numbers, `longest` at most, as ranges.
fn runs(frames: &[usize], longest: usize) -> impl Iterator<Item = Range<usize>> {
    frames
        .chunk_by(|a, b| a + 1 == *b)
        .flat_map(move |run| run.chunks(longest))
        .filter_map(|run| Some(*run.first()?..run.last()? + 1))
}

fn stored_kind(dataset: &Dataset, origin: &Origin) -> Result<ElementKind, ChunkError> {
    let stored = dataset.dtype().map_err(origin.hdf5("asking for the element type"))?;
    let kind = stored.to_descriptor().ok().and_then(|descriptor| ElementKind::from_descriptor(&descriptor));
    kind.ok_or_else(|| origin.error(ChunkErrorKind::Stored { stored: stored.to_string() }))
}

/// Refuses frames and chunks beyond [`MAX_UNIT_BYTES`].
fn limit_unit(
    what: &'static str,
    shape: [usize; 3],
    element: ElementKind,
    origin: &Origin,
) -> Result<(), ChunkError> {
    let bytes = shape.iter().fold(element.bytes(), |product, &length| product.saturating_mul(length));
    if bytes > MAX_UNIT_BYTES {
        let (limit, hint) = (MAX_UNIT_BYTES, "rewrite the dataset with smaller chunks or frames");
        return Err(origin.error(ChunkErrorKind::Memory { what, bytes, limit, hint }));
    }
    Ok(())
}

/// The direct path for a dataset, or the reason why HDF5 has to read it.
fn direct_source(
    dataset: &Dataset,
    shape: [usize; 3],
    element: ElementKind,
    origin: &Origin,
) -> Result<Result<DirectSource, String>, ChunkError> {
    let list = dataset.dcpl().map_err(origin.hdf5("asking for the layout"))?;
    let layout = list.get_layout().map_err(origin.hdf5("asking for the layout"))?;
    if layout != Layout::Chunked {
        return Ok(Err(format!("the layout is {layout:?}")));
    }
    let chunk = match chunk_shape(&list, origin)? {
        Ok(chunk) => chunk,
        Err(reason) => return Ok(Err(reason)),
    };
    limit_unit("one chunk", chunk, element, origin)?;
    let stored = dataset.dtype().map_err(origin.hdf5("asking for the element type"))?;
    if !element.is_native(&stored) {
        return Ok(Err(format!("the stored type {stored} is not this machine's own {element:?}")));
    }
    // The binding slices out of bounds on a filter with more than 32 parameters, which a damaged file can hold.
    let Ok(filters) = catch_unwind(AssertUnwindSafe(|| list.get_filters())) else {
        return Ok(Err("the filter parameters cannot be listed".to_owned()));
    };
    let filters = filters.map_err(origin.hdf5("asking for the filters"))?;
    let pipeline = match Pipeline::new(&filters, element.width()) {
        Ok(pipeline) => pipeline,
        Err(reason) => return Ok(Err(reason)),
    };
    let (file, file_bytes) = match plain_file(dataset, origin)? {
        Ok(file) => file,
        Err(reason) => return Ok(Err(reason)),
    };
    let grid = ChunkGrid::visit(dataset, shape, chunk, origin)?;
    let (element_bytes, pool) = (element.bytes(), Mutex::default());
    Ok(Ok(DirectSource { file, file_bytes, grid, pipeline, element_bytes, pool }))
}

/// The last three axes of the chunk shape, or why the chunks need HDF5.
fn chunk_shape(list: &DatasetCreate, origin: &Origin) -> Result<Result<[usize; 3], String>, ChunkError> {
    let options = list.get_chunk_opts().map_err(origin.hdf5("asking for the chunk options"))?;
    if options.is_some_and(|options| options.contains(ChunkOpts::DONT_FILTER_PARTIAL_CHUNKS)) {
        return Ok(Err("partial edge chunks are stored without filters".to_owned()));
    }
    let chunk = list.get_chunk().map_err(origin.hdf5("asking for the chunk shape"))?.unwrap_or_default();
    Ok(match chunk[..] {
        [k, y, x] | [1, k, y, x] if k > 0 && y > 0 && x > 0 => Ok([k, y, x]),
        _ => Err(format!("the chunk shape is {chunk:?}")),
    })
}

/// The dataset's own file, opened a second time, and its length; or why its bytes cannot be had that way.
fn plain_file(dataset: &Dataset, origin: &Origin) -> Result<Result<(File, u64), String>, ChunkError> {
    let file = dataset.file().map_err(origin.hdf5("asking for the file"))?;
    if !file.is_read_only() {
        return Ok(Err("the file is open for writing, so chunks may not be in it yet".to_owned()));
    }
    let driver =
        file.fapl().and_then(|list| list.get_driver()).map_err(origin.hdf5("asking for the file driver"))?;
    if !matches!(driver, FileDriver::Sec2) {
        return Ok(Err(format!("the file driver is {driver:?}")));
    }
    let opened = File::open(&origin.file).and_then(|plain| Ok((plain.metadata()?.len(), plain)));
    Ok(opened
        .map(|(length, plain)| (plain, length))
        .map_err(|e| format!("the file cannot be opened again: {e}")))
}
