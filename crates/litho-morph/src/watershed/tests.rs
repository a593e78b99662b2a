//! Tests of both floods against reconstruction and a heap, and of splitting against balls.

use super::{SplitSettings, h_maxima, split, watershed};
use crate::components::{components_of_labels, renumber};
use crate::connectivity::Connectivity;
use crate::error::MorphError;
use crate::spacing::Spacing;
use crate::test_volumes::random;
use ndarray::{Array3, ArrayView3, array};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

const ALL: [Connectivity; 3] = [Connectivity::Six, Connectivity::Eighteen, Connectivity::TwentySix];

/// The neighbours of a voxel in the mask.
fn neighbours(at: [usize; 3], mask: ArrayView3<bool>, connectivity: Connectivity) -> Vec<[usize; 3]> {
    let places = connectivity.steps().filter_map(|step| {
        let [z, y, x] = [0, 1, 2].map(|axis| at[axis].checked_add_signed(step[axis]));
        Some([z?, y?, x?])
    });
    places.filter(|&place| mask.get(place) == Some(&true)).collect()
}

/// A rough height of whole numbers in a mask with holes.
fn scene(seed: u64) -> (Array3<f32>, Array3<bool>) {
    let shape = (7, 9, 11);
    let rough = random(shape, 12, seed).mapv(|value| value as f32);
    (rough, random(shape, 5, seed + 1).mapv(|value| value != 0))
}

/// Regional maxima of the reconstruction of `f − h` under `f` (Soille 2003), by dilating until nothing changes.
fn by_reconstruction(
    height: &Array3<f32>,
    mask: &Array3<bool>,
    h: f32,
    connectivity: Connectivity,
) -> Array3<u32> {
    let mut rebuilt = height - h;
    loop {
        let before = rebuilt.clone();
        for ((z, y, x), value) in rebuilt.indexed_iter_mut().filter(|((z, y, x), _)| mask[[*z, *y, *x]]) {
            let around = neighbours([z, y, x], mask.view(), connectivity);
            let highest = around.iter().map(|&place| before[place]).fold(*value, f32::max);
            *value = highest.min(height[[z, y, x]]);
        }
        if rebuilt == before {
            break;
        }
    }
    let levels = Array3::from_shape_fn(height.dim(), |at| if mask[at] { rebuilt[at].to_bits() } else { 0 });
    let flats =
        components_of_labels(levels.view(), connectivity).map(|found| found.labels).unwrap_or_default();
    let mut is_top = vec![true; flats.len() + 1];
    for ((z, y, x), &flat) in flats.indexed_iter().filter(|(_, flat)| **flat != 0) {
        let around = neighbours([z, y, x], mask.view(), connectivity);
        is_top[flat as usize] &= around.iter().all(|&place| rebuilt[place] <= rebuilt[[z, y, x]]);
    }
    renumber(flats.mapv(|flat| if is_top[flat as usize] { flat } else { 0 })).labels
}

#[test]
fn domes_are_the_maxima_of_the_reconstruction() -> Result<(), MorphError> {
    // Heights are whole numbers and h is not, so that no dome's dynamics equals h, where definitions differ.
    for seed in 0..8 {
        let (height, mask) = scene(seed);
        for connectivity in ALL {
            for h in [0.5, 1.5, 3.5, 20.5] {
                let found = h_maxima(height.view(), mask.view(), h.into(), connectivity)?;
                let wanted = by_reconstruction(&height, &mask, h, connectivity);
                assert_eq!(found.labels, wanted, "seed {seed}, {connectivity:?}, h = {h}");
            }
        }
    }
    Ok(())
}

#[test]
fn dynamics_decide_which_tops_count() -> Result<(), MorphError> {
    // Tops 9, 7, 8 and 5, saddles 4, 6 and 2: dynamics ∞, 7 − 6 = 1, 8 − 4 = 4 and 5 − 2 = 3.
    let height = array![[[1.0_f32, 9.0, 4.0, 7.0, 6.0, 8.0, 2.0, 5.0, 5.0, 0.0]]];
    let mask = height.mapv(|_| true);
    for (h, wanted) in [
        (0.0, [0, 1, 0, 2, 0, 3, 0, 4, 4, 0]),
        (1.0, [0, 1, 0, 2, 0, 3, 0, 4, 4, 0]),
        // 7 lies above 8 − 1.5 but is cut off from 8 at 6, so that it is no part of that dome.
        (1.5, [0, 1, 0, 0, 0, 2, 0, 3, 3, 0]),
        (3.0, [0, 1, 0, 2, 2, 2, 0, 3, 3, 0]),
        (4.0, [0, 1, 0, 2, 2, 2, 0, 0, 0, 0]),
        (5.0, [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
    ] {
        let found = h_maxima(height.view(), mask.view(), h, Connectivity::Six)?;
        assert_eq!(found.labels.into_raw_vec_and_offset().0, wanted, "{h}");
    }
    Ok(())
}

/// A voxel that waits, first the highest, then the oldest.
#[derive(PartialEq)]
struct Waiting(f32, usize, [usize; 3]);

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0).then(other.1.cmp(&self.1))
    }
}

