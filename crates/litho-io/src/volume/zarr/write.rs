//! OME-Zarr 0.5: a Zarr 3 group of arrays, each half as fine as the one before, written as the slices come.
//!
//! Memory is needed for one layer of chunks per level. The folder appears under its name when it is complete.

use super::codec::{ZSTD_LEVEL, zstd};
use super::find::is_zarr;
use crate::error::IoError;
use crate::volume::tiff::twelve_digits;
use crate::volume::write::Sink;
use litho_types::quantity::Metres;
use litho_types::volume::VolumeQuantity;
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, s};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Edge of a chunk: a megabyte of numbers.
const CHUNK: usize = 64;
/// Voxels below a micrometre are told in nanometres.
const MICROMETRE: f64 = 1e-6;

/// An OME-Zarr folder that is being written.
pub(in crate::volume) struct ZarrSink {
    path: PathBuf,
    folder: TempDir,
    levels: Vec<Level>,
}

/// One array of the pyramid.
struct Level {
    folder: PathBuf,
    shape: [usize; 3],
    /// The slices of the layer of chunks that is being filled.
    layer: Array3<f32>,
    /// Slices taken so far.
    taken: usize,
    /// The first slice of a pair that becomes one of the next level.
    pending: Option<Array2<f32>>,
}

impl ZarrSink {
    pub(in crate::volume) fn create(
        path: &Path,
        shape: [usize; 3],
        quantity: VolumeQuantity,
        voxel: Option<Metres>,
    ) -> Result<Self, IoError> {
        if path.exists() && !replaceable(path) {
            let reason = "is there already and is no Zarr folder; name another";
            return Err(IoError::argument("output", path.display(), reason));
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = tempfile::Builder::new()
            .prefix(".lithoscope-")
            .suffix(".part")
            .tempdir_in(parent)
            .map_err(|e| IoError::file("create", path, &e))?;
        let shapes = pyramid(shape);
        put_json(&folder.path().join("zarr.json"), &group_document(path, &shapes, quantity, voxel))?;
        let levels: Result<Vec<Level>, IoError> = shapes
            .iter()
            .enumerate()
            .map(|(k, &shape)| Level::create(&folder.path().join(k.to_string()), shape))
            .collect();
        Ok(Self { path: path.to_owned(), levels: levels?, folder })
    }
}

impl Sink for ZarrSink {
    fn put(&mut self, slab: ArrayView3<'_, f32>) -> Result<(), IoError> {
        slab.outer_iter().try_for_each(|slice| take(&mut self.levels, slice))
    }

