//! Sums of slices along rays.

use super::line::{Line, STEPS};
use crate::sheet::{BEFORE, Cell, Sheet, VECTORS};
use litho_lanes::{Lanes, lanewise};

/// Voxels across in which the rays of a group are taken together: with [`STEPS`] rows they fill half a first-level cache.
const STRIP: usize = 8;
/// Voxels across that stay in the second-level cache for all lines.
const WIDE: usize = 64;
/// Lines taken together in a strip.
pub(super) const GROUP: usize = 8;

/// Steps of rays that start at one row (column) of the slices.
#[derive(Clone, Copy)]
struct Block<'a> {
    slices: &'a Sheet,
    start: usize,
    detector: usize,
}

lanewise! {
    /// Adds to `rows`, one of `detector` pixels with its margin for each of `lines`, the sums along its rays. All lines
    /// are steep or none is.
    fn sum<L>(lines: &[Line], slices: &Sheet, detector: usize, rows: &mut [Cell]) {
        let size = slices.width();
        let stride = rows.len() / lines.len();
        // A ray with a slope of 1 that crosses the slice in any of a block's steps is this near to it in the middle one.
        let reach = STEPS as isize / 2 + 1;
        for start in (0..size).step_by(STEPS) {
            let block = Block { slices, start, detector };
            for wide in (-reach..size as isize + reach).step_by(WIDE) {
                for (group, rows) in lines.chunks(GROUP).zip(rows.chunks_mut(GROUP * stride)) {
                    for strip in (wide..wide + WIDE as isize).step_by(STRIP) {
                        for (line, row) in group.iter().zip(rows.chunks_exact_mut(stride)) {
                            along_strip::<L>(&block, line, strip, row);
                        }
                    }
                }
            }
        }
    }
}

/// Adds to `row` the sums along the rays that are within a strip in the block's middle step.
#[inline(always)]
#[expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
fn along_strip<L: Lanes>(block: &Block, line: &Line, strip: isize, row: &mut [Cell]) {
    let &Block { slices, start, detector } = block;
    let (cells, origin, size) = (slices.cells(), slices.origin(), slices.width());
    let strides = line.strides(slices);
    let middle = start as f64 + 0.5 * STEPS as f64;
    let first = line.rays_before(strip as f64, middle, detector);
    let last = line.rays_before((strip + STRIP as isize) as f64, middle, detector);
    for d in first.min(last)..first.max(last) {
        let crossings = line.crossings(d, start, size, origin, strides);
        let mut a = [L::splat(0.0); VECTORS];
        let mut b = [L::splat(0.0); VECTORS];
        for k in 0..STEPS {
            let place = crossings.place[k] as usize;
            let (low, high) = (&cells[place].0, &cells[place + strides.across].0);
            let (first, second) = (L::splat(crossings.first[k]), L::splat(crossings.second[k]));
            for v in 0..VECTORS {
                a[v] = L::load(&low[v]).mul_add(first, a[v]);
                b[v] = L::load(&high[v]).mul_add(second, b[v]);
            }
        }
        let out = &mut row[BEFORE + d].0;
        for v in 0..VECTORS {
            L::load(&out[v]).add(a[v].add(b[v])).store(&mut out[v]);
        }
    }
}
