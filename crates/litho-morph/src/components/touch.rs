//! Which runs of two neighbouring rows touch.

use super::runs::Run;
use crate::connectivity::Connectivity;

/// The runs of a row, the first of which is run `first` of its slab.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a, M> {
    pub(crate) runs: &'a [Run<M>],
    pub(crate) first: usize,
}

/// How far along x two voxels of neighbouring rows may lie apart and still be neighbours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    /// Of rows that share a face.
    pub(crate) face: u32,
    /// Of rows that share an edge, if any such voxels are neighbours.
    edge: Option<u32>,
}

impl Reach {
    pub(crate) fn of(connectivity: Connectivity) -> Self {
        match connectivity {
            Connectivity::Six => Self { face: 0, edge: None },
            Connectivity::Eighteen => Self { face: 1, edge: Some(0) },
            Connectivity::TwentySix => Self { face: 1, edge: Some(1) },
        }
    }

    /// The rows of a neighbouring plane of `ny` rows that row `y` may touch, and how.
    pub(crate) fn in_plane(self, y: usize, ny: usize) -> impl Iterator<Item = (usize, u32)> {
        let before = self.edge.zip(y.checked_sub(1)).map(|(reach, y)| (y, reach));
        let after = self.edge.filter(|_| y + 1 < ny).map(|reach| (y + 1, reach));
        [before, Some((y, self.face)), after].into_iter().flatten()
    }
}

/// Calls `unite` with every pair of runs of two rows that touch.
pub(crate) fn touching<M: Copy + PartialEq>(
    a: Row<M>,
    b: Row<M>,
    reach: u32,
    unite: &mut impl FnMut(usize, usize),
) {
    let (mut i, mut j) = (0, 0);
    while let (Some(run_a), Some(run_b)) = (a.runs.get(i), b.runs.get(j)) {
        if touch(run_a, run_b, reach) {
            unite(a.first + i, b.first + j);
        }
        // Runs of two kinds may follow each other without a gap: then both ends reach over to the other's next.
        if run_a.end == run_b.end && a.runs.get(i + 1).is_some_and(|next| touch(next, run_b, reach)) {
            unite(a.first + i + 1, b.first + j);
        }
        // Which run ends first is a coin toss: adding it costs less than guessing it.
        let is_a = run_a.end < run_b.end;
        i += usize::from(is_a);
        j += usize::from(!is_a);
    }
}

fn touch<M: PartialEq>(a: &Run<M>, b: &Run<M>, reach: u32) -> bool {
    a.start < b.end + reach && b.start < a.end + reach && a.mark == b.mark
}
