//! Bringing the projections of a tilt series onto one geometry.

mod apply;
mod flow;
mod gauge;
mod joint;
mod level;
mod placement;
mod quality;
mod settings;
mod spline;

pub use apply::{apply, coverage};
pub use gauge::{Sinusoid, without_gauge};
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
use settings::OPERATION;

/// How projections lie on one geometry.
#[derive(Debug, Clone, PartialEq)]
pub struct Alignment {
    /// Where the content of each raw projection must be moved to.
    pub placements: Vec<Placement>,
    /// Where the rotation axis lies in the aligned projections, pixels from the middle of pixel 0.
    pub axis: f64,
    /// The longest step of every iteration, pixels.
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

/// Aligns.
pub fn align(
    projections: ArrayView3<'_, f32>,
    angles: &TiltAngles,
    settings: &AlignSettings,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Alignment, TomoError> {
    let (count, ny, nx) = projections.dim();
    settings.check()?;
    check_finite(OPERATION, projections)?;
    let axis = settings.axis.unwrap_or((nx as f64 - 1.0) / 2.0);
    let sum: f64 = projections.iter().map(|&value| f64::from(value)).sum();
    let sign = if sum < 0.0 { -1.0 } else { 1.0 };
    let mut joint = Joint {
        angles,
        settings,
        cancel,
        placements: vec![Placement::default(); count],
        flagged: vec![false; count],
        misfit: vec![],
        convergence: vec![],
    };
    for bin in usable_binnings(&settings.binnings, (ny, nx)) {
        let level = Level::new(projections, sign, angles, axis, bin)?;
        joint.run(&level, observer)?;
    }
    Ok(Alignment {
        placements: joint.placements,
        axis,
        convergence: joint.convergence,
        misfit: joint.misfit,
        flagged: joint.flagged,
    })
}
