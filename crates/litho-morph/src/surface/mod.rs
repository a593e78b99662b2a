//! Surface areas by Crofton's formula: how often lines of thirteen directions cross a surface.
//!
//! `S = 4 Σ_d w_d n_d V/|d|`: `n_d` crossings along the step `d` between neighbours, `V` the volume of a voxel, so that
//! `V/|d|` is the area per line, and `w_d` the part of all directions that lies nearest to `d`
//! (Lang, Ohser & Hilfer 2001; Legland, Kiêu & Devaux 2007).

mod crossings;
mod directions;
#[cfg(test)]
mod tests;

use crate::error::MorphError;
use crate::spacing::Spacing;
use crossings::crossings;
use directions::DIRECTIONS;
use ndarray::ArrayView3;

/// The surface area of every label in one pass: entry `k` is that of label `k`, entry 0 is 0. Faces of the array count as
/// surface where a label meets them; where labels touch, the interface counts for both.
///
/// Balls of a radius of five voxels or more come out within 1 %. That is a mean over all directions: one flat face of cubic
/// voxels comes out between 7.3 % too small (along an axis) and 2.3 % too large.
///
/// # Errors
/// A label larger than the number of voxels: labels are numbered from 1.
pub fn surface_areas(labels: ArrayView3<u32>, spacing: Spacing) -> Result<Vec<f64>, MorphError> {
    let most = labels.len();
    let largest = labels.iter().copied().max().unwrap_or(0) as usize;
    if largest > most {
        return Err(MorphError::Setting {
            operation: "surface areas",
            setting: "largest label",
            value: largest as f64,
            fix: "number the labels from 1",
        });
    }
    let factors = area_per_crossing(spacing);
    let counts = crossings(labels, largest);
    let areas = counts
        .iter()
        .map(|counts| counts.iter().zip(factors).map(|(&count, factor)| count as f64 * factor).sum::<f64>());
    Ok(areas.collect())
}

/// `4 w_d V/|d|` of each direction.
fn area_per_crossing(spacing: Spacing) -> [f64; DIRECTIONS] {
    let steps = directions::steps();
    let weights = directions::weights(spacing);
    std::array::from_fn(|direction| {
        let length = directions::length(steps[direction], spacing);
        4.0 * weights[direction] * spacing.volume() / length
    })
}
