//! Carries a plan out: voxels in single precision, (z, y, x).

use super::plan::{VolumePlan, VoxelSource};
use super::{h5, tiff, zarr};
use crate::error::IoError;
use crate::memory::ensure_fits;
use litho_types::volume::Volume;
use ndarray::Array3;
use std::ops::Range;

/// A volume and what a person should know about it.
#[derive(Debug, Clone, PartialEq)]
pub struct VolumeReading {
    /// The volume.
    pub volume: Volume,
    /// The plan's warnings and those of reading.
    pub warnings: Vec<String>,
}

/// Reads a volume as planned. Voxels without a value stay NaN, and a warning counts them.
///
/// # Errors
/// [`IoError`] if a voxel cannot be read, the file has changed since it was planned, or the volume exceeds the memory.
pub fn read_volume(plan: &VolumePlan) -> Result<VolumeReading, IoError> {
    let data = read_volume_slab(plan, 0..plan.shape[0])?;
    let mut warnings = plan.warnings.clone();
    let missing = data.iter().filter(|value| !value.is_finite()).count();
    if missing > 0 {
        warnings
            .push(format!("{missing} of {} voxels are NaN or infinite in the file and stay so", data.len()));
    }
    Ok(VolumeReading { volume: Volume { data, quantity: plan.quantity, voxel: plan.voxel }, warnings })
}

/// Reads the slices of `z` alone, for volumes larger than the memory.
///
/// # Errors
/// As [`read_volume`]; also if the slices reach beyond the volume.
pub fn read_volume_slab(plan: &VolumePlan, z: Range<usize>) -> Result<Array3<f32>, IoError> {
    let [nz, ny, nx] = plan.shape;
    if z.start >= z.end || z.end > nz {
        let value = format!("{}..{}", z.start, z.end);
        return Err(IoError::argument(
            "slices",
            value,
            format!("the volume has {nz} slices; choose some inside"),
        ));
    }
    ensure_fits(&plan.path, "the volume", &[z.len(), ny, nx], size_of::<f32>())?;
    match &plan.source {
        VoxelSource::Hdf5 { dataset, stored, axes } => {
            h5::slab(&plan.path, dataset, (stored.as_slice(), *axes), z)
        }
        VoxelSource::Raw(raw) => raw.slab(&plan.path, z),
        VoxelSource::Tiff(files) => tiff::slab(files, plan.shape, z),
        VoxelSource::Zarr(array) => zarr::slab(array, z),
    }
}
