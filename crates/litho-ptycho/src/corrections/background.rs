//! Incoherent background, constant over the scan.

use super::Correct;
use super::smoothing::{Edges, smooth};
use crate::engine::Fields;
use litho_compute::Kernels;

/// Retrieves the background `b(q) ≥ 0` that adds to the coherent intensity `f_j` of every frame.
///
/// Each time it takes a scoring step of the Poisson likelihood for every pixel, which for weights `w_j = 1/(f_j + b)`
/// leads to `b = Σ_j w_j (I_j − f_j)/Σ_j w_j`, and smooths the result: at a pixel in the bright field the counts tell
/// little of a weak background, but its neighbours do. The smooth one minimises
/// `Σ W (b − b_0)² + λ med(W) Σ|∇b|²` with `W = Σ_j w_j`.
///
/// SHARP's update of the background (Marchesini et al., J. Appl. Cryst. 49, 1245 (2016)) divides by a slope of the model
/// against the counts, which at the counts of a weak background is biased by their noise; see `docs/engines.md`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BackgroundRetrieval {
    /// Smoothing λ; 0 for none.
    pub smoothness: f64,
}

impl Default for BackgroundRetrieval {
    fn default() -> Self {
        Self { smoothness: 0.3 }
    }
}

/// Share of the mean counts that the first background has everywhere.
const FIRST_SHARE: f64 = 0.01;

impl<K: Kernels> Correct<K> for BackgroundRetrieval {
    fn correct(&self, kernels: &K, _: usize, fields: &mut Fields<K>) {
        let model = &mut fields.model;
        if model.background.is_none() {
            let sums = kernels.detector_sums(model);
            let mean = sums.counts.sum() / sums.frames.sum().max(1.0);
            let first = ndarray::Array2::from_elem(sums.counts.dim(), (FIRST_SHARE * mean) as f32);
            model.background = Some(kernels.load_image(&first));
        }
        let sums = kernels.detector_sums(model);
        let mut found = &sums.excess / &sums.weight.mapv(|w| w.max(f64::MIN_POSITIVE));
        if self.smoothness > 0.0 {
            let edges = if kernels.is_far_field() { Edges::HighestFrequency } else { Edges::Image };
            found = smooth(&found, &sums.weight, self.smoothness, edges);
        }
        model.background = Some(kernels.load_image(&found.mapv(|b| b.max(0.0) as f32)));
    }
}
