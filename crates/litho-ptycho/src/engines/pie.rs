//! The ptychographic iterative engines ePIE, rPIE and mPIE.

use crate::engine::{Engine, Fields};
use crate::order::shuffled;
use litho_compute::{DeviceArray, Kernels, Likelihood, PieWeights};

/// Sequential updates in random order, a new order each iteration.
///
/// ePIE: Maiden & Rodenburg, Ultramicroscopy 109, 1256 (2009), `α = β = 1`.
/// rPIE, mPIE: Maiden, Johnson & Li, Optica 4, 736 (2017).
/// Several probe modes: Batey, Claus & Rodenburg, Ultramicroscopy 138, 13 (2014).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pie {
    /// Step sizes and denominators.
    pub weights: PieWeights,
    /// How the steps shrink from iteration to iteration.
    pub decay: Decay,
    /// First iteration that updates the probe.
    pub probe_start: usize,
    /// Momentum of the object, for mPIE.
    pub momentum: Option<Momentum>,
    /// What frames ask of their waves.
    pub likelihood: Likelihood,
    /// Seed of the visiting order.
    pub seed: u64,
}

/// Steps that shrink as `1/(1 + iteration/period)`, to a tenth at last: late frames then no longer write their noise over
/// what all have said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decay {
    /// Steps stay as they are.
    None,
    /// Half after so many iterations.
    HalfAfter(f32),
}

/// Share of the first step below which steps do not shrink.
const SMALLEST_STEP: f32 = 0.1;

impl Decay {
    fn at(self, iteration: usize) -> f32 {
        match self {
            Self::None => 1.0,
            Self::HalfAfter(period) => (1.0 / (1.0 + iteration as f32 / period)).max(SMALLEST_STEP),
        }
    }
}

/// Momentum of object and probe (Maiden, Johnson & Li 2017, eqs. 21–23): after every `period` frames, with `O_a` the
/// object after the last time, `v ← friction · v + (O − O_a)`, `O ← O_a + v`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Momentum {
    /// Frames between two applications.
    pub period: usize,
    /// Share of the velocity that is kept.
    pub friction: f32,
}

impl Pie {
    /// ePIE with steps `α = 0.5`, `β = 0.3`. The published `α = β = 1` lets every
    /// frame's noise into the probe at full strength: on real and simulated
    /// scans it ends at a 20–40 % larger Fourier error (see `docs/engines.md`).
    pub fn epie(seed: u64) -> Self {
        let weights = PieWeights { object_step: 0.5, probe_step: 0.3, object_gamma: 1.0, probe_gamma: 1.0 };
        Self {
            weights,
            decay: Decay::None,
            probe_start: 0,
            momentum: None,
            likelihood: Likelihood::Amplitude,
            seed,
        }
    }

    /// rPIE with the authors' γ = 0.1 for the object and the probe updated as in ePIE. Steps are half after 5 iterations:
    /// the large steps where little light falls, which make rPIE fast, else end in noise.
    pub fn rpie(seed: u64) -> Self {
        let weights = PieWeights { object_gamma: 0.1, ..Self::epie(seed).weights };
        Self { weights, decay: Decay::HalfAfter(5.0), ..Self::epie(seed) }
    }

    /// mPIE: rPIE with momentum.
    pub fn mpie(seed: u64) -> Self {
        let weights = PieWeights { object_step: 0.1, probe_step: 0.2, object_gamma: 0.1, probe_gamma: 1.0 };
        let momentum = Momentum { period: 100, friction: 0.5 };
        Self { weights, momentum: Some(momentum), ..Self::epie(seed) }
    }

    fn with_momentum<K: Kernels>(
        &self,
        momentum: Momentum,
        kernels: &K,
        (order, weights): (&[usize], PieWeights),
        fields: &mut Fields<K>,
    ) -> f64 {
        let Fields { model, memory, .. } = fields;
        let mut velocity = (memory.objects.pop(), memory.probes.pop());
        let mut error = 0.0;
        for period in order.chunks(momentum.period) {
            let anchor = (model.object.clone(), model.probe.clone());
            error += kernels.pie_sweep(period, self.likelihood, weights, model);
            velocity.0 = Some(carry_on(&mut model.object, &anchor.0, velocity.0, momentum.friction));
            velocity.1 = Some(carry_on(&mut model.probe, &anchor.1, velocity.1, momentum.friction));
        }
        memory.objects.extend(velocity.0);
        memory.probes.extend(velocity.1);
        error
    }
}

/// `v ← f v + (now − anchor)`, `now ← anchor + v`; returns v.
fn carry_on<A: DeviceArray>(now: &mut A, anchor: &A, velocity: Option<A>, friction: f32) -> A {
    if let Some(velocity) = &velocity {
        now.add_scaled(friction, velocity);
    }
    let mut new = now.clone();
    new.add_scaled(-1.0, anchor);
    new
}

impl<K: Kernels> Engine<K> for Pie {
    fn iterate(&self, kernels: &K, iteration: usize, fields: &mut Fields<K>) -> f64 {
        let probe_step = if iteration < self.probe_start { 0.0 } else { self.weights.probe_step };
        let decay = self.decay.at(iteration);
        let weights = PieWeights {
            object_step: decay * self.weights.object_step,
            probe_step: decay * probe_step,
            ..self.weights
        };
        let order = shuffled(self.seed, iteration, kernels.frame_count());
        match self.momentum {
            None => kernels.pie_sweep(&order, self.likelihood, weights, &mut fields.model),
            Some(momentum) => self.with_momentum(momentum, kernels, (&order, weights), fields),
        }
    }
}
