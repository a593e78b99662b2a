//! Writes volumes, whole or slab by slab; a file appears under its name when it is complete.

use super::h5::{begin_volume, put_volume_slab};
use super::mrc::MrcSink;
use super::npy::NpySink;
use super::options::VolumeFormat;
use super::tiff::TiffSink;
use super::zarr::ZarrSink;
use crate::error::IoError;
use crate::nexus::NexusWriter;
use litho_types::quantity::Metres;
use litho_types::volume::{Volume, VolumeQuantity};
use ndarray::ArrayView3;
use std::path::{Path, PathBuf};

/// A file of one format that takes slices in ascending order of z.
pub(super) trait Sink {
    /// Takes the next slices; they have the right shape.
    fn put(&mut self, slab: ArrayView3<'_, f32>) -> Result<(), IoError>;
    /// Completes the file and puts it in its place.
    fn finish(self: Box<Self>) -> Result<(), IoError>;
}

/// A volume that is being written slab by slab, in ascending order of z; it appears at its path when it is
/// [`commit`](Self::commit)ted and leaves nothing behind otherwise.
pub struct VolumeWriter {
    path: PathBuf,
    shape: [usize; 3],
    next: usize,
    sink: Box<dyn Sink + Send>,
}

impl VolumeWriter {
    /// Begins a volume of `shape` (z, y, x) in the format that is given, else in that of the path's extension.
    ///
    /// # Errors
    /// [`IoError`] if no format is given and the extension is of none, the volume is empty or too large for the format,
    /// or the folder cannot be written to.
    pub fn create(
        path: &Path,
        format: Option<VolumeFormat>,
        shape: [usize; 3],
        quantity: VolumeQuantity,
        voxel: Option<Metres>,
    ) -> Result<Self, IoError> {
        let Some(format) = format.or_else(|| VolumeFormat::of_path(path)) else {
            let reason =
                "its extension is of no format; use .h5, .tif, .npy, .mrc or .zarr, or name the format";
            return Err(IoError::argument("output", path.display(), reason));
        };
        if shape.contains(&0) {
            return Err(IoError::write(path, "the volume", format!("its shape {shape:?} has no voxel")));
        }
        let sink: Box<dyn Sink + Send> = match format {
            VolumeFormat::Hdf5 => Box::new(Hdf5Sink::create(path, shape, quantity, voxel)?),
            VolumeFormat::Tiff => Box::new(TiffSink::create(path, shape, voxel, quantity.name())?),
            VolumeFormat::Npy => Box::new(NpySink::create(path, shape)?),
            VolumeFormat::Mrc => Box::new(MrcSink::create(path, shape, voxel, quantity.name())?),
            VolumeFormat::Zarr => Box::new(ZarrSink::create(path, shape, quantity, voxel)?),
        };
        Ok(Self { path: path.to_owned(), shape, next: 0, sink })
    }

    /// Writes the slices that follow those written before.
    ///
    /// # Errors
    /// [`IoError`] if the slab is of another width or height, reaches beyond the volume, or cannot be written.
    pub fn put(&mut self, slab: ArrayView3<'_, f32>) -> Result<(), IoError> {
        let (count, ny, nx) = slab.dim();
        let [nz, y, x] = self.shape;
        if (ny, nx) != (y, x) || count > nz - self.next {
            let reason = format!(
                "a slab of {count} × {ny} × {nx} does not continue a volume of {nz} × {y} × {x} after {} slices",
                self.next
            );
            return Err(IoError::write(&self.path, "the volume", reason));
        }
        self.next += count;
        self.sink.put(slab)
    }

    /// Completes the file and renames it into place.
    ///
    /// # Errors
    /// [`IoError`] if slices are missing or the file cannot be completed; then nothing is left behind.
    pub fn commit(self) -> Result<(), IoError> {
        if self.next != self.shape[0] {
            let reason = format!("{} of {} slices were written", self.next, self.shape[0]);
            return Err(IoError::write(&self.path, "the volume", reason));
        }
        self.sink.finish()
    }
}

/// Writes a whole volume in the format that is given, else in that of the path's extension.
///
/// # Errors
/// As [`VolumeWriter`].
pub fn write_volume(path: &Path, format: Option<VolumeFormat>, volume: &Volume) -> Result<(), IoError> {
    let (nz, ny, nx) = volume.data.dim();
    let mut writer = VolumeWriter::create(path, format, [nz, ny, nx], volume.quantity, volume.voxel)?;
    writer.put(volume.data.view())?;
    writer.commit()
}

/// Our own HDF5 layout.
struct Hdf5Sink {
    file: NexusWriter,
    next: usize,
}

impl Hdf5Sink {
    fn create(
        path: &Path,
        shape: [usize; 3],
        quantity: VolumeQuantity,
        voxel: Option<Metres>,
    ) -> Result<Self, IoError> {
        let mut file = NexusWriter::create(path)?;
        begin_volume(&mut file, shape, quantity, voxel)?;
        Ok(Self { file, next: 0 })
    }
}

impl Sink for Hdf5Sink {
    fn put(&mut self, slab: ArrayView3<'_, f32>) -> Result<(), IoError> {
        put_volume_slab(&mut self.file, self.next, slab)?;
        self.next += slab.dim().0;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), IoError> {
        self.file.commit()
    }
}
