//! Frames: their place and type decided first, then read in blocks and screened.

use super::keep::{Keeper, Kept, Place};
use super::options::BadCounts;
use super::plan::{FramePart, FramesPlan, StoredType};
use super::screen::{Screen, Verdict};
use crate::chunks::{ChunkError, Element, FrameReader};
use crate::error::IoError;
use crate::h5::{H5File, describe};
use crate::memory::ensure_fits;
use hdf5::types::{FloatSize, IntSize, TypeDescriptor};
use litho_types::frames::Frames;
use litho_types::mask::DetectorMask;
use rayon::prelude::*;

/// Bytes of stored frames held at once while they are converted.
pub(super) const BLOCK_BYTES: usize = 64 << 20;

/// Decides how the dataset `name` is read as frames, one dataset making one part.
///
/// # Errors
/// If it is missing, has fewer than three axes, is empty, was never written, or holds no real numbers.
pub(crate) fn inspect_frames(file: &H5File, name: &str) -> Result<FramesPlan, IoError> {
    let shape = file.shape(name)?;
    let expected = "(N, y, x) with at least one frame of at least 2 × 2 pixels";
    let [leading @ .., ny, nx] = shape.as_slice() else {
        return Err(file.wrong_shape(name, shape, expected));
    };
    let (ny, nx) = (*ny, *nx);
    let count = leading.iter().try_fold(1_usize, |product, &n| product.checked_mul(n)).unwrap_or(usize::MAX);
    if leading.is_empty() || count == 0 || ny < 2 || nx < 2 {
        return Err(file.wrong_shape(name, shape, expected));
    }
    let dataset = file.dataset(name)?;
    let stored = stored_type(file, &dataset, name)?;
    // The stack may be larger than the memory and stream, but not what is read at once: a frame, or a raster's row.
    let at_once = if is_plain_stack(&shape) { &shape[shape.len() - 2..] } else { &shape[1..] };
    ensure_fits(file.path(), name, at_once, size_of::<f64>())?;
    let never_written = dataset.layout() == hdf5::dataset::Layout::Chunked && dataset.storage_size() == 0;
    if never_written {
        return Err(IoError::BadValue {
            path: file.path().to_owned(),
            dataset: name.to_owned(),
            index: "every frame".to_owned(),
            value: "nothing".to_owned(),
            problem: format!(
                "a shape of {shape:?} is announced, but no frame was ever written; use the file of a completed scan"
            ),
        });
    }
    let part = FramePart { file: file.path().to_owned(), dataset: name.to_owned(), shape, count };
    Ok(FramesPlan { parts: vec![part], count, shape: (ny, nx), stored, no_reading: None })
}

fn stored_type(file: &H5File, dataset: &hdf5::Dataset, name: &str) -> Result<StoredType, IoError> {
    let dtype = dataset.dtype().map_err(|e| file.hdf5("read the type of", name, &e))?;
    match dtype.to_descriptor() {
        Ok(TypeDescriptor::Unsigned(IntSize::U1)) => Ok(StoredType::Uint8),
        Ok(TypeDescriptor::Unsigned(IntSize::U2)) => Ok(StoredType::Uint16),
        Ok(TypeDescriptor::Unsigned(IntSize::U4)) => Ok(StoredType::Uint32),
        Ok(TypeDescriptor::Unsigned(IntSize::U8)) => Ok(StoredType::Uint64),
        Ok(TypeDescriptor::Integer(IntSize::U1)) => Ok(StoredType::Int8),
        Ok(TypeDescriptor::Integer(IntSize::U2)) => Ok(StoredType::Int16),
        Ok(TypeDescriptor::Integer(IntSize::U4)) => Ok(StoredType::Int32),
        Ok(TypeDescriptor::Integer(IntSize::U8)) => Ok(StoredType::Int64),
        Ok(TypeDescriptor::Float(FloatSize::U4)) => Ok(StoredType::Float32),
        Ok(TypeDescriptor::Float(FloatSize::U8)) => Ok(StoredType::Float64),
        _ => Err(file.wrong_type(name, &describe(&dtype), "integers or floats: detector counts")),
    }
}

