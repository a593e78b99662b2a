//! Thickness of plates near the resolution: a slab, smeared by the instrument, fitted to the voxels under the facet.
//!
//! The full width at half maximum of a profile across a plate is not its thickness once that is near the resolution. Seen with a
//! Gaussian of 11 nm, plates of 5, 10, 15, 20 and 30 nm have widths of 11.5, 13.2, 16.3, 20.4 and 30.0 nm
//! ([`expected_fwhm`]). The fit knows the resolution and finds the thickness itself.
//!
//! - [`settings`]: resolution, plateau, background, margins.
//! - `facet`: the frame of a plate and the columns of voxels under its facet; `neighbours`: what others throw into them.
//! - `slab`: the fit; [`profile`]: the profile and its width; `area`: the facet's area.

mod area;
mod facet;
mod neighbours;
mod normal;
pub mod profile;
mod samples;
pub mod settings;
mod slab;

pub use profile::{Profile, expected_fwhm};
pub use settings::{Background, ThicknessSettings};
pub use slab::SlabFit;

use crate::error::{MorphError, check_shape};
use crate::particles::Particle;
use crate::spacing::Spacing;
use facet::Facet;
use ndarray::ArrayView3;
use rayon::prelude::*;
use samples::Scene;

/// Fits of the tilt, each from the facet as the one before left it.
const TURNS: usize = 3;

/// Thickness and facet of a plate, in the unit of the spacing.
#[derive(Debug, Clone, PartialEq)]
pub struct Thickness {
    /// The particle's label.
    pub id: u32,
    /// Normal `(z, y, x)` of the facet, refined.
    pub normal: [f64; 3],
    /// Width of the profile at half of its maximum, as measured: too large below one and a half times the resolution.
    /// `None` where a neighbour keeps the profile from falling that far.
    pub fwhm: Option<f64>,
    /// The slab that fits best; `None` where there are too few voxels for one.
    pub fit: Option<SlabFit>,
    /// Area of the projection along the normal, at half of the plateau.
    pub facet_area: f64,
    /// Columns of voxels that were used.
    pub columns: usize,
    /// Share of the facet's columns, within the margin, that no neighbour covers.
    pub free: f64,
    /// Whether only free columns were used. If not, the far side of some columns is a neighbour's label, and the
    /// thickness is as good as the border between the labels.
    pub clear: bool,
    /// Width of the rim that was left out.
    pub margin: f64,
    /// Mean profile along the normal, without background and neighbours.
    pub profile: Profile,
}

/// Measures the thickness of one plate. `volume` holds the amount of matter per voxel: occupancy, or an optical density.
/// Voxels labelled as others are left out, columns under neighbours too where enough remain, and what neighbours throw into
/// the voxels around them is taken off as their labels say, smeared and at this plate's amplitude.
///
/// # Errors
/// Arrays of different shape, impossible settings, a voxel near the particle that is not finite.
pub fn thickness(
    volume: ArrayView3<'_, f32>,
    labels: ArrayView3<'_, u32>,
    spacing: Spacing,
    particle: &Particle,
    settings: &ThicknessSettings,
) -> Result<Thickness, MorphError> {
    check_shape("thickness", "volume", volume.shape(), labels.shape())?;
    settings.check()?;
    let scene = Scene::new(volume, labels, spacing, particle, settings)?;
    let mut facet = Facet::new(&scene, particle.centroid, particle.axes, settings);
    let mut samples = scene.under(&facet);
    let mut fit =
        slab::fit(&samples, facet.thickness, settings, settings.refine && facet.columns() >= settings.fewest);
    if settings.refine {
        for _ in 1..TURNS {
            let Some((axes, centre)) = fit.as_ref().and_then(|fit| facet.turned(fit)) else { break };
            facet = Facet::new(&scene, centre, axes, settings);
            samples = scene.under(&facet);
            fit = slab::fit(&samples, facet.thickness, settings, true);
        }
    }
    let profile = Profile::new(&samples, fit.as_ref(), spacing, settings);
    Ok(Thickness {
        id: particle.id,
        normal: facet.axes[2],
        fwhm: profile.fwhm(),
        facet_area: area::facet_area(&scene, &facet, fit.as_ref(), settings),
        columns: facet.columns(),
        free: facet.free,
        clear: facet.clear,
        margin: facet.margin,
        profile,
        fit,
    })
}

/// [`thickness`] of every particle.
///
/// # Errors
/// As [`thickness`], the first by particle.
pub fn thicknesses(
    volume: ArrayView3<'_, f32>,
    labels: ArrayView3<'_, u32>,
    spacing: Spacing,
    particles: &[Particle],
    settings: &ThicknessSettings,
) -> Result<Vec<Thickness>, MorphError> {
    let all: Vec<_> =
        particles.par_iter().map(|particle| thickness(volume, labels, spacing, particle, settings)).collect();
    all.into_iter().collect()
}

#[cfg(test)]
mod tests;
