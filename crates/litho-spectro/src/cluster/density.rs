//! Where the descriptors of each cluster lie: Gaussian kernel densities.

use super::ClusterError;
use ndarray::{Array2, ArrayView1};

/// Densities of one descriptor.
#[derive(Debug, Clone, PartialEq)]
pub struct Densities {
    /// Values of the descriptor, evenly spaced.
    pub at: Vec<f64>,
    /// Density `(cluster, value)` per unit of the descriptor; each row integrates to 1. NaN for an empty cluster.
    pub density: Array2<f64>,
    /// Standard deviation of the kernel of each cluster.
    pub bandwidth: Vec<f64>,
}

/// Bandwidths beyond which a Gaussian is 0.
const REACH: f64 = 4.0;

/// The density of a descriptor in each of `k` clusters at `bins` values that cover the data and the kernels' reach.
///
/// The kernel's width is `bandwidth`, or for none Silverman's `0.9 min(σ, IQR/1.34) n_eff^(−1/5)` (Density Estimation, 1986,
/// eq. 3.31) with `n_eff = (Σw)²/Σw²`. Points are put on the grid by linear binning; points with label 0, without a number
/// or without a weight above zero do not count.
///
/// # Errors
/// [`ClusterError`] if lengths disagree, a label is above `k`, fewer than 2 bins are asked for or no point is left.
pub fn densities(
    descriptor: ArrayView1<f32>,
    labels: &[u16],
    weights: Option<ArrayView1<f32>>,
    k: usize,
    bins: usize,
    bandwidth: Option<f64>,
) -> Result<Densities, ClusterError> {
    let members = members(descriptor, labels, weights, k)?;
    if bins < 2 {
        let fix = "give at least 2";
        return Err(ClusterError::Setting { operation: "density", setting: "bins", value: bins as f64, fix });
    }
    let all = || members.iter().flatten().map(|&(x, _)| x);
    let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    if low > high {
        return Err(ClusterError::NothingLeft { operation: "density", rows: labels.len() });
    }
    let width = |members: &Vec<(f64, f64)>| bandwidth.unwrap_or_else(|| silverman(members));
    let bandwidth: Vec<f64> = members.iter().map(width).collect();
    let widest = bandwidth.iter().copied().filter(|h| h.is_finite()).fold(0.0, f64::max);
    // One value alone has no width; any grid around it will do.
    let margin = if high > low || widest > 0.0 { REACH * widest } else { 0.5 };
    let step = (high - low + 2.0 * margin) / (bins - 1) as f64;
    let at: Vec<f64> = (0..bins).map(|bin| low - margin + bin as f64 * step).collect();
    let mut density = Array2::from_elem((k, bins), f64::NAN);
    for (cluster, members) in members.iter().enumerate().filter(|(_, members)| !members.is_empty()) {
        let binned = bin(members, &at, step);
        let smooth = smooth(&binned, bandwidth[cluster] / step);
        let total: f64 = smooth.iter().sum::<f64>() * step;
        density.row_mut(cluster).iter_mut().zip(smooth).for_each(|(to, value)| *to = value / total);
    }
    Ok(Densities { at, density, bandwidth })
}

/// Values and weights of each cluster.
fn members(
    descriptor: ArrayView1<f32>,
    labels: &[u16],
    weights: Option<ArrayView1<f32>>,
    k: usize,
) -> Result<Vec<Vec<(f64, f64)>>, ClusterError> {
    let lengths = [("labels", labels.len()), ("weights", weights.map_or(descriptor.len(), |w| w.len()))];
    for (second, second_len) in lengths {
        if second_len != descriptor.len() {
            let (operation, first, first_len) = ("density", "values", descriptor.len());
            return Err(ClusterError::Length { operation, first, first_len, second, second_len });
        }
    }
    let mut members = vec![Vec::new(); k];
    for (index, (&x, &label)) in descriptor.iter().zip(labels).enumerate() {
        let label = usize::from(label);
        if label > k {
            return Err(ClusterError::Label { operation: "density", label, k });
        }
        let weight = weights.map_or(1.0, |weights| weights[index]);
        if label > 0 && x.is_finite() && weight.is_finite() && weight > 0.0 {
            members[label - 1].push((f64::from(x), f64::from(weight)));
        }
    }
    Ok(members)
}

/// Silverman's rule; NaN for no point.
fn silverman(members: &[(f64, f64)]) -> f64 {
    let total: f64 = members.iter().map(|(_, w)| w).sum();
    let squares: f64 = members.iter().map(|(_, w)| w * w).sum();
    let mean = members.iter().map(|(x, w)| x * w).sum::<f64>() / total;
    let sigma = (members.iter().map(|(x, w)| w * (x - mean).powi(2)).sum::<f64>() / total).sqrt();
    let mut sorted = members.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let quantile = |q: f64| {
        let mut sum = 0.0;
        sorted.iter().find(|(_, w)| {
            sum += w;
            sum >= q * total
        })
    };
    let range = match (quantile(0.25), quantile(0.75)) {
        (Some(low), Some(high)) => (high.0 - low.0) / 1.34,
        _ => f64::NAN,
    };
    let spread = if range > 0.0 { sigma.min(range) } else { sigma };
    0.9 * spread * (total * total / squares).powf(-0.2)
}

/// Weights on a grid, each shared by its two neighbours.
fn bin(members: &[(f64, f64)], at: &[f64], step: f64) -> Vec<f64> {
    let mut binned = vec![0.0; at.len()];
    for (x, w) in members {
        let place = ((x - at[0]) / step).clamp(0.0, (at.len() - 1) as f64);
        let below = (place as usize).min(at.len() - 2);
        let part = place - below as f64;
        binned[below] += w * (1.0 - part);
        binned[below + 1] += w * part;
    }
    binned
}

/// Convolution with a Gaussian of `sigma` steps.
fn smooth(binned: &[f64], sigma: f64) -> Vec<f64> {
    let reach = (REACH * sigma).ceil() as usize;
    if reach == 0 {
        return binned.to_vec();
    }
    let kernel: Vec<f64> = (0..=reach).map(|i| (-0.5 * (i as f64 / sigma).powi(2)).exp()).collect();
    let one = |to: usize| {
        let range = to.saturating_sub(reach)..(to + reach + 1).min(binned.len());
        range.map(|from| binned[from] * kernel[from.abs_diff(to)]).sum()
    };
    (0..binned.len()).map(one).collect()
}
