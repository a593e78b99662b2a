//! Two-dimensional Fourier transforms of small complex frames, in place and without transposes.
//!
//! Rows are contiguous and go through `rustfft`. Columns are taken eight neighbours at a time, one per lane of a
//! vector, real and imaginary parts apart, through a tile that stays in the L1 cache. [`Fft2::filter`] applies an
//! operation to the spectrum while its tiles are there, between the forward and the inverse column transform.
//!
//! Frames are C-order slices of `ny·nx` numbers with zero frequency in the corner. Transforms are not normalised:
//!
//! forward `F[ky, kx] = Σ f[y, x] exp(−2πi (ky·y/ny + kx·x/nx))`, inverse with `+2πi`, so that inverse after forward
//! multiplies by `ny·nx`; [`Fft2::unitary_scale`] is the factor that makes either one unitary.

mod buffer;
mod butterflies;
mod columns;
mod error;
mod fallback;
mod instruction_set;
mod kernel;
mod recipe;
mod rows;
mod stockham;
#[cfg(test)]
mod tests;
mod tile;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::fmt;
use std::sync::Arc;

use rustfft::{Fft, FftPlanner};

pub use buffer::WaveBuffer;
pub use error::FftError;
pub use instruction_set::InstructionSet;
pub use litho_lanes::{LANES, Lanes, Split, c32};
pub use recipe::{ColumnRecipe, FftRecipe, Radix};
pub use tile::{ColumnOp, ColumnTile, SplitRow};

use columns::{Columns, Method};
use kernel::Kernel;

/// Sign of the exponent.
#[derive(Debug, Clone, Copy)]
enum Direction {
    Forward,
    Inverse,
}

/// Plan of the transforms of frames of one shape; immutable, shared between threads by reference.
pub struct Fft2 {
    recipe: FftRecipe,
    rows_forward: Arc<dyn Fft<f32>>,
    rows_inverse: Arc<dyn Fft<f32>>,
    columns: Columns,
}

/// Working memory of one thread, made by [`Fft2::scratch`].
#[derive(Debug, Default)]
pub struct Fft2Scratch {
    /// One tile per mode.
    tiles: Vec<SplitRow>,
    /// The other buffer of the Stockham passes, one tile.
    work: Vec<SplitRow>,
    /// One tile of interleaved numbers, for partial tiles and the columns that `rustfft` transforms.
    staging: Vec<c32>,
    /// What `rustfft` asks for.
    rustfft: Vec<c32>,
}

impl Fft2 {
    /// Plans transforms of `(ny, nx)` frames with the best instructions of this processor.
    ///
    /// # Errors
    ///
    /// [`FftError::EmptyFrame`] and [`FftError::FrameTooLarge`] for shapes that have no transform in memory.
    pub fn new(ny: usize, nx: usize) -> Result<Self, FftError> {
        Self::with_instruction_set(ny, nx, InstructionSet::best())
    }

    /// Plans transforms of `(ny, nx)` frames whose columns run on the named instructions.
    ///
    /// # Errors
    ///
    /// As [`Fft2::new`], and [`FftError::UnsupportedInstructionSet`] where the processor lacks them.
    pub fn with_instruction_set(
        ny: usize,
        nx: usize,
        instruction_set: InstructionSet,
    ) -> Result<Self, FftError> {
        let recipe = FftRecipe::new(ny, nx)?;
        let kernel = Kernel::new(instruction_set)?;
        let mut planner = FftPlanner::new();
        Ok(Self {
            rows_forward: planner.plan_fft_forward(nx),
            rows_inverse: planner.plan_fft_inverse(nx),
            columns: Columns { ny, nx, kernel, method: Method::new(&recipe.columns, ny) },
            recipe,
        })
    }

    /// Shape `(ny, nx)` of the frames.
    pub fn shape(&self) -> (usize, usize) {
        (self.recipe.ny, self.recipe.nx)
    }

    /// How the frames are transformed.
    pub fn recipe(&self) -> &FftRecipe {
        &self.recipe
    }

    /// The instructions that the columns run on.
    pub fn instruction_set(&self) -> InstructionSet {
        self.columns.kernel.instruction_set()
    }

    /// `1/√(ny·nx)`: multiplied once into each transform it makes them unitary.
    pub fn unitary_scale(&self) -> f32 {
        (1.0 / (self.pixels() as f64).sqrt()) as f32
    }

