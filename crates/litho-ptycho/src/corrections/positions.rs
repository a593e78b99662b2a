//! Positions by least squares.

use super::Correct;
use crate::engine::Fields;
use litho_compute::{Kernels, PositionSums, Sampling};

/// Moves every frame by the displacement that explains its residual best: with `χ = Π_F ψ − ψ` the least-squares solution
/// d of `χ ≈ d_y P ∂O/∂y + d_x P ∂O/∂x` (Odstrčil, Menzel & Guizar-Sicairos, Opt. Express 26, 3108 (2018), sec. 3.5).
///
/// The patch of a frame lies on whole pixels; its probe moves by the rest. The mean displacement is taken off, so that
/// the object stays where it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PositionGradient {
    /// Multiple of the least-squares displacement that is gone: the object is blurred by the errors, and so
    /// underestimates them.
    pub step: f64,
    /// Longest displacement at a time, object pixels.
    pub longest: f64,
}

impl Default for PositionGradient {
    /// Twice the least-squares step, half a pixel at most: 2 px rms are found to 0.1 px in 20 iterations.
    fn default() -> Self {
        Self { step: 2.0, longest: 0.5 }
    }
}

/// Share of the frames' mean sensitivity that is added to each frame's: a frame over an empty part of the object does not
/// know where it is, and stays.
const DAMPING: f64 = 0.05;

impl PositionGradient {
    fn displacement(&self, sums: &PositionSums, damping: f64) -> [f64; 2] {
        let [yy, yx, xx] = sums.normal;
        let (yy, xx) = (yy + damping, xx + damping);
        let determinant = yy * xx - yx * yx;
        if determinant.is_nan() || determinant <= 0.0 {
            return [0.0; 2];
        }
        let [y, x] = sums.right;
        let d = [(xx * y - yx * x) / determinant, (yy * x - yx * y) / determinant].map(|d| self.step * d);
        let length = d[0].hypot(d[1]);
        if length > self.longest { d.map(|d| d * self.longest / length) } else { d }
    }
}

impl<K: Kernels> Correct<K> for PositionGradient {
    fn correct(&self, kernels: &K, _: usize, fields: &mut Fields<K>) {
        fields.model.views.sampling = Sampling::SubPixel;
        let sums = kernels.position_sums(&fields.model);
        let sensitivity: f64 = sums.iter().map(|sums| 0.5 * (sums.normal[0] + sums.normal[2])).sum();
        let damping = DAMPING * sensitivity / sums.len().max(1) as f64;
        let mut displacements: Vec<[f64; 2]> =
            sums.iter().map(|sums| self.displacement(sums, damping)).collect();
        remove_mean(&mut displacements);
        for (place, d) in fields.model.views.places.iter_mut().zip(displacements) {
            *place = [place[0] + d[0], place[1] + d[1]];
        }
    }
}

/// Takes the mean off displacements.
pub(super) fn remove_mean(displacements: &mut [[f64; 2]]) {
    let count = displacements.len().max(1) as f64;
    let mean = [0, 1].map(|axis| displacements.iter().map(|d| d[axis]).sum::<f64>() / count);
    for d in displacements {
        *d = [d[0] - mean[0], d[1] - mean[1]];
    }
}
