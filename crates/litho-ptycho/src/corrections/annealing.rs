//! Positions by trial.

use super::Correct;
use super::positions::remove_mean;
use crate::engine::Fields;
use litho_compute::{Kernels, Sampling};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::f64::consts::TAU;

/// Tries a few random displacements of every frame within a radius that shrinks, and keeps the one with the smallest
/// Fourier error (Maiden, Humphry, Sarahan, Kraus & Rodenburg, Ultramicroscopy 120, 64 (2012)).
///
/// Costs a transform per frame and trial. It needs no slope of the object and so survives larger errors than
/// [`PositionGradient`](super::PositionGradient), but ends less precise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PositionAnnealing {
    /// Displacements tried at a time.
    pub trials: usize,
    /// Radius of the first trials, object pixels.
    pub radius: f64,
    /// Factor on the radius with every iteration.
    pub shrink: f64,
    /// Smallest radius, object pixels.
    pub smallest: f64,
    /// Seed of the displacements.
    pub seed: u64,
}

impl PositionAnnealing {
    /// Four trials within 3 px at first, 7 % less with every iteration down to 0.05 px.
    pub fn new(seed: u64) -> Self {
        Self { trials: 4, radius: 3.0, shrink: 0.93, smallest: 0.05, seed }
    }

    /// Displacements of all frames for one trial, uniform over the disc.
    fn displacements(&self, iteration: usize, trial: usize, frames: usize) -> Vec<[f64; 2]> {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream((iteration * self.trials + trial) as u64);
        let radius = (self.radius * self.shrink.powf(iteration as f64)).max(self.smallest);
        let mut one = || {
            let (length, angle) = (radius * random.random::<f64>().sqrt(), TAU * random.random::<f64>());
            [length * angle.sin(), length * angle.cos()]
        };
        (0..frames).map(|_| one()).collect()
    }
}

impl<K: Kernels> Correct<K> for PositionAnnealing {
    fn correct(&self, kernels: &K, iteration: usize, fields: &mut Fields<K>) {
        let model = &mut fields.model;
        model.views.sampling = Sampling::SubPixel;
        let start = model.views.places.clone();
        let mut best = vec![[0.0; 2]; start.len()];
        let mut errors = kernels.compare(model).frame_error;
        for trial in 0..self.trials {
            let tried = self.displacements(iteration, trial, start.len());
            for ((place, start), d) in model.views.places.iter_mut().zip(&start).zip(&tried) {
                *place = [start[0] + d[0], start[1] + d[1]];
            }
            let found = kernels.compare(model).frame_error;
            for (((best, error), d), found) in best.iter_mut().zip(&mut errors).zip(tried).zip(found) {
                if found < *error {
                    (*best, *error) = (d, found);
                }
            }
        }
        remove_mean(&mut best);
        for ((place, start), d) in model.views.places.iter_mut().zip(start).zip(best) {
            *place = [start[0] + d[0], start[1] + d[1]];
        }
    }
}
