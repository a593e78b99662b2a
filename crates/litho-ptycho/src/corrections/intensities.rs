//! Intensity of the beam in each frame.

use super::Correct;
use crate::engine::Fields;
use litho_compute::Kernels;

/// Scales the beam of every frame to the counts of that frame: `c_j ← c_j (Σ I_j/Σ I_m)^(s/2)`, with the mean square of
/// all `c_j` held at 1, where it belongs to the probe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BeamIntensities {
    /// Share s of the correction that is made at a time, in (0, 1].
    pub step: f64,
}

impl Default for BeamIntensities {
    fn default() -> Self {
        Self { step: 0.5 }
    }
}

impl<K: Kernels> Correct<K> for BeamIntensities {
    fn correct(&self, kernels: &K, _: usize, fields: &mut Fields<K>) {
        let comparison = kernels.compare(&fields.model);
        let amplitudes = &mut fields.model.views.amplitudes;
        let frames = comparison.frame_total.iter().zip(&comparison.frame_model);
        for (c, (counted, modelled)) in amplitudes.iter_mut().zip(frames) {
            if *counted > 0.0 && *modelled > 0.0 {
                *c *= (counted / modelled).powf(0.5 * self.step) as f32;
            }
        }
        let mean_square =
            amplitudes.iter().map(|&c| f64::from(c).powi(2)).sum::<f64>() / amplitudes.len() as f64;
        let scale = (1.0 / mean_square.sqrt()) as f32;
        for c in amplitudes {
            *c *= scale;
        }
    }
}
