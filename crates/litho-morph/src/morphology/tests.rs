//! Tests of the morphology of masks against its definition and its laws.

use super::{close, dilate, erode, fill_holes, open, remove_small};
use crate::connectivity::Connectivity;
use crate::distance::Border;
use crate::error::MorphError;
use crate::spacing::Spacing;
use crate::test_volumes::random;
use ndarray::{Array3, s};

/// The definition: a voxel is set if any voxel of the mask lies in the ball about it.
fn dilated(mask: &Array3<bool>, spacing: Spacing, radius: f64) -> Array3<bool> {
    let edges = spacing.edges();
    Array3::from_shape_fn(mask.dim(), |(z, y, x)| {
        mask.indexed_iter().filter(|(_, inside)| **inside).any(|((oz, oy, ox), _)| {
            let steps = [oz as f64 - z as f64, oy as f64 - y as f64, ox as f64 - x as f64];
            let square: f64 = steps.iter().zip(edges).map(|(step, edge)| (step * edge).powi(2)).sum();
            square <= radius * radius * (1.0 + 1e-12)
        })
    })
}

#[test]
fn balls_have_real_radii_and_include_their_surface() -> Result<(), MorphError> {
    let mask = random((8, 9, 10), 40, 1).mapv(|kind| kind == 0);
    for spacing in [Spacing::UNIT, Spacing::new([2.0e-9, 0.7e-9, 1.1e-9])?] {
        let edge = spacing.edges()[2];
        for radius in [0.0, 0.5, 1.0, 1.5, 2.0_f64.sqrt(), 3.0] {
            let radius = radius * edge;
            let wanted = dilated(&mask, spacing, radius);
            assert_eq!(dilate(mask.view(), spacing, radius)?, wanted, "{radius}");
            // Duality: eroding the mask is dilating the outside.
            let outside = mask.mapv(|inside| !inside);
            let eroded = erode(outside.view(), spacing, radius, Border::Ignored)?;
            assert_eq!(eroded, wanted.mapv(|inside| !inside));
        }
    }
    Ok(())
}

#[test]
fn opening_takes_off_closing_fills_and_both_are_done_once() -> Result<(), MorphError> {
    let mask = random((14, 15, 16), 3, 2).mapv(|kind| kind != 0);
    let (spacing, radius) = (Spacing::new([1.0, 1.2, 0.8])?, 1.3);
    let opened = open(mask.view(), spacing, radius, Border::Outside)?;
    let closed = close(mask.view(), spacing, radius)?;
    for ((&mask, &opened), &closed) in mask.iter().zip(&opened).zip(&closed) {
        assert!(opened <= mask && mask <= closed);
    }
    assert_ne!(closed, mask);
    assert_eq!(close(closed.view(), spacing, radius)?, closed);
    // A block with a spur, which balls of radius √5 beside it would still meet: the spur goes, the block stays but for its rounded edges.
    let mut block = Array3::from_elem((15, 15, 15), false);
    block.slice_mut(s![2..13, 2..13, 2..9]).fill(true);
    block[[7, 7, 9]] = true;
    block[[7, 7, 10]] = true;
    let opened = open(block.view(), Spacing::UNIT, 2.3, Border::Outside)?;
    assert!(!opened[[7, 7, 9]] && !opened[[7, 7, 10]] && opened[[7, 7, 8]] && !opened[[2, 2, 2]]);
    assert_eq!(open(opened.view(), Spacing::UNIT, 2.3, Border::Outside)?, opened);
    Ok(())
}

#[test]
fn what_is_beyond_the_border_decides_what_is_eroded_there() -> Result<(), MorphError> {
    let mask = Array3::from_elem((5, 5, 5), true);
    assert_eq!(erode(mask.view(), Spacing::UNIT, 1.0, Border::Ignored)?, mask);
    let inner = erode(mask.view(), Spacing::UNIT, 1.0, Border::Outside)?;
    assert_eq!(inner.iter().filter(|inside| **inside).count(), 27);
    Ok(())
}

#[test]
fn holes_are_what_has_no_way_out() -> Result<(), MorphError> {
    // A hollow cube of which a corner is missing: a way out through a corner alone.
    let mut mask = Array3::from_elem((5, 5, 5), false);
    mask.slice_mut(s![1..4, 1..4, 1..4]).fill(true);
    mask[[2, 2, 2]] = false;
    mask[[1, 1, 1]] = false;
    let six = fill_holes(mask.view(), Connectivity::Six)?;
    assert!(six[[2, 2, 2]] && !six[[1, 1, 1]]);
    assert_eq!(fill_holes(mask.view(), Connectivity::TwentySix)?, mask);
    Ok(())
}

#[test]
fn specks_go() -> Result<(), MorphError> {
    let mut mask = Array3::from_elem((3, 3, 9), false);
    mask.slice_mut(s![1, 1, 0..3]).fill(true);
    mask.slice_mut(s![1, 1, 5..7]).fill(true);
    mask[[2, 2, 7]] = true;
    let of = |voxels, connectivity| -> Result<usize, MorphError> {
        Ok(remove_small(mask.view(), voxels, connectivity)?.iter().filter(|inside| **inside).count())
    };
    assert_eq!(of(0, Connectivity::Six)?, 6);
    assert_eq!(of(2, Connectivity::Six)?, 5);
    assert_eq!(of(3, Connectivity::Six)?, 3);
    assert_eq!(of(3, Connectivity::TwentySix)?, 6);
    assert_eq!(of(4, Connectivity::TwentySix)?, 0);
    Ok(())
}

#[test]
fn a_radius_is_a_length() {
    let mask = Array3::from_elem((2, 2, 2), true);
    for radius in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(dilate(mask.view(), Spacing::UNIT, radius).is_err());
        assert!(close(mask.view(), Spacing::UNIT, radius).is_err());
        assert!(open(mask.view(), Spacing::UNIT, radius, Border::Ignored).is_err());
    }
}
