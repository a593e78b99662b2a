//! From a wrapped phase to a continuous one.
//!
//! Without residues there is one answer, and going from neighbour to neighbour finds it. With residues the
//! [least-squares fit](super::least_squares) finds how many turns each pixel needs. Either way only whole turns are added:
//! the result is the wrapped phase again, modulo 2π, whatever the noise.

use super::flood::{flood, torn_edges};
use super::least_squares::{Rounds, least_squares, unwrapped};
use super::residues::{count, neighbourhood, residues};
use super::wrapped::Wrapped;
use litho_resolve::fill::filled;
use ndarray::{Array2, Zip};

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
    let phase = without_holes(unwrapped(wrapped, &turns), wrapped);
    Unwrapped { phase, residues, uncertain, torn, rounds, turns }
}

/// Fills unlit pixels from their neighbours, with 0 if no pixel is lit.
pub(super) fn without_holes(mut phase: Array2<f32>, wrapped: &Wrapped) -> Array2<f32> {
    if wrapped.lit.iter().all(|lit| *lit) {
        return phase;
    }
    phase.zip_mut_with(&wrapped.lit, |value, lit| {
        if !lit {
            *value = f32::NAN;
        }
    });
    match filled(phase.view()) {
        Some(full) => full.mapv(|value| value as f32),
        None => Array2::zeros(phase.dim()),
    }
}
