//! Volumes in NumPy's array file.

use super::options::VolumeFormat;
use super::plan::{FoundVolume, VoxelSource};
use super::raw::{NumberType, RawNumbers};
use super::write::Sink;
use crate::atomic::{put_in_place, temporary_beside};
use crate::error::IoError;
use crate::image_files::npy_header;
use ndarray::ArrayView3;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The first bytes of every NPY file.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";
/// Longest header read; three axes need a hundred bytes.
const MAX_HEADER: u64 = 64 << 10;

/// The volume of an NPY file.
pub(super) fn find(path: &Path) -> Result<FoundVolume, IoError> {
    let fail = |e: std::io::Error| IoError::file("read", path, &e);
    let bad = |found: String, expected: &str| IoError::WrongType {
        path: path.to_owned(),
        dataset: "the array".to_owned(),
        found,
        expected: expected.to_owned(),
    };
    let file = std::fs::File::open(path).map_err(|e| IoError::file("open", path, &e))?;
    let length = file.metadata().map_err(fail)?.len();
    let mut head = Vec::new();
    file.take(MAX_HEADER).read_to_end(&mut head).map_err(fail)?;
    let (text, offset) = header_text(&head).ok_or_else(|| bad("no NPY header".to_owned(), "NPY 1 to 3"))?;
    let field = |name: &str| text.split_once(&format!("'{name}':")).map(|(_, rest)| rest.trim_start());
    let descr = field("descr").and_then(|rest| rest.strip_prefix('\'')?.split('\'').next()).unwrap_or("");
    let Some((number, order)) = NumberType::from_descr(descr) else {
        return Err(bad(format!("of type `{descr}`"), "real numbers; save it as float32"));
    };
    let axes = field("shape").and_then(|rest| rest.strip_prefix('(')?.split(')').next()).unwrap_or("");
    let axes: Option<Vec<usize>> =
        axes.split(',').map(str::trim).filter(|n| !n.is_empty()).map(|n| n.parse().ok()).collect();
    let mut shape = axes.ok_or_else(|| bad("without a shape".to_owned(), "NPY 1 to 3"))?;
    let stored = shape.clone();
    while shape.len() > 3 && shape[0] == 1 {
        shape.remove(0);
    }
    let shape: [usize; 3] = shape.try_into().map_err(|_| IoError::WrongShape {
        path: path.to_owned(),
        dataset: "the array".to_owned(),
        found: stored,
        expected: "(z, y, x)".to_owned(),
    })?;
    let first_fastest = field("fortran_order").is_some_and(|rest| rest.starts_with("True"));
    let raw = RawNumbers { offset, number, order, shape, first_fastest };
    raw.check_length(path, length)?;
    Ok(FoundVolume {
        format: VolumeFormat::Npy,
        source: VoxelSource::Raw(raw),
        shape,
        place: path.display().to_string(),
        stored_type: number.name().to_owned(),
        quantity: None,
        voxel: None,
        warnings: Vec::new(),
    })
}

/// The header's dictionary and where the numbers begin.
fn header_text(head: &[u8]) -> Option<(String, u64)> {
    let version = *head.strip_prefix(MAGIC)?.first()?;
    let (length, start) = if version == 1 {
        (u64::from(u16::from_le_bytes(head.get(8..10)?.try_into().ok()?)), 10)
    } else {
        (u64::from(u32::from_le_bytes(head.get(8..12)?.try_into().ok()?)), 12)
    };
    let end = start + usize::try_from(length).ok()?;
    Some((String::from_utf8_lossy(head.get(start..end)?).replace('"', "'"), end as u64))
}

/// An NPY file that is being written.
pub(super) struct NpySink {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl NpySink {
    pub(super) fn create(path: &Path, shape: [usize; 3]) -> Result<Self, IoError> {
        let mut file = BufWriter::new(temporary_beside(path)?);
        let fail = |e: std::io::Error| IoError::file("write", path, &e);
        file.write_all(&npy_header("<f4", &shape)).map_err(fail)?;
        Ok(Self { path: path.to_owned(), file })
    }
}

impl Sink for NpySink {
    fn put(&mut self, slab: ArrayView3<'_, f32>) -> Result<(), IoError> {
        let fail = |e: std::io::Error| IoError::file("write", &self.path, &e);
        slab.iter().try_for_each(|value| self.file.write_all(&value.to_le_bytes())).map_err(fail)
    }

    fn finish(self: Box<Self>) -> Result<(), IoError> {
        let Self { path, file } = *self;
        let file = file.into_inner().map_err(|e| IoError::file("write", &path, e.error()))?;
        put_in_place(file.into_temp_path(), &path)
    }
}
