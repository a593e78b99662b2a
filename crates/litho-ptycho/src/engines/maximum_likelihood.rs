//! Maximum likelihood by conjugate gradients.

use crate::engine::{Engine, Fields, Memory};
use crate::line_search::LineSearch;
use litho_compute::{DeviceArray, Gradient, Kernels, Likelihood};

/// Refinement of object and probe by preconditioned non-linear conjugate gradients (Guizar-Sicairos & Fienup, Opt. Express
/// 16, 7264 (2008); Thibault & Guizar-Sicairos, New J. Phys. 14, 063004 (2012)).
///
/// The gradient is divided by the diagonal of the curvature, `Σ|P|²` for the object and `Σ|O|²` for the probe; directions
/// are Polak and Ribière's with restart; the length of each step is where the likelihood's slope along the direction
/// vanishes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MaximumLikelihood {
    /// How intensities are held against counts.
    pub likelihood: Likelihood,
    /// First iteration that updates the probe.
    pub probe_start: usize,
    /// Share of the largest curvature that bounds the preconditioner from below.
    pub damping: f32,
}

impl Default for MaximumLikelihood {
    /// Counting noise, probe from the start, damping of 1 %.
    fn default() -> Self {
        Self { likelihood: Likelihood::Poisson, probe_start: 0, damping: 1e-2 }
    }
}

/// A direction in the space of object and probe.
struct Direction<K: Kernels> {
    object: K::Object,
    probe: K::Probe,
}

impl<K: Kernels> Direction<K> {
    fn dot(&self, gradient: &Gradient<K>) -> f64 {
        self.object.dot(&gradient.object) + self.probe.dot(&gradient.probe)
    }
}

impl MaximumLikelihood {
    /// `M⁻¹ g`, with the probe at rest before its time.
    fn preconditioned<K: Kernels>(
        &self,
        kernels: &K,
        fields: &Fields<K>,
        gradient: &mut Gradient<K>,
        iteration: usize,
    ) -> Direction<K> {
        if iteration < self.probe_start {
            gradient.probe.scale(0.0);
        }
        let all: Vec<usize> = (0..kernels.frame_count()).collect();
        let light = kernels.light(&all, &fields.model);
        let (mut object, mut probe) = (gradient.object.clone(), gradient.probe.clone());
        kernels.divide_object(&mut object, &light.on_object, self.damping);
        kernels.divide_probe(&mut probe, &light.on_probe, self.damping);
        Direction { object, probe }
    }
}

impl<K: Kernels> Engine<K> for MaximumLikelihood {
    fn iterate(&self, kernels: &K, iteration: usize, fields: &mut Fields<K>) -> f64 {
        let mut gradient = kernels.gradient(self.likelihood, &fields.model);
        let steep = self.preconditioned(kernels, fields, &mut gradient, iteration);
        let steepness = steep.dot(&gradient);
        let kept = Kept::take(&mut fields.memory);
        // β = max(0, ⟨M⁻¹g, g − g₋⟩ / ⟨M⁻¹g₋, g₋⟩), d ← −M⁻¹g + β d
        let mut direction = Direction::<K> { object: steep.object.clone(), probe: steep.probe.clone() };
        direction.object.scale(-1.0);
        direction.probe.scale(-1.0);
        let mut length = LineSearch::FIRST_LENGTH;
        if let Some(kept) = kept {
            length = kept.length;
            let conjugacy = ((steepness - steep.dot(&kept.gradient)) / kept.steepness).max(0.0) as f32;
            if conjugacy.is_finite() && iteration != self.probe_start {
                direction.object.add_scaled(conjugacy, &kept.direction.object);
                direction.probe.add_scaled(conjugacy, &kept.direction.probe);
                if direction.dot(&gradient) >= 0.0 {
                    // It no longer descends: start anew.
                    direction.object.add_scaled(-conjugacy, &kept.direction.object);
                    direction.probe.add_scaled(-conjugacy, &kept.direction.probe);
                }
            }
        }
        // dL/dt at t = 0, as L depends on O through its real and imaginary part.
        let start = 2.0 * direction.dot(&gradient);
        let search = LineSearch { guess: length, slope: start };
        let length = search.length(|lengths| {
            kernels.slopes(self.likelihood, &fields.model, &direction.object, &direction.probe, lengths)
        });
        fields.model.object.add_scaled(length as f32, &direction.object);
        fields.model.probe.add_scaled(length as f32, &direction.probe);
        let error = gradient.error;
        let length = if length > 0.0 { length } else { LineSearch::FIRST_LENGTH };
        Kept { gradient, direction, steepness, length }.keep(&mut fields.memory);
        error
    }
}

/// What one iteration leaves for the next.
struct Kept<K: Kernels> {
    gradient: Gradient<K>,
    direction: Direction<K>,
    /// `⟨M⁻¹g, g⟩`.
    steepness: f64,
    /// Length of the last step.
    length: f64,
}

impl<K: Kernels> Kept<K> {
    fn take(memory: &mut Memory<K>) -> Option<Self> {
        let Memory { objects, probes, numbers } = std::mem::take(memory);
        let [gradient_object, object] = <[K::Object; 2]>::try_from(objects).ok()?;
        let [gradient_probe, probe] = <[K::Probe; 2]>::try_from(probes).ok()?;
        let [steepness, length] = <[f64; 2]>::try_from(numbers).ok()?;
        let gradient = Gradient { object: gradient_object, probe: gradient_probe, error: 0.0 };
        Some(Self { gradient, direction: Direction { object, probe }, steepness, length })
    }

    fn keep(self, memory: &mut Memory<K>) {
        *memory = Memory {
            objects: vec![self.gradient.object, self.direction.object],
            probes: vec![self.gradient.probe, self.direction.probe],
            numbers: vec![self.steepness, self.length],
        };
    }
}
