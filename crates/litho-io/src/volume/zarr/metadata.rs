//! What the metadata of a Zarr array say, version 2 or 3.

use super::codec::Codec;
use crate::error::IoError;
use crate::volume::raw::{ByteOrder, NumberType};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Largest metadata file read.
const MAX_BYTES: u64 = 16 << 20;

/// An array of three axes, and axes of length 1 before them.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::volume) struct ZarrArray {
    /// The folder of the array.
    pub(super) folder: PathBuf,
    /// Shape (z, y, x).
    pub(super) shape: [usize; 3],
    /// Shape of a chunk, (z, y, x).
    pub(super) chunk: [usize; 3],
    /// Axes of length 1 before z.
    pub(super) leading: usize,
    /// What stands before the indices in the name of a chunk.
    pub(super) prefix: &'static str,
    /// What stands between the indices.
    pub(super) separator: char,
    /// How a chunk becomes numbers.
    pub(super) layout: Layout,
    /// The value of chunks that are not there.
    pub(super) fill: f32,
}

/// How the bytes of a chunk become numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub(super) number: NumberType,
    pub(super) order: ByteOrder,
    /// What was done to the bytes, in that order.
    pub(super) codecs: Vec<Codec>,
    /// Chunks inside a chunk, if it is a shard.
    pub(super) shard: Option<Box<Shard>>,
}

/// A chunk that holds smaller ones and an index of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shard {
    /// Shape of an inner chunk, (z, y, x).
    pub(super) chunk: [usize; 3],
    pub(super) layout: Layout,
    /// Whether four bytes of a checksum follow the index.
    pub(super) checksum: bool,
    /// Whether the index stands at the start, not the end.
    pub(super) at_start: bool,
}

/// A JSON file; `None` if it is not there.
pub(super) fn json_file(path: &Path) -> Result<Option<Value>, IoError> {
    let fail = |e: std::io::Error| IoError::file("read", path, &e);
    if !path.is_file() {
        return Ok(None);
    }
    let length = std::fs::metadata(path).map_err(fail)?.len();
    if length > MAX_BYTES {
        let (dataset, bytes, available) = ("the metadata".to_owned(), length, MAX_BYTES);
        return Err(IoError::TooLarge { path: path.to_owned(), dataset, bytes, available });
    }
    let text = std::fs::read(path).map_err(fail)?;
    serde_json::from_slice(&text).map(Some).map_err(|e| unreadable(path, e.to_string()))
}

pub(super) fn unreadable(path: &Path, reason: impl Into<String>) -> IoError {
    IoError::Decode {
        path: path.to_owned(),
        part: "the metadata".to_owned(),
        reason: reason.into(),
        fix: "as Zarr 3 of real numbers with zstd, gzip or no compression",
    }
}

/// The array of a Zarr 3 document.
pub(super) fn array_v3(folder: &Path, document: &Value) -> Result<ZarrArray, IoError> {
    let path = folder.join("zarr.json");
    let bad = |reason: &str| unreadable(&path, reason);
    let name = document["data_type"].as_str().unwrap_or_default();
    let number = NumberType::from_name(name)
        .ok_or_else(|| bad(&format!("its data type `{}` is no real number", document["data_type"])))?;
    let grid = &document["chunk_grid"];
    if grid["name"].as_str() != Some("regular") {
        return Err(bad("its chunk grid is not regular"));
    }
    let (shape, chunk, leading) = shapes(&path, &document["shape"], &grid["configuration"]["chunk_shape"])?;
    let keys = &document["chunk_key_encoding"];
    let dotted = keys["configuration"]["separator"].as_str() == Some(".");
    let (prefix, separator) = match keys["name"].as_str() {
        Some("v2") => ("", if keys["configuration"]["separator"].as_str() == Some("/") { '/' } else { '.' }),
        _ => ("c", if dotted { '.' } else { '/' }),
    };
    let layout = layout_v3(&path, number, &document["codecs"], chunk)?;
    let fill = fill_value(&document["fill_value"]);
    Ok(ZarrArray { folder: folder.to_owned(), shape, chunk, leading, prefix, separator, layout, fill })
}

