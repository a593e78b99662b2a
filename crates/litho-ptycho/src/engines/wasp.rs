//! Weighted average of sequential projections.

use crate::engine::{Engine, Fields};
use crate::order::shuffled;
use litho_compute::{DeviceArray, Kernels, Likelihood, PieWeights};
use litho_types::C32;

/// WASP (Maiden, Mei & Li, Opt. Express 32, 21327 (2024)): sequential updates as in rPIE, with denominators
/// `|P|² + α ⟨|P|²⟩` and `|O|² + β`, and at the end of every iteration the object from the overlap of all projected
/// waves.
///
/// The published engine gathers that overlap from the waves as they were met. Here it is taken anew from the object and
/// probe that the sweep leaves, which costs a second pass but needs no sums beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wasp {
    /// α of the object's denominator.
    pub object_weight: f32,
    /// β of the probe's denominator.
    pub probe_weight: f32,
    /// Step of the probe within the sweep.
    pub probe_step: f32,
    /// First iteration that updates the probe.
    pub probe_start: usize,
    /// Share of the largest illumination that holds the object where the beam is weak.
    pub object_inertia: f32,
    /// What frames ask of their waves.
    pub likelihood: Likelihood,
    /// Seed of the visiting order.
    pub seed: u64,
}

impl Wasp {
    /// The published α = 2 and β = 1, with a probe step of 0.3 against noise in the probe.
    pub fn new(seed: u64) -> Self {
        Self {
            object_weight: 2.0,
            probe_weight: 1.0,
            probe_step: 0.3,
            probe_start: 2,
            object_inertia: 1e-3,
            likelihood: Likelihood::Amplitude,
            seed,
        }
    }

    /// `1/(|P|² + α⟨|P|²⟩)` and `1/(|O|² + β)` in the form of [`PieWeights`], `s/[(1−γ)|P|² + γ max|P|²]` with `s = 1 − γ`.
    fn weights<K: Kernels>(&self, kernels: &K, fields: &Fields<K>) -> PieWeights {
        let light =
            kernels.store_probe(&fields.model.probe).mapv(|p| p.norm_sqr()).sum_axis(ndarray::Axis(0));
        let object = kernels.store_object(&fields.model.object);
        let matter = object.iter().map(C32::norm_sqr).fold(0.0, f32::max);
        let gamma = |floor: f32, largest: f32| floor / (largest + floor).max(f32::MIN_POSITIVE);
        let mean = light.sum() / light.len() as f32;
        let object_gamma = gamma(self.object_weight * mean, light.iter().copied().fold(0.0, f32::max));
        let probe_gamma = gamma(self.probe_weight, matter);
        PieWeights {
            object_step: 1.0 - object_gamma,
            probe_step: self.probe_step * (1.0 - probe_gamma),
            object_gamma,
            probe_gamma,
        }
    }
}

impl<K: Kernels> Engine<K> for Wasp {
    fn iterate(&self, kernels: &K, iteration: usize, fields: &mut Fields<K>) -> f64 {
        let mut weights = self.weights(kernels, fields);
        if iteration < self.probe_start {
            weights.probe_step = 0.0;
        }
        let order = shuffled(self.seed, iteration, kernels.frame_count());
        let model = &mut fields.model;
        let error = kernels.pie_sweep(&order, self.likelihood, weights, model);
        // With ψ' = Π_F ψ and ∂L/∂O* = −Σ P*(ψ' − P O): Σ P* ψ'/Σ|P|² = O − ∂L/∂O*/Σ|P|².
        let mut step = kernels.gradient(self.likelihood, model).object;
        kernels.divide_object(&mut step, &kernels.light(&order, model).on_object, self.object_inertia);
        model.object.add_scaled(-1.0, &step);
        error
    }
}
