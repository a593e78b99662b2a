//! How projections are aligned.

use super::apply::check_placements;
use super::placement::Placement;
use crate::error::TomoError;

/// Name of the operation in errors.
pub(super) const OPERATION: &str = "aligning projections";

/// What is found for each projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Motion {
    /// A shift along both axes.
    #[default]
    Shift,
    /// A shift, a rotation in the plane of the projection and a scale: a non-reflective similarity.
    Similarity,
}

impl Motion {
    /// Numbers per projection.
    pub fn unknowns(self) -> usize {
        match self {
            Self::Shift => 2,
            Self::Similarity => 4,
        }
    }
}

/// Where alignment starts from.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Start {
    /// The start with which the coarse volume projects best onto the data: nothing moved; profiles of mass along y and centres
    /// of mass along x; or neighbours laid on each other.
    #[default]
    Search,
    /// Nothing moved.
    Still,
    /// These placements, one for each projection.
    Given(Vec<Placement>),
}

/// How projections are aligned.
#[derive(Debug, Clone, PartialEq)]
pub struct AlignSettings {
    /// What is found for each projection.
    pub motion: Motion,
    /// Where alignment starts from.
    pub start: Start,
    /// Pixels that are averaged along each axis, level by level; the last is the finest. Levels that leave less than 32
    /// columns are left out, and few rows are not averaged.
    pub binnings: Vec<usize>,
    /// Most iterations on each level.
    pub iterations: usize,
    /// Iterations end once the 0.995 quantile of the steps is below this many pixels of the level.
    pub tolerance: f64,
    /// Longest step of one iteration, pixels of the level.
    pub longest_step: f64,
    /// Slow variations along x do not count: from this many cycles over the width on they begin to.
    pub high_pass: f64,
    /// Part of the width and height, at the edges, over which pixels count less and less.
    pub window: f64,
    /// The volume has but one sign: that of the sum of the projections.
    pub one_sign: bool,
    /// Part of the last step that is taken again, 0 for none.
    pub momentum: f64,
    /// Where the rotation axis shall be in the aligned projections, pixels from the middle of pixel 0; the middle of the detector if
    /// it is not given.
    pub axis: Option<f64>,
    /// A projection is flagged, and left out of the volume, whose misfit is above the median by this many deviations.
    pub outlier: f64,
}

impl Default for AlignSettings {
    fn default() -> Self {
        Self {
            motion: Motion::Shift,
            start: Start::Search,
            binnings: vec![4, 2, 1],
            iterations: 50,
            tolerance: 0.005,
            longest_step: 0.5,
            high_pass: 5.0,
            window: 0.2,
            one_sign: true,
            momentum: 0.8,
            axis: None,
            outlier: 6.0,
        }
    }
}

impl AlignSettings {
    /// Fails where a setting cannot be used for so many projections.
    pub(super) fn check(&self, projections: usize) -> Result<(), TomoError> {
        let at_least = |name, value: f64, low: f64, fix| {
            if value >= low && value.is_finite() { Ok(()) } else { Err(setting(name, value, fix)) }
        };
        at_least("the tolerance", self.tolerance, 0.0, "give a number of pixels, 0 or more")?;
        at_least("the high pass", self.high_pass, 0.0, "give cycles over the width, 0 or more")?;
        at_least("the threshold for outliers", self.outlier, 1.0, "give at least 1 deviation")?;
        at_least("the number of iterations", self.iterations as f64, 1.0, "give at least 1")?;
        if !(self.longest_step > 0.0 && self.longest_step.is_finite()) {
            return Err(setting("the longest step", self.longest_step, "give a number of pixels above 0"));
        }
        if !(0.0..=1.0).contains(&self.window) {
            return Err(setting("the window", self.window, "give a part from 0 to 1"));
        }
        if !(0.0..1.0).contains(&self.momentum) {
            return Err(setting("the momentum", self.momentum, "give a number from 0 to below 1"));
        }
        if self.binnings.is_empty() {
            return Err(setting("the number of levels", 0.0, "give at least one binning, 1 for full size"));
        }
        if let Start::Given(placements) = &self.start {
            check_placements(OPERATION, projections, placements)?;
        }
        match self.binnings.iter().find(|&&bin| bin == 0) {
            Some(_) => Err(setting("a binning", 0.0, "average at least 1 pixel")),
            None => Ok(()),
        }
    }
}

pub(super) fn setting(setting: &'static str, value: f64, fix: &'static str) -> TomoError {
    TomoError::Setting { operation: OPERATION, setting, value, fix }
}
