//! Tests of the components against floods from every voxel.

use super::{Components, components, components_of_labels};
use crate::connectivity::Connectivity;
use crate::error::MorphError;
use crate::test_volumes::random;
use ndarray::{Array3, ArrayView3};

const ALL: [Connectivity; 3] = [Connectivity::Six, Connectivity::Eighteen, Connectivity::TwentySix];

/// Floods from every voxel without number, in the order of memory.
fn by_flooding(labels: ArrayView3<u32>, connectivity: Connectivity) -> Components {
    let mut numbers = Array3::zeros(labels.dim());
    let mut count = 0;
    for ((z, y, x), &label) in labels.indexed_iter() {
        if label == 0 || numbers[[z, y, x]] != 0 {
            continue;
        }
        count += 1;
        let mut front = vec![[z as isize, y as isize, x as isize]];
        numbers[[z, y, x]] = count;
        while let Some(at) = front.pop() {
            for step in connectivity.steps() {
                let next = [at[0] + step[0], at[1] + step[1], at[2] + step[2]];
                let place = next.map(|at| usize::try_from(at).unwrap_or(usize::MAX));
                if labels.get(place) == Some(&label) && numbers[place] == 0 {
                    numbers[place] = count;
                    front.push(next);
                }
            }
        }
    }
    Components { labels: numbers, count }
}

#[test]
fn components_are_those_of_a_flood() -> Result<(), MorphError> {
    // Near the percolation threshold of each connectivity sets are large and ragged; two and three kinds of labels abut.
    for (shape, kinds) in
        [((9, 10, 11), 2), ((20, 17, 70), 3), ((5, 6, 130), 4), ((1, 3, 64), 2), ((12, 1, 1), 2)]
    {
        for connectivity in ALL {
            let labels = random(shape, kinds, 11);
            assert_eq!(
                components_of_labels(labels.view(), connectivity)?,
                by_flooding(labels.view(), connectivity)
            );
            for inside in 1..kinds as u32 {
                let mask = labels.mapv(|kind| kind >= inside);
                let wanted = by_flooding(mask.mapv(u32::from).view(), connectivity);
                assert_eq!(components(mask.view(), connectivity)?, wanted);
            }
        }
    }
    Ok(())
}

#[test]
fn components_reach_over_slabs() -> Result<(), MorphError> {
    // Planes of 2¹⁷ voxels, so that a slab has two planes; a staircase that goes from slab to slab by corners alone.
    let mut mask = Array3::from_elem((9, 256, 512), false);
    for z in 0..9 {
        mask[[z, 100 + z, 200 - z]] = true;
    }
    for (connectivity, count) in [(ALL[0], 9), (ALL[1], 9), (ALL[2], 1)] {
        assert_eq!(components(mask.view(), connectivity)?.count, count);
    }
    for z in 0..9 {
        mask[[z, 100 + z, 199 - z]] = true;
    }
    for (connectivity, count) in [(ALL[0], 9), (ALL[1], 1), (ALL[2], 1)] {
        assert_eq!(components(mask.view(), connectivity)?.count, count, "{connectivity:?}");
    }
    Ok(())
}

#[test]
fn an_empty_volume_has_no_component() -> Result<(), MorphError> {
    for shape in [(0, 3, 3), (3, 0, 3), (3, 3, 0)] {
        assert_eq!(components(Array3::from_elem(shape, true).view(), ALL[0])?.count, 0);
    }
    Ok(())
}
