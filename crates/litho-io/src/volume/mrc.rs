//! MRC2014: a header of 1024 bytes, and sections of rows of numbers (Cheng et al., J. Struct. Biol. 192 (2015) 146).

use super::options::VolumeFormat;
use super::plan::{FoundVolume, VoxelSource};
use super::raw::{ByteOrder, NumberType, RawNumbers};
use super::write::Sink;
use crate::atomic::{put_in_place, temporary_beside};
use crate::error::IoError;
use litho_types::quantity::Metres;
use ndarray::ArrayView3;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The stamp in every MRC2014 header.
pub(super) const MAP: &[u8] = b"MAP ";
/// Bytes of the header.
const HEADER: usize = 1024;
/// Where words of the header are, in bytes.
const MODE: usize = 12;
const SAMPLING: usize = 28;
const CELL: usize = 40;
const CELL_ANGLES: usize = 52;
const AXES: usize = 64;
const STATISTICS: usize = 76;
const SPACE_GROUP: usize = 88;
const EXTENDED: usize = 92;
const VERSION: usize = 108;
const STAMP: usize = 208;
const MACHINE: usize = 212;
const RMS: usize = 216;
const LABELS: usize = 220;
/// Version 2014.1.
const MRC_2014_1: i32 = 20_141;
/// Machine stamp of little-endian files.
const LITTLE_ENDIAN: [u8; 4] = [0x44, 0x44, 0, 0];
/// First byte of the machine stamp of big-endian files.
const BIG_ENDIAN: u8 = 0x11;
const ANGSTROM: f64 = 1e-10;

/// The volume of an MRC file.
pub(super) fn find(path: &Path) -> Result<FoundVolume, IoError> {
    let fail = |e: std::io::Error| IoError::file("read", path, &e);
    let bad = |part: &str, reason: String| IoError::Decode {
        path: path.to_owned(),
        part: part.to_owned(),
        reason,
        fix: "as MRC2014 of 8-, 16- or 32-bit numbers",
    };
    let mut file = std::fs::File::open(path).map_err(|e| IoError::file("open", path, &e))?;
    let length = file.metadata().map_err(fail)?.len();
    let mut head = [0; HEADER];
    if length < HEADER as u64 {
        return Err(bad("the header", format!("the file ends after {length} of {HEADER} bytes")));
    }
    file.read_exact(&mut head).map_err(fail)?;
    let order = byte_order(&head);
    let word = |at: usize| bytes_at(&head, at, order, i32::from_le_bytes);
    let real = |at: usize| f64::from(bytes_at(&head, at, order, f32::from_le_bytes));
    let [nx, ny, nz] = [word(0), word(4), word(8)];
    let sizes = [nz, ny, nx].map(|n| usize::try_from(n).ok().filter(|&n| n > 0));
    let [Some(z), Some(y), Some(x)] = sizes else {
        return Err(bad("the header", format!("it announces {nx} columns, {ny} rows, {nz} sections")));
    };
    let number = match word(MODE) {
        0 => NumberType::I8,
        1 => NumberType::I16,
        2 => NumberType::F32,
        6 => NumberType::U16,
        12 => NumberType::F16,
        mode => return Err(bad("the header", format!("mode {mode} holds no real numbers that are known"))),
    };
    let axes = [0, 4, 8].map(|at| word(AXES + at));
    if axes != [1, 2, 3] && axes != [0, 0, 0] {
        return Err(bad(
            "the header",
            format!("its axes are in the order {axes:?}, not columns, rows, sections"),
        ));
    }
    let extended = u64::try_from(word(EXTENDED)).unwrap_or(0);
    let offset = (HEADER as u64).saturating_add(extended);
    let raw = RawNumbers { offset, number, order, shape: [z, y, x], first_fastest: false };
    raw.check_length(path, length)?;
    let edge = |axis: usize| {
        let samples = word(SAMPLING + 4 * axis);
        let edge = real(CELL + 4 * axis) / f64::from(samples) * ANGSTROM;
        (samples > 0 && edge.is_finite() && edge > 0.0).then_some(Metres::new(edge))
    };
    let voxel = match [edge(2), edge(1), edge(0)] {
        [Some(z), Some(y), Some(x)] => Some(([z, y, x], "the cell in the header".to_owned())),
        _ => None,
    };
    Ok(FoundVolume {
        format: VolumeFormat::Mrc,
        source: VoxelSource::Raw(raw),
        shape: [z, y, x],
        place: path.display().to_string(),
        stored_type: number.name().to_owned(),
        quantity: None,
        voxel,
        warnings: Vec::new(),
    })
}

/// From the machine stamp; where that says nothing, the order in which the mode is a small number.
fn byte_order(head: &[u8; HEADER]) -> ByteOrder {
    let stamp = head[MACHINE];
    let little = bytes_at(head, MODE, ByteOrder::Little, i32::from_le_bytes);
    let is_big = stamp == BIG_ENDIAN || (stamp != LITTLE_ENDIAN[0] && !(0..=127).contains(&little));
    if is_big { ByteOrder::Big } else { ByteOrder::Little }
}

