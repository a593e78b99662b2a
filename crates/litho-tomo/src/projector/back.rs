//! The exact transpose of the sums along rays: every voxel gathers from at most two rays of each angle.

use super::line::{Line, clamp, split};
use crate::sheet::{BEFORE, Cell, Sheet, VECTORS, stride};
use litho_lanes::{Lanes, lanewise};

/// Columns of voxels that take their part of the rays out of the first-level cache.
const COLUMNS: usize = 8;
/// Rows of such a part.
const ROWS: usize = 8;
/// Angles whose rays stay in the second-level cache from one part to the next.
const CHUNK: usize = 64;
/// Angles whose weights are known at a time.
const ANGLES: usize = 16;
/// Voxels whose sums are in registers.
const VOXELS: usize = 2;

/// The two rays that touch each of [`COLUMNS`] voxels of a row, at one angle.
#[derive(Clone, Copy)]
struct Touching {
    /// Place of the first of the two rays among a sheet's cells.
    place: [i32; COLUMNS],
    first: [f32; COLUMNS],
    second: [f32; COLUMNS],
}

impl Touching {
    const NONE: Self = Self { place: [0; COLUMNS], first: [0.0; COLUMNS], second: [0.0; COLUMNS] };
}

/// The detector positions of a tile of voxels at one angle, counted from the whole number below that of its corner.
#[derive(Clone, Copy)]
struct Tile {
    corner: f32,
    along_row: f32,
    along_column: f32,
    inverse: f32,
    low: f32,
    high: f32,
    base: i32,
}

impl Tile {
    const NONE: Self =
        Self { corner: 0.0, along_row: 0.0, along_column: 0.0, inverse: 0.0, low: 0.0, high: 0.0, base: 0 };

    fn new(line: &Line, row: usize, column: usize, detector: usize, origin: usize) -> Self {
        let corner = line.u(row, column);
        let whole = corner.floor();
        Self {
            corner: (corner - whole) as f32,
            along_row: line.u_column() as f32,
            along_column: line.u_row() as f32,
            inverse: (1.0 / line.c()) as f32,
            low: (-1.0 - whole) as f32,
            high: (detector as f64 - whole) as f32,
            base: origin as i32 + whole as i32,
        }
    }

    /// In row `y` of the tile.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
    fn touching(&self, y: usize) -> Touching {
        let begin = self.corner + y as f32 * self.along_column;
        let mut touching = Touching::NONE;
        for j in 0..COLUMNS {
            let at = clamp(begin + self.along_row * j as f32, self.low, self.high);
            let (below, part) = split(at, self.low);
            touching.place[j] = self.base + below;
            touching.first[j] = clamp((1.0 - part * self.inverse) * self.inverse, 0.0, f32::INFINITY);
            touching.second[j] =
                clamp((1.0 - (1.0 - part) * self.inverse) * self.inverse, 0.0, f32::INFINITY);
        }
        touching
    }
}

lanewise! {
    /// Adds to `rows`, the rows of slices of `size` voxels from `start` on, `stride` cells with their margins, what the
    /// rays of `lines` bring.
    fn gather<L>(lines: &[Line], rays: &Sheet, start: usize, size: usize, stride: usize, rows: &mut [Cell]) {
        let detector = rays.width();
        for (chunk, lines) in lines.chunks(CHUNK).enumerate() {
            for column in (0..size).step_by(COLUMNS) {
                let columns = BEFORE + column..BEFORE + size.min(column + COLUMNS);
                for (tall, rows) in rows.chunks_mut(ROWS * stride).enumerate() {
                    for (block, some) in lines.chunks(ANGLES).enumerate() {
                        let mut tiles = [Tile::NONE; ANGLES];
                        for (k, (tile, line)) in tiles.iter_mut().zip(some).enumerate() {
                            let angle = chunk * CHUNK + block * ANGLES + k;
                            let origin = rays.origin() + angle * rays.stride();
                            *tile = Tile::new(line, start + tall * ROWS, column, detector, origin);
                        }
                        for (y, row) in rows.chunks_exact_mut(stride).enumerate() {
                            let mut touching = [Touching::NONE; ANGLES];
                            for (touching, tile) in touching.iter_mut().zip(&tiles) {
                                *touching = tile.touching(y);
                            }
                            let touching = &touching[..some.len()];
                            for (place, voxels) in row[columns.clone()].chunks_mut(VOXELS).enumerate() {
                                let j = place * VOXELS;
                                if let [one, two] = voxels {
                                    pair::<L>(touching, rays.cells(), j, one, two);
                                } else if let [one] = voxels {
                                    pair::<L>(touching, rays.cells(), j, one, &mut { Cell::ZERO });
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Adds to two neighbouring voxels, number `j` and `j + 1` of the row's part.
#[inline(always)]
#[expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
fn pair<L: Lanes>(touching: &[Touching], rays: &[Cell], j: usize, one: &mut Cell, two: &mut Cell) {
    let mut a = [L::splat(0.0); VECTORS];
    let mut b = [L::splat(0.0); VECTORS];
    for touching in touching {
        for (j, sum) in [(j, &mut a), (j + 1, &mut b)] {
            let place = touching.place[j] as usize;
            let (low, high) = (&rays[place].0, &rays[place + 1].0);
            let (first, second) = (L::splat(touching.first[j]), L::splat(touching.second[j]));
            for (sum, (low, high)) in sum.iter_mut().zip(low.iter().zip(high)) {
                *sum = L::load(high).mul_add(second, L::load(low).mul_add(first, *sum));
            }
        }
    }
    for (cell, sum) in [(one, a), (two, b)] {
        for (numbers, sum) in cell.0.iter_mut().zip(sum) {
            L::load(numbers).add(sum).store(numbers);
        }
    }
}

/// Adds to `sums`, one of each voxel in a row, the weights of the rays that touch it.
pub(super) fn sum_columns(lines: &[Line], detector: usize, row: usize, sums: &mut [f32]) {
    // A detector of ones with its margin of zeros.
    let mut ones = vec![0.0; stride(detector)];
    ones[BEFORE..][..detector].fill(1.0);
    for (part, sums) in sums.chunks_mut(COLUMNS).enumerate() {
        for line in lines {
            let touching = Tile::new(line, row, part * COLUMNS, detector, BEFORE).touching(0);
            for (j, sum) in sums.iter_mut().enumerate() {
                let place = touching.place[j] as usize;
                *sum += touching.first[j] * ones[place] + touching.second[j] * ones[place + 1];
            }
        }
    }
}
