//! What a file holds, where it is a tilt series or a volume: for people who ask before they compute.

use crate::error::IoError;
use crate::h5::H5File;
use crate::scan::Ingredient;
use crate::tilts::{TiltOptions, TiltPlan, holds_tilts, plan_tilts};
use crate::volume::{VolumeFormat, VolumeOptions, VolumePlan, holds_volume, plan_volume};
use std::path::Path;

/// A file that is a tilt series or a volume.
#[derive(Debug, Clone, PartialEq)]
pub enum Description {
    /// Projections at many angles.
    Tilts(TiltPlan),
    /// Voxels.
    Volume(VolumePlan),
}

impl Description {
    /// The kind and the format, in words.
    pub fn format(&self) -> String {
        match self {
            Self::Tilts(plan) => format!("tilt series, {}", plan.format.name()),
            Self::Volume(plan) => format!("volume, {}", plan.format.name()),
        }
    }

    /// Where everything came from.
    pub fn ingredients(&self) -> &[Ingredient] {
        match self {
            Self::Tilts(plan) => &plan.ingredients,
            Self::Volume(plan) => &plan.ingredients,
        }
    }

    /// What a person should know.
    pub fn warnings(&self) -> &[String] {
        match self {
            Self::Tilts(plan) => &plan.warnings,
            Self::Volume(plan) => &plan.warnings,
        }
    }
}

/// Describes a tilt series or a volume; `None` if the file says of itself that it is neither, as a scan does not.
///
/// # Errors
/// [`IoError`] if it is one of them and a bad one, or the file cannot be opened.
pub fn describe(path: &Path) -> Result<Option<Description>, IoError> {
    let volume =
        |path| plan_volume(path, &VolumeOptions::default()).map(|plan| Some(Description::Volume(plan)));
    let format = crate::volume::detect(path)?;
    if format != VolumeFormat::Hdf5 {
        return volume(path);
    }
    let file = H5File::open(path)?;
    if holds_tilts(&file) {
        return plan_tilts(path, &TiltOptions::default()).map(|plan| Some(Description::Tilts(plan)));
    }
    if holds_volume(&file) { volume(path) } else { Ok(None) }
}
