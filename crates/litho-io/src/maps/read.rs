//! Reads a file of maps back.

use super::{MAPS, MEANING, Map, MapSet, SIGMA, STATUS, StatusMap, Table, TableData};
use crate::error::IoError;
use crate::h5::H5File;
use crate::sample_pixel::pixel_from_axes;
use crate::scan::LengthUnit;
use ndarray::{Array2, Ix2};
use std::path::Path;

/// What is read elsewhere, or is no table of numbers.
const NO_TABLES: [&str; 2] = ["/entry/maps/", "/entry/process/"];

/// Reads maps, status and tables. Maps come in alphabetical order, the one a viewer opens first.
///
/// # Errors
/// [`IoError`] if the file cannot be read or holds no maps and no tables, or a map is no image of the common shape.
pub fn read_maps(path: &Path) -> Result<MapSet, IoError> {
    let file = H5File::open(path)?;
    let mut names = file.children(MAPS);
    let signal = file.attr_text(MAPS, "signal");
    names.sort_by_key(|name| signal.as_ref() != Some(name));
    let mut set = MapSet::default();
    for name in names.iter().filter(|name| !["y", "x", STATUS].contains(&name.as_str())) {
        let of_another = name.strip_suffix(SIGMA).is_some_and(|base| names.iter().any(|other| other == base));
        if !of_another {
            set.maps.push(read_map(&file, name, &names)?);
        }
    }
    check_shapes(&file, &set)?;
    let status = format!("{MAPS}/{STATUS}");
    if file.has_dataset(&status) {
        set.status = Some(read_status(&file, &status)?);
    }
    let [y, x] = ["y", "x"].map(|axis| format!("{MAPS}/{axis}"));
    set.pixel =
        pixel_from_axes(&file, &y, &x, LengthUnit::ObjectPixel, &mut Vec::new())?.map(|(pixel, _)| pixel);
    set.tables = read_tables(&file)?;
    if set.maps.is_empty() && set.tables.is_empty() {
        return Err(file.missing(&format!("{MAPS}/…")));
    }
    Ok(set)
}

fn read_map(file: &H5File, name: &str, names: &[String]) -> Result<Map, IoError> {
    let dataset = format!("{MAPS}/{name}");
    let sigma = format!("{name}{SIGMA}");
    let sigma = if names.contains(&sigma) { Some(image(file, &format!("{MAPS}/{sigma}"))?) } else { None };
    Ok(Map {
        name: name.to_owned(),
        values: image(file, &dataset)?,
        sigma,
        unit: file.attr_text(&dataset, "units").unwrap_or_default(),
        long_name: file.attr_text(&dataset, "long_name").unwrap_or_default(),
    })
}

fn image<T: hdf5::H5Type>(file: &H5File, dataset: &str) -> Result<Array2<T>, IoError> {
    let (shape, values) = file.numbers(dataset)?;
    let found = shape.clone();
    let array = file.shaped(dataset, shape, values)?;
    array.into_dimensionality::<Ix2>().map_err(|_| file.wrong_shape(dataset, found, "(y, x)"))
}

fn check_shapes(file: &H5File, set: &MapSet) -> Result<(), IoError> {
    let Some(shape) = set.maps.first().map(|map| map.values.dim()) else { return Ok(()) };
    let arrays =
        set.maps.iter().flat_map(|map| std::iter::once(&map.values).chain(&map.sigma).map(move |a| (map, a)));
    for (map, array) in arrays {
        if array.dim() != shape {
            let expected = format!("{:?} as {}", [shape.0, shape.1], set.maps[0].name);
            return Err(file.wrong_shape(&format!("{MAPS}/{}", map.name), array.shape().to_vec(), &expected));
        }
    }
    Ok(())
}

fn read_status(file: &H5File, dataset: &str) -> Result<StatusMap, IoError> {
    let values = image::<u8>(file, dataset)?;
    let meaning = |code: u8| Some((code, file.attr_text(dataset, &format!("{MEANING}{code}"))?));
    Ok(StatusMap { values, meanings: (0..=u8::MAX).filter_map(meaning).collect() })
}

fn read_tables(file: &H5File) -> Result<Vec<Table>, IoError> {
    let mut tables = Vec::new();
    for dataset in file.datasets() {
        let Some(path) = dataset.strip_prefix("/entry/") else { continue };
        if NO_TABLES.iter().any(|group| dataset.starts_with(group)) || !file.is_numeric(&dataset)? {
            continue;
        }
        let data = if file.is_unsigned(&dataset)? {
            let (shape, values) = file.numbers(&dataset)?;
            TableData::Label(file.shaped(&dataset, shape, values)?)
        } else {
            TableData::Real(file.reals(&dataset)?)
        };
        let unit = file.attr_text(&dataset, "units").unwrap_or_default();
        tables.push(Table { path: path.to_owned(), data, unit });
    }
    Ok(tables)
}
