//! Simultaneous iterative reconstruction.

use crate::batch::Batch;
use crate::constraint::Constraint;
use crate::error::TomoError;
use crate::projector::Projector;
use crate::sheet::{Cell, Sheet};
use crate::sums;
use crate::track::Track;

/// Inverse sums of the rows and columns of A; they are the same for every slice.
pub(crate) struct Sums {
    /// R: 1 / (sum of a ray's weights), 0 for rays that miss the slice.
    rays: Vec<f32>,
    /// C: 1 / (sum of a voxel's weights), 0 for voxels that no ray meets.
    voxels: Vec<f32>,
}

impl Sums {
    pub(crate) fn new(projector: &Projector) -> Self {
        let mut slices = projector.slices();
        for row in 0..slices.rows() {
            slices.row_mut(row).fill(Cell::splat(1.0));
        }
        let mut rays = projector.rays();
        projector.forward(&slices, &mut rays);
        let of_rays = inverse(&rays);
        for row in 0..rays.rows() {
            rays.row_mut(row).fill(Cell::splat(1.0));
        }
        projector.back(&rays, &mut slices);
        Self { rays: of_rays, voxels: inverse(&slices) }
    }

    /// R of the rays of one angle with their margin, `stride` numbers.
    pub(crate) fn of_angle(&self, angle: usize, stride: usize) -> &[f32] {
        &self.rays[angle * stride..(angle + 1) * stride]
    }
}

/// Of all cells, margins too.
fn inverse(sheet: &Sheet) -> Vec<f32> {
    // A weight below this is the rounding of a ray that touches a corner.
    const LEAST: f32 = 1e-5;
    sheet
        .cells()
        .iter()
        .map(|cell| cell.slices()[0])
        .map(|sum| if sum > LEAST { 1.0 / sum } else { 0.0 })
        .collect()
}

/// `x ← P(x + C Aᵀ R W (b − A x))` from x = 0, P the nearest slices that obey the constraint.
pub(crate) fn solve(
    projector: &Projector,
    inverse: &Sums,
    batch: &Batch,
    constraint: &Constraint,
    track: &mut Track,
) -> Result<Sheet, TomoError> {
    let (mut x, mut step) = (projector.slices(), projector.slices());
    let mut rays = projector.rays();
    residual(&x, projector, batch, &mut rays);
    loop {
        if let Some(weights) = &batch.weights {
            sums::map(&mut rays, weights, |ray, weight| ray * weight);
        }
        sums::scale(&mut rays, &inverse.rays);
        projector.back(&rays, &mut step);
        sums::add_scaled(&mut x, &step, &inverse.voxels);
        constraint.apply(&mut x);
        residual(&x, projector, batch, &mut rays);
        if track.iteration(sums::total(&sums::weighted_squares(&rays, batch.weights.as_ref())))? {
            return Ok(x);
        }
    }
}

/// `rays = b − A x`.
pub(crate) fn residual(x: &Sheet, projector: &Projector, batch: &Batch, rays: &mut Sheet) {
    projector.forward(x, rays);
    sums::map(rays, &batch.rays, |model, data| data - model);
}
