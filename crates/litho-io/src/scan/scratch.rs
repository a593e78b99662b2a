//! Frames in a scratch file: written once, block by block, in their own number type; read frame by frame.

use super::keep::Kept;
use crate::error::IoError;
use crate::positioned::read_exact_at;
use litho_types::frame_store::FrameStore;
use litho_types::frames::CountType;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Whether the frames of a scratch file could be read so far. The computation that reads them has no errors: it
/// goes on with frames that hold no count, and whoever started it looks here whether its results mean anything.
#[derive(Debug, Clone, Default)]
pub struct ScratchHealth(Arc<OnceLock<IoError>>);

impl ScratchHealth {
    /// The first frame that could not be read, and why.
    pub fn failure(&self) -> Option<&IoError> {
        self.0.get()
    }
}

/// A scratch file being written. It has no name: it is gone when it is closed, however the program ends.
pub(super) struct ScratchWriter<K> {
    file: File,
    folder: PathBuf,
    health: ScratchHealth,
    block: Vec<K>,
    pixels: usize,
}

impl<K: Kept> ScratchWriter<K> {
    /// An empty scratch file on the disk of `folder`.
    pub(super) fn create(folder: &Path, health: &ScratchHealth) -> Result<Self, IoError> {
        let file = tempfile::tempfile_in(folder).map_err(|e| IoError::scratch("create", folder, &e))?;
        Ok(Self { file, folder: folder.to_owned(), health: health.clone(), block: Vec::new(), pixels: 0 })
    }

    /// A block of `pixels` to fill, which [`Self::write`] then writes.
    pub(super) fn block(&mut self, pixels: usize) -> &mut [K] {
        self.block.resize(pixels, K::default());
        &mut self.block
    }

    /// Appends the block to the file.
    pub(super) fn write(&mut self) -> Result<(), IoError> {
        self.pixels += self.block.len();
        let written = self.file.write_all(bytemuck::cast_slice(&self.block));
        written.map_err(|e| IoError::scratch("write", &self.folder, &e))
    }

    /// Pixels written.
    pub(super) fn pixels(&self) -> usize {
        self.pixels
    }

    /// What was written as `count` frames of `shape`.
    pub(super) fn finish(self, count: usize, shape: (usize, usize)) -> ScratchFrames<K> {
        let Self { file, folder, health, .. } = self;
        ScratchFrames { file, folder, count, shape, health, pool: Mutex::default() }
    }
}

/// Frames in a scratch file, as the detector's pixels lie.
#[derive(Debug)]
pub(super) struct ScratchFrames<K> {
    file: File,
    folder: PathBuf,
    count: usize,
    shape: (usize, usize),
    health: ScratchHealth,
    /// Buffers of one frame; as many as frames were ever read at once.
    pool: Mutex<Vec<Vec<K>>>,
}

impl<K: Kept> ScratchFrames<K> {
    fn spare(&self) -> std::sync::MutexGuard<'_, Vec<Vec<K>>> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Kept> FrameStore for ScratchFrames<K> {
    fn len(&self) -> usize {
        self.count
    }

    fn shape(&self) -> (usize, usize) {
        self.shape
    }

    fn count_type(&self) -> CountType {
        K::TYPE
    }

    fn read(&self, index: usize, order: Option<&[u32]>, counts: &mut [f32]) {
        if self.health.failure().is_some() {
            // What is computed is lost already; a failing disk is not asked again.
            return counts.fill(f32::NAN);
        }
        let kept = self.spare().pop();
        let mut frame = kept.unwrap_or_else(|| vec![K::default(); self.shape.0 * self.shape.1]);
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut frame);
        let offset = index as u64 * bytes.len() as u64;
        match (read_exact_at(&self.file, bytes, offset), order) {
            (Ok(()), None) => counts.iter_mut().zip(&frame).for_each(|(to, from)| *to = from.to_f32()),
            (Ok(()), Some(order)) => {
                counts.iter_mut().zip(order).for_each(|(to, &at)| *to = frame[at as usize].to_f32());
            }
            (Err(error), _) => {
                let error = IoError::scratch("read frame by frame", &self.folder, &error);
                // Of failures at the same time one is enough.
                let _ = self.health.0.set(error);
                counts.fill(f32::NAN);
            }
        }
        self.spare().push(frame);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorClass;

    /// Three frames of 2 × 3 pixels, written in two blocks: 0, 1, 2 … 17.
    fn scratch(health: &ScratchHealth) -> ScratchFrames<u16> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut writer = ScratchWriter::<u16>::create(folder.path(), health).expect("created");
        for (start, pixels) in [(0, 12), (12, 6)] {
            let block = writer.block(pixels);
            block.iter_mut().zip(start..).for_each(|(pixel, value)| *pixel = value);
            writer.write().expect("written");
        }
        assert_eq!(writer.pixels(), 18);
        // A file without a name does not hold its folder.
        folder.close().expect("removed");
        writer.finish(3, (2, 3))
    }

    fn read(frames: &ScratchFrames<u16>, index: usize, order: Option<&[u32]>) -> Vec<f32> {
        let mut counts = vec![-1.0; 6];
        frames.read(index, order, &mut counts);
        counts
    }

    #[test]
    fn frames_come_back_in_any_order_of_frames_and_pixels() {
        let health = ScratchHealth::default();
        let frames = scratch(&health);
        assert_eq!((frames.len(), frames.shape(), frames.count_type()), (3, (2, 3), CountType::U16));
        assert_eq!(read(&frames, 2, None), [12.0, 13.0, 14.0, 15.0, 16.0, 17.0]);
        assert_eq!(read(&frames, 1, Some(&[5, 4, 3, 2, 1, 0])), [11.0, 10.0, 9.0, 8.0, 7.0, 6.0]);
        assert_eq!(health.failure(), None);
    }

    #[test]
    fn a_truncated_file_gives_frames_without_counts_and_an_error() {
        let health = ScratchHealth::default();
        let frames = scratch(&health);
        // Half of the last frame is gone.
        frames.file.set_len(30).expect("truncated");
        assert_eq!(read(&frames, 1, None)[5], 11.0);
        assert!(read(&frames, 2, None).iter().all(|count| count.is_nan()));
        let error = health.failure().expect("a failure");
        assert_eq!(error.class(), ErrorClass::User);
        let text = error.to_string();
        assert!(text.contains("scratch file") && text.contains("ends too early"), "{text}");
        // Nothing is believed any more.
        assert!(read(&frames, 0, None).iter().all(|count| count.is_nan()));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = folder.path().join("missing");
        let error = ScratchWriter::<u8>::create(&missing, &ScratchHealth::default()).err().expect("refused");
        assert!(error.to_string().contains("missing"), "{error}");
    }
}
