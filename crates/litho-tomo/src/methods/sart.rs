//! Simultaneous corrections over some angles at a time.

use super::order::subsets;
use super::sirt::Sums;
use crate::batch::Batch;
use crate::constraint::Constraint;
use crate::error::TomoError;
use crate::projector::Projector;
use crate::sheet::Sheet;
use crate::sums;
use crate::track::Track;

/// Ordered subsets of the angles, and what their corrections need.
pub(crate) struct Subsets<'a> {
    projector: &'a Projector,
    inverse: &'a Sums,
    relaxation: f32,
    angles: Vec<Vec<usize>>,
}

impl<'a> Subsets<'a> {
    pub(crate) fn new(projector: &'a Projector, inverse: &'a Sums, relaxation: f32, block: usize) -> Self {
        Self { projector, inverse, relaxation, angles: subsets(projector.angles(), block) }
    }

    /// Slices of the projector's size, all zero.
    pub(crate) fn slices(&self) -> Sheet {
        self.projector.slices()
    }

    /// Corrects x by every subset in turn: `x += relaxation · C Aᵀ R W (b − A x)` with the subset's rows of A and R, and C the
    /// inverse sums of its columns. `step` is scratch. Gives `‖W½ (b − A x)‖²` as met before the corrections.
    pub(crate) fn sweep(
        &self,
        batch: &Batch,
        x: &mut Sheet,
        step: &mut Sheet,
        track: &Track,
    ) -> Result<f64, TomoError> {
        let mut square = 0.0;
        for subset in &self.angles {
            track.check()?;
            let mut rays = Sheet::rays(subset.len(), self.projector.detector());
            self.projector.forward_at(subset, x, &mut rays);
            let mut factors = Vec::with_capacity(rays.cells().len());
            for (row, &angle) in subset.iter().enumerate() {
                square += residual_row(rays.row_mut(row), batch, angle);
                factors.extend_from_slice(self.inverse.of_angle(angle, rays.stride()));
            }
            sums::scale(&mut rays, &factors);
            self.projector.back_at(subset, &rays, step);
            let columns = self.projector.column_sums(subset);
            sums::add_quotients(x, step, &columns, self.relaxation);
        }
        Ok(square)
    }
}

/// Makes a row of the model `W (data − model)`; gives the weighted sum of squares.
fn residual_row(row: &mut [crate::sheet::Cell], batch: &Batch, angle: usize) -> f64 {
    let data = batch.rays.row(angle);
    let weights = batch.weights.as_ref().map(|weights| weights.row(angle));
    let mut total = 0.0;
    for (place, (model, data)) in row.iter_mut().zip(data).enumerate() {
        let mut square = 0.0;
        for (slice, (model, data)) in model.slices_mut().iter_mut().zip(data.slices()).enumerate() {
            let weight = weights.map_or(1.0, |weights| weights[place].slices()[slice]);
            let residual = data - *model;
            *model = weight * residual;
            square += *model * residual;
        }
        total += f64::from(square);
    }
    total
}

/// Begins with x = 0; the constraint is applied after every sweep over all subsets.
pub(crate) fn solve(
    subsets: &Subsets,
    batch: &Batch,
    constraint: &Constraint,
    track: &mut Track,
) -> Result<Sheet, TomoError> {
    let (mut x, mut step) = (subsets.slices(), subsets.slices());
    loop {
        let square = subsets.sweep(batch, &mut x, &mut step, track)?;
        constraint.apply(&mut x);
        if track.iteration(square)? {
            return Ok(x);
        }
    }
}
