//! From a wrapped phase to a continuous one.
//!
//! Without residues there is one answer, and going from neighbour to neighbour finds it. With residues the
//! least-squares fit finds how many turns each pixel needs. Either way only whole turns are added:
//! the result is the wrapped phase again, modulo 2π, whatever the noise.

use super::flood::{flood, torn_edges};
use super::least_squares::{Rounds, least_squares, unwrapped};
use super::residues::{count, neighbourhood, residues};
use super::wrapped::Wrapped;
use litho_resolve::fill::filled;
use ndarray::{Array2, ArrayView2, Zip};

/// An unwrapped phase image.
#[derive(Debug, Clone, PartialEq)]
pub struct Unwrapped {
    /// Radians. Pixels without a phase are filled from their neighbours.
    pub phase: Array2<f32>,
    /// Residues among lit pixels.
    pub residues: usize,
    /// Within a pixel of a residue: what the phase is there is uncertain by turns.
    pub uncertain: Array2<bool>,
    /// Edges between lit neighbours across which the phase steps by more than half a turn.
    pub torn: usize,
    /// Rounds of least squares; 0 where none was needed.
    pub rounds: usize,
    /// Whole turns added to each pixel.
    pub turns: Array2<i32>,
}

/// Unwraps a phase image; the phase is known up to turns that are the same for all pixels.
pub fn unwrap(wrapped: &Wrapped, limits: Rounds) -> Unwrapped {
    let found = residues(wrapped);
    let residues = count(&found);
    let uncertain = neighbourhood(&found, wrapped.dim(), 1);
    let path = flood(wrapped, wrapped.lit.view(), false).turns;
    let torn = torn_edges(wrapped, &path);
    let (turns, torn, rounds) = if torn == 0 {
        (path, 0, 0)
    } else {
        let near = neighbourhood(&found, wrapped.dim(), 0);
        let trusted = Zip::from(&wrapped.lit).and(&near).map_collect(|lit, near| *lit && !near);
        let (turns, rounds) = least_squares(wrapped, trusted.view(), limits);
        let torn = torn_edges(wrapped, &turns);
        (turns, torn, rounds)
    };
    let phase = without_holes(unwrapped(wrapped, &turns), wrapped.lit.view());
    Unwrapped { phase, residues, uncertain, torn, rounds, turns }
}

