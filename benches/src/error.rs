//! What can go wrong while measuring.

use litho_compute::fft::FftError;
use litho_io::IoError;
use litho_morph::MorphError;
use litho_ptycho::PrepareError;
use litho_resolve::ResolveError;
use litho_spectro::SpectroError;
use litho_spectro::cluster::ClusterError;
use litho_spectro::unmix::UnmixError;
use litho_tomo::TomoError;
use litho_types::energies::EnergiesError;
use litho_types::energy_stack::EnergyStackError;
use litho_types::tilt::TiltAnglesError;
use std::path::PathBuf;

/// Errors of the benchmarks.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// A Python environment is not there or lacks a package.
    #[error(
        "the Python environment {environment} is not installed: {reason}; the scripts in benches/ install it"
    )]
    NotInstalled {
        /// Name of the environment.
        environment: &'static str,
        /// What is missing.
        reason: String,
    },
    /// A Python script failed.
    #[error("{script} failed: {message}; run it by hand, its first lines say how")]
    Script {
        /// File name of the script.
        script: &'static str,
        /// The last line of what it said.
        message: String,
    },
    /// A Python script took another number of iterations than asked for.
    #[error("{script} took {found} iterations, not {iterations}; use the script of this version")]
    Iterations {
        /// File name of the script.
        script: &'static str,
        /// Iterations it timed.
        found: usize,
        /// Iterations asked for.
        iterations: usize,
    },
    /// `--only` names nothing that is measured.
    #[error("--only {key}: there is no such engine; the engines are {known}")]
    UnknownKey {
        /// What was asked for.
        key: String,
        /// What there is.
        known: String,
    },
    /// The figure has another format than the one that can be drawn.
    #[error("the figure {file} is drawn as SVG; give it a name that ends in .svg")]
    FigureFormat {
        /// The file asked for.
        file: PathBuf,
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
        dataset: String,
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
    /// Descriptors cannot be sorted.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// Spectra cannot be taken apart.
    #[error(transparent)]
    Unmix(#[from] UnmixError),
    /// The simulated energies are no axis.
    #[error(transparent)]
    Energies(#[from] EnergiesError),
    /// The simulated images are no stack.
    #[error(transparent)]
    Stack(#[from] EnergyStackError),
    /// A stack cannot be fitted.
    #[error(transparent)]
    Spectro(#[from] SpectroError),
    /// A volume cannot be reconstructed.
    #[error(transparent)]
    Tomo(#[from] TomoError),
    /// The morphology of a volume cannot be computed.
    #[error(transparent)]
    Morph(#[from] MorphError),
    /// The simulated tilt angles are none.
    #[error(transparent)]
    Tilts(#[from] TiltAnglesError),
    /// Threads cannot be made.
    #[error("cannot start the threads to measure with: {0}; allow this process more threads")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// A temporary file, the figure or the standard output failed.
    #[error(
        "cannot write: {0}; check the figure's folder, and make room in the one for temporary files (TMPDIR)"
    )]
    Write(#[from] std::io::Error),
}
