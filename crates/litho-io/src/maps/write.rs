//! Puts maps into a result file.

use super::{MAPS, MEANING, Map, MapSet, SIGMA, STATUS, StatusMap, TableData};
use crate::error::IoError;
use crate::h5::ArrayData;
use crate::nexus::{Axis, NexusWriter};
use crate::sample_pixel::image_axes;
use std::collections::HashSet;

/// Puts maps, status and tables into a result file. The first map is the one a viewer opens; the others are
/// `auxiliary_signals` of the same `NXdata` group. The caller adds what else belongs there (`/entry/process`) and
/// commits.
///
/// # Errors
/// [`IoError`] if a name is empty, taken or has a `/` in it; if maps differ in shape; or if HDF5
/// cannot write.
pub fn put_maps(file: &mut NexusWriter, set: &MapSet) -> Result<(), IoError> {
    check_names(set)?;
    if let Some((first, others)) = set.maps.split_first() {
        put_group(file, set, first, others)?;
    }
    if let Some(status) = &set.status {
        put_status(file, set, status)?;
    }
    for table in &set.tables {
        let path = format!("/entry/{}", table.path);
        match &table.data {
            TableData::Real(values) => file.array(&path, values, &table.unit)?,
            TableData::Label(values) => file.array(&path, values, &table.unit)?,
        }
    }
    Ok(())
}

fn put_group(file: &mut NexusWriter, set: &MapSet, first: &Map, others: &[Map]) -> Result<(), IoError> {
    let (unit, [y, x]) = image_axes(first.values.dim(), set.pixel);
    let axes = [Axis::new("y", &y, unit), Axis::new("x", &x, unit)];
    file.data_group(MAPS, &first.name, &axes, &first.values, &first.unit, &first.long_name)?;
    let names: Vec<String> = others.iter().map(|map| map.name.clone()).collect();
    if !names.is_empty() {
        file.attr(MAPS, "auxiliary_signals", names)?;
    }
    for map in others {
        let path = format!("{MAPS}/{}", map.name);
        file.array(&path, &map.values, &map.unit)?;
        file.attr(&path, "long_name", map.long_name.as_str())?;
    }
    for map in &set.maps {
        if let Some(sigma) = &map.sigma {
            file.array(&format!("{MAPS}/{}{SIGMA}", map.name), sigma, &map.unit)?;
        }
    }
    Ok(())
}

fn put_status(file: &mut NexusWriter, set: &MapSet, status: &StatusMap) -> Result<(), IoError> {
    let path = format!("{MAPS}/{STATUS}");
    if set.maps.is_empty() {
        file.group(MAPS, "NXcollection")?;
    }
    file.array(&path, ArrayData::from(&status.values), "")?;
    for (code, meaning) in &status.meanings {
        file.attr(&path, &format!("{MEANING}{code}"), meaning.as_str())?;
    }
    Ok(())
}

fn check_names(set: &MapSet) -> Result<(), IoError> {
    let refuse = |name: &str, reason: String| Err(IoError::argument("map", name, reason));
    let shape = set.maps.first().map(|map| map.values.dim());
    let mut taken: HashSet<String> = [STATUS, "y", "x"].map(str::to_owned).into();
    for map in &set.maps {
        let unfit = map.name.is_empty() || map.name.contains('/') || map.name.chars().any(char::is_control);
        if unfit || map.name == "." {
            return refuse(&map.name, "a name is not empty and has no / in it; choose another".to_owned());
        }
        let mut names = vec![map.name.clone()];
        names.extend(map.sigma.as_ref().map(|_| format!("{}{SIGMA}", map.name)));
        for name in names {
            if !taken.insert(name.clone()) {
                return refuse(&name, "the name is taken in this file; choose another".to_owned());
            }
        }
        let shapes = std::iter::once(map.values.dim()).chain(map.sigma.as_ref().map(ndarray::Array2::dim));
        for found in shapes {
            if Some(found) != shape {
                return refuse(&map.name, format!("its shape is {found:?}, that of the first map {shape:?}"));
            }
        }
    }
    match &set.status {
        Some(status) if shape.is_some_and(|shape| shape != status.values.dim()) => {
            refuse(STATUS, format!("its shape is {:?}, that of the maps {shape:?}", status.values.dim()))
        }
        _ => Ok(()),
    }
}
