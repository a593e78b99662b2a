//! Tests of surface areas against balls, ellipsoids of voxels and published weights.

use super::directions::{self, DIRECTIONS};
use super::surface_areas;
use crate::error::MorphError;
use crate::spacing::Spacing;
use crate::test_volumes::ball;
use ndarray::{Array3, s};
use std::f64::consts::PI;

#[test]
fn cubic_weights_are_the_published_ones() {
    // Legland, Kiêu & Devaux (2007), Table 1, to the digits printed there.
    let published = [0.045_778, 0.036_981, 0.035_196];
    let weights = directions::weights(Spacing::UNIT);
    for (step, weight) in directions::steps().iter().zip(weights) {
        let kind = step.iter().filter(|c| **c != 0).count() - 1;
        assert!((weight - published[kind]).abs() < 5e-7, "{step:?}: {weight}");
    }
}

#[test]
fn cells_cover_the_sphere_for_any_voxel() -> Result<(), MorphError> {
    // Sums of some hundred roundings; a cell cut wrongly would leave a gap or an overlap.
    for edges in [[1.0, 1.0, 1.0], [3.0, 1.0, 1.0], [0.2, 1.0, 5.0], [1.0, 20.0, 0.7]] {
        let weights = directions::weights(Spacing::new(edges)?);
        assert!((weights.iter().sum::<f64>() - 0.5).abs() < 1e-12, "{edges:?}");
        assert!(weights.iter().all(|&weight| weight > 0.0), "{edges:?}");
        // Lengths have no unit here.
        let scaled = directions::weights(Spacing::new(edges.map(|edge| edge * 1e-9))?);
        for (a, b) in weights.iter().zip(scaled) {
            assert!((a - b).abs() < 1e-12);
        }
    }
    assert_eq!(directions::steps().len(), DIRECTIONS);
    Ok(())
}

#[test]
fn balls_have_the_area_of_their_sphere() -> Result<(), MorphError> {
    // Measured with other code for these radii and a centre off the lattice: +0.9, −0.1, +0.2 and 0.0 %.
    for radius in [5.0, 10.0, 20.0, 40.0] {
        let labels = ball(2 * radius as usize + 6, radius).mapv(u32::from);
        let area = surface_areas(labels.view(), Spacing::UNIT)?[1];
        let wanted = 4.0 * PI * radius * radius;
        assert!((area / wanted - 1.0).abs() < 0.01, "radius {radius}: {area}, wanted {wanted}");
    }
    Ok(())
}

#[test]
fn voxels_with_three_edges_give_the_same_area() -> Result<(), MorphError> {
    // A ball of radius 20 in voxels up to four times as long as wide: directions are spread unevenly, so that the error
    // of thirteen of them is larger; 2 % is what these weights leave at most, 8 % what equal weights would.
    let radius = 20.0;
    for edges in [[2.0, 1.0, 1.0], [1.0, 0.5, 2.0]] {
        let shape = edges.map(|edge: f64| (2.0 * radius / edge) as usize + 6);
        let labels = Array3::from_shape_fn((shape[0], shape[1], shape[2]), |(z, y, x)| {
            let at = [z, y, x];
            let square: f64 =
                (0..3).map(|c| ((at[c] as f64 - shape[c] as f64 / 2.0 + 0.3) * edges[c]).powi(2)).sum();
            u32::from(square <= radius * radius)
        });
        let area = surface_areas(labels.view(), Spacing::new(edges)?)?[1];
        let wanted = 4.0 * PI * radius * radius;
        assert!((area / wanted - 1.0).abs() < 0.02, "{edges:?}: {}", area / wanted);
    }
    Ok(())
}

#[test]
fn every_label_has_its_own_surface() -> Result<(), MorphError> {
    // Two labels of one ball. Each alone in its array, cut out at the face between them, has the same area: what touches
    // is surface of both, and so is what meets the array's end.
    let mut labels = ball(24, 9.0).mapv(u32::from);
    labels.slice_mut(s![12.., .., ..]).mapv_inplace(|label| 3 * label);
    let both = surface_areas(labels.view(), Spacing::UNIT)?;
    assert_eq!((both.len(), both[0], both[2]), (4, 0.0, 0.0));
    for (label, part) in [(1, s![..12, .., ..]), (3, s![12.., .., ..])] {
        let alone = labels.slice(part).mapv(|found| u32::from(found == label));
        let area = surface_areas(alone.view(), Spacing::UNIT)?[1];
        assert!((area - both[label as usize]).abs() < 1e-9 * area);
    }
    Ok(())
}

#[test]
fn a_flat_face_is_crossed_by_every_direction() -> Result<(), MorphError> {
    // Two halves of a cube of n³: the crossings between them can be counted, n² by the step along z, n(n − 1) by the four
    // along edges, (n − 1)² by those along corners. An endless face along an axis would come out at 0.927.
    let n = 20;
    let mut labels = Array3::from_elem((n, n, n), 1);
    labels.slice_mut(s![7.., .., ..]).fill(2);
    let both: f64 = surface_areas(labels.view(), Spacing::UNIT)?.iter().sum();
    let whole = surface_areas(Array3::from_elem((n, n, n), 1).view(), Spacing::UNIT)?[1];
    let n = n as f64;
    let [axis, edge, corner] = [0.045_778, 0.036_981 / 2.0_f64.sqrt(), 0.035_196 / 3.0_f64.sqrt()];
    let wanted = 4.0 * (axis * n * n + 4.0 * edge * n * (n - 1.0) + 4.0 * corner * (n - 1.0) * (n - 1.0));
    // Weights have five digits.
    assert!((0.5 * (both - whole) / wanted - 1.0).abs() < 1e-4, "{both} {whole} {wanted}");
    Ok(())
}

#[test]
fn labels_that_are_no_numbers_are_refused() -> Result<(), MorphError> {
    assert!(surface_areas(Array3::from_elem((2, 2, 2), 9).view(), Spacing::UNIT).is_err());
    assert_eq!(surface_areas(Array3::zeros((0, 2, 2)).view(), Spacing::UNIT)?, [0.0]);
    Ok(())
}
