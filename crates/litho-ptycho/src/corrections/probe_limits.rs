//! What is known of the probe.

use super::Correct;
use crate::engine::Fields;
use litho_compute::{DeviceArray, Kernels};

/// Keeps every probe mode dark outside a disc about the middle of the frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbeSupport {
    /// Diameter of the disc as a share of the frame's shorter side.
    pub diameter: f64,
}

impl<K: Kernels> Correct<K> for ProbeSupport {
    fn correct(&self, kernels: &K, _: usize, fields: &mut Fields<K>) {
        let mut probe = kernels.store_probe(&fields.model.probe);
        let (_, ny, nx) = probe.dim();
        let radius = 0.5 * self.diameter * ny.min(nx) as f64;
        for ((_, y, x), p) in probe.indexed_iter_mut() {
            let distance = (y as f64 - (ny / 2) as f64).hypot(x as f64 - (nx / 2) as f64);
            if distance > radius {
                *p = litho_types::C32::default();
            }
        }
        fields.model.probe = kernels.load_probe(&probe);
    }
}

/// Keeps the probe's power at that of the brightest frame and scales the object the other way: their product is what it
/// was, and an empty object stays close to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbePower {
    /// `Σ_k Σ_r |P_k|²` to keep, counts.
    pub counts: f64,
}

impl<K: Kernels> Correct<K> for ProbePower {
    fn correct(&self, _: &K, _: usize, fields: &mut Fields<K>) {
        let power = fields.model.probe.dot(&fields.model.probe);
        if power > 0.0 && power.is_finite() {
            let factor = (self.counts / power).sqrt() as f32;
            fields.model.probe.scale(factor);
            fields.model.object.scale(1.0 / factor);
        }
    }
}
