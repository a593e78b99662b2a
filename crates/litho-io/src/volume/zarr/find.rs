//! Finds the volume in a Zarr folder: the array itself, the one that is named, or the finest of an OME-Zarr pyramid.

use super::metadata::{ZarrArray, array_v2, array_v3, json_file, unreadable};
use crate::error::IoError;
use crate::scan::length_unit_of;
use crate::volume::options::{VolumeFormat, VolumeOptions, quantity_named};
use crate::volume::plan::{FoundVolume, VoxelSource};
use litho_types::quantity::Metres;
use serde_json::Value;
use std::path::Path;

/// True if the folder holds the metadata of Zarr 2 or 3.
pub(in crate::volume) fn is_zarr(folder: &Path) -> bool {
    ["zarr.json", ".zarray", ".zgroup"].iter().any(|name| folder.join(name).is_file())
}

/// The volume in a folder.
pub(in crate::volume) fn find(path: &Path, options: &VolumeOptions) -> Result<FoundVolume, IoError> {
    let named = options.dataset.as_deref().map(|name| name.trim_matches('/'));
    let attributes = attributes(path)?;
    let multiscale = [&attributes["ome"]["multiscales"][0], &attributes["multiscales"][0]]
        .into_iter()
        .find(|multiscale| multiscale.is_object());
    let finest = multiscale.and_then(|multiscale| multiscale["datasets"][0]["path"].as_str());
    let folder = match (named, finest) {
        (Some(name), _) => path.join(name),
        (None, Some(finest)) if !is_array(path) => path.join(finest),
        (None, _) => path.to_owned(),
    };
    let array = array_in(&folder, path)?;
    let level = multiscale.and_then(|multiscale| {
        let levels = multiscale["datasets"].as_array()?;
        levels.iter().find(|level| level["path"].as_str().is_some_and(|name| path.join(name) == folder))
    });
    let voxel = match (options.voxel, multiscale.zip(level)) {
        (None, Some((multiscale, level))) => voxel_of(path, multiscale, level)?,
        _ => None,
    };
    Ok(FoundVolume {
        format: VolumeFormat::Zarr,
        shape: array.shape,
        place: folder.display().to_string(),
        stored_type: array.layout.number.name().to_owned(),
        source: VoxelSource::Zarr(array),
        quantity: attributes["quantity"].as_str().and_then(quantity_named),
        voxel,
        warnings: Vec::new(),
    })
}

fn is_array(folder: &Path) -> bool {
    folder.join(".zarray").is_file()
        || json_file(&folder.join("zarr.json")).is_ok_and(|d| d.is_some_and(|d| d["node_type"] == "array"))
}

/// The attributes of a folder; null if it has none.
fn attributes(folder: &Path) -> Result<Value, IoError> {
    if let Some(document) = json_file(&folder.join("zarr.json"))? {
        return Ok(document["attributes"].clone());
    }
    Ok(json_file(&folder.join(".zattrs"))?.unwrap_or_default())
}

fn array_in(folder: &Path, root: &Path) -> Result<ZarrArray, IoError> {
    if let Some(document) = json_file(&folder.join("zarr.json"))? {
        if document["node_type"].as_str() == Some("array") {
            return array_v3(folder, &document);
        }
    } else if let Some(document) = json_file(&folder.join(".zarray"))? {
        return array_v2(folder, &document);
    }
    let mut inside: Vec<String> = std::fs::read_dir(folder)
        .map_err(|e| IoError::file("list", folder, &e))?
        .filter_map(|entry| entry.ok().map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .filter(|name| is_array(&folder.join(name)))
        .collect();
    inside.sort();
    if inside.is_empty() {
        return Err(unreadable(folder, "the folder holds no Zarr array"));
    }
    Err(IoError::Incomplete {
        path: root.to_owned(),
        what: format!("which of its arrays is the volume (it holds {})", inside.join(", ")),
        fix: "name it: --dataset NAME".to_owned(),
    })
}

/// The edges of a voxel from the scale and the units of an OME-Zarr level.
fn voxel_of(
    path: &Path,
    multiscale: &Value,
    level: &Value,
) -> Result<Option<([Metres; 3], String)>, IoError> {
    let axes = multiscale["axes"].as_array().cloned().unwrap_or_default();
    let scale_in = |holder: &Value| -> Option<Vec<f64>> {
        let all = holder["coordinateTransformations"].as_array()?;
        let scale = all.iter().find(|transformation| transformation["type"].as_str() == Some("scale"))?;
        scale["scale"].as_array()?.iter().map(Value::as_f64).collect()
    };
    let Some(own) = scale_in(level) else { return Ok(None) };
    let common = scale_in(multiscale).unwrap_or_else(|| vec![1.0; own.len()]);
    if axes.len() != own.len() || common.len() != own.len() || own.len() < 3 {
        return Ok(None);
    }
    let mut edges = Vec::new();
    for axis in own.len() - 3..own.len() {
        // Without a unit there is no length.
        let Some(unit) = length_unit_of(path, "multiscales", axes[axis]["unit"].as_str())? else {
            return Ok(None);
        };
        edges.push(Metres::new(own[axis] * common[axis] * unit.metres()));
    }
    Ok(<[Metres; 3]>::try_from(edges).ok().map(|edges| (edges, "scale in multiscales".to_owned())))
}