/// The flood with a heap (Meyer 1991).
fn by_heap(
    height: &Array3<f32>,
    markers: &Array3<u32>,
    mask: &Array3<bool>,
    connectivity: Connectivity,
) -> Array3<u32> {
    let mut labels = Array3::from_shape_fn(mask.dim(), |at| if mask[at] { markers[at] } else { 0 });
    let mut heap = BinaryHeap::new();
    for ((z, y, x), _) in labels.indexed_iter().filter(|(_, label)| **label != 0) {
        heap.push(Waiting(height[[z, y, x]], heap.len(), [z, y, x]));
    }
    let mut age = heap.len();
    while let Some(Waiting(_, _, at)) = heap.pop() {
        for place in neighbours(at, mask.view(), connectivity) {
            if labels[place] == 0 {
                labels[place] = labels[at];
                heap.push(Waiting(height[place], age, place));
                age += 1;
            }
        }
    }
    labels
}

#[test]
fn the_flood_is_that_of_a_heap() -> Result<(), MorphError> {
    for seed in 0..8 {
        let (height, mask) = scene(seed);
        let markers = random(height.dim(), 60, seed + 2).mapv(|value| if value < 4 { value } else { 0 });
        for connectivity in ALL {
            let found = watershed(height.view(), markers.view(), mask.view(), connectivity)?;
            assert_eq!(found, by_heap(&height, &markers, &mask, connectivity), "seed {seed}");
        }
    }
    Ok(())
}

#[test]
fn labels_stay_inside_and_components_without_marker_stay_0() -> Result<(), MorphError> {
    let mask = array![[[true, true, false, true, true, false, true]]];
    let markers = array![[[0_u32, 9, 5, 0, 0, 3, 0]]];
    let height = array![[[2.0_f32, 1.0, f32::NAN, 1.0, 1.0, f32::INFINITY, 0.0]]];
    let found = watershed(height.view(), markers.view(), mask.view(), Connectivity::TwentySix)?;
    assert_eq!(found, array![[[9, 9, 0, 0, 0, 0, 0]]]);
    Ok(())
}

/// Overlapping balls in a row and the label of the ball that each voxel lies deepest in.
fn balls(shape: (usize, usize, usize), places: &[([f64; 3], f64)], spacing: Spacing) -> Array3<u32> {
    let edges = spacing.edges();
    Array3::from_shape_fn(shape, |(z, y, x)| {
        let at = [z as f64 * edges[0], y as f64 * edges[1], x as f64 * edges[2]];
        let mut best = (0.0, 0);
        for (number, (centre, radius)) in (1..).zip(places) {
            let square: f64 = at.iter().zip(centre).map(|(a, c)| (a - c).powi(2)).sum();
            if square - radius * radius < best.0 {
                best = (square - radius * radius, number);
            }
        }
        best.1
    })
}

#[test]
fn touching_balls_are_told_apart() -> Result<(), MorphError> {
    // Waists of radius 6.6 and 5.3 between balls of 12, 10 and 9; voxels thinner along z.
    let spacing = Spacing::new([0.5, 1.0, 1.0])?;
    let places = [([13.1, 14.2, 13.3], 12.0), ([13.4, 14.0, 31.2], 10.0), ([16.0, 28.0, 38.0], 9.0)];
    let truth = balls((54, 42, 52), &places, spacing);
    let mask = truth.mapv(|label| label != 0);
    let found = split(mask.view(), spacing, &SplitSettings::new(1.0))?;
    assert_eq!(found.count, 3);
    assert_eq!(found.labels.mapv(|label| label != 0), mask);
    // The flood's boundary is the waist's plane to within a voxel: of its 140 voxels a fraction lies on the wrong side.
    let wrong =
        found.labels.iter().zip(&renumber(truth).labels).filter(|(found, truth)| found != truth).count();
    let inside = mask.iter().filter(|inside| **inside).count();
    assert!((wrong as f64) < 0.004 * inside as f64, "{wrong} of {inside}");
    // A waist that is not deep enough does not split.
    assert_eq!(split(mask.view(), spacing, &SplitSettings::new(7.0))?.count, 1);
    Ok(())
}

#[test]
fn a_full_array_is_one_body() -> Result<(), MorphError> {
    let mask = Array3::from_elem((3, 4, 5), true);
    let found = split(mask.view(), Spacing::UNIT, &SplitSettings::new(1.0))?;
    assert!(found.count == 1 && found.labels.iter().all(|&label| label == 1));
    let none = Array3::from_elem((3, 4, 5), false);
    assert_eq!(split(none.view(), Spacing::UNIT, &SplitSettings::new(1.0))?.count, 0);
    assert_eq!(split(Array3::default((0, 0, 0)).view(), Spacing::UNIT, &SplitSettings::new(1.0))?.count, 0);
    Ok(())
}

#[test]
fn what_cannot_be_flooded_is_refused() {
    let mask = Array3::from_elem((2, 2, 2), true);
    let mut height = Array3::from_elem((2, 2, 2), 1.0);
    for h in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(h_maxima(height.view(), mask.view(), h, Connectivity::Six).is_err());
        assert!(split(mask.view(), Spacing::UNIT, &SplitSettings::new(h)).is_err());
    }
    assert!(h_maxima(height.view(), Array3::default((2, 2, 1)).view(), 1.0, Connectivity::Six).is_err());
    let markers = Array3::zeros((1, 2, 2));
    assert!(watershed(height.view(), markers.view(), mask.view(), Connectivity::Six).is_err());
    height[[1, 0, 1]] = f32::NAN;
    let error = h_maxima(height.view(), mask.view(), 1.0, Connectivity::Six).err();
    assert!(matches!(error, Some(MorphError::NotFinite { voxel: [1, 0, 1], .. })), "{error:?}");
}