/// Reads and screens all frames and keeps them in `place`; pixels found unusable are flagged in `mask`.
///
/// Returns the frames and what was noticed.
pub(super) fn read_frames(
    plan: &FramesPlan,
    mask: &mut DetectorMask,
    policy: BadCounts,
    place: Place<'_>,
) -> Result<(Frames, Vec<String>), IoError> {
    let mut screen = Screen::new(mask, policy);
    let s = &mut screen;
    let unread = plan.no_reading;
    let frames = match plan.stored {
        StoredType::Uint8 => gather(plan, place, s, |v: u8| v, |_| true, Verdict::Count)?,
        StoredType::Uint16 => {
            let limit = unread.map_or(u16::MAX, |value| u16::try_from(value).unwrap_or(u16::MAX));
            gather(plan, place, s, |v: u16| v, |v| v < limit, |v| unsigned(v, v.into(), u16::MAX, unread))?
        }
        StoredType::Uint32 => {
            let limit = unread.map_or(u32::MAX, |value| u32::try_from(value).unwrap_or(u32::MAX));
            gather(plan, place, s, |v: u32| v, |v| v < limit, |v| unsigned(v, v.into(), u32::MAX, unread))?
        }
        StoredType::Uint64 => {
            let limit = unread.map_or(u32::MAX.into(), |value| value.min(u32::MAX.into()));
            let judge = |v: u64| match u32::try_from(v) {
                _ if unread == Some(v) => Verdict::NoReading,
                Ok(count) => unsigned(count, v, u32::MAX, unread),
                Err(_) => Verdict::Impossible,
            };
            gather(plan, place, s, |v: u64| v as u32, |v| v < limit, judge)?
        }
        StoredType::Int8 => {
            gather(plan, place, s, |v: i8| v as u8, |v| v >= 0, |v| signed(u8::try_from(v).ok(), v.into()))?
        }
        StoredType::Int16 => gather(
            plan,
            place,
            s,
            |v: i16| v as u16,
            |v| v >= 0,
            |v| signed(u16::try_from(v).ok(), v.into()),
        )?,
        StoredType::Int32 => gather(
            plan,
            place,
            s,
            |v: i32| v as u32,
            |v| v >= 0,
            |v| signed(u32::try_from(v).ok(), v.into()),
        )?,
        StoredType::Int64 => {
            let plain = |v: i64| (0..=i64::from(u32::MAX)).contains(&v);
            gather(plan, place, s, |v: i64| v as u32, plain, |v| signed(u32::try_from(v).ok(), v))?
        }
        StoredType::Float32 => gather(plan, place, s, |v: f32| v, |v| (0.0..=f32::MAX).contains(&v), real)?,
        StoredType::Float64 => {
            let plain = |v: f64| (0.0..=f64::from(f32::MAX)).contains(&v);
            gather(plan, place, s, |v: f64| v as f32, plain, |v| real(v as f32))?
        }
    };
    let warnings = screen.conclude(plan.count, mask);
    Ok((frames, warnings))
}

fn unsigned<K: PartialEq>(count: K, value: u64, largest: K, no_reading: Option<u64>) -> Verdict<K> {
    if no_reading == Some(value) {
        Verdict::NoReading
    } else if count == largest {
        Verdict::Full(count)
    } else {
        Verdict::Count(count)
    }
}

fn signed<K>(count: Option<K>, value: i64) -> Verdict<K> {
    match count {
        Some(count) => Verdict::Count(count),
        None if value < 0 => Verdict::Negative,
        None => Verdict::Impossible,
    }
}

fn real(value: f32) -> Verdict<f32> {
    if !value.is_finite() {
        Verdict::Impossible
    } else if value < 0.0 {
        Verdict::Negative
    } else {
        Verdict::Count(value)
    }
}

