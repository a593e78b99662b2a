//! The gap statistic: is a partition tighter than that of points without structure?

use super::kmeans::{KMeansOptions, kmeans};
use super::points::generator;
use super::{ClusterError, Points};
use crate::dense;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// The gap for one number of clusters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GapPoint {
    /// Number of clusters.
    pub k: usize,
    /// `Gap(k) = E*[ln W*_k] − ln W_k`.
    pub gap: f64,
    /// `s_k = √(1 + 1/B)` times the standard deviation of `ln W*_k`.
    pub sigma: f64,
}

/// The gap statistic for k = 1…`k_most` with `references` draws (Tibshirani, Walther & Hastie, J. R. Stat. Soc. B 63, 411
/// (2001)). References are uniform in the box along the principal axes of the points (their choice b) and carry the
/// points' weights. With more than `sample` points, points and references are a stratified sample of so many.
///
/// # Errors
/// As [`kmeans()`]; [`ClusterError::Setting`] without references.
pub fn gap(
    points: &Points,
    k_most: usize,
    references: usize,
    sample: usize,
    options: &KMeansOptions,
) -> Result<Vec<GapPoint>, ClusterError> {
    if references == 0 {
        return Err(ClusterError::Setting {
            operation: "gap statistic",
            setting: "references",
            value: 0.0,
            fix: "draw at least 1; 10 or more give a usable spread",
        });
    }
    let chosen = points.strata(sample.max(k_most), &mut generator(options.seed, u64::MAX - 1));
    let points = points.at(&chosen);
    let axes = Axes::of(&points);
    let mut logs = vec![Vec::with_capacity(references); k_most];
    for reference in 0..references {
        let mut rng = generator(options.seed, (1 << 40) + reference as u64);
        let drawn = points.with_columns(axes.uniform(points.len(), &mut rng));
        for (k, logs) in (1..=k_most).zip(&mut logs) {
            logs.push(kmeans(&drawn, k, options)?.wcss.ln());
        }
    }
    let mut found = Vec::with_capacity(k_most);
    for (k, logs) in (1..=k_most).zip(logs) {
        let own = kmeans(&points, k, options)?.wcss.ln();
        let b = references as f64;
        let mean = logs.iter().sum::<f64>() / b;
        let variance = logs.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / b;
        found.push(GapPoint { k, gap: mean - own, sigma: (variance * (1.0 + 1.0 / b)).sqrt() });
    }
    Ok(found)
}

/// The box along the principal axes of points.
struct Axes {
    /// Unit vectors.
    vectors: Vec<Vec<f64>>,
    /// Lowest and highest coordinate along each.
    ranges: Vec<(f64, f64)>,
}

impl Axes {
    fn of(points: &Points) -> Self {
        let d = points.descriptors();
        let mut covariance = vec![0.0; d * d];
        for index in 0..points.len() {
            let (point, weight) = (points.point(index), f64::from(points.weights[index]));
            for i in 0..d {
                for j in 0..d {
                    covariance[i * d + j] += weight * point[i] * point[j];
                }
            }
        }
        let (_, vectors) = dense::eigen(&covariance, d);
        let along = |vector: &Vec<f64>| {
            let mut range = (f64::INFINITY, f64::NEG_INFINITY);
            for index in 0..points.len() {
                let at: f64 = vector.iter().zip(points.point(index)).map(|(v, x)| v * x).sum();
                range = (range.0.min(at), range.1.max(at));
            }
            range
        };
        let ranges = vectors.iter().map(along).collect();
        Self { vectors, ranges }
    }

    /// Columns of `n` points, uniform in the box.
    fn uniform(&self, n: usize, rng: &mut ChaCha8Rng) -> Vec<Vec<f32>> {
        let d = self.vectors.len();
        let mut columns = vec![vec![0.0_f32; n]; d];
        for index in 0..n {
            let along: Vec<f64> =
                self.ranges.iter().map(|(low, high)| low + (high - low) * rng.random::<f64>()).collect();
            for (c, column) in columns.iter_mut().enumerate() {
                column[index] = (0..d).map(|axis| self.vectors[axis][c] * along[axis]).sum::<f64>() as f32;
            }
        }
        columns
    }
}
