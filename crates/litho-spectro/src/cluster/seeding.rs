//! Where k-means starts: greedy k-means++ (Arthur & Vassilvitskii, SODA 2007).

use super::assign::{Centres, with_centre};
use super::{ClusterError, Points};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Draws `k` points as centres. Each is drawn with a probability proportional to weight times squared distance to the
/// nearest centre so far; of `2 + ⌊ln k⌋` draws the one that leaves the smallest sum is kept.
pub(super) fn seed(points: &Points, k: usize, rng: &mut ChaCha8Rng) -> Result<Centres, ClusterError> {
    let trials = 2 + (k as f64).ln() as usize;
    let first = draw(&points.weights, None, rng);
    let mut centres = Centres { values: points.point(first), descriptors: points.descriptors() };
    let far = vec![f32::MAX; points.len()];
    let (mut distances, mut sum) = with_centre(points, centres.row(0), &far);
    for distinct in 1..k {
        if sum <= 0.0 {
            return Err(ClusterError::TooFewPoints { operation: "k-means", k, distinct });
        }
        let mut best: Option<(Vec<f64>, Vec<f32>, f64)> = None;
        for _ in 0..trials {
            let centre = points.point(draw(&points.weights, Some(&distances), rng));
            let (candidate, left) = with_centre(points, &centre, &distances);
            if best.as_ref().is_none_or(|(_, _, least)| left < *least) {
                best = Some((centre, candidate, left));
            }
        }
        if let Some((centre, candidate, left)) = best {
            centres.values.extend(centre);
            (distances, sum) = (candidate, left);
        }
    }
    Ok(centres)
}

/// A point drawn with a probability proportional to `w` or `w d²`.
fn draw(weights: &[f32], distances: Option<&[f32]>, rng: &mut ChaCha8Rng) -> usize {
    let value = |index: usize| {
        f64::from(weights[index]) * distances.map_or(1.0, |distances| f64::from(distances[index]))
    };
    let total: f64 = (0..weights.len()).map(value).sum();
    let aim = rng.random::<f64>() * total;
    let (mut sum, mut last) = (0.0, 0);
    for index in 0..weights.len() {
        let value = value(index);
        if value > 0.0 {
            last = index;
            sum += value;
            if sum > aim {
                return index;
            }
        }
    }
    last
}
