//! The column transforms of a whole frame: tile by tile, through buffers that stay in the L1 cache.

use super::fallback::RustfftColumns;
use super::kernel::Kernel;
use super::recipe::ColumnRecipe;
use super::stockham::StockhamPlan;
use super::tile::{ColumnOp, ColumnTile, SplitRow};
use super::{Direction, Fft2Scratch, LANES, c32};

/// Column transforms of frames of one shape.
pub(super) struct Columns {
    pub(super) ny: usize,
    pub(super) nx: usize,
    pub(super) kernel: Kernel,
    pub(super) method: Method,
}

/// The built form of a [`ColumnRecipe`].
pub(super) enum Method {
    Stockham(StockhamPlan),
    Rustfft(RustfftColumns),
}

impl Method {
    pub(super) fn new(recipe: &ColumnRecipe, ny: usize) -> Self {
        match recipe {
            ColumnRecipe::Stockham(radices) => Self::Stockham(StockhamPlan::new(radices)),
            ColumnRecipe::Rustfft => Self::Rustfft(RustfftColumns::new(ny)),
        }
    }
}

/// The columns of one tile.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) first: usize,
    pub(super) valid: usize,
}

impl Span {
    /// All tiles of a frame `nx` wide.
    fn all(nx: usize) -> impl Iterator<Item = Self> {
        (0..nx).step_by(LANES).map(move |first| Self { first, valid: LANES.min(nx - first) })
    }

    fn is_whole(self) -> bool {
        self.valid == LANES
    }
}

impl Columns {
    /// Transforms every column of the frame in place.
    pub(super) fn transform(&self, direction: Direction, frame: &mut [c32], scratch: &mut Fft2Scratch) {
        for span in Span::all(self.nx) {
            match &self.method {
                Method::Stockham(plan) if span.is_whole() => {
                    self.stockham(plan, direction, &mut frame[span.first..], self.nx, scratch);
                }
                Method::Stockham(plan) => {
                    let mut staging = std::mem::take(&mut scratch.staging);
                    stage(frame, self.nx, span, &mut staging);
                    self.stockham(plan, direction, &mut staging, LANES, scratch);
                    unstage(&staging, frame, self.nx, span);
                    scratch.staging = staging;
                }
                Method::Rustfft(columns) => columns.transform(direction, frame, self.nx, span, scratch),
            }
        }
    }

    fn stockham(
        &self,
        plan: &StockhamPlan,
        direction: Direction,
        columns: &mut [c32],
        pitch: usize,
        scratch: &mut Fft2Scratch,
    ) {
        let tiles = [&mut scratch.tiles[..self.ny], &mut scratch.work[..self.ny]];
        plan.transform(self.kernel, direction, columns, pitch, tiles);
    }

    /// Forward transforms of the columns of every frame of `waves`, the operation, and inverse transforms.
    pub(super) fn filter<O: ColumnOp>(&self, waves: &mut [c32], op: &mut O, scratch: &mut Fft2Scratch) {
        let pixels = self.ny * self.nx;
        let mut tiles = std::mem::take(&mut scratch.tiles);
        let tiles_in_use = &mut tiles[..waves.len() / pixels * self.ny];
        for span in Span::all(self.nx) {
            for (frame, tile) in waves.chunks_exact(pixels).zip(tiles_in_use.chunks_exact_mut(self.ny)) {
                self.frame_to_tile(frame, span, tile, scratch);
            }
            let tile = ColumnTile {
                waves: tiles_in_use,
                rows: self.ny,
                columns: self.nx,
                first_column: span.first,
                valid_lanes: span.valid,
            };
            self.kernel.apply(op, tile);
            for (frame, tile) in waves.chunks_exact_mut(pixels).zip(tiles_in_use.chunks_exact_mut(self.ny)) {
                self.tile_to_frame(tile, frame, span, scratch);
            }
        }
        scratch.tiles = tiles;
    }

    fn frame_to_tile(&self, frame: &[c32], span: Span, tile: &mut [SplitRow], scratch: &mut Fft2Scratch) {
        let work = &mut scratch.work[..self.ny];
        match &self.method {
            Method::Stockham(plan) if span.is_whole() => {
                plan.frame_to_tile(self.kernel, &frame[span.first..], self.nx, tile, work);
            }
            Method::Stockham(plan) => {
                stage(frame, self.nx, span, &mut scratch.staging);
                plan.frame_to_tile(self.kernel, &scratch.staging, LANES, tile, work);
            }
            Method::Rustfft(columns) => columns.frame_to_tile(frame, self.nx, span, tile, scratch),
        }
    }

    fn tile_to_frame(&self, tile: &mut [SplitRow], frame: &mut [c32], span: Span, scratch: &mut Fft2Scratch) {
        let work = &mut scratch.work[..self.ny];
        match &self.method {
            Method::Stockham(plan) if span.is_whole() => {
                plan.tile_to_frame(self.kernel, tile, work, &mut frame[span.first..], self.nx);
            }
            Method::Stockham(plan) => {
                plan.tile_to_frame(self.kernel, tile, work, &mut scratch.staging, LANES);
                unstage(&scratch.staging, frame, self.nx, span);
            }
            Method::Rustfft(columns) => columns.tile_to_frame(tile, frame, self.nx, span, scratch),
        }
    }
}

/// Copies a partial tile to memory of its own, [`LANES`] numbers per row, lanes past the last column zero.
fn stage(frame: &[c32], nx: usize, span: Span, staging: &mut [c32]) {
    for (row, lanes) in frame.chunks_exact(nx).zip(staging.chunks_exact_mut(LANES)) {
        lanes[..span.valid].copy_from_slice(&row[span.first..]);
        lanes[span.valid..].fill(c32::ZERO);
    }
}

/// Copies the valid lanes back.
fn unstage(staging: &[c32], frame: &mut [c32], nx: usize, span: Span) {
    for (row, lanes) in frame.chunks_exact_mut(nx).zip(staging.chunks_exact(LANES)) {
        row[span.first..].copy_from_slice(&lanes[..span.valid]);
    }
}
