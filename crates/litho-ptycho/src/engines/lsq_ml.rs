//! Least-squares maximum likelihood.

use crate::engine::{Engine, Fields};
use crate::order::shuffled;
use litho_compute::{DeviceArray, Kernels, Likelihood, StepSums};

/// LSQ-ML (Odstrčil, Menzel & Guizar-Sicairos, Opt. Express 26, 3108 (2018)): batches of frames, with the lengths of the
/// object and the probe step of every frame from its own least-squares problem, averaged over the batch.
///
/// With `χ = Π_F ψ − ψ`, the illumination W of the whole scan and the batch's frames j the directions are
/// `ΔO = Σ P* χ_j/(W + δ max W)` and `ΔP = Σ O* χ_j / n`. Momentum of the accelerated method acts between iterations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LsqMl {
    /// Frames of a batch; 0 takes a twentieth of the scan, at least 8.
    pub batch: usize,
    /// Share of the found lengths that is gone.
    pub step: f32,
    /// δ of the object's denominator.
    pub object_damping: f32,
    /// Share of the mean that is added to the diagonal of each frame's equations.
    pub step_damping: f64,
    /// First iteration that updates the probe.
    pub probe_start: usize,
    /// Momentum η between iterations, 0 for none: `v ← η (v + change)`, added to object and probe.
    pub momentum: f32,
    /// What frames ask of their waves.
    pub likelihood: Likelihood,
    /// Seed of the batches.
    pub seed: u64,
}

/// Share of a scan in a batch, if nobody says.
const BATCH_SHARE: usize = 20;
/// Fewest frames in such a batch.
const SMALLEST_BATCH: usize = 8;
/// First iteration after which there is momentum.
const MOMENTUM_START: usize = 2;

impl LsqMl {
    /// Batches of a twentieth of the scan, 90 % of the least-squares step, no momentum.
    pub fn new(seed: u64) -> Self {
        Self {
            batch: 0,
            step: 0.9,
            object_damping: 0.1,
            step_damping: 0.1,
            probe_start: 2,
            momentum: 0.0,
            likelihood: Likelihood::Amplitude,
            seed,
        }
    }

    fn batch_size(&self, frames: usize) -> usize {
        if self.batch > 0 { self.batch } else { (frames / BATCH_SHARE).max(SMALLEST_BATCH) }
    }

    /// Mean lengths of the object and the probe step over the frames of a batch.
    fn lengths(&self, sums: &[StepSums], moves_probe: bool) -> [f32; 2] {
        let count = sums.len() as f64;
        let mean = |part: fn(&StepSums) -> f64| sums.iter().map(part).sum::<f64>() / count;
        let damping =
            [mean(|s| s.object), mean(|s| s.probe)].map(|m| self.step_damping * m + f64::MIN_POSITIVE);
        let mut total = [0.0; 2];
        for s in sums {
            // [⟨u,u⟩ + λ, Re⟨u,v⟩; Re⟨u,v⟩, ⟨v,v⟩ + λ'] (s_O, s_P) = (Re⟨u,χ⟩, Re⟨v,χ⟩)
            let (a, d) = (s.object + damping[0], s.probe + damping[1]);
            let c = if moves_probe { s.mixed[0] } else { 0.0 };
            let determinant = a * d - c * c;
            total[0] += ((d * s.object_right - c * s.probe_right) / determinant).max(0.0);
            total[1] += ((a * s.probe_right - c * s.object_right) / determinant).max(0.0);
        }
        total.map(|sum| (f64::from(self.step) * sum / count) as f32)
    }

    /// Adds the momentum of what this iteration changed since `before`.
    fn accelerate<K: Kernels>(&self, fields: &mut Fields<K>, before: (K::Object, K::Probe)) {
        let Fields { model, memory, .. } = fields;
        let (mut object, mut probe) = before;
        // v ← η (v + now − before)
        object.scale(-1.0);
        object.add_scaled(1.0, &model.object);
        probe.scale(-1.0);
        probe.add_scaled(1.0, &model.probe);
        if let (Some(velocity), Some(probe_velocity)) = (memory.objects.pop(), memory.probes.pop()) {
            object.add_scaled(1.0, &velocity);
            probe.add_scaled(1.0, &probe_velocity);
        }
        object.scale(self.momentum);
        probe.scale(self.momentum);
        model.object.add_scaled(1.0, &object);
        model.probe.add_scaled(1.0, &probe);
        memory.objects.push(object);
        memory.probes.push(probe);
    }
}

impl<K: Kernels> Engine<K> for LsqMl {
    fn iterate(&self, kernels: &K, iteration: usize, fields: &mut Fields<K>) -> f64 {
        let moves_probe = iteration >= self.probe_start;
        let accelerates = self.momentum > 0.0 && iteration >= MOMENTUM_START;
        let before = accelerates.then(|| (fields.model.object.clone(), fields.model.probe.clone()));
        let model = &mut fields.model;
        let frames = kernels.frame_count();
        let order = shuffled(self.seed, iteration, frames);
        let light = kernels.light(&order, model).on_object;
        let (mut error, mut spare) = (0.0, None);
        for frames in order.chunks(self.batch_size(frames)) {
            let mut batch = kernels.batch(frames, self.likelihood, model, spare);
            error += batch.error;
            kernels.divide_object(&mut batch.object_push, &light, self.object_damping);
            batch.probe_push.scale(1.0 / frames.len() as f32);
            let sums = kernels.step_sums(&batch, model, &batch.object_push, &batch.probe_push);
            let [object, probe] = self.lengths(&sums, moves_probe);
            model.object.add_scaled(object, &batch.object_push);
            if moves_probe {
                model.probe.add_scaled(probe, &batch.probe_push);
            }
            spare = Some(batch);
        }
        if let Some(before) = before {
            self.accelerate(fields, before);
        }
        error
    }
}
