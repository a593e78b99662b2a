//! Touching bodies told apart by the waists between them.

use super::terrain::Terrain;
use super::{check_h, flood, peaks};
use crate::components::{Components, renumber};
use crate::connectivity::Connectivity;
use crate::distance::{Border, distance};
use crate::error::MorphError;
use crate::spacing::Spacing;
use ndarray::ArrayView3;

/// How touching bodies are told apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitSettings {
    /// How much thinner than the smaller of two bodies their waist must be, in radius, for them to be two; in the unit
    /// of the spacing. One or two voxels is usual: less follows the roughness of surfaces.
    pub h: f64,
    /// Which voxels are neighbours in the flood.
    pub connectivity: Connectivity,
    /// What lies beyond the array.
    pub border: Border,
}

impl SplitSettings {
    /// All 26 neighbours, which draw rounder regions than six, and the border ignored.
    pub fn new(h: f64) -> Self {
        Self { h, connectivity: Connectivity::TwentySix, border: Border::Ignored }
    }
}

/// Splits a mask at its waists: distances, their h-maxima as markers, and the watershed from these. Every voxel of the
/// mask has a label, numbered from 1 in the order of memory.
///
/// # Errors
/// An `h` that is negative or not finite, more than 2³² − 2 voxels with a layer around them.
pub fn split(
    mask: ArrayView3<bool>,
    spacing: Spacing,
    settings: &SplitSettings,
) -> Result<Components, MorphError> {
    const OPERATION: &str = "splitting";
    check_h(OPERATION, settings.h)?;
    let mut height = distance(mask, spacing, settings.border)?;
    // Nothing is outside: then every distance is infinite, and there is one body.
    if height.first() == Some(&f32::INFINITY) {
        height.fill(0.0);
    }
    let terrain = Terrain::new(OPERATION, height.view(), mask)?;
    let markers = peaks::h_maxima(&terrain, settings.h as f32, settings.connectivity);
    Ok(renumber(flood::flood(terrain, markers.labels.view(), settings.connectivity)))
}
