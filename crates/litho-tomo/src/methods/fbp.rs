//! Filtered back-projection.

use crate::batch::Batch;
use crate::constraint::Constraint;
use crate::error::TomoError;
use crate::fourier::RowFilter;
use crate::missing::fill;
use crate::projector::Projector;
use crate::sheet::Sheet;
use crate::track::Track;

/// Filters every row and lets every voxel gather from it.
pub(crate) fn solve(
    projector: &Projector,
    filter: &RowFilter,
    batch: &Batch,
    constraint: &Constraint,
    track: &mut Track,
) -> Result<Sheet, TomoError> {
    let mut rays = batch.rays.clone();
    if let Some(weights) = &batch.weights {
        fill(&mut rays, weights, batch.slices);
    }
    filter.apply(&mut rays);
    track.check()?;
    let mut slices = projector.slices();
    projector.interpolate(&rays, &mut slices);
    constraint.apply(&mut slices);
    track.single()?;
    Ok(slices)
}
