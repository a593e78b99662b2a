//! Reads slices of a Zarr array: the chunks that hold them, decoded on all cores.

use super::metadata::{Layout, Shard, ZarrArray};
use crate::error::IoError;
use crate::memory::{bytes_of, ensure_fits};
use ndarray::{Array3, Axis, s};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// An index that says "no such chunk".
const ABSENT: u64 = u64::MAX;

/// The slices of `z`.
pub(in crate::volume) fn slab(array: &ZarrArray, z: Range<usize>) -> Result<Array3<f32>, IoError> {
    let [_, ny, nx] = array.shape;
    let [cz, cy, cx] = array.chunk;
    let number = array.layout.number.size() + size_of::<f32>();
    ensure_fits(&array.folder, "a chunk", &array.chunk, number * rayon::current_num_threads())?;
    let mut all = Array3::from_elem((z.len(), ny, nx), array.fill);
    for row in z.start / cz..z.end.div_ceil(cz) {
        let from = z.start.max(row * cz);
        let to = z.end.min(row.saturating_add(1).saturating_mul(cz));
        let mut slices = all.slice_mut(s![from - z.start..to - z.start, .., ..]);
        let rows: Vec<_> = slices.axis_chunks_iter_mut(Axis(1), cy).collect();
        let done: Result<Vec<()>, IoError> = rows
            .into_par_iter()
            .enumerate()
            .map(|(iy, mut rows)| {
                for (ix, mut part) in rows.axis_chunks_iter_mut(Axis(2), cx).enumerate() {
                    let Some(decoded) = chunk(array, [row, iy, ix])? else { continue };
                    let (count, height, width) = part.dim();
                    let start = from - row * cz;
                    part.assign(&decoded.slice(s![start..start + count, ..height, ..width]));
                }
                Ok(())
            })
            .collect();
        done?;
    }
    Ok(all)
}

/// The file of a chunk.
fn chunk_path(array: &ZarrArray, index: [usize; 3]) -> PathBuf {
    let indices: Vec<String> =
        std::iter::repeat_n(0, array.leading).chain(index).map(|i| i.to_string()).collect();
    let prefix = (!array.prefix.is_empty()).then(|| array.prefix.to_owned());
    let name: Vec<String> = prefix.into_iter().chain(indices).collect();
    array.folder.join(name.join(&array.separator.to_string()))
}

/// A decoded chunk; `None` if it is not there and all fill value.
fn chunk(array: &ZarrArray, index: [usize; 3]) -> Result<Option<Array3<f32>>, IoError> {
    let path = chunk_path(array, index);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(IoError::file("read", &path, &e)),
    };
    decode(&path, &array.layout, bytes, array.chunk, array.fill).map(Some)
}

fn decode(
    path: &Path,
    layout: &Layout,
    bytes: Vec<u8>,
    shape: [usize; 3],
    fill: f32,
) -> Result<Array3<f32>, IoError> {
    if let Some(shard) = &layout.shard {
        return decode_shard(path, shard, &bytes, shape, fill);
    }
    let bad = |reason: String| IoError::Decode {
        path: path.to_owned(),
        part: "the chunk".to_owned(),
        reason,
        fix: "again",
    };
    let expected = usize::try_from(bytes_of(&shape, layout.number.size())).unwrap_or(usize::MAX);
    let mut bytes = bytes;
    for codec in layout.codecs.iter().rev() {
        bytes = codec.undo(&bytes, expected.saturating_add(4)).map_err(bad)?;
    }
    if bytes.len() != expected {
        return Err(bad(format!("it holds {} bytes, not {expected}", bytes.len())));
    }
    let values = layout.number.decode(&bytes, layout.order);
    Array3::from_shape_vec(shape, values).map_err(|e| bad(e.to_string()))
}

/// The chunks of a shard, found by its index of offsets and lengths.
fn decode_shard(
    path: &Path,
    shard: &Shard,
    bytes: &[u8],
    shape: [usize; 3],
    fill: f32,
) -> Result<Array3<f32>, IoError> {
    let bad = |reason: &str| IoError::Decode {
        path: path.to_owned(),
        part: "the shard".to_owned(),
        reason: reason.to_owned(),
        fix: "again",
    };
    let counts = [0, 1, 2].map(|axis| shape[axis] / shard.chunk[axis]);
    let entries = usize::try_from(bytes_of(&counts, 16)).unwrap_or(usize::MAX);
    let length = entries.saturating_add(if shard.checksum { 4 } else { 0 });
    let start = if shard.at_start { Some(0) } else { bytes.len().checked_sub(length) };
    let index = start.and_then(|start| bytes.get(start..start.checked_add(entries)?));
    let index = index.ok_or_else(|| bad("it ends before its index does"))?;
    let words: Vec<u64> = index.as_chunks::<8>().0.iter().map(|&word| u64::from_le_bytes(word)).collect();
    let mut all = Array3::from_elem(shape, fill);
    let [cz, cy, cx] = shard.chunk;
    for (k, pair) in words.chunks_exact(2).enumerate() {
        if pair == [ABSENT, ABSENT] {
            continue;
        }
        let range = usize::try_from(pair[0]).ok().zip(usize::try_from(pair[1]).ok());
        let part = range.and_then(|(at, length)| bytes.get(at..at.checked_add(length)?));
        let part = part.ok_or_else(|| bad("its index leads beyond its end"))?;
        let inner = decode(path, &shard.layout, part.to_vec(), shard.chunk, fill)?;
        let (z, y, x) = (k / (counts[1] * counts[2]), k / counts[2] % counts[1], k % counts[2]);
        all.slice_mut(s![z * cz..(z + 1) * cz, y * cy..(y + 1) * cy, x * cx..(x + 1) * cx]).assign(&inner);
    }
    Ok(all)
}
