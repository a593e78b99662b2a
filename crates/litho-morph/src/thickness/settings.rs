//! What must be known to measure a thickness, and what may be chosen.

use crate::error::MorphError;

const OPERATION: &str = "thickness";

/// What lies under plate and neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Background {
    /// Nothing.
    #[default]
    Zero,
    /// The same on both sides, fitted.
    Constant,
    /// Different on the two sides, fitted as a straight line through the plate.
    Linear,
}

/// How thickness is measured. Lengths are in the unit of the spacing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThicknessSettings {
    /// Full width at half maximum of the point-spread function, taken to be a Gaussian. The averaging over a voxel is added.
    pub resolution: f64,
    /// The value inside of a thick plate, 1 for occupancy, if it is known. Below the resolution only the product of
    /// amplitude and thickness is well determined, so with a known amplitude thin plates are far more precise. `None` fits it.
    pub amplitude: Option<f64>,
    /// Whether the resolution along the normal is fitted too, from the one given: with a known amplitude the amount across a plate
    /// gives its thickness, and the height of the profile the resolution. For volumes whose resolution depends on direction.
    pub fit_resolution: bool,
    /// What lies under the plate.
    pub background: Background,
    /// Width of the facet's rim that is left out, in resolutions; less where too few columns would remain.
    pub margin: f64,
    /// How far the voxels used reach beyond the faces, in resolutions.
    pub window: f64,
    /// Voxels per independent measurement, for the error: 1 for white noise, the volume of a resolution element at most.
    pub independent: f64,
    /// Fewest columns for a fit of the tilt, and for leaving out those under neighbours.
    pub fewest: usize,
    /// Whether the direction of the normal is fitted.
    pub refine: bool,
}

impl ThicknessSettings {
    /// Settings for this resolution.
    pub const fn new(resolution: f64) -> Self {
        Self {
            resolution,
            amplitude: None,
            fit_resolution: false,
            background: Background::Zero,
            margin: 1.0,
            window: 1.5,
            independent: 1.0,
            fewest: 9,
            refine: true,
        }
    }

    /// Standard deviation of the point-spread function.
    pub(super) fn sigma(&self) -> f64 {
        // FWHM = 2 √(2 ln 2) σ
        self.resolution / (8.0 * std::f64::consts::LN_2).sqrt()
    }

    /// That every number is one that makes sense.
    pub(super) fn check(&self) -> Result<(), MorphError> {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        let checks = [
            ("resolution", self.resolution, positive(self.resolution), "give a positive length"),
            (
                "amplitude",
                self.amplitude.unwrap_or(1.0),
                positive(self.amplitude.unwrap_or(1.0)),
                "give a positive number, or none to fit it",
            ),
            (
                "margin",
                self.margin,
                self.margin.is_finite() && self.margin >= 0.0,
                "give 0 or more resolutions",
            ),
            ("window", self.window, positive(self.window), "give one or two resolutions"),
            (
                "voxels per independent measurement",
                self.independent,
                self.independent.is_finite() && self.independent >= 1.0,
                "give at least 1",
            ),
        ];
        match checks.into_iter().find(|(_, _, good, _)| !good) {
            Some((setting, value, _, fix)) => {
                Err(MorphError::Setting { operation: OPERATION, setting, value, fix })
            }
            None => Ok(()),
        }
    }
}
