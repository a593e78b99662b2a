//! Conjugate gradients on the normal equations, `Aᵀ W A x = Aᵀ W b`, every slice a problem of its own.

use crate::batch::Batch;
use crate::constraint::Constraint;
use crate::error::TomoError;
use crate::projector::Projector;
use crate::sheet::Sheet;
use crate::sums::{self, quotients};
use crate::track::Track;

/// Begins with x = 0. Steps need linearity, so the constraint is applied to the result.
pub(crate) fn solve(
    projector: &Projector,
    batch: &Batch,
    constraint: &Constraint,
    track: &mut Track,
) -> Result<Sheet, TomoError> {
    let weights = batch.weights.as_ref();
    let mut x = projector.slices();
    let mut residual = batch.rays.clone();
    let mut gradient = projector.slices();
    let mut rays = projector.rays();
    back_weighted(projector, &residual, weights, &mut rays, &mut gradient);
    let mut direction = gradient.clone();
    let mut gamma = sums::products(&gradient, &gradient);
    loop {
        // α = γ/‖W½ A p‖², x += α p, r −= α A p
        projector.forward(&direction, &mut rays);
        let alpha = quotients(&gamma, &sums::weighted_squares(&rays, weights));
        sums::combine(&mut x, &direction, &alpha, |x, p, alpha| x + alpha * p);
        sums::combine(&mut residual, &rays, &alpha, |r, q, alpha| r - alpha * q);
        let square = sums::total(&sums::weighted_squares(&residual, weights));
        if track.iteration(square)? {
            constraint.apply(&mut x);
            return Ok(x);
        }
        // s = Aᵀ W r, β = γ'/γ, p ← s + β p
        back_weighted(projector, &residual, weights, &mut rays, &mut gradient);
        let next = sums::products(&gradient, &gradient);
        let beta = quotients(&next, &gamma);
        gamma = next;
        sums::combine(&mut direction, &gradient, &beta, |p, s, beta| s + beta * p);
    }
}

/// `slices = Aᵀ W rays`; `weighted` is scratch.
fn back_weighted(
    projector: &Projector,
    rays: &Sheet,
    weights: Option<&Sheet>,
    weighted: &mut Sheet,
    slices: &mut Sheet,
) {
    match weights {
        None => projector.back(rays, slices),
        Some(weights) => {
            sums::set_product(weighted, rays, weights);
            projector.back(weighted, slices);
        }
    }
}
