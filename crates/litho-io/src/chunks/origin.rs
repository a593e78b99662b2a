//! The names an error carries: which dataset of which file.

use super::error::{ChunkError, ChunkErrorKind};
use hdf5::Dataset;

/// A dataset's path and the name of the file that holds it (the target's, if it was reached over a link).
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) dataset: String,
    pub(super) file: String,
}

impl Origin {
    pub(super) fn new(dataset: &Dataset) -> Self {
        Self { dataset: dataset.name(), file: dataset.filename() }
    }

    /// The error of this dataset.
    pub(super) fn error(&self, kind: ChunkErrorKind) -> ChunkError {
        ChunkError { dataset: self.dataset.clone(), file: self.file.clone(), kind: Box::new(kind) }
    }

    /// Wraps HDF5's error of `action`.
    pub(super) fn hdf5(&self, action: &'static str) -> impl FnOnce(hdf5::Error) -> ChunkError + '_ {
        move |source| self.error(ChunkErrorKind::Hdf5 { action, source })
    }
}
