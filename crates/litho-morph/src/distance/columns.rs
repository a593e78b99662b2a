//! The minimum over the voxels of a column, sixteen neighbouring columns at once.
//!
//! From each voxel the search goes outwards in both directions and ends when no farther voxel can be nearer in any of
//! the sixteen columns. So the cost is that of the distances found, and every step works on whole vectors.

#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]

use super::Border;
use litho_lanes::lanewise;

/// Columns searched together.
pub(crate) const GROUP: usize = 16;
/// Values of neighbouring columns at one place.
pub(crate) type Group<T> = [T; GROUP];
/// Steps after which a column is given to the lower envelope of parabolas, whose cost does not grow with distance.
const FAR: usize = 64;

/// `(k e)²` of `k` steps along a column.
pub(crate) struct Costs(Vec<f32>);

impl Costs {
    /// For columns of `len` voxels with this edge.
    pub(crate) fn new(len: usize, edge: f64) -> Self {
        Self((0..=len).map(|k| (k as f64 * edge).powi(2) as f32).collect())
    }

    /// The cost of some steps.
    #[inline(always)]
    pub(crate) fn of(&self, steps: usize) -> f32 {
        self.0[steps]
    }

    /// The cost of one step.
    pub(crate) fn unit(&self) -> f64 {
        f64::from(self.0.get(1).copied().unwrap_or(1.0))
    }
}

/// The squares of a group of columns, seen from one of its voxels: those of other labels are 0.
pub(crate) trait Source {
    /// Length of the columns.
    fn len(&self) -> usize;
    /// The squares at `place` as seen from the voxels at `own`.
    fn at(&self, place: usize, own: usize) -> Group<f32>;
}

/// Columns of a mask: the outside has square 0.
pub(crate) struct Plain<'a> {
    pub(crate) squares: &'a [Group<f32>],
}

impl Source for Plain<'_> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.squares.len()
    }

    #[inline(always)]
    fn at(&self, place: usize, _: usize) -> Group<f32> {
        self.squares[place]
    }
}

/// Columns of labels.
pub(crate) struct Marked<'a> {
    pub(crate) squares: &'a [Group<f32>],
    pub(crate) labels: &'a [Group<u32>],
}

impl Source for Marked<'_> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.squares.len()
    }

    #[inline(always)]
    fn at(&self, place: usize, own: usize) -> Group<f32> {
        let mut seen = self.squares[place];
        for ((seen, label), own) in seen.iter_mut().zip(&self.labels[place]).zip(&self.labels[own]) {
            *seen = if label == own { *seen } else { 0.0 };
        }
        seen
    }
}

lanewise! {
    /// The minima of a group of columns; false if they lie farther than the search goes.
    fn search<L, S: Source>(source: &S, costs: &Costs, border: Border, minima: &mut [Group<f32>]) -> bool {
        let n = source.len();
        for (own, minimum) in minima.iter_mut().enumerate() {
            let mut best = source.at(own, own);
            if border == Border::Outside {
                let nearest = costs.of((own + 1).min(n - own));
                lower(&mut best, [nearest; GROUP], 0.0);
            }
            let (before, after) = (own, n - 1 - own);
            let mut steps = 1;
            while steps <= before.max(after) {
                let cost = costs.of(steps);
                if !any_above(&best, cost) {
                    break;
                }
                if steps > FAR {
                    return false;
                }
                if steps <= before {
                    lower(&mut best, source.at(own - steps, own), cost);
                }
                if steps <= after {
                    lower(&mut best, source.at(own + steps, own), cost);
                }
                steps += 1;
            }
            *minimum = best;
        }
        true
    }
}

#[inline(always)]
fn lower(best: &mut Group<f32>, values: Group<f32>, cost: f32) {
    for (best, value) in best.iter_mut().zip(values) {
        let candidate = value + cost;
        *best = if candidate < *best { candidate } else { *best };
    }
}

#[inline(always)]
fn any_above(values: &Group<f32>, bound: f32) -> bool {
    values.iter().fold(0, |any, &value| any | u32::from(value > bound)) != 0
}
