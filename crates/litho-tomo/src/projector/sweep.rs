//! Corrections of slices along one ray after the other.

use super::line::{Crossings, Line, STEPS};
use crate::sheet::{Cell, Sheet, VECTORS};
use litho_lanes::{Lanes, lanewise, sum_of};

lanewise! {
    /// Corrects `slices` along every ray of a line: `x += relaxation · w (b − a·x)/|a|² a`. `data` and `weights` hold a
    /// cell for each ray. Gives `Σ w (b − a·x)²`, with the residuals before their corrections.
    fn correct<L>(line: &Line, data: &[Cell], weights: Option<&[Cell]>, relaxation: f32, slices: &mut Sheet) -> f64 {
        // A ray that only touches a corner has no say.
        const LEAST: f32 = 1e-3;
        let size = slices.width();
        let (origin, strides) = (slices.origin(), line.strides(slices));
        let cells = slices.cells_mut();
        let mut ray: Vec<Crossings> = Vec::with_capacity(size.div_ceil(STEPS));
        let mut squares = 0.0;
        for (d, data) in data.iter().enumerate() {
            ray.clear();
            let mut norm = 0.0;
            for start in (0..size).step_by(STEPS) {
                let crossings = line.crossings_inside(d, start, size, origin, strides);
                let part = crossings.norm();
                if part > 0.0 {
                    norm += part;
                    ray.push(crossings);
                }
            }
            if norm < LEAST {
                continue;
            }
            let sums = along::<L>(&ray, strides.across, cells);
            let factor = L::splat(relaxation / norm);
            let mut steps = [L::splat(0.0); VECTORS];
            let mut square = L::splat(0.0);
            for v in 0..VECTORS {
                let residual = L::load(&data.0[v]).sub(sums[v]);
                let weighted = match weights {
                    Some(weights) => residual.mul(L::load(&weights[d].0[v])),
                    None => residual,
                };
                square = weighted.mul_add(residual, square);
                steps[v] = weighted.mul(factor);
            }
            squares += sum_of(square);
            spread(&ray, strides.across, &steps, cells);
        }
        squares
    }
}

impl Crossings {
    /// `|a|²` of these steps.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
    fn norm(&self) -> f32 {
        let mut squares = [0.0_f32; STEPS];
        for (square, (first, second)) in squares.iter_mut().zip(self.first.iter().zip(&self.second)) {
            *square = first * first + second * second;
        }
        squares.iter().sum()
    }
}

/// `a·x`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
fn along<L: Lanes>(ray: &[Crossings], across: usize, cells: &[Cell]) -> [L; VECTORS] {
    let mut a = [L::splat(0.0); VECTORS];
    let mut b = [L::splat(0.0); VECTORS];
    for crossings in ray {
        for k in 0..STEPS {
            let place = crossings.place[k] as usize;
            let (low, high) = (&cells[place].0, &cells[place + across].0);
            let (first, second) = (L::splat(crossings.first[k]), L::splat(crossings.second[k]));
            for v in 0..VECTORS {
                a[v] = L::load(&low[v]).mul_add(first, a[v]);
                b[v] = L::load(&high[v]).mul_add(second, b[v]);
            }
        }
    }
    let mut sums = a;
    for v in 0..VECTORS {
        sums[v] = a[v].add(b[v]);
    }
    sums
}

/// `x += steps · a`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]
fn spread<L: Lanes>(ray: &[Crossings], across: usize, steps: &[L; VECTORS], cells: &mut [Cell]) {
    for crossings in ray {
        for k in 0..STEPS {
            let place = crossings.place[k] as usize;
            for (place, weight) in [(place, crossings.first[k]), (place + across, crossings.second[k])] {
                let (cell, weight) = (&mut cells[place].0, L::splat(weight));
                for v in 0..VECTORS {
                    steps[v].mul_add(weight, L::load(&cell[v])).store(&mut cell[v]);
                }
            }
        }
    }
}
