//! Plates that may be there, the best first.

use super::refine::Fitted;
use super::shape::Plate;
use crate::small::dot;

/// Two candidates are one if their centres and edges differ by less than this, voxels, and their axes by less than [`TURN`].
const APART: f64 = 1.0;
/// Cosine of 8°.
const TURN: f64 = 0.99;

/// A plate fitted when `of` plates were known: what it explains can only have fallen since.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) fitted: Fitted,
    pub(super) of: usize,
}

/// All candidates that explain enough, from the least to the most.
pub(super) struct Open {
    candidates: Vec<Candidate>,
    least: f64,
}

impl Open {
    /// Candidates fitted when no plate but these was known, each once.
    pub(super) fn new(mut found: Vec<Fitted>, known: usize, least: f64) -> Self {
        found.retain(|fitted| fitted.gain >= least);
        found.sort_by(|a, b| b.gain.total_cmp(&a.gain));
        let mut kept: Vec<Fitted> = Vec::new();
        for fitted in found {
            if !kept.iter().any(|other| same(&other.plate, &fitted.plate)) {
                kept.push(fitted);
            }
        }
        let candidates = kept.into_iter().rev().map(|fitted| Candidate { fitted, of: known }).collect();
        Self { candidates, least }
    }

    /// Takes the one that explains the most.
    pub(super) fn best(&mut self) -> Option<Candidate> {
        self.candidates.pop()
    }

    /// Puts one back, if it still explains enough.
    pub(super) fn put(&mut self, fitted: Fitted, of: usize) {
        if fitted.gain >= self.least {
            let place = self.candidates.partition_point(|other| other.fitted.gain < fitted.gain);
            self.candidates.insert(place, Candidate { fitted, of });
        }
    }
}

fn same(one: &Plate, two: &Plate) -> bool {
    let (one, two) = (one.sorted(), two.sorted());
    (0..3).all(|i| (one.centre[i] - two.centre[i]).abs() < APART && (one.half[i] - two.half[i]).abs() < APART)
        && dot(one.axes[2], two.axes[2]).abs() > TURN
}
