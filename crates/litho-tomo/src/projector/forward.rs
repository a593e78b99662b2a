//! Sums of slices along rays.

use super::line::{Line, STEPS};
use crate::sheet::{BEFORE, Cell, Sheet, VECTORS};
use litho_lanes::lanewise;

/// Voxels across in which the rays of a group are taken together: with [`STEPS`] rows they fill half a first-level cache.
const STRIP: usize = 8;

lanewise! {
    /// Adds to `rows`, one of `detector` pixels with its margin for each of `lines`, the sums along its rays. All lines
    /// are steep or none is.
    fn sum<L>(lines: &[Line], slices: &Sheet, detector: usize, rows: &mut [Cell]) {
        let size = slices.width();
        let stride = rows.len() / lines.len();
        for start in (0..size).step_by(STEPS) {
            let steps = STEPS.min(size - start);
            let middle = start as f64 + 0.5 * STEPS as f64;
            // A ray with a slope of 1 that crosses the slice in any of these steps is in one of these strips.
            let reach = STEPS as isize / 2 + 1;
            let mut strip = -reach;
            while strip < size as isize + reach {
                for (line, row) in lines.iter().zip(rows.chunks_exact_mut(stride)) {
                    let strides = line.strides(slices);
                    let first = line.rays_before(strip as f64, middle, detector);
                    let last = line.rays_before((strip + STRIP as isize) as f64, middle, detector);
                    for d in first.min(last)..first.max(last) {
                        let crossings = line.crossings(d, start, size);
                        let mut a = [L::splat(0.0); VECTORS];
                        let mut b = [L::splat(0.0); VECTORS];
                        let mut at = slices.origin() + start * strides.step;
                        for k in 0..steps {
                            let place = at.wrapping_add_signed(crossings.index[k] as isize * strides.across as isize);
                            let (low, high) = (&slices.cells()[place].0, &slices.cells()[place + strides.across].0);
                            let (first, second) = (L::splat(crossings.first[k]), L::splat(crossings.second[k]));
                            for v in 0..VECTORS {
                                a[v] = L::load(&low[v]).mul_add(first, a[v]);
                                b[v] = L::load(&high[v]).mul_add(second, b[v]);
                            }
                            at += strides.step;
                        }
                        let out = &mut row[BEFORE + d].0;
                        for v in 0..VECTORS {
                            L::load(&out[v]).add(a[v].add(b[v])).store(&mut out[v]);
                        }
                    }
                }
                strip += STRIP as isize;
            }
        }
    }
}
