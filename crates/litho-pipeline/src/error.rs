//! What can stop a command, and the exit code it stops with.

use litho_io::{ErrorClass, IoError};
use litho_ptycho::PrepareError;
use litho_report::ReportError;
use litho_resolve::ResolveError;

/// Exit code of a finished run.
pub const EXIT_DONE: u8 = 0;
/// Exit code of a usage or configuration error.
pub const EXIT_USAGE: u8 = 2;
/// Exit code of bad input data.
pub const EXIT_DATA: u8 = 3;
/// Exit code of a run that did not converge; its result is written and flagged.
pub const EXIT_NOT_CONVERGED: u8 = 4;
/// Exit code of an interrupted run; a checkpoint is written.
pub const EXIT_INTERRUPTED: u8 = 5;
/// Exit code of a mistake of ours.
pub const EXIT_INTERNAL: u8 = 70;

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// Reading or writing a file.
    #[error(transparent)]
    Io(#[from] IoError),
    /// A scan that does not fit together.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// Comparing images.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// Making energies consistent.
    #[error(transparent)]
    KramersKronig(#[from] litho_spectro::kramers_kronig::KkError),
    /// Fitting spectra.
    #[error(transparent)]
    Spectro(#[from] litho_spectro::SpectroError),
    /// Sorting pixels.
    #[error(transparent)]
    Cluster(#[from] litho_spectro::cluster::ClusterError),
    /// Taking spectra apart.
    #[error(transparent)]
    Unmix(#[from] litho_spectro::unmix::UnmixError),
    /// Chemistry of voxels.
    #[error(transparent)]
    Chemistry(#[from] litho_spectro::chemistry::ChemistryError),
    /// Morphology of volumes.
    #[error(transparent)]
    Morph(#[from] litho_morph::MorphError),
    /// From projections to volumes.
    #[error(transparent)]
    Tomo(#[from] litho_tomo::TomoError),
    /// Angles that are none.
    #[error(transparent)]
    TiltAngles(#[from] litho_types::tilt::TiltAnglesError),
    /// Projections that do not make a series.
    #[error(transparent)]
    TiltSeries(#[from] litho_types::tilt_series::TiltSeriesError),
    /// Images that do not make a stack.
    #[error(transparent)]
    Stack(#[from] litho_types::energy_stack::EnergyStackError),
    /// Drawing.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// A simulation that cannot be.
    #[error(transparent)]
    Simulation(#[from] litho_sim::SimError),
    /// A configuration with mistakes; every one is listed.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Config(Vec<crate::config::ConfigError>),
    /// An argument that makes no sense.
    #[error("{what} `{value}`: {reason}")]
    Argument {
        /// The option or argument.
        what: &'static str,
        /// Its value.
        value: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A file that is not what a command needs.
    #[error("{file}: {reason}")]
    Unsuitable {
        /// The file.
        file: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A file of ours that could not be written.
    #[error("cannot write {file}: {reason}; check that the folder exists and can be written to")]
    Write {
        /// The file.
        file: String,
        /// The operating system's words.
        reason: String,
    },
    /// The threads asked for could not be started.
    #[error("cannot start {threads} threads: {reason}; ask for fewer with --threads")]
    Threads {
        /// Number asked for.
        threads: usize,
        /// The operating system's words.
        reason: String,
    },
}

impl PipelineError {
    /// The exit code this error ends the program with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Io(error) => match error.class() {
                ErrorClass::User => EXIT_USAGE,
                ErrorClass::Data => EXIT_DATA,
            },
            Self::Prepare(_)
            | Self::Resolve(_)
            | Self::KramersKronig(_)
            | Self::Stack(_)
            | Self::TiltAngles(_)
            | Self::TiltSeries(_)
            | Self::Unsuitable { .. } => EXIT_DATA,
            Self::Spectro(error) => of_spectro(error),
            Self::Cluster(error) => of_cluster(error),
            Self::Unmix(error) => of_unmix(error),
            Self::Chemistry(error) => of_chemistry(error),
            Self::Morph(error) => of_morph(error),
            Self::Tomo(error) => of_tomo(error),
            Self::Simulation(_)
            | Self::Config(_)
            | Self::Argument { .. }
            | Self::Write { .. }
            | Self::Threads { .. } => EXIT_USAGE,
            Self::Report(_) => EXIT_INTERNAL,
        }
    }

    /// An [`Argument`](Self::Argument) error.
    pub(crate) fn argument(what: &'static str, value: impl ToString, reason: impl Into<String>) -> Self {
        Self::Argument { what, value: value.to_string(), reason: reason.into() }
    }
}

/// Settings are the user's, everything else is the data's.
fn of_spectro(error: &litho_spectro::SpectroError) -> u8 {
    use litho_spectro::SpectroError as E;
    match error {
        E::Parameter { .. }
        | E::Model { .. }
        | E::Setting { .. }
        | E::NoAbsorber { .. }
        | E::NoEdge { .. } => EXIT_USAGE,
        _ => EXIT_DATA,
    }
}

fn of_cluster(error: &litho_spectro::cluster::ClusterError) -> u8 {
    use litho_spectro::cluster::ClusterError as E;
    if matches!(error, E::Setting { .. } | E::TooFewPoints { .. }) { EXIT_USAGE } else { EXIT_DATA }
}

fn of_chemistry(error: &litho_spectro::chemistry::ChemistryError) -> u8 {
    use litho_spectro::chemistry::ChemistryError as E;
    if matches!(error, E::Setting { .. }) { EXIT_USAGE } else { EXIT_DATA }
}

fn of_morph(error: &litho_morph::MorphError) -> u8 {
    use litho_morph::MorphError as E;
    match error {
        E::Setting { .. } => EXIT_USAGE,
        E::Cancelled { .. } => EXIT_INTERRUPTED,
        _ => EXIT_DATA,
    }
}

fn of_tomo(error: &litho_tomo::TomoError) -> u8 {
    use litho_tomo::TomoError as E;
    match error {
        E::Setting { .. } | E::Axis { .. } | E::Quantity { .. } | E::NoVoxel | E::NoComposition => EXIT_USAGE,
        E::Interrupted { .. } => EXIT_INTERRUPTED,
        _ => EXIT_DATA,
    }
}

fn of_unmix(error: &litho_spectro::unmix::UnmixError) -> u8 {
    use litho_spectro::unmix::UnmixError as E;
    if matches!(error, E::Setting { .. } | E::References { .. }) { EXIT_USAGE } else { EXIT_DATA }
}
