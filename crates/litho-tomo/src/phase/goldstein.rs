//! Unwrapping around branch cuts, as an independent check.
//!
//! Residues are joined by cuts until each group is balanced or touches the edge (Goldstein, Zebker & Werner, Radio Science
//! 23, 713 (1988)): a box grows around a residue, and every residue that it meets joins the group. Then turns are added
//! from neighbour to neighbour without crossing a cut.

use super::flood::flood;
use super::residues::all_residues;
use super::wrapped::Wrapped;
use ndarray::Array2;

/// Turns to add to each pixel, by [branch cuts](self). Parts that cuts or missing pixels close off begin anew.
pub fn goldstein(wrapped: &Wrapped) -> Branched {
    let shape = wrapped.dim();
    let cut = branch_cuts(&all_residues(wrapped), shape);
    let open = Array2::from_shape_fn(shape, |at| wrapped.lit[at] && !cut[at]);
    let flooded = flood(wrapped, open.view(), true);
    Branched { turns: flooded.turns, part: flooded.part, cut }
}

/// What [`goldstein`] finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Branched {
    /// Whole turns to add to each pixel.
    pub turns: Array2<i32>,
    /// Number of the connected part each pixel belongs to, from 1; 0 is none.
    pub part: Array2<u32>,
    /// Pixels on a cut.
    pub cut: Array2<bool>,
}

/// Share of the pixels that both methods reach where `turns` differs from `branched`, after the commonest difference of
/// each connected part is taken off.
pub fn disagreement(wrapped: &Wrapped, turns: &Array2<i32>, branched: &Branched) -> f64 {
    let mut differences: Vec<(u32, i32)> = turns
        .indexed_iter()
        .filter(|(at, _)| wrapped.lit[*at] && !branched.cut[*at] && branched.part[*at] != 0)
        .map(|(at, turns)| (branched.part[at], turns - branched.turns[at]))
        .collect();
    differences.sort_unstable();
    let mut agreeing = 0;
    for part in differences.chunk_by(|a, b| a.0 == b.0) {
        agreeing += part.chunk_by(|a, b| a.1 == b.1).map(<[(u32, i32)]>::len).max().unwrap_or(0);
    }
    if differences.is_empty() { 0.0 } else { 1.0 - agreeing as f64 / differences.len() as f64 }
}

/// Pixels on cuts. A residue is the corner between four pixels and stands for the upper left one.
fn branch_cuts(residues: &Array2<i8>, shape: (usize, usize)) -> Array2<bool> {
    let mut groups = Groups {
        residues,
        cut: Array2::from_elem(shape, false),
        group: Array2::zeros(residues.dim()),
        number: 0,
    };
    for (start, _) in residues.indexed_iter().filter(|(_, residue)| **residue != 0) {
        if groups.group[start] == 0 {
            groups.grow(start);
        }
    }
    groups.cut
}

struct Groups<'a> {
    residues: &'a Array2<i8>,
    cut: Array2<bool>,
    /// Number of the last group that each residue joined; 0 is none.
    group: Array2<u32>,
    number: u32,
}

/// A residue of a group, and how far around it has been looked.
struct Member {
    at: (usize, usize),
    seen: usize,
}

