//! Trials that did not pay, so that they are not made again where nothing has changed.

use super::shape::Plate;
use crate::small::dot;

/// Nothing has changed if no centre and no edge moved by more than this, voxels, and no axis by more than [`TURN`].
const MOVED: f64 = 0.1;
/// Cosine of 0.8°, by which the end of a plate of 15 voxels moves by a tenth of one.
const TURN: f64 = 0.9999;

/// Plates with those around them, as they were when a trial did not pay.
#[derive(Debug, Default)]
pub(super) struct Failed(Vec<Vec<Plate>>);

impl Failed {
    /// Remembers a plate, first, and those around it.
    pub(super) fn add(&mut self, plates: Vec<Plate>) {
        self.0.push(plates);
    }

    /// True if a trial on the same plates failed.
    pub(super) fn knows(&self, plates: &[Plate]) -> bool {
        self.0.iter().any(|old| old.len() == plates.len() && old.iter().zip(plates).all(|(a, b)| still(a, b)))
    }
}

fn still(one: &Plate, two: &Plate) -> bool {
    (0..3).all(|i| {
        (one.centre[i] - two.centre[i]).abs() < MOVED
            && (one.half[i] - two.half[i]).abs() < 0.5 * MOVED
            && dot(one.axes[i], two.axes[i]) > TURN
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_is_known_until_a_plate_around_it_moves() {
        let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let at = |z: f64| Plate { centre: [z, 5.0, 5.0], axes, half: [4.0, 3.0, 1.0] };
        let mut failed = Failed::default();
        failed.add(vec![at(2.0), at(6.0)]);
        assert!(failed.knows(&[at(2.05), at(6.0)]));
        assert!(!failed.knows(&[at(2.0), at(6.2)]));
        assert!(!failed.knows(&[at(2.0)]));
        assert!(!failed.knows(&[at(6.0), at(2.0)]));
    }
}
