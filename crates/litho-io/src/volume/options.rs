//! What the caller decides about a volume; everything left out is taken from the file.

use litho_types::quantity::Metres;
use litho_types::volume::VolumeQuantity;
use std::path::Path;

/// A file format for volumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VolumeFormat {
    /// HDF5: Lithoscope's own `/entry/volume/data`, or any dataset that is named.
    Hdf5,
    /// A TIFF of several pages, or a folder of TIFF files.
    Tiff,
    /// NumPy's array file.
    Npy,
    /// MRC2014.
    Mrc,
    /// A folder: OME-Zarr 0.5 (Zarr 3) when written; Zarr 2 and 3 when read.
    Zarr,
}

impl VolumeFormat {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Hdf5, Self::Tiff, Self::Npy, Self::Mrc, Self::Zarr];

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hdf5 => "hdf5",
            Self::Tiff => "tiff",
            Self::Npy => "npy",
            Self::Mrc => "mrc",
            Self::Zarr => "zarr",
        }
    }

    /// The format of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The format that a file's name stands for.
    pub fn of_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_string_lossy().to_lowercase().as_str() {
            "h5" | "hdf5" | "hdf" | "nxs" | "nx" => Some(Self::Hdf5),
            "tif" | "tiff" => Some(Self::Tiff),
            "npy" => Some(Self::Npy),
            "mrc" | "map" | "rec" | "st" => Some(Self::Mrc),
            "zarr" => Some(Self::Zarr),
            _ => None,
        }
    }
}

/// What the caller overrides; everything left out is taken from the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VolumeOptions {
    /// The format; told from the contents if `None`.
    pub format: Option<VolumeFormat>,
    /// The HDF5 dataset, or the array inside a Zarr folder.
    pub dataset: Option<String>,
    /// Edge of a voxel.
    pub voxel: Option<Metres>,
    /// What the numbers are.
    pub quantity: Option<VolumeQuantity>,
}

/// The quantity of this name, as files and people write it.
pub(super) fn quantity_named(name: &str) -> Option<VolumeQuantity> {
    VolumeQuantity::ALL.into_iter().find(|(known, _)| *known == name.trim()).map(|(_, quantity)| quantity)
}
