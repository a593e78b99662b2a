//! Least squares with small total variation: accelerated proximal steps (FISTA, Beck & Teboulle 2009) whose gradient step
//! is a sweep over ordered subsets.

use super::flatten::Flatten;
use super::sart::Subsets;
use crate::batch::Batch;
use crate::constraint::Constraint;
use crate::error::TomoError;
use crate::sheet::Sheet;
use crate::sums;
use crate::track::Track;

/// Begins with x = 0. An iteration: sweep over all subsets, flatten, obey the constraint, and go on in the direction of the
/// last two results.
pub(crate) fn solve(
    subsets: &Subsets,
    strength: f32,
    batch: &Batch,
    constraint: &Constraint,
    track: &mut Track,
) -> Result<Sheet, TomoError> {
    let mut ahead = subsets.slices();
    let mut x = ahead.clone();
    let mut next = ahead.clone();
    let mut flatten = Flatten::new(ahead.rows(), strength, constraint.range());
    let mut t = 1.0_f64;
    loop {
        let square = subsets.sweep(batch, &mut ahead, &mut next, track)?;
        flatten.apply(&ahead, &mut next);
        constraint.apply(&mut next);
        if track.iteration(square)? {
            return Ok(next);
        }
        // t' = (1 + √(1 + 4t²))/2, ahead = next + (t − 1)/t' (next − x)
        let after = f64::midpoint(1.0, (1.0 + 4.0 * t * t).sqrt());
        let momentum = ((t - 1.0) / after) as f32;
        t = after;
        sums::go_on(&mut ahead, &mut x, &next, momentum);
    }
}
