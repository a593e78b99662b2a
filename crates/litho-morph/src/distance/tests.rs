//! Tests of the distances against their definition and against walls and points.

use super::{Border, distance, distance_labels};
use crate::error::MorphError;
use crate::spacing::Spacing;
use crate::test_volumes::random;
use ndarray::{Array3, ArrayView3, s};

/// Four roundings of a square, halved by the root, and that of the root: below 3 ε.
const ROUNDINGS: f32 = 3.0 * f32::EPSILON;

/// The definition, over all pairs of voxels and the layer of voxels around the array.
fn by_definition(labels: ArrayView3<u32>, spacing: Spacing, border: Border) -> Array3<f32> {
    let (nz, ny, nx) = labels.dim();
    let edges = spacing.edges();
    let mut around = Array3::from_elem((nz + 2, ny + 2, nx + 2), u32::MAX);
    around.slice_mut(s![1..=nz, 1..=ny, 1..=nx]).assign(&labels);
    Array3::from_shape_fn(labels.dim(), |(z, y, x)| {
        let label = labels[[z, y, x]];
        let others = around
            .indexed_iter()
            .filter(|(_, other)| **other != label && (border == Border::Outside || **other != u32::MAX));
        let squares = others.map(|((oz, oy, ox), _)| {
            let steps = [oz as f64 - 1.0 - z as f64, oy as f64 - 1.0 - y as f64, ox as f64 - 1.0 - x as f64];
            steps.iter().zip(edges).map(|(step, edge)| (step * edge).powi(2)).sum::<f64>()
        });
        if label == 0 { 0.0 } else { squares.fold(f64::INFINITY, f64::min).sqrt() as f32 }
    })
}

fn same(found: &Array3<f32>, wanted: &Array3<f32>) {
    for ((voxel, &found), &wanted) in found.indexed_iter().zip(wanted) {
        assert!(
            found == wanted || (found - wanted).abs() <= ROUNDINGS * wanted,
            "{voxel:?}: {found}, wanted {wanted}"
        );
    }
}

#[test]
fn distances_are_those_of_the_definition() -> Result<(), MorphError> {
    // Odd shapes, more and fewer columns than a group; labels from two to many kinds, so that runs and gaps of all sorts
    // are met; voxels with three edges.
    for (shape, kinds) in [((7, 9, 5), 2), ((5, 4, 19), 3), ((3, 11, 33), 2), ((1, 1, 1), 2), ((9, 8, 7), 40)]
    {
        for spacing in [Spacing::UNIT, Spacing::new([2.5, 0.7, 1.3])?] {
            for border in [Border::Outside, Border::Ignored] {
                let labels = random(shape, kinds, 5).mapv(|kind| kind * u32::from(kind % 7 != 3));
                same(
                    &distance_labels(labels.view(), spacing, border)?,
                    &by_definition(labels.view(), spacing, border),
                );
                // Few voxels outside, so that distances are long.
                let mask = random(shape, 60, 3).mapv(|kind| kind != 0);
                let as_labels = mask.mapv(u32::from);
                let found = distance(mask.view(), spacing, border)?;
                same(&found, &by_definition(as_labels.view(), spacing, border));
                assert_eq!(found, distance_labels(as_labels.view(), spacing, border)?);
            }
        }
    }
    Ok(())
}

#[test]
fn far_walls_are_as_far_as_they_stand() -> Result<(), MorphError> {
    // 200 voxels to the wall in every direction of the passes: farther than the search goes.
    const LENGTH: usize = 401;
    let spacing = Spacing::new([1.5, 0.5, 1.0])?;
    for shape in [(LENGTH, 2, 3), (2, LENGTH, 3), (2, 3, LENGTH)] {
        let axis = [shape.0, shape.1, shape.2].iter().position(|&n| n == LENGTH).unwrap_or(0);
        let mut mask = Array3::from_elem(shape, true);
        mask.index_axis_mut(ndarray::Axis(axis), 0).fill(false);
        mask.index_axis_mut(ndarray::Axis(axis), LENGTH - 1).fill(false);
        let edge = spacing.edges()[axis];
        let wanted = Array3::from_shape_fn(shape, |(z, y, x)| {
            let place = [z, y, x][axis];
            (place.min(LENGTH - 1 - place) as f64 * edge) as f32
        });
        same(&distance(mask.view(), spacing, Border::Ignored)?, &wanted);
        same(
            &distance_labels(
                mask.mapv(|inside| if inside { 7 } else { 2 }).view(),
                spacing,
                Border::Ignored,
            )?,
            &{
                let mut wanted = wanted;
                wanted.index_axis_mut(ndarray::Axis(axis), 0).fill(edge as f32);
                wanted.index_axis_mut(ndarray::Axis(axis), LENGTH - 1).fill(edge as f32);
                wanted
            },
        );
    }
    Ok(())
}

#[test]
fn a_lone_voxel_outside_is_seen_from_everywhere() -> Result<(), MorphError> {
    // Distances up to 170 voxels, over slanted directions: parabolas along both axes.
    let (shape, at) = ((3, 150, 150), [1_usize, 20, 31]);
    let mut mask = Array3::from_elem(shape, true);
    mask[at] = false;
    let spacing = Spacing::new([3.0, 1.25, 1.0])?;
    let wanted = Array3::from_shape_fn(shape, |(z, y, x)| {
        let steps = [z, y, x].into_iter().zip(at).map(|(a, b)| a as f64 - b as f64);
        steps.zip(spacing.edges()).map(|(step, edge)| (step * edge).powi(2)).sum::<f64>().sqrt() as f32
    });
    same(&distance(mask.view(), spacing, Border::Ignored)?, &wanted);
    Ok(())
}

#[test]
fn nothing_outside_is_infinitely_far() -> Result<(), MorphError> {
    let mask = Array3::from_elem((3, 4, 5), true);
    let far = distance(mask.view(), Spacing::UNIT, Border::Ignored)?;
    assert!(far.iter().all(|&d| d == f32::INFINITY));
    assert_eq!(distance(mask.view(), Spacing::UNIT, Border::Outside)?[[1, 1, 1]], 2.0);
    let none = Array3::from_elem((0, 4, 5), true);
    assert!(distance(none.view(), Spacing::UNIT, Border::Outside)?.is_empty());
    Ok(())
}

#[test]
fn a_view_in_another_order_has_the_same_distances() -> Result<(), MorphError> {
    let mask = random((6, 7, 8), 4, 9).mapv(|kind| kind != 0);
    let plain = distance(mask.view(), Spacing::UNIT, Border::Outside)?;
    let turned = distance(mask.t(), Spacing::UNIT, Border::Outside)?;
    assert_eq!(turned.t(), plain);
    Ok(())
}