fn bytes_at<T>(head: &[u8; HEADER], at: usize, order: ByteOrder, from_little: fn([u8; 4]) -> T) -> T {
    let mut bytes = [head[at], head[at + 1], head[at + 2], head[at + 3]];
    if order == ByteOrder::Big {
        bytes.reverse();
    }
    from_little(bytes)
}

/// An MRC file that is being written: numbers first, then the header with their statistics.
pub(super) struct MrcSink {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
    shape: [i32; 3],
    voxel: Option<Metres>,
    label: String,
    statistics: Statistics,
}

/// Of the finite numbers.
#[derive(Debug, Clone, Copy)]
struct Statistics {
    low: f32,
    high: f32,
    count: f64,
    sum: f64,
    squares: f64,
}

impl MrcSink {
    pub(super) fn create(
        path: &Path,
        shape: [usize; 3],
        voxel: Option<Metres>,
        label: &str,
    ) -> Result<Self, IoError> {
        let sizes = shape.map(|n| i32::try_from(n).ok());
        let [Some(z), Some(y), Some(x)] = sizes else {
            return Err(IoError::write(
                path,
                "the header",
                format!("{shape:?} exceeds 32 bits; write another format"),
            ));
        };
        let mut file = BufWriter::new(temporary_beside(path)?);
        let fail = |e: std::io::Error| IoError::file("write", path, &e);
        file.write_all(&[0; HEADER]).map_err(fail)?;
        let statistics =
            Statistics { low: f32::INFINITY, high: f32::NEG_INFINITY, count: 0.0, sum: 0.0, squares: 0.0 };
        Ok(Self { path: path.to_owned(), file, shape: [z, y, x], voxel, label: label.to_owned(), statistics })
    }

    fn header(&self) -> [u8; HEADER] {
        let mut head = [0; HEADER];
        let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
        let [nz, ny, nx] = self.shape;
        for (axis, n) in [nx, ny, nz].into_iter().enumerate() {
            put(4 * axis, &n.to_le_bytes());
            put(SAMPLING + 4 * axis, &n.to_le_bytes());
            let edge = self.voxel.map_or(0.0, |voxel| f64::from(n) * voxel.value() / ANGSTROM) as f32;
            put(CELL + 4 * axis, &edge.to_le_bytes());
            put(CELL_ANGLES + 4 * axis, &90.0_f32.to_le_bytes());
            put(AXES + 4 * axis, &(axis as i32 + 1).to_le_bytes());
        }
        put(MODE, &2_i32.to_le_bytes());
        let Statistics { low, high, count, sum, squares } = self.statistics;
        let mean = if count > 0.0 { sum / count } else { 0.0 };
        let rms = if count > 0.0 { (squares / count - mean * mean).max(0.0).sqrt() } else { 0.0 };
        let (low, high) = if count > 0.0 { (low, high) } else { (0.0, 0.0) };
        for (k, value) in [low, high, mean as f32].into_iter().enumerate() {
            put(STATISTICS + 4 * k, &value.to_le_bytes());
        }
        put(RMS, &(rms as f32).to_le_bytes());
        // Space group 1: a volume, not a stack of images.
        put(SPACE_GROUP, &1_i32.to_le_bytes());
        put(VERSION, &MRC_2014_1.to_le_bytes());
        put(STAMP, MAP);
        put(MACHINE, &LITTLE_ENDIAN);
        put(LABELS, &1_i32.to_le_bytes());
        let mut label = [b' '; 80];
        label.iter_mut().zip(self.label.bytes().filter(u8::is_ascii)).for_each(|(to, from)| *to = from);
        put(LABELS + 4, &label);
        head
    }
}

impl Sink for MrcSink {
    fn put(&mut self, slab: ArrayView3<'_, f32>) -> Result<(), IoError> {
        let fail = |e: std::io::Error| IoError::file("write", &self.path, &e);
        for &value in slab {
            self.file.write_all(&value.to_le_bytes()).map_err(fail)?;
            if value.is_finite() {
                let all = &mut self.statistics;
                all.low = all.low.min(value);
                all.high = all.high.max(value);
                all.count += 1.0;
                all.sum += f64::from(value);
                all.squares += f64::from(value) * f64::from(value);
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), IoError> {
        let head = self.header();
        let Self { path, mut file, .. } = *self;
        let fail = |e: std::io::Error| IoError::file("write", &path, &e);
        file.seek(SeekFrom::Start(0)).map_err(fail)?;
        file.write_all(&head).map_err(fail)?;
        let file = file.into_inner().map_err(|e| IoError::file("write", &path, e.error()))?;
        put_in_place(file.into_temp_path(), &path)
    }
}