    /// Working memory for one thread and `modes` frames filtered together. A call that needs more makes it larger.
    pub fn scratch(&self, modes: usize) -> Fft2Scratch {
        let mut scratch = Fft2Scratch::default();
        self.fit(&mut scratch, modes);
        scratch
    }

    /// Transforms the frame in place, exponent `−2πi`, not normalised.
    ///
    /// # Panics
    ///
    /// If the frame does not have `ny·nx` numbers.
    pub fn forward(&self, frame: &mut [c32], scratch: &mut Fft2Scratch) {
        self.transform(Direction::Forward, frame, scratch);
    }

    /// Transforms the frame in place, exponent `+2πi`, not normalised.
    ///
    /// # Panics
    ///
    /// If the frame does not have `ny·nx` numbers.
    pub fn inverse(&self, frame: &mut [c32], scratch: &mut Fft2Scratch) {
        self.transform(Direction::Inverse, frame, scratch);
    }

    /// Replaces every mode by the inverse transform of `op` of its forward transform, in place, not normalised: an
    /// operation that changes nothing multiplies by `ny·nx`. `waves` holds the modes one after the other,
    /// shape `(modes, ny, nx)`. The operation sees each tile of [`LANES`] columns once, with all modes.
    ///
    /// # Panics
    ///
    /// If `waves` is not a whole number of frames.
    pub fn filter<O: ColumnOp>(&self, waves: &mut [c32], op: &mut O, scratch: &mut Fft2Scratch) {
        let modes = waves.len() / self.pixels();
        assert_eq!(
            waves.len(),
            modes * self.pixels(),
            "waves must be a whole number of {:?} frames",
            self.shape()
        );
        self.fit(scratch, modes);
        self.forward_rows(waves, scratch);
        self.filter_columns(waves, op, scratch);
        self.inverse_rows(waves, scratch);
    }

    /// The first third of [`filter`](Self::filter), for whole rows one or more at a time: a caller that makes a row just
    /// before finds it in the first-level cache.
    pub(crate) fn forward_rows(&self, rows: &mut [c32], scratch: &mut Fft2Scratch) {
        self.rows_forward.process_with_scratch(rows, &mut scratch.rustfft);
    }

    /// The second third of [`filter`](Self::filter).
    pub(crate) fn filter_columns<O: ColumnOp>(
        &self,
        waves: &mut [c32],
        op: &mut O,
        scratch: &mut Fft2Scratch,
    ) {
        self.columns.filter(waves, op, scratch);
    }

    /// The last third of [`filter`](Self::filter), for whole rows one or more at a time.
    pub(crate) fn inverse_rows(&self, rows: &mut [c32], scratch: &mut Fft2Scratch) {
        self.rows_inverse.process_with_scratch(rows, &mut scratch.rustfft);
    }

    fn transform(&self, direction: Direction, frame: &mut [c32], scratch: &mut Fft2Scratch) {
        assert_eq!(frame.len(), self.pixels(), "the frame must have shape {:?}", self.shape());
        self.fit(scratch, 1);
        let rows = match direction {
            Direction::Forward => &self.rows_forward,
            Direction::Inverse => &self.rows_inverse,
        };
        rows.process_with_scratch(frame, &mut scratch.rustfft);
        self.columns.transform(direction, frame, scratch);
    }

    fn pixels(&self) -> usize {
        self.recipe.ny * self.recipe.nx
    }

    /// Makes the scratch at least as large as this plan needs.
    fn fit(&self, scratch: &mut Fft2Scratch, modes: usize) {
        fn grow<T: Copy + Default>(buffer: &mut Vec<T>, len: usize) {
            if buffer.len() < len {
                buffer.resize(len, T::default());
            }
        }
        let rows =
            self.rows_forward.get_inplace_scratch_len().max(self.rows_inverse.get_inplace_scratch_len());
        let columns = match &self.columns.method {
            Method::Stockham(_) => 0,
            Method::Rustfft(columns) => columns.scratch_len(),
        };
        grow(&mut scratch.tiles, modes.max(1) * self.recipe.ny);
        grow(&mut scratch.work, self.recipe.ny);
        grow(&mut scratch.staging, LANES * self.recipe.ny);
        grow(&mut scratch.rustfft, rows.max(columns));
    }
}

impl fmt::Debug for Fft2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fft2")
            .field("recipe", &self.recipe)
            .field("instruction_set", &self.instruction_set())
            .finish_non_exhaustive()
    }
}
