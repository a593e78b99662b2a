//! The exact transpose of the sums along rays: every voxel gathers from at most two rays of each angle.

use super::line::Line;
use crate::sheet::{BEFORE, Cell, Sheet, VECTORS};
use litho_lanes::{Lanes, lanewise};

/// Columns of voxels that take their part of the rays out of the first-level cache.
const COLUMNS: usize = 8;
/// Angles whose weights are known at a time.
const ANGLES: usize = 16;
/// Voxels whose sums are in registers.
const VOXELS: usize = 2;

/// The two rays that touch each of [`COLUMNS`] voxels of a row, at one angle.
#[derive(Clone, Copy)]
struct Touching {
    index: [i32; COLUMNS],
    first: [f32; COLUMNS],
    second: [f32; COLUMNS],
}

impl Touching {
    const NONE: Self = Self { index: [0; COLUMNS], first: [0.0; COLUMNS], second: [0.0; COLUMNS] };

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
    fn new(line: &Line, row: usize, column: usize, detector: usize) -> Self {
        let begin = line.u(row, column);
        let whole = begin.floor();
        let (step, inverse) = (line.u_column() as f32, (1.0 / line.c()) as f32);
        let fraction = (begin - whole) as f32;
        let (low, high) = ((-1.0 - whole) as f32, (detector as f64 - whole) as f32);
        let base = whole as i32;
        let mut touching = Self::NONE;
        for j in 0..COLUMNS {
            let at = (fraction + step * j as f32).max(low).min(high);
            let truncated = at as i32;
            let below = truncated - i32::from(at < truncated as f32);
            let part = at - below as f32;
            touching.index[j] = base + below;
            touching.first[j] = ((1.0 - part * inverse) * inverse).max(0.0);
            touching.second[j] = ((1.0 - (1.0 - part) * inverse) * inverse).max(0.0);
        }
        touching
    }
}

lanewise! {
    /// Adds to `rows`, the rows of slices of `size` voxels from `start` on, `stride` cells with their margins, what the
    /// rays of `lines` bring.
    fn gather<L>(lines: &[Line], rays: &Sheet, start: usize, size: usize, stride: usize, rows: &mut [Cell]) {
        let detector = rays.width();
        for column in (0..size).step_by(COLUMNS) {
            let columns = COLUMNS.min(size - column);
            for (block, some) in lines.chunks(ANGLES).enumerate() {
                let origin = rays.origin() + block * ANGLES * rays.stride();
                for (y, row) in rows.chunks_exact_mut(stride).enumerate() {
                    let mut touching = [Touching::NONE; ANGLES];
                    for (touching, line) in touching.iter_mut().zip(some) {
                        *touching = Touching::new(line, start + y, column, detector);
                    }
                    let touching = &touching[..some.len()];
                    let voxels = &mut row[BEFORE + column..BEFORE + column + columns];
                    for (place, voxels) in voxels.chunks_mut(VOXELS).enumerate() {
                        let j = place * VOXELS;
                        if let [one, two] = voxels {
                            pair::<L>(touching, rays, origin, j, one, two);
                        } else if let [one] = voxels {
                            let mut none = Cell::ZERO;
                            pair::<L>(touching, rays, origin, j, one, &mut none);
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
fn pair<L: Lanes>(
    touching: &[Touching],
    rays: &Sheet,
    origin: usize,
    j: usize,
    one: &mut Cell,
    two: &mut Cell,
) {
    let mut a = [L::splat(0.0); VECTORS];
    let mut b = [L::splat(0.0); VECTORS];
    let mut at = origin;
    for touching in touching {
        for (j, sum) in [(j, &mut a), (j + 1, &mut b)] {
            let place = at.wrapping_add_signed(touching.index[j] as isize);
            let (low, high) = (&rays.cells()[place].0, &rays.cells()[place + 1].0);
            let (first, second) = (L::splat(touching.first[j]), L::splat(touching.second[j]));
            for v in 0..VECTORS {
                sum[v] = L::load(&high[v]).mul_add(second, L::load(&low[v]).mul_add(first, sum[v]));
            }
        }
        at += rays.stride();
    }
    for (cell, sum) in [(one, a), (two, b)] {
        for v in 0..VECTORS {
            L::load(&cell.0[v]).add(sum[v]).store(&mut cell.0[v]);
        }
    }
}