impl Groups<'_> {
    /// Gathers residues around `start` until their charges cancel or the edge is near.
    fn grow(&mut self, start: (usize, usize)) {
        self.number += 1;
        self.group[start] = self.number;
        self.cut[start] = true;
        let mut charge = i32::from(self.residues[start]);
        let mut members = vec![Member { at: start, seen: 0 }];
        let (ny, nx) = self.cut.dim();
        for reach in 1..=ny.max(nx) {
            let mut next = 0;
            while next < members.len() {
                let Member { at, seen } = members[next];
                for ring in seen + 1..=reach {
                    if let Some(end) = edge_at(at, (ny, nx), ring) {
                        self.draw(at, end);
                        return;
                    }
                    for other in self.around(at, ring) {
                        // one of an earlier group is balanced already, but joins the line
                        if self.group[other] == 0 {
                            charge += i32::from(self.residues[other]);
                        }
                        self.group[other] = self.number;
                        members.push(Member { at: other, seen: 0 });
                        self.draw(at, other);
                        if charge == 0 {
                            return;
                        }
                    }
                }
                members[next].seen = reach;
                next += 1;
            }
        }
    }

    /// Residues on the rim of the box of `ring` pixels around a place that are not in this group.
    fn around(&self, (y, x): (usize, usize), ring: usize) -> Vec<(usize, usize)> {
        let (ny, nx) = self.residues.dim();
        let (top, left) = (y.saturating_sub(ring), x.saturating_sub(ring));
        let mut found = Vec::new();
        for row in top..(y + ring + 1).min(ny) {
            let rim = row.abs_diff(y) == ring;
            let step = if rim { 1 } else { 2 * ring };
            let first = if rim || x >= ring { left } else { x + ring };
            for column in (first..(x + ring + 1).min(nx)).step_by(step) {
                let at = (row, column);
                if self.residues[at] != 0 && self.group[at] != self.number {
                    found.push(at);
                }
            }
        }
        found
    }

    /// Marks the pixels of a straight line, neighbours touching at least by their corners.
    fn draw(&mut self, from: (usize, usize), to: (usize, usize)) {
        let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
        let at = |a: usize, b: usize, step: usize| {
            let t = step as f64 / steps as f64;
            (a as f64 + t * (b as f64 - a as f64)).round() as usize
        };
        for step in 0..=steps {
            self.cut[(at(from.0, to.0, step), at(from.1, to.1, step))] = true;
        }
    }
}

/// The pixel on the nearest edge, if that is `distance` away.
fn edge_at((y, x): (usize, usize), (ny, nx): (usize, usize), distance: usize) -> Option<(usize, usize)> {
    let ends = [(y, (0, x)), (ny - 1 - y, (ny - 1, x)), (x, (y, 0)), (nx - 1 - x, (y, nx - 1))];
    // a residue on the edge is at distance 0 and found with the first ring
    ends.into_iter().find(|(away, _)| *away == distance || (*away == 0 && distance == 1)).map(|(_, end)| end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phase::flood::torn_edges;

    /// Vortices `(y, x, sign)` on top of a paraboloid of many turns.
    fn field(centres: &[(f64, f64, f64)]) -> Wrapped {
        let phase = Array2::from_shape_fn((48, 64), |(y, x)| {
            let (y, x) = (y as f64, x as f64);
            let vortices: f64 = centres.iter().map(|(cy, cx, sign)| sign * (y - cy).atan2(x - cx)).sum();
            (vortices + 0.01 * ((y - 20.0).powi(2) + (x - 30.0).powi(2))) as f32
        });
        Wrapped::of_phase(phase.view())
    }

    #[test]
    fn without_residues_there_is_no_cut() {
        let smooth = field(&[]);
        let branched = goldstein(&smooth);
        assert!(branched.cut.iter().all(|cut| !cut));
        assert_eq!(torn_edges(&smooth, &branched.turns), 0);
    }

    #[test]
    fn a_pair_is_joined_and_the_phase_jumps_only_there() {
        let pair = field(&[(20.5, 20.5, 1.0), (20.5, 32.5, -1.0)]);
        let branched = goldstein(&pair);
        // Residues at (20, 20) and (20, 32): 13 pixels on the line.
        assert_eq!(branched.cut.iter().filter(|cut| **cut).count(), 13);
        assert!((20..=32).all(|x| branched.cut[(20, x)]));
        // The phase jumps once below or above each of the 12 steps between the two.
        assert_eq!(torn_edges(&pair, &branched.turns), 12);
    }

    #[test]
    fn a_single_residue_is_led_to_the_nearest_edge() {
        let single = field(&[(5.5, 30.5, 1.0)]);
        let branched = goldstein(&single);
        assert!((0..=5).all(|y| branched.cut[(y, 30)]));
        assert_eq!(torn_edges(&single, &branched.turns), 6);
    }

    #[test]
    fn equal_turns_agree_and_a_changed_block_is_counted() {
        let smooth = field(&[]);
        let branched = goldstein(&smooth);
        let mut turns = branched.turns.mapv(|turns| turns + 7);
        assert_eq!(disagreement(&smooth, &turns, &branched), 0.0);
        turns.slice_mut(ndarray::s![..12, ..16]).fill(99);
        // 12 × 16 of 48 × 64 pixels
        assert!((disagreement(&smooth, &turns, &branched) - 0.0625).abs() < 1e-12);
    }
}
