//! The lines of the table: what we do, what the peer does, how they agree and what is asked.

use super::scene::{Scene, volume};
use crate::error::BenchError;
use crate::python::Python;
use litho_morph::{
    Border, Connectivity, Spacing, SplitSettings, components, distance, distance_labels, split,
};
use ndarray::Array3;
use std::collections::HashMap;

/// What came out of a row.
#[derive(PartialEq)]
pub(super) enum Found {
    Nothing,
    Distances(Array3<f32>),
    Labels(Array3<u32>),
}

/// What is done.
#[derive(Clone, Copy)]
enum Work {
    Distance,
    AnisotropicDistance,
    LabelDistance,
    Components(Connectivity),
    Split,
}

/// A line of the table.
pub(super) struct Row {
    pub(super) name: &'static str,
    work: Work,
    pub(super) peer: &'static str,
    /// Name of the task in the peers' program.
    pub(super) task: &'static str,
    /// CPU seconds of one thread, and the wall time of one thread over that of two; 0 if nothing is asked.
    marks: (f64, f64),
    /// The peer's CPU seconds on the machine where the mark on seconds was set: the same mark as a ratio.
    there: f64,
}

const fn row(
    name: &'static str,
    work: Work,
    peer: (&'static str, &'static str),
    marks: (f64, f64),
    there: f64,
) -> Row {
    Row { name, work, peer: peer.0, task: peer.1, marks, there }
}

pub(super) const ROWS: [Row; 7] = [
    row("distance, porous", Work::Distance, ("edt", "edt"), (0.5, 1.8), 0.74),
    row("distance, porous", Work::Distance, ("SciPy", "scipy-distance"), (0.0, 0.0), 0.0),
    row("distance, voxels 2 × 1 × 1", Work::AnisotropicDistance, ("edt", "edt-anisotropic"), (0.0, 0.0), 0.0),
    row("distance, 140 labels", Work::LabelDistance, ("edt", "edt-labels"), (0.0, 0.0), 0.0),
    row("components, 6", Work::Components(Connectivity::Six), ("cc3d", "components6"), (0.05, 0.0), 0.048),
    row(
        "components, 26",
        Work::Components(Connectivity::TwentySix),
        ("cc3d", "components26"),
        (0.05, 0.0),
        0.059,
    ),
    row("split, 140 spheres", Work::Split, ("scikit-image", "split"), (2.0, 0.0), 27.7),
];

impl Row {
    /// Does it once.
    pub(super) fn run(&self, scene: &Scene) -> Result<Found, BenchError> {
        let pores = scene.pores.view();
        Ok(match self.work {
            Work::Distance => Found::Distances(distance(pores, Spacing::UNIT, Border::Ignored)?),
            Work::AnisotropicDistance => {
                Found::Distances(distance(pores, Spacing::new([2.0, 1.0, 1.0])?, Border::Ignored)?)
            }
            Work::LabelDistance => {
                Found::Distances(distance_labels(scene.spheres.view(), Spacing::UNIT, Border::Ignored)?)
            }
            Work::Components(connectivity) => Found::Labels(components(pores, connectivity)?.labels),
            Work::Split => {
                Found::Labels(split(scene.solid.view(), Spacing::UNIT, &SplitSettings::new(1.0))?.labels)
            }
        })
    }

    /// How what we found agrees with what the peer left, and with the truth where there is one.
    pub(super) fn agreement(
        &self,
        scene: &Scene,
        found: &Found,
        python: &Python,
    ) -> Result<String, BenchError> {
        Ok(match found {
            Found::Nothing => String::new(),
            Found::Distances(ours) => {
                let theirs = volume(python.read("found.f32", f32::from_le_bytes)?)?;
                let apart = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                format!("largest difference {apart:.0e}")
            }
            Found::Labels(ours) => {
                let theirs = volume(python.read("found.u32", u32::from_le_bytes)?)?;
                if matches!(self.work, Work::Split) {
                    let truth = &scene.spheres;
                    format!("{}; peer {}", overlap(ours, truth), overlap(&theirs, truth))
                } else {
                    let (same, count) = (overlap(&theirs, ours), overlap(ours, &theirs));
                    if same.is_equal() && count.is_equal() {
                        format!("the same {}", same.truths)
                    } else {
                        "**differ**".to_owned()
                    }
                }
            }
        })
    }

    /// Whether the marks are met.
    pub(super) fn judge(&self, cpu: f64, scaling: f64, ratio: Option<f64>) -> String {
        let met = |met: bool| if met { "met" } else { "**not met**" };
        let mut marks = Vec::new();
        if self.marks.0 > 0.0 {
            marks.push(format!("≤ {} s {}", self.marks.0, met(cpu <= self.marks.0)));
            let wanted = self.there / self.marks.0;
            if let Some(ratio) = ratio {
                marks.push(format!("≥ {wanted:.2} × {}", met(ratio >= wanted)));
            }
        }
        if self.marks.1 > 0.0 {
            marks.push(format!("2 threads ≥ {} × {}", self.marks.1, met(scaling >= self.marks.1)));
        }
        marks.join(", ")
    }
}

/// How labels overlap with true ones.
struct Overlap {
    /// Labels, and true ones.
    labels: usize,
    truths: usize,
    /// Mean over the true ones of the best intersection over union.
    mean: f64,
}

impl Overlap {
    /// Both name the same sets of voxels.
    fn is_equal(&self) -> bool {
        self.labels == self.truths && self.mean == 1.0
    }
}

impl std::fmt::Display for Overlap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}, IoU {:.4}", self.labels, self.truths, self.mean)
    }
}

fn overlap(labels: &Array3<u32>, truth: &Array3<u32>) -> Overlap {
    let (mut of_label, mut of_truth, mut of_both) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (&label, &truth) in labels.iter().zip(truth) {
        *of_label.entry(label).or_insert(0_u64) += 1;
        *of_truth.entry(truth).or_insert(0_u64) += 1;
        *of_both.entry((truth, label)).or_insert(0_u64) += 1;
    }
    let mut best: std::collections::BTreeMap<u32, f64> = std::collections::BTreeMap::new();
    let mut pairs: Vec<_> =
        of_both.into_iter().filter(|((truth, label), _)| *truth != 0 && *label != 0).collect();
    pairs.sort_unstable();
    for ((truth, label), both) in pairs {
        let iou = both as f64 / (of_truth[&truth] + of_label[&label] - both) as f64;
        let found = best.entry(truth).or_insert(0.0);
        *found = found.max(iou);
    }
    let count = |sizes: &HashMap<u32, u64>| sizes.len() - usize::from(sizes.contains_key(&0));
    let truths = count(&of_truth);
    let mean = best.values().sum::<f64>() / truths as f64;
    Overlap { labels: count(&of_label), truths, mean }
}
