//! Bringing the projections of a tilt series onto one geometry.
//!
//! [`align`] finds a [`Placement`] for every projection: a shift along both axes or, as [`Motion::Similarity`], a shift, a
//! rotation and a scale. It is plain data, counted in raw pixels: [`apply`] gives the aligned projections by one interpolation
//! from the raw ones, also those of another energy of the same scan. Phases (negative) and optical densities (positive) are taken alike.
//!
//! # How
//!
//! A start is searched for ([`profile_shifts`] along y and [`centres`] along x, or [`neighbour_shifts`]). Then, from coarse to fine,
//! the projections are laid on what the volume of all of them shows at their angles, by least squares on the optical flow. The volume is
//! improved a little in each iteration, `x ← P(x + F(d − A x))`: both end together at the volume and the placements that explain the
//! data best. A volume that is reconstructed anew each time, as usual, carries the errors of filtered back-projection into the placements,
//! worst where angles are missing.
//!
//! # What is free
//!
//! A moved sample moves all projections, see [`without_gauge`]. The mean of the shifts along y is zero. Along x the start fixes the
//! sample, its centre of mass on the axis where it has one; steps keep it there. The axis is where [`AlignSettings::axis`]
//! says, and shifts along x bring it there. Scales have the mean 1.
//!
//! # What to beware of
//!
//! A sample that leaves the field along x at some angles has no centre of mass, profiles of mass that change with the angle, and a volume
//! that does not explain its projections: the start falls back on neighbours, and errors of tenths of a pixel must be
//! expected. Along y it may leave the field.

mod apply;
mod axis;
mod centre;
mod correlate;
mod flow;
mod gauge;
mod joint;
mod level;
mod mass;
mod placement;
mod quality;
mod settings;
mod start;

pub use apply::{apply, coverage};
pub use axis::{AxisFound, find_axis};
pub use centre::centres;
pub use correlate::neighbour_shifts;
pub use gauge::{Sinusoid, without_gauge};
pub use mass::profile_shifts;
pub use placement::Placement;
pub use quality::outliers;
pub use settings::{AlignSettings, Motion, Start};

use crate::error::TomoError;
use apply::check_finite;
use joint::Joint;
use level::{Level, usable_binnings};
use litho_types::observer::{CancelToken, Observer};
use litho_types::tilt::TiltAngles;
use ndarray::ArrayView3;
use settings::{OPERATION, setting};

/// Narrowest projections that are aligned.
const NARROWEST: usize = 8;

/// How projections lie on one geometry.
#[derive(Debug, Clone, PartialEq)]
pub struct Alignment {
    /// Where the content of each raw projection must be moved to.
    pub placements: Vec<Placement>,
    /// Where the rotation axis lies in the aligned projections, pixels from the middle of pixel 0.
    pub axis: f64,
    /// The longest step of every iteration, over all levels, raw pixels.
    pub convergence: Vec<f64>,
    /// Misfit of each aligned projection to the volume: `‖H(q − d)‖/‖H d‖`, without slow variations along x.
    pub misfit: Vec<f64>,
    /// True for projections that do not fit the others and were left out of the volume.
    pub flagged: Vec<bool>,
}

impl Alignment {
    /// The places of the projections that are not flagged.
    pub fn kept(&self) -> Vec<usize> {
        (0..self.flagged.len()).filter(|&place| !self.flagged[place]).collect()
    }
}

/// Finds where the content of each projection `(angle, y, x)` must be moved to, so that all are projections of one volume.
///
/// In memory are, beside the projections, four copies of them and two volumes at the finest binning.
///
/// # Errors
/// [`TomoError`] if there is not one projection per angle, the width is below 8 pixels, a number is not finite, a setting cannot
/// be used, or on request.
pub fn align(
    projections: ArrayView3<'_, f32>,
    angles: &TiltAngles,
    settings: &AlignSettings,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Alignment, TomoError> {
    let (count, ny, nx) = projections.dim();
    settings.check(count)?;
    if count != angles.len() || nx < NARROWEST || ny == 0 {
        return Err(TomoError::Shape {
            operation: OPERATION,
            array: "the projections",
            found: vec![count, ny, nx],
            wanted: vec![angles.len(), ny.max(1), nx.max(NARROWEST)],
        });
    }
    check_finite(OPERATION, projections)?;
    let axis = settings.axis.unwrap_or((nx as f64 - 1.0) / 2.0);
    if !(0.0..=nx as f64 - 1.0).contains(&axis) {
        return Err(setting("the axis", axis, "give a place on the detector"));
    }
    let sum: f64 = projections.iter().map(|&value| f64::from(value)).sum();
    let sign = if sum < 0.0 { -1.0 } else { 1.0 };
    let level = |bin: usize| Level::new(projections, sign, angles, axis, (bin, bin));

    let binnings = usable_binnings(&settings.binnings, (ny, nx));
    let placements = start::placements(projections, angles, axis, &level(binnings[0])?, settings, cancel)?;
    let mut joint = Joint::new(angles, settings, cancel, placements);
    for (place, &bin) in binnings.iter().enumerate() {
        let level = level(bin)?;
        joint.run(&level, observer)?;
        let is_last = place + 1 == binnings.len();
        // a bad projection found at the end has spoiled the volume: once more without it
        if is_last && joint.has_new_flags() {
            joint.run(&level, observer)?;
        }
    }
    Ok(joint.into_alignment(axis))
}
