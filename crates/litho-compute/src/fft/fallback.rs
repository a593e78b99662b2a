//! Columns whose length has a prime factor above 7: gathered into lines, transformed by `rustfft`, scattered back.

use std::sync::Arc;

use rustfft::{Fft, FftPlanner};

use super::columns::Span;
use super::tile::SplitRow;
use super::{Direction, Fft2Scratch, LANES, c32};

/// Transforms of single columns, both directions.
pub(super) struct RustfftColumns {
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
}

impl RustfftColumns {
    pub(super) fn new(ny: usize) -> Self {
        let mut planner = FftPlanner::new();
        Self { forward: planner.plan_fft_forward(ny), inverse: planner.plan_fft_inverse(ny) }
    }

    /// Scratch that `rustfft` asks for, in numbers.
    pub(super) fn scratch_len(&self) -> usize {
        self.forward.get_inplace_scratch_len().max(self.inverse.get_inplace_scratch_len())
    }

    /// Transforms the columns of the tile in place.
    pub(super) fn transform(
        &self,
        direction: Direction,
        frame: &mut [c32],
        nx: usize,
        span: Span,
        scratch: &mut Fft2Scratch,
    ) {
        let lines = &mut scratch.staging[..span.valid * self.forward.len()];
        gather(frame, nx, span, lines);
        let fft = match direction {
            Direction::Forward => &self.forward,
            Direction::Inverse => &self.inverse,
        };
        fft.process_with_scratch(lines, &mut scratch.rustfft);
        scatter(lines, frame, nx, span);
    }

    /// Forward transform of the columns of the tile into `tile`; lanes past the last column are zero.
    pub(super) fn frame_to_tile(
        &self,
        frame: &[c32],
        nx: usize,
        span: Span,
        tile: &mut [SplitRow],
        scratch: &mut Fft2Scratch,
    ) {
        let lines = &mut scratch.staging[..span.valid * self.forward.len()];
        gather(frame, nx, span, lines);
        self.forward.process_with_scratch(lines, &mut scratch.rustfft);
        if span.valid < LANES {
            tile.fill(SplitRow::default());
        }
        for (lane, line) in lines.chunks_exact(self.forward.len()).enumerate() {
            for (row, number) in tile.iter_mut().zip(line) {
                (row.re[lane], row.im[lane]) = (number.re, number.im);
            }
        }
    }

    /// Inverse transform of `tile` into the columns of the tile.
    pub(super) fn tile_to_frame(
        &self,
        tile: &[SplitRow],
        frame: &mut [c32],
        nx: usize,
        span: Span,
        scratch: &mut Fft2Scratch,
    ) {
        let lines = &mut scratch.staging[..span.valid * self.inverse.len()];
        for (lane, line) in lines.chunks_exact_mut(self.inverse.len()).enumerate() {
            for (row, number) in tile.iter().zip(line) {
                *number = c32::new(row.re[lane], row.im[lane]);
            }
        }
        self.inverse.process_with_scratch(lines, &mut scratch.rustfft);
        scatter(lines, frame, nx, span);
    }
}

/// The columns of the tile, one contiguous line after the other.
fn gather(frame: &[c32], nx: usize, span: Span, lines: &mut [c32]) {
    let ny = lines.len() / span.valid;
    for (y, row) in frame.chunks_exact(nx).enumerate() {
        for (lane, &number) in row[span.first..][..span.valid].iter().enumerate() {
            lines[lane * ny + y] = number;
        }
    }
}

/// The lines back into the columns of the tile.
fn scatter(lines: &[c32], frame: &mut [c32], nx: usize, span: Span) {
    let ny = lines.len() / span.valid;
    for (y, row) in frame.chunks_exact_mut(nx).enumerate() {
        for (lane, number) in row[span.first..][..span.valid].iter_mut().enumerate() {
            *number = lines[lane * ny + y];
        }
    }
}
