//! The minimum along a column as the lower envelope of parabolas (Felzenszwalb & Huttenlocher 2012), for distances that
//! are too far to search.

use super::Border;
use super::columns::{Costs, Group};

/// A parabola and where it begins to be the lowest.
#[derive(Clone, Copy)]
struct Parabola {
    /// Its apex, in voxels of the column; the voxel before the column is −1.
    apex: isize,
    height: f32,
    from: f64,
}

/// The parabolas of a column, kept from column to column for their memory.
#[derive(Default)]
pub(crate) struct Envelope(Vec<Parabola>);

impl Envelope {
    /// The minima of one column of a group.
    pub(crate) fn minima<K: PartialEq>(
        &mut self,
        squares: &[Group<f32>],
        labels: &[Group<K>],
        column: usize,
        costs: &Costs,
        border: Border,
        minima: &mut [Group<f32>],
    ) {
        let n = squares.len();
        let is_one = |a: usize, b: usize| {
            labels[a][column] == labels[b][column]
                && (squares[a][column] == 0.0) == (squares[b][column] == 0.0)
        };
        let mut start = 0;
        while start < n {
            let end = (start + 1..n).find(|&place| !is_one(start, place)).unwrap_or(n);
            if squares[start][column] == 0.0 {
                minima[start..end].iter_mut().for_each(|minimum| minimum[column] = 0.0);
            } else {
                self.0.clear();
                if start > 0 || border == Border::Outside {
                    self.add(start as isize - 1, 0.0, costs);
                }
                for (place, group) in (start as isize..).zip(&squares[start..end]) {
                    self.add(place, group[column], costs);
                }
                if end < n || border == Border::Outside {
                    self.add(end as isize, 0.0, costs);
                }
                self.read(start, &mut minima[start..end], column, costs);
            }
            start = end;
        }
    }

    /// Adds the parabola behind all others. Where `p` and `q` meet: `s = (p+q)/2 + (f_q−f_p) / 2e²(q−p)`.
    fn add(&mut self, apex: isize, height: f32, costs: &Costs) {
        if height == f32::INFINITY {
            return;
        }
        let mut from = f64::NEG_INFINITY;
        while let Some(last) = self.0.last() {
            let rise = f64::from(height) - f64::from(last.height);
            let meet =
                0.5 * (apex + last.apex) as f64 + rise / (2.0 * costs.unit() * (apex - last.apex) as f64);
            if meet > last.from {
                from = meet;
                break;
            }
            self.0.pop();
        }
        self.0.push(Parabola { apex, height, from });
    }

    fn read(&self, start: usize, minima: &mut [Group<f32>], column: usize, costs: &Costs) {
        let mut lowest = 0;
        for (place, minimum) in (start as isize..).zip(minima) {
            while self.0.get(lowest + 1).is_some_and(|next| next.from <= place as f64) {
                lowest += 1;
            }
            minimum[column] = self
                .0
                .get(lowest)
                .map_or(f32::INFINITY, |parabola| parabola.height + costs.of(place.abs_diff(parabola.apex)));
        }
    }
}
