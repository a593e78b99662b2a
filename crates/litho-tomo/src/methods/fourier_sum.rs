//! Filtered back-projection by Fourier transforms.

use crate::batch::Batch;
use crate::constraint::Constraint;
use crate::error::TomoError;
use crate::fourier::Gridding;
use crate::missing::fill;
use crate::projector::Projector;
use crate::sheet::Sheet;
use crate::track::Track;

/// Sums the waves of all filtered rows.
pub(crate) fn solve(
    projector: &Projector,
    gridding: &Gridding,
    batch: &Batch,
    constraint: &Constraint,
    track: &mut Track,
) -> Result<Sheet, TomoError> {
    let mut slices = projector.slices();
    if let Some(weights) = &batch.weights {
        let mut rays = batch.rays.clone();
        fill(&mut rays, weights, batch.slices);
        gridding.apply(&rays, &mut slices);
    } else {
        gridding.apply(&batch.rays, &mut slices);
    }
    constraint.apply(&mut slices);
    track.single()?;
    Ok(slices)
}
