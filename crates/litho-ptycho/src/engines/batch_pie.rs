//! PIE over batches of frames, which are independent of each other within a batch.

use crate::engine::{Engine, Fields};
use crate::order::shuffled;
use litho_compute::{DeviceArray, Kernels, Likelihood};

/// Updates from a batch of frames at a time, all by object and probe before it: with the sums over the batch
///
/// `O ← O + α Σ P* χ / [(1−γ) Σ|P|² + γ max Σ|P|²]`, `P ← P + β Σ O* χ / max Σ|O|²`.
///
/// The frames of a batch are worked on in parallel, with the same bits for any number of threads. The probe takes the
/// mean of what the frames say: their sum diverges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BatchPie {
    /// Frames of a batch.
    pub batch: usize,
    /// Object step α.
    pub object_step: f32,
    /// Probe step β.
    pub probe_step: f32,
    /// γ of the object's denominator, in (0, 1].
    pub object_gamma: f32,
    /// First iteration that updates the probe.
    pub probe_start: usize,
    /// What frames ask of their waves.
    pub likelihood: Likelihood,
    /// Seed of the batches.
    pub seed: u64,
}

impl BatchPie {
    /// Batches of 16 with `α = 0.5`, `β = 1`, `γ = 0.1`.
    pub fn new(seed: u64) -> Self {
        Self {
            batch: 16,
            object_step: 0.5,
            probe_step: 1.0,
            object_gamma: 0.1,
            probe_start: 2,
            likelihood: Likelihood::Amplitude,
            seed,
        }
    }
}

impl<K: Kernels> Engine<K> for BatchPie {
    fn iterate(&self, kernels: &K, iteration: usize, fields: &mut Fields<K>) -> f64 {
        let model = &mut fields.model;
        let mut error = 0.0;
        let mut spare = None;
        for frames in shuffled(self.seed, iteration, kernels.frame_count()).chunks(self.batch) {
            let mut batch = kernels.batch(frames, self.likelihood, model, spare);
            error += batch.error;
            let light = kernels.light(frames, model);
            kernels.divide_object(&mut batch.object_push, &light.on_object, self.object_gamma);
            model.object.add_scaled(self.object_step, &batch.object_push);
            if iteration >= self.probe_start {
                kernels.divide_probe(&mut batch.probe_push, &light.on_probe, 1.0);
                model.probe.add_scaled(self.probe_step, &batch.probe_push);
            }
            spare = Some(batch);
        }
        error
    }
}
