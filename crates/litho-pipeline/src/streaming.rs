//! Whether frames are kept in memory or stream from disk, and what happens when that disk fails.

use crate::error::PipelineError;
use litho_io::{FramesPlan, ScanPlan, ScratchHealth, available_memory, read, read_streamed};
use litho_types::observer::{CancelToken, Observer, Step};
use litho_types::scan::Scan;
use std::path::Path;

/// When frames stream from disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StreamChoice {
    /// When their copies would not fit into the memory there is.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never: a scan that does not fit is an error.
    Never,
}

/// The choice, and what counts as the memory there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Streaming {
    /// When to stream.
    pub choice: StreamChoice,
    /// Bytes to do with; `None` asks the system (see [`available_memory`]).
    pub memory_limit: Option<u64>,
}

/// Whether the frames of a scan stream, and from what that follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// True if they stream.
    pub streams: bool,
    /// Bytes of one copy of the frames.
    pub frames: u64,
    /// Copies that a run in memory holds at its height.
    pub copies: u64,
    /// Bytes of memory there are; `None` if nobody knows.
    pub available: Option<u64>,
}

impl Streaming {
    /// Decides for a scan. A run in memory holds the frames as read and those in kernel order; with `split`, half of
    /// them a second time in both. So without halves it streams when the frames take more than half of the memory.
    /// Where the memory is unknown, nothing streams by itself.
    pub fn decide(self, frames: &FramesPlan, split: bool) -> Decision {
        let (bytes, copies) = (frames.bytes(), if split { 3 } else { 2 });
        let available = self.memory_limit.or_else(available_memory);
        let streams = match self.choice {
            StreamChoice::Always => true,
            StreamChoice::Never => false,
            StreamChoice::Auto => available.is_some_and(|available| bytes.saturating_mul(copies) > available),
        };
        Decision { streams, frames: bytes, copies, available }
    }
}

/// Reads a scan into memory, or for streaming from the disk of `folder`.
pub(crate) fn read_scan(
    plan: &ScanPlan,
    decision: Decision,
    folder: &Path,
) -> Result<(Scan, FrameSource), PipelineError> {
    if decision.streams {
        let (scan, health) = read_streamed(plan, folder)?;
        return Ok((scan, FrameSource(Some(health))));
    }
    Ok((read(plan)?, FrameSource(None)))
}

/// Where the frames of a run come from. Results count only while it is [sound](Self::check).
#[derive(Debug, Clone)]
pub(crate) struct FrameSource(Option<ScratchHealth>);

impl FrameSource {
    /// Frames in memory, which nothing can happen to.
    pub(crate) const MEMORY: Self = Self(None);

    /// The first frame that could not be read, as an error.
    pub(crate) fn check(&self) -> Result<(), PipelineError> {
        match self.0.as_ref().and_then(ScratchHealth::failure) {
            Some(error) => Err(error.clone().into()),
            None => Ok(()),
        }
    }

    /// The error behind `result`: what follows from frames that could not be read is no news.
    pub(crate) fn explain<T>(&self, result: Result<T, PipelineError>) -> Result<T, PipelineError> {
        self.check().and(result)
    }
}

/// An observer between a run and its watcher that also stops the run after the iteration in which a frame could not
/// be read.
pub(crate) struct Stopper<'a> {
    pub(crate) observer: &'a mut dyn Observer,
    /// Where the watcher asks to stop.
    pub(crate) asked: &'a CancelToken,
    pub(crate) source: &'a FrameSource,
    /// Where the run is told to.
    pub(crate) stop: CancelToken,
}

impl Observer for Stopper<'_> {
    fn begin(&mut self, name: &str, done: usize, iterations: usize) {
        self.observer.begin(name, done, iterations);
    }

    fn step(&mut self, step: Step) {
        let sound = self.source.check().is_ok();
        if sound {
            self.observer.step(step);
        }
        if !sound || self.asked.is_cancelled() {
            self.stop.cancel();
        }
    }

    fn end(&mut self) {
        self.observer.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_io::StoredType;

    #[test]
    fn frames_stream_when_their_copies_do_not_fit() {
        // Ten frames of 8 × 8 16-bit counts: 1280 bytes, 2560 in two copies, 3840 in three.
        let frames = FramesPlan {
            parts: Vec::new(),
            count: 10,
            shape: (8, 8),
            stored: StoredType::Int16,
            no_reading: None,
        };
        let with = |choice, limit, split| {
            Streaming { choice, memory_limit: Some(limit) }.decide(&frames, split).streams
        };
        assert!(!with(StreamChoice::Auto, 2560, false));
        assert!(with(StreamChoice::Auto, 2559, false));
        assert!(with(StreamChoice::Auto, 2560, true));
        assert!(!with(StreamChoice::Auto, 3840, true));
        assert!(with(StreamChoice::Always, u64::MAX, false));
        assert!(!with(StreamChoice::Never, 0, true));
        // A size beyond all numbers is no reason to stop counting.
        let absurd = FramesPlan { count: usize::MAX, ..frames };
        let almost_all = Streaming { memory_limit: Some(u64::MAX - 1), ..Streaming::default() };
        assert!(almost_all.decide(&absurd, false).streams);
    }
}