/// Reads all parts in blocks, frames of a block in parallel: `keep` converts every
/// pixel, and those that are not `plain` are judged and noted in the order of the frames.
fn gather<S, K>(
    plan: &FramesPlan,
    place: Place<'_>,
    screen: &mut Screen,
    keep: impl Fn(S) -> K + Sync,
    plain: impl Fn(S) -> bool + Sync,
    judge: impl Fn(S) -> Verdict<K>,
) -> Result<Frames, IoError>
where
    S: Element + Into<Stored>,
    K: Kept,
{
    let nx = plan.shape.1;
    let pixels = plan.shape.0 * nx;
    let mut keeper = Keeper::open(plan, place)?;
    let mut first = 0;
    for part in &plan.parts {
        for_each_block(part, |block: &[S]| {
            let kept = keeper.room(block.len());
            let odd: Vec<Vec<usize>> = kept
                .par_chunks_mut(pixels)
                .zip(block.par_chunks(pixels))
                .map(|(kept, stored)| convert(kept, stored, &keep, &plain))
                .collect();
            for (frame, places) in odd.into_iter().enumerate() {
                for at in places {
                    let value = block[frame * pixels + at];
                    let verdict = judge(value);
                    kept[frame * pixels + at] = verdict.count();
                    screen.note(verdict, (first + frame, at / nx, at % nx), value.into().0, part)?;
                }
            }
            first += block.len() / pixels;
            keeper.keep()
        })?;
    }
    keeper.finish()
}

/// Converts one frame and returns the places of the pixels that are not plain.
fn convert<S: Copy, K>(
    kept: &mut [K],
    stored: &[S],
    keep: impl Fn(S) -> K,
    plain: impl Fn(S) -> bool,
) -> Vec<usize> {
    // Runs short enough to stay in the registers' neighbourhood, long enough to be vectorised.
    const RUN: usize = 64;
    let mut odd = Vec::new();
    for (run, (kept, stored)) in kept.chunks_mut(RUN).zip(stored.chunks(RUN)).enumerate() {
        kept.iter_mut().zip(stored).for_each(|(kept, stored)| *kept = keep(*stored));
        if !stored.iter().fold(true, |all, value| all & plain(*value)) {
            odd.extend((0..stored.len()).filter(|&at| !plain(stored[at])).map(|at| run * RUN + at));
        }
    }
    odd
}

/// Whether frames of this shape can be read one by one.
pub(super) fn is_plain_stack(shape: &[usize]) -> bool {
    matches!(shape, [_, _, _] | [1, _, _, _])
}

/// Hands the frames of a part to `take`, block by block: decoded on all cores if
/// they are a plain stack, through HDF5 if they are a raster.
fn for_each_block<S: Element>(
    part: &FramePart,
    mut take: impl FnMut(&[S]) -> Result<(), IoError>,
) -> Result<(), IoError> {
    let file = H5File::open(&part.file)?;
    let pixels = part.shape.iter().rev().take(2).product::<usize>();
    let mut start = 0;
    if is_plain_stack(&part.shape) {
        let fail = |e: ChunkError| IoError::Frames(e.to_string());
        let reader = FrameReader::open(&file.dataset(&part.dataset)?).map_err(fail)?;
        let per_block = (BLOCK_BYTES / (pixels * size_of::<S>())).max(1);
        let mut buffer = Vec::new();
        while start < part.count {
            let block: Vec<usize> = (start..part.count.min(start + per_block)).collect();
            buffer.resize(block.len() * pixels, S::zeroed());
            reader.read_into(&block, &mut buffer).map_err(fail)?;
            take(&buffer)?;
            start += block.len();
        }
        return Ok(());
    }
    while start < part.count {
        let block = file.frame_block::<S>(part, start, BLOCK_BYTES)?;
        let wanted = (block.len() / pixels).min(part.count - start);
        take(&block[..wanted * pixels])?;
        start += wanted;
    }
    Ok(())
}

/// A stored number of any type as a double, for messages.
pub(super) struct Stored(f64);

macro_rules! stored {
    ($($number:ty),*) => {$(impl From<$number> for Stored {
        fn from(value: $number) -> Self {
            Self(value as f64)
        }
    })*};
}
macro_rules! stored_losslessly {
    ($($number:ty),*) => {$(impl From<$number> for Stored {
        fn from(value: $number) -> Self {
            Self(value.into())
        }
    })*};
}
stored!(u64, i64);
stored_losslessly!(u8, u16, u32, i8, i16, i32, f32, f64);
