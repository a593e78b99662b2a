//! What will be read from where: decided and checked before any voxel is read.

use super::options::{VolumeFormat, VolumeOptions};
use super::raw::RawNumbers;
use super::zarr::ZarrArray;
use super::{h5, mrc, npy, tiff, zarr};
use crate::error::IoError;
use crate::image_files::is_tiff;
use crate::sample_pixel::check_pixel;
use crate::scan::Ingredient;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use litho_types::volume::VolumeQuantity;
use std::io::Read;
use std::path::{Path, PathBuf};

/// How far the edges of a voxel may differ before it is no cube.
const NOT_CUBIC: f64 = 1e-3;

/// Where the voxels are.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum VoxelSource {
    /// One dataset of three axes; axes of length 1 besides are dropped.
    Hdf5 {
        /// The dataset.
        dataset: String,
        /// Its shape as stored.
        stored: Vec<usize>,
        /// Which of its axes are z, y and x.
        axes: [usize; 3],
    },
    /// Numbers one after another in a file.
    Raw(RawNumbers),
    /// TIFF files with the pages of each.
    Tiff(Vec<(PathBuf, usize)>),
    /// An array in a Zarr folder.
    Zarr(ZarrArray),
}

/// Everything decided about a volume; nothing of it is a voxel.
#[derive(Debug, Clone, PartialEq)]
pub struct VolumePlan {
    /// The format.
    pub format: VolumeFormat,
    /// The file or folder.
    pub path: PathBuf,
    /// Shape `(z, y, x)`.
    pub shape: [usize; 3],
    /// The number type the voxels are stored in, in words.
    pub stored_type: String,
    /// What the numbers are.
    pub quantity: VolumeQuantity,
    /// Edge of a voxel.
    pub voxel: Option<Metres>,
    /// Where everything came from.
    pub ingredients: Vec<Ingredient>,
    /// What a person should know.
    pub warnings: Vec<String>,
    pub(super) source: VoxelSource,
}

/// What a format found, before overrides and checks.
pub(super) struct FoundVolume {
    pub(super) format: VolumeFormat,
    pub(super) source: VoxelSource,
    pub(super) shape: [usize; 3],
    /// Where the voxels are, in words.
    pub(super) place: String,
    pub(super) stored_type: String,
    pub(super) quantity: Option<VolumeQuantity>,
    /// Edges along z, y, x, and where they are stated.
    pub(super) voxel: Option<([Metres; 3], String)>,
    pub(super) warnings: Vec<String>,
}

/// Opens a volume, recognises its format and decides what to read from where.
///
/// # Errors
/// [`IoError`] if the file cannot be opened or recognised, holds less than it announces, or its voxels are no cubes.
pub fn plan_volume(path: &Path, options: &VolumeOptions) -> Result<VolumePlan, IoError> {
    let format = match options.format {
        Some(format) => format,
        None => detect(path)?,
    };
    let found = match format {
        VolumeFormat::Hdf5 => h5::find(path, options),
        VolumeFormat::Tiff => tiff::find(path),
        VolumeFormat::Npy => npy::find(path),
        VolumeFormat::Mrc => mrc::find(path),
        VolumeFormat::Zarr => zarr::find(path, options),
    }?;
    found.finish(path, options)
}

impl FoundVolume {
    fn finish(self, path: &Path, options: &VolumeOptions) -> Result<VolumePlan, IoError> {
        let [nz, ny, nx] = self.shape;
        if nz == 0 || ny == 0 || nx == 0 {
            return Err(IoError::WrongShape {
                path: path.to_owned(),
                dataset: self.place,
                found: self.shape.to_vec(),
                expected: "(z, y, x) with at least one voxel".to_owned(),
            });
        }
        let line = |name, value: String, source: &str, read_as: &str| Ingredient {
            name,
            value,
            source: source.to_owned(),
            read_as: read_as.to_owned(),
        };
        let mut warnings = self.warnings;
        let quantity = options.quantity.or(self.quantity).unwrap_or(VolumeQuantity::Unknown);
        let shape = format!("{nz} × {ny} × {nx} of {}", self.stored_type);
        let mut ingredients = vec![line("volume", shape, &self.place, quantity.name())];
        let found = match options.voxel {
            Some(voxel) => Some(([voxel; 3], "--voxel".to_owned())),
            None => self.voxel,
        };
        let voxel =
            found.map(|(edges, source)| cube(path, edges, &source).map(|edge| (edge, source))).transpose()?;
        match &voxel {
            Some((edge, source)) => {
                ingredients.push(line("voxel", format!("{:e} m", edge.value()), source, "metres"));
            }
            None => warnings
                .push("the size of a voxel is unknown; pass --voxel in metres to have scales".to_owned()),
        }
        Ok(VolumePlan {
            format: self.format,
            path: path.to_owned(),
            shape: self.shape,
            stored_type: self.stored_type,
            quantity,
            voxel: voxel.map(|(edge, _)| edge),
            ingredients,
            warnings,
            source: self.source,
        })
    }
}

/// The edge of a cube, plausible and the same along all axes.
fn cube(path: &Path, [z, y, x]: [Metres; 3], source: &str) -> Result<Metres, IoError> {
    check_pixel(path, Point::new(y, x), source)?;
    let differs = |edge: Metres| {
        let difference = (edge.value() / x.value() - 1.0).abs();
        difference.is_nan() || difference > NOT_CUBIC
    };
    if differs(z) || differs(y) {
        return Err(IoError::Implausible {
            path: path.to_owned(),
            dataset: source.to_owned(),
            quantity: "voxel",
            value: format!(
                "{:e} × {:e} × {:e} m (z, y, x), which is no cube",
                z.value(),
                y.value(),
                x.value()
            ),
            slip: "resample the volume to cubes, or pass --voxel if they are cubes".to_owned(),
        });
    }
    Ok(x)
}

/// The format of a file or folder, from its first bytes, else from its name.
pub(crate) fn detect(path: &Path) -> Result<VolumeFormat, IoError> {
    if path.is_dir() {
        return Ok(if zarr::is_zarr(path) { VolumeFormat::Zarr } else { VolumeFormat::Tiff });
    }
    let file = std::fs::File::open(path).map_err(|e| IoError::file("open", path, &e))?;
    let mut head = Vec::new();
    file.take(256).read_to_end(&mut head).map_err(|e| IoError::file("read", path, &e))?;
    if head.starts_with(npy::MAGIC) {
        return Ok(VolumeFormat::Npy);
    }
    if is_tiff(path)? {
        return Ok(VolumeFormat::Tiff);
    }
    let by_name = VolumeFormat::of_path(path);
    if head.get(208..212) == Some(mrc::MAP) || by_name == Some(VolumeFormat::Mrc) {
        return Ok(VolumeFormat::Mrc);
    }
    Ok(VolumeFormat::Hdf5)
}
