//! Morphology of masks by balls of any radius, through exact distances; holes and specks.

#[cfg(test)]
mod tests;

use crate::components::components;
use crate::connectivity::Connectivity;
use crate::distance::{Border, distance};
use crate::error::MorphError;
use crate::spacing::Spacing;
use ndarray::{Array3, ArrayView3, Axis, Zip};

/// What a ball of this radius, moved about within the mask, never meets with its centre is taken off: voxels stay whose
/// distance to the outside is larger than the radius.
///
/// # Errors
/// A radius that is negative or not finite.
pub fn erode(
    mask: ArrayView3<bool>,
    spacing: Spacing,
    radius: f64,
    border: Border,
) -> Result<Array3<bool>, MorphError> {
    check_radius("erosion", radius)?;
    Ok(distance(mask, spacing, border)?.mapv(|distance| f64::from(distance) > bound(radius)))
}

/// Every voxel within this radius of the mask. Beyond the array there is nothing.
///
/// # Errors
/// As [`erode`].
pub fn dilate(mask: ArrayView3<bool>, spacing: Spacing, radius: f64) -> Result<Array3<bool>, MorphError> {
    check_radius("dilation", radius)?;
    let outside = mask.mapv(|inside| !inside);
    let away = distance(outside.view(), spacing, Border::Ignored)?;
    Ok(away.mapv(|distance| f64::from(distance) <= bound(radius)))
}

/// What balls of this radius within the mask cover: necks and spurs thinner than them are taken off.
///
/// # Errors
/// As [`erode`].
pub fn open(
    mask: ArrayView3<bool>,
    spacing: Spacing,
    radius: f64,
    border: Border,
) -> Result<Array3<bool>, MorphError> {
    dilate(erode(mask, spacing, radius, border)?.view(), spacing, radius)
}

/// What no ball of this radius outside the mask covers: gaps thinner than them are filled. Nothing is taken off, also not
/// at the faces of the array.
///
/// # Errors
/// As [`erode`].
pub fn close(mask: ArrayView3<bool>, spacing: Spacing, radius: f64) -> Result<Array3<bool>, MorphError> {
    erode(dilate(mask, spacing, radius)?.view(), spacing, radius, Border::Ignored)
}

/// Fills what is outside and has no way to the faces of the array, through neighbours by `background`. Six neighbours for
/// the background go with a mask of 26, and the other way round.
///
/// # Errors
/// More than 2³² − 2 runs of voxels along x.
pub fn fill_holes(mask: ArrayView3<bool>, background: Connectivity) -> Result<Array3<bool>, MorphError> {
    let outside = mask.mapv(|inside| !inside);
    let found = components(outside.view(), background)?;
    let mut open = vec![false; found.count as usize + 1];
    for axis in 0..3 {
        let labels = found.labels.view();
        for face in [labels.axis_iter(Axis(axis)).next(), labels.axis_iter(Axis(axis)).next_back()] {
            for &label in face.iter().flatten() {
                open[label as usize] = true;
            }
        }
    }
    Ok(Zip::from(mask).and(&found.labels).par_map_collect(|&inside, &label| inside || !open[label as usize]))
}

/// Takes off the components of fewer than `voxels` voxels.
///
/// # Errors
/// More than 2³² − 2 runs of voxels along x.
pub fn remove_small(
    mask: ArrayView3<bool>,
    voxels: usize,
    connectivity: Connectivity,
) -> Result<Array3<bool>, MorphError> {
    let found = components(mask, connectivity)?;
    let mut sizes = vec![0_usize; found.count as usize + 1];
    for &label in &found.labels {
        sizes[label as usize] += 1;
    }
    sizes[0] = 0;
    Ok(found.labels.mapv(|label| label != 0 && sizes[label as usize] >= voxels))
}

/// The radius and the rounding of a distance in single precision: a voxel at exactly the radius belongs to the ball.
fn bound(radius: f64) -> f64 {
    radius * (1.0 + 2.0 * f64::from(f32::EPSILON))
}

fn check_radius(operation: &'static str, radius: f64) -> Result<(), MorphError> {
    if radius.is_finite() && radius >= 0.0 {
        return Ok(());
    }
    Err(MorphError::Setting {
        operation,
        setting: "radius",
        value: radius,
        fix: "give a length of 0 or more",
    })
}