/// Fills pixels that are not `lit` from their neighbours, with 0 if none is.
pub(super) fn without_holes(mut image: Array2<f32>, lit: ArrayView2<'_, bool>) -> Array2<f32> {
    if lit.iter().all(|lit| *lit) {
        return image;
    }
    image.zip_mut_with(&lit, |value, lit| {
        if !lit {
            *value = f32::NAN;
        }
    });
    match filled(image.view()) {
        Some(full) => full.mapv(|value| value as f32),
        None => Array2::zeros(image.dim()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phase::goldstein::{disagreement, goldstein};
    use litho_testkit::Lcg;
    use std::f64::consts::TAU as TURN;

    /// Phase of a ball of radius `r` px and `depth` rad in the middle of a square.
    fn ball(side: usize, r: f64, depth: f64) -> Array2<f64> {
        let middle = (side as f64 - 1.0) / 2.0;
        Array2::from_shape_fn((side, side), |(y, x)| {
            let square = r * r - (y as f64 - middle).powi(2) - (x as f64 - middle).powi(2);
            -depth * square.max(0.0).sqrt() / r
        })
    }

    fn noisy(phase: &Array2<f64>, sigma: f64, seed: u64) -> (Array2<f64>, Wrapped) {
        let mut random = Lcg::new(seed);
        let noisy = phase.mapv(|v| v + sigma * random.normal());
        let wrapped = Wrapped::of_phase(noisy.mapv(|v| v as f32).view());
        (noisy, wrapped)
    }

    /// Share of pixels more than half a turn off `truth`, after the commonest number of turns is taken off.
    fn wrong(found: &Unwrapped, truth: &Array2<f64>) -> f64 {
        let mut turns: Vec<i64> = found
            .phase
            .iter()
            .zip(truth)
            .map(|(found, truth)| ((f64::from(*found) - truth) / TURN).round() as i64)
            .collect();
        turns.sort_unstable();
        let most = turns.chunk_by(|a, b| a == b).map(<[i64]>::len).max().unwrap_or(0);
        1.0 - most as f64 / turns.len() as f64
    }

    #[test]
    fn three_turns_come_back_exactly_without_noise() {
        // Slopes at the rim of a ball exceed half a turn a pixel wherever √(2/r) depth > π over the first pixel: 3 turns
        // over r = 80 px stay below.
        let truth = ball(200, 80.0, 3.0 * TURN);
        let (_, wrapped) = noisy(&truth, 0.0, 1);
        let found = unwrap(&wrapped, Rounds::default());
        assert_eq!((found.residues, found.torn, found.rounds), (0, 0, 0));
        let offset = f64::from(found.phase[(0, 0)]) - truth[(0, 0)];
        for (at, value) in found.phase.indexed_iter() {
            let error = f64::from(*value) - truth[at] - offset;
            assert!(error.abs() < 4e-6, "{at:?}: {error}"); // rounding of f32 near 20
        }
    }

    #[test]
    fn with_noise_the_result_is_the_wrapped_phase_modulo_turns_and_right_up_to_pairs() {
        // σ = 0.8: differences of neighbours have 1.13 and exceed π in 0.5 % of the cases: hundreds of residues.
        let truth = ball(160, 60.0, 3.0 * TURN);
        let (with_noise, wrapped) = noisy(&truth, 0.8, 2);
        let found = unwrap(&wrapped, Rounds::default());
        assert!(found.residues > 100, "{}", found.residues);
        for (value, psi) in found.phase.iter().zip(&wrapped.phase) {
            let turns = f64::from(value - psi) / TURN;
            assert!((turns - turns.round()).abs() < 1e-5, "{value} {psi}");
        }
        // Only pixels beside a residue may be a turn off: noise of more than half a turn (4e-5 of all) and cuts.
        let share = wrong(&found, &with_noise);
        assert!(share < 0.01, "{share}");
        // Branch cuts say the same, nearly everywhere.
        let share = disagreement(&wrapped, &found.turns, &goldstein(&wrapped));
        assert!(share < 0.02, "{share}");
    }

    #[test]
    fn a_vortex_pair_leaves_one_short_tear() {
        let vortices = [(30.5, 40.5, 1.0), (30.5, 48.5, -1.0)];
        let phase = Array2::from_shape_fn((64, 96), |(y, x)| {
            let turn = |&(cy, cx, sign): &(f64, f64, f64)| sign * (y as f64 - cy).atan2(x as f64 - cx);
            (vortices.iter().map(turn).sum::<f64>() + 0.3 * x as f64) as f32
        });
        let wrapped = Wrapped::of_phase(phase.view());
        let found = unwrap(&wrapped, Rounds::default());
        assert_eq!(found.residues, 2);
        // The shortest line between the residues crosses 8 edges.
        assert!((8..=10).contains(&found.torn), "{}", found.torn);
        let branched = goldstein(&wrapped);
        assert!(disagreement(&wrapped, &found.turns, &branched) < 0.002);
    }

    #[test]
    fn holes_do_not_spread_and_are_filled() {
        let truth = ball(96, 30.0, 2.0 * TURN);
        let mut phase = truth.mapv(|v| v as f32);
        for at in ndarray::indices(phase.dim()) {
            let hole = (at.0 as f64 - 40.0).hypot(at.1 as f64 - 50.0) < 6.0;
            if hole || at.0 == 3 {
                phase[at] = f32::NAN;
            }
        }
        let wrapped = Wrapped::of_phase(phase.view());
        let found = unwrap(&wrapped, Rounds::default());
        let offset = f64::from(found.phase[(95, 95)]) - truth[(95, 95)];
        for (at, value) in found.phase.indexed_iter() {
            let error = (f64::from(*value) - truth[at] - offset).abs();
            // Above the dead row a part of its own begins, which is also 0 here.
            assert!(error < if wrapped.lit[at] { 4e-6 } else { 1.5 }, "{at:?}: {error}");
        }
        let dark = Wrapped::of_phase(Array2::from_elem((5, 4), f32::NAN).view());
        let nothing = unwrap(&dark, Rounds::default());
        assert!(nothing.phase.iter().all(|v| *v == 0.0) && nothing.residues == 0);
    }
}
