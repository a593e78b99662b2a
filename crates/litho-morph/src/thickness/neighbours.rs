//! What neighbours throw into the voxels around them.

use ndarray::{Array3, Axis};

/// How far the Gaussian is followed, in standard deviations: 3 · 10⁻⁴ lies beyond at either side of an edge.
const REACH: f64 = 3.5;

/// The share of a mask's matter that the instrument puts into each voxel: the mask's voxels, filled, smeared with a Gaussian of
/// standard deviation `sigma` and averaged over voxels. Filling and averaging add h²/12 each to its variance.
pub(super) fn smeared(mask: &Array3<f64>, edges: [f64; 3], sigma: f64) -> Array3<f64> {
    let mut whole = mask.clone();
    for (axis, edge) in edges.into_iter().enumerate() {
        let deviation = (sigma * sigma + edge * edge / 6.0).sqrt() / edge;
        let reach = (REACH * deviation).ceil() as usize;
        let weights: Vec<f64> = (0..=reach).map(|k| (-0.5 * (k as f64 / deviation).powi(2)).exp()).collect();
        let sum = 2.0 * weights.iter().sum::<f64>() - weights[0];
        for mut lane in whole.lanes_mut(Axis(axis)) {
            let values = lane.to_vec();
            for (index, out) in lane.iter_mut().enumerate() {
                let low = index.saturating_sub(reach);
                let near = values[low..].iter().take(index + reach + 1 - low).enumerate();
                *out = near.map(|(k, value)| weights[(low + k).abs_diff(index)] * value).sum::<f64>() / sum;
            }
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thickness::normal::cumulative;

    #[test]
    fn a_half_space_has_a_soft_edge() {
        let mask = Array3::from_shape_fn((3, 5, 30), |(_, _, x)| f64::from(u8::from(x >= 15)));
        let soft = smeared(&mask, [1e3, 1e3, 6.7], 4.67);
        let deviation = (4.67_f64.powi(2) + 6.7 * 6.7 / 6.0).sqrt();
        // Beyond the array there is nothing, as its end shows.
        for x in 0..26 {
            let wanted = cumulative((x as f64 - 14.5) * 6.7 / deviation);
            // The sampled Gaussian of one voxel's width against its integral.
            assert!((soft[(1, 2, x)] - wanted).abs() < 0.02, "{x}: {} {wanted}", soft[(1, 2, x)]);
        }
    }
}
