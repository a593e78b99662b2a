//! The ptychographic iterative engines ePIE and rPIE.

use crate::engine::{Engine, Fields};
use litho_compute::{Kernels, PieWeights};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Sequential updates in random order, a new order each iteration.
///
/// ePIE: Maiden & Rodenburg, Ultramicroscopy 109, 1256 (2009), `α = β = 1`.
/// rPIE: Maiden, Johnson & Li, Optica 4, 736 (2017).
/// Several probe modes: Batey, Claus & Rodenburg, Ultramicroscopy 138, 13 (2014).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pie {
    /// Step sizes and denominators.
    pub weights: PieWeights,
    /// First iteration that updates the probe.
    pub probe_start: usize,
    /// Seed of the visiting order.
    pub seed: u64,
}

impl Pie {
    /// ePIE with steps `α = 0.5`, `β = 0.3`. The published `α = β = 1` lets every
    /// frame's noise into the probe at full strength: on real and simulated
    /// scans it ends at a 20–40 % larger Fourier error (see `docs/engines.md`).
    pub fn epie(seed: u64) -> Self {
        let weights = PieWeights { object_step: 0.5, probe_step: 0.3, object_gamma: 1.0, probe_gamma: 1.0 };
        Self { weights, probe_start: 0, seed }
    }

    /// rPIE with the object's γ = 0.1 and the probe updated as in ePIE (the authors' published settings).
    pub fn rpie(seed: u64) -> Self {
        let weights = PieWeights { object_gamma: 0.1, ..Self::epie(seed).weights };
        Self { weights, ..Self::epie(seed) }
    }

    /// The order in which iteration `iteration` visits `frames` frames.
    fn order(&self, iteration: usize, frames: usize) -> Vec<usize> {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        // One stream per iteration: a resumed run needs the iteration's number, not the generator's past.
        random.set_stream(iteration as u64);
        let mut order: Vec<usize> = (0..frames).collect();
        order.shuffle(&mut random);
        order
    }
}

impl<K: Kernels> Engine<K> for Pie {
    fn iterate(&self, kernels: &K, iteration: usize, fields: &mut Fields<K>) -> f64 {
        let probe_step = if iteration < self.probe_start { 0.0 } else { self.weights.probe_step };
        let weights = PieWeights { probe_step, ..self.weights };
        let order = self.order(iteration, kernels.frame_count());
        kernels.pie_sweep(&order, weights, &mut fields.object, &mut fields.probe)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_iteration_visits_every_frame_once_in_its_own_order() {
        let pie = Pie::epie(7);
        let (first, second) = (pie.order(0, 100), pie.order(1, 100));
        assert_ne!(first, second);
        assert_eq!(first, pie.order(0, 100));
        let mut sorted = second;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
    }
}
