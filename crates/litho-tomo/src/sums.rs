//! Sums over all cells of sheets, slice by slice, in a fixed order, and slice-by-slice combinations of sheets.

use crate::sheet::{BEFORE, Cell, SLICES, Sheet};
use rayon::prelude::*;

/// One number per slice.
pub(crate) type PerSlice = [f64; SLICES];

/// Cells summed in single precision before they are added in double precision.
const RUN: usize = 64;
/// Cells that one task sums.
const TASK: usize = 64 * RUN;

/// The sum over all slices.
pub(crate) fn total(numbers: &PerSlice) -> f64 {
    numbers.iter().sum()
}

/// `Σ w a²` of every slice; `w = 1` without weights.
pub(crate) fn weighted_squares(a: &Sheet, weights: Option<&Sheet>) -> PerSlice {
    match weights {
        None => over(a.cells(), a.cells(), |a, b| a * b),
        Some(weights) => over(a.cells(), weights.cells(), |a, weight| weight * a * a),
    }
}

/// `Σ a b` of every slice.
pub(crate) fn products(a: &Sheet, b: &Sheet) -> PerSlice {
    over(a.cells(), b.cells(), |a, b| a * b)
}

/// `Σ f(a, b)` of every slice.
pub(crate) fn over(a: &[Cell], b: &[Cell], f: impl Fn(f32, f32) -> f32 + Sync) -> PerSlice {
    let tasks: Vec<PerSlice> = a
        .par_chunks(TASK)
        .zip(b.par_chunks(TASK))
        .map(|(a, b)| {
            let mut sum = [0.0; SLICES];
            for (a, b) in a.chunks(RUN).zip(b.chunks(RUN)) {
                let mut run = [0.0_f32; SLICES];
                for (a, b) in a.iter().zip(b) {
                    for ((run, &a), &b) in run.iter_mut().zip(a.slices()).zip(b.slices()) {
                        *run += f(a, b);
                    }
                }
                for (sum, run) in sum.iter_mut().zip(run) {
                    *sum += f64::from(run);
                }
            }
            sum
        })
        .collect();
    let mut sum = [0.0; SLICES];
    for task in tasks {
        for (sum, number) in sum.iter_mut().zip(task) {
            *sum += number;
        }
    }
    sum
}

/// `a ← f(a, b, slice's number)` everywhere.
pub(crate) fn combine(
    a: &mut Sheet,
    b: &Sheet,
    numbers: &[f32; SLICES],
    f: impl Fn(f32, f32, f32) -> f32 + Sync,
) {
    a.cells_mut().par_chunks_mut(TASK).zip(b.cells().par_chunks(TASK)).for_each(|(a, b)| {
        for (a, b) in a.iter_mut().zip(b) {
            for ((a, &b), &number) in a.slices_mut().iter_mut().zip(b.slices()).zip(numbers) {
                *a = f(*a, b, number);
            }
        }
    });
}

/// `a ← f(a, b)` everywhere.
pub(crate) fn map(a: &mut Sheet, b: &Sheet, f: impl Fn(f32, f32) -> f32 + Sync) {
    a.cells_mut().par_chunks_mut(TASK).zip(b.cells().par_chunks(TASK)).for_each(|(a, b)| {
        for (a, b) in a.iter_mut().zip(b) {
            for (a, &b) in a.slices_mut().iter_mut().zip(b.slices()) {
                *a = f(*a, b);
            }
        }
    });
}

/// `a / b` of every slice, 0 where b is 0.
pub(crate) fn quotients(a: &PerSlice, b: &PerSlice) -> [f32; SLICES] {
    std::array::from_fn(|slice| if b[slice] > 0.0 { (a[slice] / b[slice]) as f32 } else { 0.0 })
}

/// `a ← b c` everywhere.
pub(crate) fn set_product(a: &mut Sheet, b: &Sheet, c: &Sheet) {
    let others = b.cells().par_chunks(TASK).zip(c.cells().par_chunks(TASK));
    a.cells_mut().par_chunks_mut(TASK).zip(others).for_each(|(a, (b, c))| {
        for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
            for ((a, &b), &c) in a.slices_mut().iter_mut().zip(b.slices()).zip(c.slices()) {
                *a = b * c;
            }
        }
    });
}

/// `a ← a f` with one factor for all slices of a cell.
pub(crate) fn scale(a: &mut Sheet, factors: &[f32]) {
    a.cells_mut().par_chunks_mut(TASK).zip(factors.par_chunks(TASK)).for_each(|(a, factors)| {
        for (a, &factor) in a.iter_mut().zip(factors) {
            for a in a.slices_mut() {
                *a *= factor;
            }
        }
    });
}

/// `a ← a + b f` with one factor for all slices of a cell.
pub(crate) fn add_scaled(a: &mut Sheet, b: &Sheet, factors: &[f32]) {
    let others = b.cells().par_chunks(TASK).zip(factors.par_chunks(TASK));
    a.cells_mut().par_chunks_mut(TASK).zip(others).for_each(|(a, (b, factors))| {
        for ((a, b), &factor) in a.iter_mut().zip(b).zip(factors) {
            for (a, &b) in a.slices_mut().iter_mut().zip(b.slices()) {
                *a += b * factor;
            }
        }
    });
}

/// `a ← a + factor b / sums` in the rows of slices; nothing where a sum is that of a voxel no ray meets.
pub(crate) fn add_quotients(a: &mut Sheet, b: &Sheet, sums: &[f32], factor: f32) {
    // A weight below this is the rounding of a ray that touches a corner.
    const LEAST: f32 = 1e-5;
    let (stride, width) = (a.stride(), a.width());
    a.padded_rows_mut().par_chunks_mut(stride).enumerate().for_each(|(row, cells)| {
        let sums = &sums[row * stride + BEFORE..][..width];
        for ((a, b), &sum) in cells[BEFORE..].iter_mut().zip(b.row(row)).zip(sums) {
            let factor = if sum > LEAST { factor / sum } else { 0.0 };
            for (a, &b) in a.slices_mut().iter_mut().zip(b.slices()) {
                *a += b * factor;
            }
        }
    });
}

/// `ahead ← next + momentum (next − x)`, `x ← next`.
pub(crate) fn go_on(ahead: &mut Sheet, x: &mut Sheet, next: &Sheet, momentum: f32) {
    let others = x.cells_mut().par_chunks_mut(TASK).zip(next.cells().par_chunks(TASK));
    ahead.cells_mut().par_chunks_mut(TASK).zip(others).for_each(|(ahead, (x, next))| {
        for ((ahead, x), next) in ahead.iter_mut().zip(x).zip(next) {
            for ((ahead, x), &next) in ahead.slices_mut().iter_mut().zip(x.slices_mut()).zip(next.slices()) {
                *ahead = next + momentum * (next - *x);
                *x = next;
            }
        }
    });
}
