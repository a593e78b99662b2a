//! What can go wrong while measuring.

use litho_compute::fft::FftError;
use litho_io::IoError;
use litho_ptycho::PrepareError;
use litho_resolve::ResolveError;
use std::path::PathBuf;

/// Errors of the benchmarks.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// The Python interpreter cannot be started.
    #[error("cannot start the Python interpreter {python}: {source}; name one with --python")]
    NoPython {
        /// What was to be started.
        python: PathBuf,
        /// Why it was not.
        source: std::io::Error,
    },
    /// A Python script failed.
    #[error(
        "{script} failed: {stderr}; it needs numpy, scipy and h5py: install them or name another interpreter with --python"
    )]
    Script {
        /// File name of the script.
        script: &'static str,
        /// What it said.
        stderr: String,
    },
    /// A Python script printed something else than it should.
    #[error(
        "{script} did not print the costs that were asked of it: {source}; use the script of this version"
    )]
    ScriptOutput {
        /// File name of the script.
        script: &'static str,
        /// What is wrong with its output.
        source: serde_json::Error,
    },
    /// A dataset does not have the number of axes it should.
    #[error("the dataset {dataset} has shape {shape:?}, not {expected} axes; use the script of this version")]
    Axes {
        /// Name of the dataset.
        dataset: &'static str,
        /// Shape found.
        shape: Vec<usize>,
        /// Number of axes expected.
        expected: usize,
    },
    /// A reconstruction did not finish.
    #[error("{name} stopped before its last iteration: its error is no longer a number; report this")]
    Diverged {
        /// The algorithm.
        name: &'static str,
    },
    /// A file cannot be read.
    #[error(transparent)]
    Read(#[from] IoError),
    /// The scan cannot be reconstructed.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The frames cannot be transformed.
    #[error(transparent)]
    Transform(#[from] FftError),
    /// The object error cannot be computed.
    #[error(transparent)]
    Compare(#[from] ResolveError),
    /// Threads cannot be made.
    #[error("cannot start the threads to measure with: {0}; allow this process more threads")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// A temporary file or the standard output failed.
    #[error("cannot write: {0}; make room in the folder for temporary files (TMPDIR)")]
    Write(#[from] std::io::Error),
}
