//! HDF5 volumes: Lithoscope's own `/entry/volume/data`, or any dataset of three axes.

use super::options::{VolumeFormat, VolumeOptions, quantity_named};
use super::plan::{FoundVolume, VoxelSource};
use crate::error::IoError;
use crate::h5::{H5File, Located};
use crate::nexus::{Axis, NexusWriter};
use crate::sample_pixel::pixel_from_axes;
use crate::scan::{LengthUnit, length_unit_of};
use crate::tilts::three_places;
use litho_types::quantity::Metres;
use litho_types::volume::{Volume, VolumeQuantity};
use ndarray::{Array3, ArrayView3, Axis as AxisIndex, Ix3};
use std::ops::Range;
use std::path::Path;

const GROUP: &str = "/entry/volume";
const DATA: &str = "/entry/volume/data";
const VOXEL: &str = "voxel_size";

/// The volume that the options name, the one in its usual place, or the only one in the file.
pub(super) fn find(path: &Path, options: &VolumeOptions) -> Result<FoundVolume, IoError> {
    let file = H5File::open(path)?;
    let dataset = match &options.dataset {
        Some(dataset) => dataset.clone(),
        None if file.link_exists(DATA) => DATA.to_owned(),
        None => only_volume(&file)?,
    };
    let stored = file.shape(&dataset)?;
    let Some(axes) = three_places(&stored) else {
        return Err(file.wrong_shape(&dataset, stored, "a volume of three axes (z, y, x)"));
    };
    let (stored_type, complex) = file.number_type(&dataset)?;
    if complex || !file.is_numeric(&dataset)? {
        return Err(file.wrong_type(&dataset, &stored_type, "real numbers"));
    }
    let mut warnings = Vec::new();
    let voxel = match options.voxel {
        Some(_) => None,
        None => stored_voxel(&file, &dataset, &mut warnings)?,
    };
    let quantity = file.attr_text(&dataset, "quantity").as_deref().and_then(quantity_named);
    Ok(FoundVolume {
        format: VolumeFormat::Hdf5,
        shape: axes.map(|axis| stored[axis]),
        place: dataset.clone(),
        source: VoxelSource::Hdf5 { dataset, stored, axes },
        stored_type,
        quantity,
        voxel,
        warnings,
    })
}

/// True of a file with a volume in the usual place.
pub(crate) fn holds_volume(file: &H5File) -> bool {
    file.link_exists(DATA)
}

fn only_volume(file: &H5File) -> Result<String, IoError> {
    let is_volume = |name: &String| {
        let places = file.shape(name).ok().and_then(|shape| {
            three_places(&shape).filter(|places| places.iter().all(|&axis| shape[axis] > 1))
        });
        places.is_some() && file.is_numeric(name).unwrap_or(false)
    };
    let all = file.datasets();
    let mut found: Vec<String> = all.iter().filter(|name| is_volume(name)).cloned().collect();
    if found.len() == 1 {
        return Ok(found.remove(0));
    }
    let mut among = if found.is_empty() { all } else { found };
    among.truncate(12);
    Err(IoError::Incomplete {
        path: file.path().to_owned(),
        what: format!("which of its datasets is the volume (it holds {})", among.join(", ")),
        fix: "name it: --dataset /path".to_owned(),
    })
}

/// The voxel from a number beside the dataset, from an attribute, or from the axes.
fn stored_voxel(
    file: &H5File,
    dataset: &str,
    warnings: &mut Vec<String>,
) -> Result<Option<([Metres; 3], String)>, IoError> {
    let group = dataset.rsplit_once('/').map_or("", |(group, _)| group);
    let beside = format!("{group}/{VOXEL}");
    let found = if file.has_dataset(&beside) {
        Some(file.number(&beside)?)
    } else {
        let objects = [dataset, group];
        objects.iter().find_map(|object| file.attr_number(object, VOXEL))
    };
    if let Some(Located { dataset, value, unit }) = found {
        let unit = length_unit_of(file.path(), &dataset, unit.as_deref())?.unwrap_or(LengthUnit::Metre);
        return Ok(Some(([Metres::new(value * unit.metres()); 3], dataset)));
    }
    let [z, y, x] = ["z", "y", "x"].map(|axis| format!("{group}/{axis}"));
    let image = pixel_from_axes(file, &y, &x, LengthUnit::Metre, warnings)?;
    let along_z = pixel_from_axes(file, &z, &x, LengthUnit::Metre, warnings)?;
    Ok(image
        .zip(along_z)
        .map(|((image, source), (upright, _))| ([upright.y, image.y, image.x], format!("{z}, {source}"))))
}

/// The slices of `z` of a dataset.
pub(super) fn slab(
    path: &Path,
    dataset: &str,
    (stored, axes): (&[usize], [usize; 3]),
    z: Range<usize>,
) -> Result<Array3<f32>, IoError> {
    let file = H5File::open(path)?;
    let found = file.shape(dataset)?;
    let changed = || file.wrong_shape(dataset, found.clone(), &format!("{stored:?}, as planned"));
    if found != stored {
        return Err(changed());
    }
    let mut ranges: Vec<Range<usize>> = found.iter().map(|&n| 0..n).collect();
    ranges[axes[0]] = z;
    let mut part = file.region::<f32>(dataset, &ranges)?;
    for axis in (0..found.len()).rev().filter(|axis| !axes.contains(axis)) {
        part = part.index_axis_move(AxisIndex(axis), 0);
    }
    part.into_dimensionality::<Ix3>().map_err(|_| changed())
}

/// Makes `/entry/volume` in a result file, to be filled by [`put_volume_slab`]: axes z, y, x in metres, `voxel_size`,
/// the unit and the name of the quantity.
///
/// # Errors
/// [`IoError`] if HDF5 cannot write.
pub fn begin_volume(
    file: &mut NexusWriter,
    shape: [usize; 3],
    quantity: VolumeQuantity,
    voxel: Option<Metres>,
) -> Result<(), IoError> {
    let (unit, step) = voxel.map_or(("px", 1.0), |voxel| ("m", voxel.value()));
    let [z, y, x] = shape.map(|n| (0..n).map(|i| i as f64 * step).collect::<Vec<f64>>());
    let axes = [Axis::new("z", &z, unit), Axis::new("y", &y, unit), Axis::new("x", &x, unit)];
    file.reserve_data_group(GROUP, "data", &axes, &shape, quantity.unit(), quantity.name())?;
    file.attr(DATA, "quantity", quantity.name())?;
    match voxel {
        Some(voxel) => file.dataset(&format!("{GROUP}/{VOXEL}"), voxel.value(), "m"),
        None => Ok(()),
    }
}

/// Writes the slices from `z` on into the volume begun in a result file.
///
/// # Errors
/// [`IoError`] if they do not fit there, or HDF5 cannot write.
pub fn put_volume_slab(file: &mut NexusWriter, z: usize, slab: ArrayView3<'_, f32>) -> Result<(), IoError> {
    file.put_slab(DATA, z, slab.into_dyn())
}

/// Puts a whole volume into a result file. The caller adds what else belongs there and commits.
///
/// # Errors
/// As [`begin_volume`] and [`put_volume_slab`].
pub fn put_volume(file: &mut NexusWriter, volume: &Volume) -> Result<(), IoError> {
    let (nz, ny, nx) = volume.data.dim();
    begin_volume(file, [nz, ny, nx], volume.quantity, volume.voxel)?;
    put_volume_slab(file, 0, volume.data.view())
}