fn layout_v3(path: &Path, number: NumberType, codecs: &Value, chunk: [usize; 3]) -> Result<Layout, IoError> {
    let bad = |reason: String| unreadable(path, reason);
    let mut layout = Layout { number, order: ByteOrder::Little, codecs: Vec::new(), shard: None };
    for codec in codecs.as_array().ok_or_else(|| bad("it has no codecs".to_owned()))? {
        let settings = &codec["configuration"];
        match codec["name"].as_str().unwrap_or_default() {
            "bytes" | "endian" => {
                let big = settings["endian"].as_str() == Some("big");
                layout.order = if big { ByteOrder::Big } else { ByteOrder::Little };
            }
            "zstd" => layout.codecs.push(Codec::Zstd),
            "gzip" => layout.codecs.push(Codec::Gzip),
            "crc32c" => layout.codecs.push(Codec::Checksum),
            "sharding_indexed" if layout.shard.is_none() => {
                let (_, inner, _) = shapes(path, &settings["chunk_shape"], &settings["chunk_shape"])?;
                if (0..3).any(|axis| !chunk[axis].is_multiple_of(inner[axis])) {
                    return Err(bad(format!(
                        "its shards of {chunk:?} are no multiple of the chunks of {inner:?}"
                    )));
                }
                let named = |list: &Value, name| {
                    list.as_array()
                        .is_some_and(|list| list.iter().any(|codec| codec["name"].as_str() == Some(name)))
                };
                layout.shard = Some(Box::new(Shard {
                    chunk: inner,
                    layout: layout_v3(path, number, &settings["codecs"], inner)?,
                    checksum: named(&settings["index_codecs"], "crc32c"),
                    at_start: settings["index_location"].as_str() == Some("start"),
                }));
            }
            other => return Err(bad(format!("its codec `{other}` is not known"))),
        }
    }
    Ok(layout)
}

/// The array of a Zarr 2 document.
pub(super) fn array_v2(folder: &Path, document: &Value) -> Result<ZarrArray, IoError> {
    let path = folder.join(".zarray");
    let bad = |reason: String| unreadable(&path, reason);
    let descr = document["dtype"].as_str().unwrap_or_default();
    let (number, order) = NumberType::from_descr(descr)
        .ok_or_else(|| bad(format!("its data type {} is no real number", document["dtype"])))?;
    if document["order"].as_str() == Some("F")
        || document["filters"].as_array().is_some_and(|f| !f.is_empty())
    {
        return Err(bad("its chunks are filtered or in FORTRAN order".to_owned()));
    }
    let (shape, chunk, leading) = shapes(&path, &document["shape"], &document["chunks"])?;
    let codecs = match document["compressor"]["id"].as_str() {
        None => Vec::new(),
        Some("zstd") => vec![Codec::Zstd],
        Some("gzip") => vec![Codec::Gzip],
        Some("zlib") => vec![Codec::Zlib],
        Some(other) => return Err(bad(format!("its compressor `{other}` is not known"))),
    };
    let separator = if document["dimension_separator"].as_str() == Some("/") { '/' } else { '.' };
    let layout = Layout { number, order, codecs, shard: None };
    let fill = fill_value(&document["fill_value"]);
    Ok(ZarrArray { folder: folder.to_owned(), shape, chunk, leading, prefix: "", separator, layout, fill })
}

/// Shape and chunk (z, y, x), and how many axes of length 1 stand before them.
fn shapes(path: &Path, shape: &Value, chunk: &Value) -> Result<([usize; 3], [usize; 3], usize), IoError> {
    let numbers = |list: &Value| -> Option<Vec<usize>> {
        list.as_array()?.iter().map(|n| usize::try_from(n.as_u64()?).ok()).collect()
    };
    let read = numbers(shape).zip(numbers(chunk)).filter(|(shape, chunk)| {
        let leading = shape.len().saturating_sub(3);
        shape.len() == chunk.len()
            && shape.len() >= 3
            && shape[..leading].iter().chain(&chunk[..leading]).all(|&n| n == 1)
            && chunk.iter().all(|&n| n > 0)
    });
    let Some((shape, chunk)) = read else {
        return Err(unreadable(path, format!("shape {shape} in chunks of {chunk} is no volume (z, y, x)")));
    };
    let leading = shape.len() - 3;
    let last = |list: &[usize]| [list[leading], list[leading + 1], list[leading + 2]];
    Ok((last(&shape), last(&chunk), leading))
}

fn fill_value(value: &Value) -> f32 {
    match value {
        Value::Number(number) => number.as_f64().unwrap_or(0.0) as f32,
        Value::String(text) if text == "Infinity" => f32::INFINITY,
        Value::String(text) if text == "-Infinity" => f32::NEG_INFINITY,
        Value::String(_) => f32::NAN,
        _ => 0.0,
    }
}
