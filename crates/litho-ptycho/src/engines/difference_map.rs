//! The difference map.

use crate::engine::{Engine, Fields};
use litho_compute::{Averaged, Inertia, Kernels, WaveStep};

/// Difference map over all exit waves at once.
///
/// `ψ ← ψ + Π_F[2 Π_O ψ − ψ] − Π_O ψ` with the overlap projection `Π_O` solved by
/// alternating object and probe (Thibault et al., Science 321, 379 (2008);
/// Ultramicroscopy 109, 338 (2009)).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DifferenceMap {
    /// First iteration that updates the probe.
    pub probe_start: usize,
    /// Most alternations of object and probe in one overlap projection.
    pub overlap_iterations: usize,
    /// Relative probe change below which the alternation stops.
    pub overlap_tolerance: f64,
    /// Share of the largest illumination that holds the object where the beam is weak.
    pub object_inertia: f32,
    /// Share of the frame count that holds the probe where the object is dark.
    pub probe_inertia: f32,
    /// Relaxation r of the Fourier projection, in [0, 1): measured moduli are met only to
    /// `√I + r(|F| − √I)`, so that their noise is not.
    pub relaxation: f32,
}

impl Default for DifferenceMap {
    /// The usual settings of the field: probe from the third iteration on, at
    /// most 10 alternations, stop at 5 % probe change.
    fn default() -> Self {
        Self {
            probe_start: 2,
            overlap_iterations: 10,
            overlap_tolerance: 0.05,
            object_inertia: 1e-2,
            probe_inertia: 1e-9,
            relaxation: 0.1,
        }
    }
}

impl DifferenceMap {
    /// `ψ ← ψ − P·O + [(1−r) Π_F + r][2 P·O − ψ]`, sorted by ψ, P·O and `Π_F`.
    fn step(&self) -> WaveStep {
        let r = self.relaxation;
        WaveStep { argument: [2.0, -1.0], next: [1.0 - r, 2.0 * r - 1.0, 1.0 - r], averaged: Averaged::Waves }
    }
}

impl<K: Kernels> Engine<K> for DifferenceMap {
    fn iterate(&self, kernels: &K, iteration: usize, fields: &mut Fields<K>) -> f64 {
        let Fields { model, waves, .. } = fields;
        let waves = waves.get_or_insert_with(|| kernels.exit_waves(model));
        let inertia = Inertia { object: self.object_inertia, probe: None };
        let error = kernels.wave_step(self.step(), inertia, model, waves);
        if iteration < self.probe_start {
            return error;
        }
        for _ in 1..self.overlap_iterations {
            if kernels.overlap_probe(self.probe_inertia, waves, model) < self.overlap_tolerance {
                break;
            }
            kernels.overlap_object(self.object_inertia, waves, model);
        }
        error
    }
}
