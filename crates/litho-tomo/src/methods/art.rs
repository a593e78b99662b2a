//! Algebraic reconstruction: Kaczmarz' corrections along one ray after the other.

use super::order::golden;
use crate::batch::Batch;
use crate::constraint::Constraint;
use crate::error::TomoError;
use crate::projector::Projector;
use crate::sheet::Sheet;
use crate::track::Track;

/// Begins with x = 0; the constraint is applied after every sweep over all rays. The residual of an iteration is the one its
/// rays met before their corrections.
pub(crate) fn solve(
    projector: &Projector,
    relaxation: f32,
    batch: &Batch,
    constraint: &Constraint,
    track: &mut Track,
) -> Result<Sheet, TomoError> {
    let order = golden(projector.angles());
    let mut x = projector.slices();
    loop {
        let mut square = 0.0;
        for angle in &order {
            square += projector.sweep(std::slice::from_ref(angle), batch, relaxation, &mut x);
            track.check()?;
        }
        constraint.apply(&mut x);
        if track.iteration(square)? {
            return Ok(x);
        }
    }
}
