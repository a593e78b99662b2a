//! A mixture of Gaussians with full covariances, by expectation and maximisation.

use super::assign::{Centres, tasks};
use super::kmeans::{KMeansOptions, kmeans, order};
use super::{ClusterError, Points};
use crate::dense;
use ndarray::{Array2, Array3};
use rayon::prelude::*;
use std::ops::Range;

/// How a mixture is fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixtureOptions {
    /// The start.
    pub kmeans: KMeansOptions,
    /// The most iterations.
    pub iterations: usize,
    /// Iterations end when the mean log-likelihood per point rises by less than this.
    pub tolerance: f64,
    /// Variance added along every standardised descriptor, so that no component shrinks to a point.
    pub floor: f64,
}

impl Default for MixtureOptions {
    fn default() -> Self {
        Self { kmeans: KMeansOptions::default(), iterations: 200, tolerance: 1e-6, floor: 1e-6 }
    }
}

/// A fitted mixture.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture {
    /// The most probable component of each row given, 1…k; 0 for a row that was left out.
    pub labels: Vec<u16>,
    /// Probability of that component; NaN for a row that was left out.
    pub probability: Vec<f32>,
    /// Shares of the components, of 1.
    pub share: Vec<f64>,
    /// Means in the descriptors' units, `(component, descriptor)`.
    pub centres: Array2<f64>,
    /// Covariances in the descriptors' units, `(component, descriptor, descriptor)`.
    pub covariance: Array3<f64>,
    /// `Σ w ln p` in standardised units, weights with the mean 1.
    pub log_likelihood: f64,
    /// `−2 ln L + p ln n` with `p = k − 1 + k d + k d(d + 1)/2` (Schwarz, Ann. Stat. 6, 461 (1978)); the smallest is best.
    pub bic: f64,
    /// Iterations taken.
    pub iterations: usize,
    /// False if they ran out.
    pub converged: bool,
}

/// The parameters in standardised units.
struct Model {
    share: Vec<f64>,
    centres: Centres,
    /// One `(d, d)` matrix per component.
    covariance: Vec<Vec<f64>>,
}

/// What one component needs to tell a density.
struct Component {
    cholesky: Vec<f64>,
    /// `ln π_j − ½ d ln 2π − ½ ln |C|`.
    constant: f64,
}

/// Fits `k` Gaussians with weights on the points (Dempster, Laird & Rubin, J. R. Stat. Soc. B 39, 1 (1977)), starting from
/// [`kmeans()`]. Components are numbered as its clusters are.
///
/// # Errors
/// As [`kmeans()`]; [`ClusterError::Setting`] if a covariance is not positive with this floor.
pub fn mixture(points: &Points, k: usize, options: &MixtureOptions) -> Result<Mixture, ClusterError> {
    let start = kmeans(points, k, &options.kmeans)?;
    let d = points.descriptors();
    let labels = points.gather(&start.labels);
    let (mut model, _) = step(points, k, options.floor, &|index, out| {
        out[usize::from(labels[index]) - 1] = 1.0;
        0.0
    });
    let (mut last, mut converged, mut taken) = (f64::NEG_INFINITY, false, options.iterations);
    for iteration in 1..=options.iterations {
        let components = model.components(options.floor)?;
        let (next, log) =
            step(points, k, options.floor, &|index, out| posterior(points, &model, &components, index, out));
        let likelihood = log / points.len() as f64;
        if likelihood - last < options.tolerance {
            (converged, taken) = (true, iteration);
            break;
        }
        last = likelihood;
        model = next;
    }
    model.sort(options.kmeans.order_by);
    let components = model.components(options.floor)?;
    let log_likelihood = log_likelihood(points, &model, &components);
    let parameters = (k - 1 + k * d + k * d * (d + 1) / 2) as f64;
    let (labels, probability) = labels_of(points, &model, &components);
    let in_units =
        |j: usize, a: usize, b: usize| model.covariance[j][a * d + b] * points.sigma()[a] * points.sigma()[b];
    let centre = |j: usize| points.in_units(model.centres.row(j));
    Ok(Mixture {
        labels: points.spread(&labels, 0),
        probability: points.spread(&probability, f32::NAN),
        centres: Array2::from_shape_fn((k, d), |(j, c)| centre(j)[c]),
        covariance: Array3::from_shape_fn((k, d, d), |(j, a, b)| in_units(j, a, b)),
        share: model.share,
        log_likelihood,
        bic: -2.0 * log_likelihood + parameters * (points.len() as f64).ln(),
        iterations: taken,
        converged,
    })
}

impl Model {
    fn components(&self, floor: f64) -> Result<Vec<Component>, ClusterError> {
        let d = self.centres.descriptors;
        let one = |(covariance, share): (&Vec<f64>, &f64)| {
            let cholesky = dense::cholesky(covariance, d).ok_or(ClusterError::Setting {
                operation: "mixture",
                setting: "floor",
                value: floor,
                fix: "a component shrank to fewer dimensions; give a larger floor or fewer components",
            })?;
            let log_det: f64 = (0..d).map(|i| cholesky[i * d + i].ln()).sum();
            let constant = share.ln() - 0.5 * d as f64 * std::f64::consts::TAU.ln() - log_det;
            Ok(Component { cholesky, constant })
        };
        self.covariance.iter().zip(&self.share).map(one).collect()
    }

