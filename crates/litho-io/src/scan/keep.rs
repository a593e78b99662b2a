//! Where the frames of a scan are kept: in memory, or in a scratch file.

use super::plan::FramesPlan;
use super::scratch::{ScratchHealth, ScratchWriter};
use crate::error::IoError;
use crate::memory::ensure_fits;
use litho_types::frame_store::StoredFrames;
use litho_types::frames::{Count, CountType, Frames};
use ndarray::Array3;
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

/// Where to keep the frames.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// In memory.
    Memory,
    /// In a scratch file on the disk of `folder`; `health` learns of frames that cannot be read back.
    Scratch { folder: &'a Path, health: &'a ScratchHealth },
}

/// A number type that frames are kept in.
pub(super) trait Kept: Count + bytemuck::Pod + Debug + Default {
    /// The type.
    const TYPE: CountType;

    /// A stack in memory.
    fn stack(array: Array3<Self>) -> Frames;
}

macro_rules! kept {
    ($($number:ty => $variant:ident),*) => {$(impl Kept for $number {
        const TYPE: CountType = CountType::$variant;

        fn stack(array: Array3<Self>) -> Frames {
            Frames::$variant(array)
        }
    })*};
}
kept!(u8 => U8, u16 => U16, u32 => U32, f32 => F32);

/// Takes the frames of a scan block by block.
pub(super) enum Keeper<'a, K> {
    Memory { plan: &'a FramesPlan, kept: Vec<K> },
    Scratch { plan: &'a FramesPlan, writer: ScratchWriter<K> },
}

impl<'a, K: Kept> Keeper<'a, K> {
    /// Takes the memory for all frames of `plan`, or makes the scratch file.
    ///
    /// # Errors
    /// [`IoError::TooLarge`] or [`IoError::Scratch`].
    pub(super) fn open(plan: &'a FramesPlan, place: Place<'_>) -> Result<Self, IoError> {
        if let Place::Scratch { folder, health } = place {
            return Ok(Self::Scratch { plan, writer: ScratchWriter::create(folder, health)? });
        }
        let (ny, nx) = plan.shape;
        let (path, dataset) = plan.first();
        ensure_fits(path, dataset, &[plan.count, ny, nx], size_of::<K>())?;
        let mut kept = Vec::new();
        kept.try_reserve_exact(plan.count * ny * nx).map_err(|_| IoError::TooLarge {
            path: path.to_owned(),
            dataset: dataset.to_owned(),
            bytes: plan.bytes(),
            available: 0,
        })?;
        Ok(Self::Memory { plan, kept })
    }

    /// Room for the next `pixels` pixels, to be filled and then [kept](Self::keep).
    pub(super) fn room(&mut self, pixels: usize) -> &mut [K] {
        match self {
            Self::Memory { kept, .. } => {
                let start = kept.len();
                kept.resize(start + pixels, K::default());
                &mut kept[start..]
            }
            Self::Scratch { writer, .. } => writer.block(pixels),
        }
    }

    /// Keeps what was written into the last [room](Self::room).
    pub(super) fn keep(&mut self) -> Result<(), IoError> {
        match self {
            Self::Memory { .. } => Ok(()),
            Self::Scratch { writer, .. } => writer.write(),
        }
    }

    /// The frames, if they are as many as planned.
    pub(super) fn finish(self) -> Result<Frames, IoError> {
        let (plan, pixels) = match &self {
            Self::Memory { plan, kept } => (*plan, kept.len()),
            Self::Scratch { plan, writer } => (*plan, writer.pixels()),
        };
        let (ny, nx) = plan.shape;
        let wrong = || IoError::WrongShape {
            path: plan.first().0.to_owned(),
            dataset: plan.first().1.to_owned(),
            found: vec![pixels / (ny * nx), ny, nx],
            expected: format!("{} frames, as when the file was first looked at", plan.count),
        };
        match self {
            Self::Memory { kept, .. } => {
                Array3::from_shape_vec((plan.count, ny, nx), kept).map(K::stack).map_err(|_| wrong())
            }
            Self::Scratch { .. } if plan.count.checked_mul(ny * nx) != Some(pixels) => Err(wrong()),
            Self::Scratch { writer, .. } => {
                let store = Arc::new(writer.finish(plan.count, plan.shape));
                Ok(Frames::Stored(StoredFrames::new(store)))
            }
        }
    }
}