    fn finish(self: Box<Self>) -> Result<(), IoError> {
        let Self { path, folder, levels } = *self;
        drop(levels);
        let rename = |from: &Path, to: &Path| {
            std::fs::rename(from, to).map_err(|e| IoError::file("rename to", to, &e))
        };
        #[cfg(unix)]
        {
            // A result is for others to read, unlike a temporary folder.
            let everyone = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(folder.path(), everyone)
                .map_err(|e| IoError::file("create", &path, &e))?;
        }
        if path.exists() {
            // A folder with contents is never renamed over: the old one steps aside and goes when the new one stands.
            let aside = folder.path().with_extension("old");
            rename(&path, &aside)?;
            if let Err(error) = rename(folder.path(), &path) {
                let _ = std::fs::rename(&aside, &path);
                return Err(error);
            }
            std::fs::remove_dir_all(&aside).map_err(|e| IoError::file("remove", &aside, &e))?;
        } else {
            rename(folder.path(), &path)?;
        }
        // It bears another name now: there is nothing left to remove.
        let _ = folder.keep();
        Ok(())
    }
}

/// True of a Zarr folder or an empty one.
fn replaceable(path: &Path) -> bool {
    is_zarr(path) || std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// Shapes of the levels: each half the one before, rounded up, until one chunk holds all.
fn pyramid(shape: [usize; 3]) -> Vec<[usize; 3]> {
    let mut shapes = vec![shape];
    let mut last = shape;
    while last.iter().any(|&n| n > CHUNK) {
        last = last.map(|n| n.div_ceil(2));
        shapes.push(last);
    }
    shapes
}

impl Level {
    fn create(folder: &Path, shape: [usize; 3]) -> Result<Self, IoError> {
        std::fs::create_dir(folder).map_err(|e| IoError::file("create", folder, &e))?;
        put_json(&folder.join("zarr.json"), &array_document(shape))?;
        let [nz, ny, nx] = shape;
        let layer = Array3::zeros((CHUNK.min(nz), ny, nx));
        Ok(Self { folder: folder.to_owned(), shape, layer, taken: 0, pending: None })
    }
}

/// Takes the next slice of the first level and hands means of pairs to the levels after it.
fn take(levels: &mut [Level], slice: ArrayView2<'_, f32>) -> Result<(), IoError> {
    let Some((level, coarser)) = levels.split_first_mut() else { return Ok(()) };
    let within = level.taken % CHUNK;
    level.layer.index_axis_mut(Axis(0), within).assign(&slice);
    level.taken += 1;
    let last = level.taken == level.shape[0];
    if within + 1 == CHUNK || last {
        put_layer(level, within + 1)?;
    }
    if coarser.is_empty() {
        return Ok(());
    }
    match level.pending.take() {
        Some(first) => take(coarser, halved(&[first.view(), slice]).view()),
        None if last => take(coarser, halved(&[slice]).view()),
        None => {
            level.pending = Some(slice.to_owned());
            Ok(())
        }
    }
}

/// Writes the layer of chunks whose first `count` slices are filled, each chunk compressed by a thread of its own.
fn put_layer(level: &Level, count: usize) -> Result<(), IoError> {
    let [_, ny, nx] = level.shape;
    let (rows, columns) = (ny.div_ceil(CHUNK), nx.div_ceil(CHUNK));
    let z = (level.taken - 1) / CHUNK;
    let written: Result<Vec<()>, IoError> = (0..rows * columns)
        .into_par_iter()
        .map(|k| {
            let (iy, ix) = (k / columns, k % columns);
            let (y, x) = (iy * CHUNK, ix * CHUNK);
            let part = level.layer.slice(s![..count, y..(y + CHUNK).min(ny), x..(x + CHUNK).min(nx)]);
            // What is zero everywhere needs no file: zero is the fill value.
            if part.iter().all(|value| value.to_bits() == 0) {
                return Ok(());
            }
            let mut chunk = Array3::<f32>::zeros((CHUNK, CHUNK, CHUNK));
            let (depth, height, width) = part.dim();
            chunk.slice_mut(s![..depth, ..height, ..width]).assign(&part);
            let mut bytes = Vec::with_capacity(chunk.len() * size_of::<f32>());
            chunk.iter().for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
            let folder = level.folder.join(format!("c/{z}/{iy}"));
            std::fs::create_dir_all(&folder).map_err(|e| IoError::file("create", &folder, &e))?;
            let file = folder.join(ix.to_string());
            zstd(&bytes)
                .and_then(|bytes| std::fs::write(&file, bytes))
                .map_err(|e| IoError::file("write", &file, &e))
        })
        .collect();
    written.map(drop)
}

/// Means over 2 × 2 pixels of the slices, or over as many as there are at an odd edge; NaN does not count.
fn halved(slices: &[ArrayView2<'_, f32>]) -> Array2<f32> {
    let (ny, nx) = slices.first().map_or((0, 0), ArrayView2::dim);
    Array2::from_shape_fn((ny.div_ceil(2), nx.div_ceil(2)), |(y, x)| {
        let (mut sum, mut count) = (0.0, 0_u32);
        for slice in slices {
            let block = slice.slice(s![2 * y..(2 * y + 2).min(ny), 2 * x..(2 * x + 2).min(nx)]);
            for value in block.iter().filter(|value| !value.is_nan()) {
                sum += f64::from(*value);
                count += 1;
            }
        }
        if count > 0 { (sum / f64::from(count)) as f32 } else { f32::NAN }
    })
}

fn put_json(path: &Path, document: &Value) -> Result<(), IoError> {
    std::fs::write(path, format!("{document:#}\n")).map_err(|e| IoError::file("write", path, &e))
}

fn array_document(shape: [usize; 3]) -> Value {
    json!({
        "zarr_format": 3,
        "node_type": "array",
        "shape": shape,
        "data_type": "float32",
        "chunk_grid": { "name": "regular", "configuration": { "chunk_shape": [CHUNK, CHUNK, CHUNK] } },
        "chunk_key_encoding": { "name": "default", "configuration": { "separator": "/" } },
        "fill_value": 0.0,
        "codecs": [
            { "name": "bytes", "configuration": { "endian": "little" } },
            { "name": "zstd", "configuration": { "level": ZSTD_LEVEL, "checksum": false } },
        ],
        "attributes": {},
        "dimension_names": ["z", "y", "x"],
    })
}

fn group_document(
    path: &Path,
    shapes: &[[usize; 3]],
    quantity: VolumeQuantity,
    voxel: Option<Metres>,
) -> Value {
    let (edge, unit) = match voxel.map(Metres::value) {
        Some(edge) if edge < MICROMETRE => (twelve_digits(edge * 1e9), Some("nanometer")),
        Some(edge) => (twelve_digits(edge * 1e6), Some("micrometer")),
        None => (1.0, None),
    };
    let axis = |name: &str| {
        let mut axis = json!({ "name": name, "type": "space" });
        if let Some(unit) = unit {
            axis["unit"] = json!(unit);
        }
        axis
    };
    let axes: Vec<Value> = ["z", "y", "x"].into_iter().map(axis).collect();
    let datasets: Vec<Value> = (0..shapes.len())
        .map(|level| {
            let factor = 2.0_f64.powi(level as i32);
            // A coarse voxel's centre lies between those of the fine ones it stands for.
            let [scale, start] = [edge * factor, edge * (factor - 1.0) / 2.0];
            json!({
                "path": level.to_string(),
                "coordinateTransformations": [
                    { "type": "scale", "scale": [scale, scale, scale] },
                    { "type": "translation", "translation": [start, start, start] },
                ],
            })
        })
        .collect();
    let name = path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    json!({
        "zarr_format": 3,
        "node_type": "group",
        "attributes": {
            "ome": {
                "version": "0.5",
                "multiscales": [{
                    "name": name,
                    "axes": axes,
                    "datasets": datasets,
                    "type": "mean",
                }],
            },
            "quantity": quantity.name(),
            "units": quantity.unit(),
        },
    })
}
