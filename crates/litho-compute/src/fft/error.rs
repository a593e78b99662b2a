//! What can be wrong with a request for a Fourier plan.

use thiserror::Error;

use super::InstructionSet;

/// Errors of [`Fft2`](super::Fft2) plans.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FftError {
    /// A frame without pixels has no transform.
    #[error(
        "plan a 2D Fourier transform: frame shape ({ny}, {nx}) has no pixels; give at least 1 row and 1 column"
    )]
    EmptyFrame {
        /// Rows asked for.
        ny: usize,
        /// Columns asked for.
        nx: usize,
    },
    /// The frame or its working buffers could not be addressed in memory.
    #[error(
        "plan a 2D Fourier transform: frame shape ({ny}, {nx}) exceeds the address space; crop or bin the frames"
    )]
    FrameTooLarge {
        /// Rows asked for.
        ny: usize,
        /// Columns asked for.
        nx: usize,
    },
    /// The processor lacks the instructions that were asked for by name.
    #[error(
        "plan a 2D Fourier transform: this processor lacks {instruction_set:?}; use InstructionSet::best()"
    )]
    UnsupportedInstructionSet {
        /// The set that was asked for.
        instruction_set: InstructionSet,
    },
}
