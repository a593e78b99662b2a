//! Watershed of heights: which maxima count, and to which of them each voxel belongs.
//!
//! Floods go from high to low within a mask. Voxels are sorted once; both floods read that order.

mod flood;
mod order;
mod peaks;
mod queue;
mod split;
mod terrain;
#[cfg(test)]
mod tests;

use crate::components::Components;
use crate::connectivity::Connectivity;
use crate::error::{MorphError, check_shape};
use ndarray::{Array3, ArrayView3};
pub use split::{SplitSettings, split};
use terrain::Terrain;

/// The domes of a height whose dynamics, the descent before a higher place can be climbed, is at least `h`: one number
/// per dome, from 1 in the order of memory. A dome is the voxels higher than its top minus `h` that are connected to
/// it above that height; with `h = 0` it is the regional maximum. The top of every component of the mask is one.
///
/// One flood finds them all: heights are taken from high to low, and where two domes meet, the lower one's dynamics is known.
///
/// # Errors
/// Shapes that differ, an `h` that is negative or not finite, heights in the mask that are not finite, more than
/// 2³² − 2 voxels with a layer around them.
pub fn h_maxima(
    height: ArrayView3<f32>,
    mask: ArrayView3<bool>,
    h: f64,
    connectivity: Connectivity,
) -> Result<Components, MorphError> {
    const OPERATION: &str = "h-maxima";
    check_h(OPERATION, h)?;
    let terrain = Terrain::new(OPERATION, height, mask)?;
    Ok(peaks::h_maxima(&terrain, h as f32, connectivity))
}

/// Floods a height from markers: the highest voxel at the shore of any flooded region goes next, among equals the one that
/// was reached first, and takes the label of who reached it. There are no lines between regions. Labels
/// stay inside the mask; markers outside it do not count, and a component without a marker stays 0.
///
/// # Errors
/// Shapes that differ, heights in the mask that are not finite, more than 2³² − 2 voxels with a layer around them.
pub fn watershed(
    height: ArrayView3<f32>,
    markers: ArrayView3<u32>,
    mask: ArrayView3<bool>,
    connectivity: Connectivity,
) -> Result<Array3<u32>, MorphError> {
    const OPERATION: &str = "watershed";
    check_shape(OPERATION, "the markers", markers.shape(), height.shape())?;
    let terrain = Terrain::new(OPERATION, height, mask)?;
    Ok(flood::flood(terrain, markers, connectivity))
}

fn check_h(operation: &'static str, h: f64) -> Result<(), MorphError> {
    if h.is_finite() && h >= 0.0 {
        return Ok(());
    }
    Err(MorphError::Setting { operation, setting: "h", value: h, fix: "give a height of 0 or more" })
}