    fn sort(&mut self, order_by: usize) {
        let order = order(&self.centres, order_by);
        self.share = order.iter().map(|&j| self.share[j]).collect();
        self.covariance = order.iter().map(|&j| self.covariance[j].clone()).collect();
        self.centres.values = order.iter().flat_map(|&j| self.centres.row(j).to_vec()).collect();
    }
}

/// Writes the probabilities of the components at a point; returns its log density.
fn posterior(points: &Points, model: &Model, components: &[Component], index: usize, out: &mut [f64]) -> f64 {
    let mut most = f64::NEG_INFINITY;
    for (j, (component, out)) in components.iter().zip(out.iter_mut()).enumerate() {
        let mut z: Vec<f64> =
            points.columns.iter().zip(model.centres.row(j)).map(|(x, m)| f64::from(x[index]) - m).collect();
        dense::forward(&component.cholesky, &mut z);
        // ln π_j N(x; μ_j, C_j) = constant − ½ |L⁻¹(x − μ)|²
        *out = component.constant - 0.5 * z.iter().map(|z| z * z).sum::<f64>();
        most = most.max(*out);
    }
    let sum: f64 = out.iter().map(|log| (log - most).exp()).sum();
    for log in out.iter_mut() {
        *log = (*log - most).exp() / sum;
    }
    most + sum.ln()
}

/// Shares, means and covariances from the probabilities that `responsible` writes for each point, and the weighted sum of
/// the logarithms that it returns.
fn step(
    points: &Points,
    k: usize,
    floor: f64,
    responsible: &(impl Fn(usize, &mut [f64]) -> f64 + Sync),
) -> (Model, f64) {
    let d = points.descriptors();
    let width = 1 + d + d * d;
    let task = |range: Range<usize>| {
        // The last of the sums is that of the logarithms.
        let (mut sums, mut r) = (vec![0.0; k * width + 1], vec![0.0; k]);
        for index in range {
            r.fill(0.0);
            sums[k * width] += f64::from(points.weights[index]) * responsible(index, &mut r);
            let x = points.point(index);
            for (sums, r) in sums.chunks_exact_mut(width).zip(&r) {
                let w = r * f64::from(points.weights[index]);
                sums[0] += w;
                for a in 0..d {
                    sums[1 + a] += w * x[a];
                    for b in 0..=a {
                        sums[1 + d + a * d + b] += w * x[a] * x[b];
                    }
                }
            }
        }
        sums
    };
    let parts: Vec<Vec<f64>> = tasks(points.len()).into_par_iter().map(task).collect();
    let mut sums = vec![0.0; k * width + 1];
    for part in parts {
        sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
    }
    let total: f64 = sums.iter().step_by(width).take(k).sum();
    let mut model = Model {
        share: Vec::new(),
        centres: Centres { values: Vec::new(), descriptors: d },
        covariance: Vec::new(),
    };
    let log = sums[k * width];
    for sums in sums.chunks_exact(width) {
        // π = Σr/n;  μ = Σ r x/Σr;  C = Σ r x xᵀ/Σr − μ μᵀ + floor
        let mean: Vec<f64> = sums[1..=d].iter().map(|sum| sum / sums[0]).collect();
        let mut covariance = vec![0.0; d * d];
        for a in 0..d {
            for b in 0..=a {
                let value = sums[1 + d + a * d + b] / sums[0] - mean[a] * mean[b];
                let value = value + if a == b { floor } else { 0.0 };
                covariance[a * d + b] = value;
                covariance[b * d + a] = value;
            }
        }
        model.share.push(sums[0] / total);
        model.centres.values.extend(mean);
        model.covariance.push(covariance);
    }
    (model, log)
}

/// `Σ w ln p`, in a fixed order.
fn log_likelihood(points: &Points, model: &Model, components: &[Component]) -> f64 {
    let task = |range: Range<usize>| -> f64 {
        let mut r = vec![0.0; components.len()];
        range.map(|i| f64::from(points.weights[i]) * posterior(points, model, components, i, &mut r)).sum()
    };
    let parts: Vec<f64> = tasks(points.len()).into_par_iter().map(task).collect();
    parts.iter().sum()
}

/// The most probable component of each point and its probability.
fn labels_of(points: &Points, model: &Model, components: &[Component]) -> (Vec<u16>, Vec<f32>) {
    let one = |index: usize| {
        let mut r = vec![0.0; components.len()];
        posterior(points, model, components, index, &mut r);
        let best = (0..r.len()).fold(0, |best, j| if r[j] > r[best] { j } else { best });
        (best as u16 + 1, r[best] as f32)
    };
    (0..points.len()).into_par_iter().map(one).unzip()
}
