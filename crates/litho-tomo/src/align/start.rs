//! Where alignment starts from: the start whose volume explains the data best.

use super::axis::find_axis;
use super::centre::centres;
use super::correlate::neighbour_shifts;
use super::flow::Flow;
use super::joint::{compare, total_misfit};
use super::level::{Level, Model};
use super::mass::profile_shifts;
use super::placement::Placement;
use super::settings::{AlignSettings, Motion, Start};
use crate::error::TomoError;
use litho_types::observer::{CancelToken, Silent};
use litho_types::tilt::TiltAngles;
use ndarray::ArrayView3;

/// The placements to start from. `axis` is where the axis shall be, `level` the coarsest level.
///
/// # Errors
/// As [`align`](super::align).
pub(super) fn placements(
    projections: ArrayView3<'_, f32>,
    angles: &TiltAngles,
    axis: f64,
    level: &Level,
    settings: &AlignSettings,
    cancel: &CancelToken,
) -> Result<Vec<Placement>, TomoError> {
    let still = vec![Placement::default(); angles.len()];
    match &settings.start {
        Start::Still => Ok(still),
        Start::Given(placements) => Ok(placements.clone()),
        Start::Search => {
            let along_y = profile_shifts(projections);
            let along_x =
                centres(projections).into_iter().map(|centre| centre.map_or(0.0, |centre| axis - centre));
            let by_mass = along_y.iter().zip(along_x).map(|(&y, x)| Placement::shifted(y, x)).collect();
            let neighbours = neighbour_shifts(level.aligned(&still).view(), angles)?;
            let by_neighbours = neighbours
                .iter()
                .map(|&(y, x)| Placement::shifted(y * level.bin(), x * level.bin()))
                .collect();
            let trial = Trial { angles, level, settings, cancel };
            let by_neighbours = trial.onto_axis(by_neighbours)?;
            let moved = trial.onto_axis(still.clone())?;
            trial.best([by_mass, still, moved, by_neighbours])
        }
    }
}

struct Trial<'a> {
    angles: &'a TiltAngles,
    level: &'a Level,
    settings: &'a AlignSettings,
    cancel: &'a CancelToken,
}

impl Trial<'_> {
    /// All projections moved together along x until the axis is where it shall be.
    fn onto_axis(&self, mut placements: Vec<Placement>) -> Result<Vec<Placement>, TomoError> {
        let aligned = self.level.aligned(&self.in_level(&placements));
        let found = find_axis(aligned.view(), self.angles, &mut Silent, self.cancel)?;
        let shift = (self.level.axis() - found.axis) * self.level.bin();
        for placement in &mut placements {
            *placement = placement.then(&Placement::shifted(0.0, shift));
        }
        Ok(placements)
    }

    /// The start of the smallest misfit; the first of equal ones.
    fn best<const N: usize>(&self, starts: [Vec<Placement>; N]) -> Result<Vec<Placement>, TomoError> {
        let mut best = (f64::INFINITY, Vec::new());
        for start in starts {
            let misfit = self.misfit(&start)?;
            if misfit < best.0 || best.1.is_empty() {
                best = (misfit, start);
            }
        }
        Ok(best.1)
    }

    fn misfit(&self, placements: &[Placement]) -> Result<f64, TomoError> {
        let placements = self.in_level(placements);
        let aligned = self.level.aligned(&placements);
        let used: Vec<usize> = (0..placements.len()).collect();
        let mut model = Model::default();
        self.level.improve(&mut model, &aligned, &used, self.settings.one_sign, self.cancel)?;
        let flow =
            Flow::new(self.level.shape(), Motion::Shift, self.settings.high_pass, self.settings.window);
        Ok(total_misfit(&compare(&flow, &model.projections, &aligned, &placements)))
    }

    fn in_level(&self, placements: &[Placement]) -> Vec<Placement> {
        placements.iter().map(|placement| self.level.in_level(placement)).collect()
    }
}
