//! Unwrapping from neighbour to neighbour.

use super::wrapped::{Wrapped, turns};
use ndarray::{Array2, ArrayView2};

/// Turns to add to each pixel.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Flooded {
    /// Whole turns; 0 where no neighbour leads.
    pub(super) turns: Array2<i32>,
    /// Number of the connected part each pixel belongs to, from 1, the parts in the order of their first pixel; 0 is none.
    pub(super) part: Array2<u32>,
}

/// Adds whole turns from neighbour to neighbour over the pixels that are `open`, beginning anew in each connected part.
/// `follow` also visits pixels that are lit but not open, from one that is, without going on from there.
pub(super) fn flood(wrapped: &Wrapped, open: ArrayView2<'_, bool>, follow: bool) -> Flooded {
    let shape = wrapped.dim();
    let mut flooded = Flooded { turns: Array2::zeros(shape), part: Array2::zeros(shape) };
    let mut queue: Vec<(usize, usize)> = Vec::new();
    let mut parts = 0;
    for start in ndarray::indices(shape) {
        if !open[start] || flooded.part[start] != 0 {
            continue;
        }
        parts += 1;
        flooded.part[start] = parts;
        queue.clear();
        queue.push(start);
        let mut next = 0;
        while let Some(&from) = queue.get(next) {
            next += 1;
            for to in neighbours(from, shape) {
                let enters = open[to] || (follow && wrapped.lit[to]);
                if enters && flooded.part[to] == 0 {
                    flooded.part[to] = parts;
                    let step = wrapped.phase[to] - wrapped.phase[from];
                    flooded.turns[to] = flooded.turns[from] - turns(step) as i32;
                    if open[to] {
                        queue.push(to);
                    }
                }
            }
        }
    }
    flooded
}

/// The pixels above, to the left, to the right and below.
pub(super) fn neighbours(
    (y, x): (usize, usize),
    (ny, nx): (usize, usize),
) -> impl Iterator<Item = (usize, usize)> {
    let up = (y > 0).then(|| (y - 1, x));
    let left = (x > 0).then(|| (y, x - 1));
    let right = (x + 1 < nx).then_some((y, x + 1));
    let down = (y + 1 < ny).then_some((y + 1, x));
    [up, left, right, down].into_iter().flatten()
}

/// Edges between lit neighbours across which the unwrapped phase steps by more than half a turn.
pub(super) fn torn_edges(wrapped: &Wrapped, added: &Array2<i32>) -> usize {
    let (ny, nx) = wrapped.dim();
    let torn = |a: (usize, usize), b: (usize, usize)| {
        let both = wrapped.lit[a] && wrapped.lit[b];
        both && added[b] - added[a] != -(turns(wrapped.phase[b] - wrapped.phase[a]) as i32)
    };
    let mut count = 0;
    for y in 0..ny {
        for x in 0..nx {
            count += usize::from(x + 1 < nx && torn((y, x), (y, x + 1)));
            count += usize::from(y + 1 < ny && torn((y, x), (y + 1, x)));
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_recovered_turn_by_turn() {
        let ramp = Array2::from_shape_fn((9, 40), |(y, x)| 0.7 * x as f32 - 1.1 * y as f32);
        let wrapped = Wrapped::of_phase(ramp.view());
        let flooded = flood(&wrapped, wrapped.lit.view(), false);
        for (at, &turns) in flooded.turns.indexed_iter() {
            let value = wrapped.phase[at] + std::f32::consts::TAU * turns as f32;
            assert!((value - ramp[at]).abs() < 1e-5, "{at:?}: {value}"); // f32 of numbers up to 36
        }
        assert_eq!(torn_edges(&wrapped, &flooded.turns), 0);
        // One turn too many on one pixel tears its four edges.
        let mut wrong = flooded.turns.clone();
        wrong[(4, 20)] += 1;
        assert_eq!(torn_edges(&wrapped, &wrong), 4);
    }

    #[test]
    fn parts_that_do_not_touch_are_told_apart() {
        let mut wrapped = Wrapped::of_phase(Array2::zeros((3, 5)).view());
        wrapped.lit.column_mut(2).fill(false);
        let flooded = flood(&wrapped, wrapped.lit.view(), false);
        assert_eq!((flooded.part[(1, 1)], flooded.part[(1, 2)], flooded.part[(0, 4)]), (1, 0, 2));
    }
}
