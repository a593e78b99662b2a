//! Plates that touch, told apart by what they are: cuboids, found and fitted in the filling of the voxels.
//!
//! Plates a few voxels thick have no neck where they touch: a distance map of them is flat, and a watershed cuts them
//! anywhere. But a cuboid has nine numbers and hundreds of voxels. Each plate is the cuboid, blurred as the volume is, that
//! explains the most of what the others leave (least squares, Levenberg–Marquardt); plates are taken from the best on,
//! fitted against each other, and removed, divided or grown over others as long as that explains the volume better by
//! [`PlateSettings::least`].

mod candidates;
mod failed;
mod label;
mod patch;
mod refine;
mod rows;
mod search;
mod seeds;
mod shape;
mod soft;
#[cfg(test)]
mod tests;

pub use shape::Plate;

use crate::error::MorphError;
use litho_types::observer::CancelToken;
use ndarray::{Array3, ArrayView3};

const OPERATION: &str = "plates";

/// How plates are told apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlateSettings {
    /// Standard deviation of the volume's blur, voxels; full width at half maximum over 2.355.
    pub width: f64,
    /// By how much a plate must lower the sum of squares of what is unexplained: about half the voxels of the smallest plate.
    pub least: f64,
    /// A voxel belongs to a plate if it is filled more than this, by the plate or by what was measured.
    pub matter: f32,
}

impl Default for PlateSettings {
    fn default() -> Self {
        Self { width: 0.5, least: 30.0, matter: 0.5 }
    }
}

/// The plates of a volume.
#[derive(Debug, Clone, PartialEq)]
pub struct Plates {
    /// The cuboids; plate `i` has the label `i + 1`.
    pub plates: Vec<Plate>,
    /// The label of each voxel, 0 outside, `(z, y, x)`.
    pub labels: Array3<u32>,
}

/// Finds the plates of a volume of cubic voxels, `filling` being the share of each voxel that is matter, about 0 to 1.
///
/// Plates are numbered by the first voxel of each in the order of memory.
///
/// # Errors
/// [`MorphError`] for a number that is not finite, a setting that is not positive, or if somebody asked to stop.
pub fn plates(
    filling: ArrayView3<f32>,
    settings: &PlateSettings,
    cancel: &CancelToken,
) -> Result<Plates, MorphError> {
    check(filling, settings)?;
    let mut search = search::Search::new(filling, settings, cancel);
    search.run();
    if cancel.is_cancelled() {
        return Err(MorphError::Cancelled { operation: OPERATION });
    }
    Ok(label::label(filling, search.plates, settings))
}

fn check(filling: ArrayView3<f32>, settings: &PlateSettings) -> Result<(), MorphError> {
    let positive = |setting, value: f64, fix| {
        if value.is_finite() && value > 0.0 {
            Ok(())
        } else {
            Err(MorphError::Setting { operation: OPERATION, setting, value, fix })
        }
    };
    positive("width", settings.width, "give the blur of the volume in voxels")?;
    positive("least", settings.least, "give about half the voxels of the smallest plate")?;
    positive("matter", settings.matter.into(), "give a share of a voxel, as 0.5")?;
    match filling.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((z, y, x), value)) => {
            Err(MorphError::NotFinite { operation: OPERATION, voxel: [z, y, x], value: (*value).into() })
        }
        None => Ok(()),
    }
}
