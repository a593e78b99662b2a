//! How much nearer points are to their own cluster than to the next.

use super::points::generator;
use super::{ClusterError, Clusters, Points};
use rayon::prelude::*;

/// The mean silhouette `(b − a)/max(a, b)` (Rousseeuw, J. Comput. Appl. Math. 20, 53 (1987)): `a` is the mean distance of
/// a point to the others of its cluster, `b` that to the nearest other cluster, all weighted. Exact for no more than
/// `sample` points; above, exact within a stratified sample of so many, `O(sample²)`. A point alone in its cluster counts 0.
/// NaN for one cluster.
///
/// # Errors
/// [`ClusterError::Length`] if the labels belong to other points.
pub fn silhouette(
    points: &Points,
    clusters: &Clusters,
    sample: usize,
    seed: u64,
) -> Result<f64, ClusterError> {
    let k = clusters.k();
    let labels = labels_of(points, clusters)?;
    if k < 2 {
        return Ok(f64::NAN);
    }
    let chosen = points.strata(sample.max(2), &mut generator(seed, u64::MAX));
    let labels: Vec<usize> = chosen.iter().map(|&index| usize::from(labels[index]) - 1).collect();
    let points = points.at(&chosen);
    let one = |index: usize| f64::from(points.weights[index]) * of_point(&points, &labels, k, index);
    let values: Vec<f64> = (0..points.len()).into_par_iter().map(one).collect();
    let total: f64 = points.weights.iter().map(|&w| f64::from(w)).sum();
    Ok(values.iter().sum::<f64>() / total)
}

/// As [`silhouette()`] with distances to the centres in place of mean distances to points, `O(n k)` over all points: larger,
/// because a centre is nearer than its points on the average (Hruschka et al., Inf. Sci. 176, 1898 (2006)).
///
/// # Errors
/// [`ClusterError::Length`] if the labels belong to other points.
pub fn simplified_silhouette(points: &Points, clusters: &Clusters) -> Result<f64, ClusterError> {
    labels_of(points, clusters)?;
    let centres = &clusters.standardised;
    if centres.len() < 2 {
        return Ok(f64::NAN);
    }
    let one = |index: usize| {
        let point = points.point(index);
        let (mut a, mut b) = (f64::INFINITY, f64::INFINITY);
        for cluster in 0..centres.len() {
            let row = centres.row(cluster);
            let distance = row.iter().zip(&point).map(|(m, x)| (x - m).powi(2)).sum::<f64>().sqrt();
            (a, b) = if distance < a { (distance, a) } else { (a, b.min(distance)) };
        }
        f64::from(points.weights[index]) * if b > 0.0 { (b - a) / b } else { 0.0 }
    };
    let values: Vec<f64> = (0..points.len()).into_par_iter().map(one).collect();
    let total: f64 = points.weights.iter().map(|&w| f64::from(w)).sum();
    Ok(values.iter().sum::<f64>() / total)
}

/// The labels of the points that were sorted.
fn labels_of(points: &Points, clusters: &Clusters) -> Result<Vec<u16>, ClusterError> {
    if clusters.labels.len() != points.given() {
        return Err(ClusterError::Length {
            operation: "silhouette",
            first: "labels",
            first_len: clusters.labels.len(),
            second: "points",
            second_len: points.given(),
        });
    }
    Ok(points.gather(&clusters.labels))
}

/// The silhouette of one point.
fn of_point(points: &Points, labels: &[usize], k: usize, index: usize) -> f64 {
    let (mut sums, mut weights) = (vec![0.0; k], vec![0.0; k]);
    for (other, &label) in labels.iter().enumerate() {
        if other == index {
            continue;
        }
        let square: f32 = points.columns.iter().map(|column| (column[other] - column[index]).powi(2)).sum();
        let weight = f64::from(points.weights[other]);
        sums[label] += weight * f64::from(square).sqrt();
        weights[label] += weight;
    }
    let own = labels[index];
    if weights[own] == 0.0 {
        return 0.0;
    }
    let mean = |cluster: usize| sums[cluster] / weights[cluster];
    let a = mean(own);
    let others = (0..k).filter(|&cluster| cluster != own && weights[cluster] > 0.0);
    let b = others.map(mean).fold(f64::INFINITY, f64::min);
    let most = a.max(b);
    if most > 0.0 && most.is_finite() { (b - a) / most } else { 0.0 }
}
