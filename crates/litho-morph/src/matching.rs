//! Which of the particles found is which of the true ones.

use crate::error::{MorphError, check_shape};
use crate::tally::tally;
use ndarray::{ArrayView3, Axis};
use std::collections::{BTreeMap, BTreeSet};

/// A particle found and the true one that it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// Label of the particle found.
    pub found: u32,
    /// Label of the true one.
    pub truth: u32,
    /// Voxels in both over voxels in either (intersection over union).
    pub iou: f64,
}

/// One-to-one matches of two sets of labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Matching {
    /// Matches, largest overlap first.
    pub pairs: Vec<Match>,
    /// Particles found that are none of the true ones, ascending.
    pub unmatched_found: Vec<u32>,
    /// True particles that were not found, ascending.
    pub unmatched_truth: Vec<u32>,
}

impl Matching {
    /// Share of the true particles whose match has at least this intersection over union; 1 if there are none to find.
    pub fn share(&self, iou: f64) -> f64 {
        let all = self.pairs.len() + self.unmatched_truth.len();
        if all == 0 {
            return 1.0;
        }
        self.pairs.iter().filter(|pair| pair.iou >= iou).count() as f64 / all as f64
    }
}

/// Matches labels one to one: of all overlaps the largest intersection over union first, and so on with what is left.
/// Above ½ no other order could match differently. Equal overlaps go by found, then true label.
///
/// # Errors
/// Arrays of different shape.
pub fn match_labels(found: ArrayView3<'_, u32>, truth: ArrayView3<'_, u32>) -> Result<Matching, MorphError> {
    check_shape("matching", "truth", truth.shape(), found.shape())?;
    let counts = tally(
        found.len_of(Axis(0)),
        |z| {
            let mut counts: BTreeMap<(u32, u32), u64> = BTreeMap::new();
            let (found, truth) = (found.index_axis(Axis(0), z), truth.index_axis(Axis(0), z));
            let mut run = ((0, 0), 0);
            for pair in found.iter().copied().zip(truth.iter().copied()) {
                if pair != run.0 {
                    *counts.entry(run.0).or_default() += run.1;
                    run = (pair, 0);
                }
                run.1 += 1;
            }
            *counts.entry(run.0).or_default() += run.1;
            Ok(counts)
        },
        |sum, count| *sum += count,
    )?;
    Ok(paired(&counts))
}

/// Matches by the voxels that each pair of labels shares; label 0 is no particle.
fn paired(counts: &BTreeMap<(u32, u32), u64>) -> Matching {
    let (mut of_found, mut of_truth) = (BTreeMap::<u32, u64>::new(), BTreeMap::<u32, u64>::new());
    for (&(found, truth), &count) in counts {
        *of_found.entry(found).or_default() += count;
        *of_truth.entry(truth).or_default() += count;
    }
    let overlaps = counts.iter().filter(|((found, truth), _)| *found > 0 && *truth > 0);
    let mut pairs: Vec<Match> = overlaps
        .map(|(&(found, truth), &both)| Match {
            found,
            truth,
            iou: both as f64 / (of_found[&found] + of_truth[&truth] - both) as f64,
        })
        .collect();
    pairs.sort_by(|a, b| b.iou.total_cmp(&a.iou).then((a.found, a.truth).cmp(&(b.found, b.truth))));
    let mut left_found: BTreeSet<u32> = of_found.into_keys().filter(|label| *label > 0).collect();
    let mut left_truth: BTreeSet<u32> = of_truth.into_keys().filter(|label| *label > 0).collect();
    pairs.retain(|pair| {
        let free = left_found.contains(&pair.found) && left_truth.contains(&pair.truth);
        if free {
            left_found.remove(&pair.found);
            left_truth.remove(&pair.truth);
        }
        free
    });
    Matching {
        pairs,
        unmatched_found: left_found.into_iter().collect(),
        unmatched_truth: left_truth.into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array3, s};

    #[test]
    fn a_particle_cut_in_two_is_matched_once() {
        let mut truth = Array3::zeros((3, 4, 12));
        truth.slice_mut(s![.., .., 0..5]).fill(7);
        truth.slice_mut(s![.., .., 5..10]).fill(9);
        truth.slice_mut(s![.., .., 11..]).fill(4);
        let mut found = Array3::zeros((3, 4, 12));
        found.slice_mut(s![.., .., 0..4]).fill(2); // 4 of the 5 of 7
        found.slice_mut(s![.., .., 4..6]).fill(5); // 1 of 7, 1 of 9
        found.slice_mut(s![.., .., 6..10]).fill(3); // 4 of the 5 of 9
        let matching = match_labels(found.view(), truth.view()).unwrap();
        assert_eq!(
            matching.pairs,
            [Match { found: 2, truth: 7, iou: 0.8 }, Match { found: 3, truth: 9, iou: 0.8 }]
        );
        assert_eq!(
            (matching.unmatched_found.as_slice(), matching.unmatched_truth.as_slice()),
            (&[5][..], &[4][..])
        );
        assert_eq!(matching.share(0.8), 2.0 / 3.0);
        assert_eq!(matching.share(0.81), 0.0);
    }

    #[test]
    fn labels_match_themselves_wherever_they_are_numbered() {
        let labels = Array3::from_shape_fn((4, 4, 4), |(z, y, _)| (z / 2 * 2 + y / 2) as u32);
        let matching = match_labels(labels.mapv(|label| label * 10).view(), labels.view()).unwrap();
        assert_eq!(matching.pairs.len(), 3);
        assert!(matching.pairs.iter().all(|pair| pair.iou == 1.0 && pair.found == 10 * pair.truth));
        assert_eq!(matching.share(1.0), 1.0);
        assert!(match_labels(labels.view(), Array3::zeros((4, 4, 3)).view()).is_err());
    }
}
