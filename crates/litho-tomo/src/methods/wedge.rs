//! Filling a missing wedge: what a prior says of the object is taken over only where no projection measured.

use super::flatten::Flatten;
use super::sart::Subsets;
use crate::batch::Batch;
use crate::constraint::Constraint;
use crate::error::TomoError;
use crate::fourier::PlaneFilter;
use crate::sheet::Sheet;
use crate::sums;
use crate::track::Track;

/// How far beyond the prior's own change the unmeasured frequencies go.
const BEYOND: f32 = 1.5;

/// Begins with x = 0. An iteration: sweep over all subsets, find the flattened slices that obey the constraint, and take over
/// their frequencies in the wedge. At the end the constraint is obeyed at all frequencies.
pub(crate) fn solve(
    subsets: &Subsets,
    strength: f32,
    wedge: &PlaneFilter,
    batch: &Batch,
    constraint: &Constraint,
    track: &mut Track,
) -> Result<Sheet, TomoError> {
    let mut x = subsets.slices();
    let mut prior = x.clone();
    let mut flatten = Flatten::new(x.rows(), strength, constraint.range());
    loop {
        let square = subsets.sweep(batch, &mut x, &mut prior, track)?;
        flatten.apply(&x, &mut prior);
        constraint.apply(&mut prior);
        if track.iteration(square)? {
            return Ok(prior);
        }
        // x += 1.5 M (prior − x), M the frequencies of the wedge
        sums::map(&mut prior, &x, |prior, x| BEYOND * (prior - x));
        wedge.apply(&mut prior);
        sums::map(&mut x, &prior, |x, change| x + change);
    }
}
