//! k-means: Lloyd's iterations from several k-means++ starts.

use super::assign::{Centres, nearest, sums, weighted_sum};
use super::points::generator;
use super::seeding::seed;
use super::{ClusterError, Points};
use ndarray::Array2;

/// The most clusters.
pub(super) const MOST: usize = 255;

/// How k-means runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KMeansOptions {
    /// Starts; the one with the smallest sum of squares wins.
    pub starts: usize,
    /// Seed of all draws.
    pub seed: u64,
    /// The most iterations over all points.
    pub iterations: usize,
    /// Iterations end when the sum of the centres' squared moves, in standardised units, is at most this.
    pub tolerance: f64,
    /// With more points than this a start is drawn, and brought near its end, on a stratified sample of so many points;
    /// every start ends with iterations over all points.
    pub sample: usize,
    /// Clusters are numbered by this descriptor of their centres, ascending; ties by the descriptors after it.
    pub order_by: usize,
}

impl Default for KMeansOptions {
    fn default() -> Self {
        Self { starts: 10, seed: 0, iterations: 300, tolerance: 1e-4, sample: 1 << 15, order_by: 0 }
    }
}

/// Points sorted into clusters.
#[derive(Debug, Clone, PartialEq)]
pub struct Clusters {
    /// Label of each row given: 1…k, 0 for a row that was left out.
    pub labels: Vec<u16>,
    /// Centres in the descriptors' units, `(cluster, descriptor)`; row 0 belongs to label 1.
    pub centres: Array2<f64>,
    /// Weighted share of each cluster, of 1.
    pub share: Vec<f64>,
    /// Within-cluster sum of squares `Σ w |z − μ|²` in standardised units, weights with the mean 1.
    pub wcss: f64,
    /// The same for every start, in order.
    pub wcss_of_starts: Vec<f64>,
    /// Iterations over all points that the best start took.
    pub iterations: usize,
    /// False if the best start was cut off by the limit on iterations.
    pub converged: bool,
    /// Centres in standardised units.
    pub(super) standardised: Centres,
}

impl Clusters {
    /// How many clusters.
    pub fn k(&self) -> usize {
        self.centres.nrows()
    }
}

/// One start's end.
struct End {
    centres: Centres,
    labels: Vec<u8>,
    wcss: f64,
    iterations: usize,
    converged: bool,
}

/// Sorts the points into `k` clusters (Lloyd, IEEE Trans. Inf. Theory 28, 129 (1982)).
///
/// # Errors
/// [`ClusterError`] if `k` is 0, above 255 or above the number of points that differ, or a setting makes no sense.
pub fn kmeans(points: &Points, k: usize, options: &KMeansOptions) -> Result<Clusters, ClusterError> {
    check(points, k, options)?;
    let (mut best, mut wcss_of_starts) = (None::<End>, Vec::new());
    for start in 0..options.starts {
        let end = one_start(points, k, options, start as u64)?;
        wcss_of_starts.push(end.wcss);
        if best.as_ref().is_none_or(|best| end.wcss < best.wcss) {
            best = Some(end);
        }
    }
    let best = best.ok_or(setting("starts", 0.0, "give at least 1"))?;
    Ok(finish(points, best, wcss_of_starts, options.order_by))
}

fn setting(setting: &'static str, value: f64, fix: &'static str) -> ClusterError {
    ClusterError::Setting { operation: "k-means", setting, value, fix }
}

fn check(points: &Points, k: usize, options: &KMeansOptions) -> Result<(), ClusterError> {
    if k == 0 || k > MOST {
        return Err(setting("k", k as f64, "choose 1 to 255"));
    }
    if k > points.len() {
        return Err(ClusterError::TooFewPoints { operation: "k-means", k, distinct: points.len() });
    }
    if options.starts == 0 {
        return Err(setting("starts", 0.0, "give at least 1"));
    }
    if options.order_by >= points.descriptors() {
        return Err(setting("order_by", options.order_by as f64, "name a descriptor, counted from 0"));
    }
    if options.tolerance.is_nan() || options.tolerance < 0.0 {
        return Err(setting("tolerance", options.tolerance, "give 0 or more"));
    }
    Ok(())
}

fn one_start(points: &Points, k: usize, options: &KMeansOptions, start: u64) -> Result<End, ClusterError> {
    let mut rng = generator(options.seed, start);
    // A sample of fewer than some points per cluster would not stand for the rest.
    let size = options.sample.max(64 * k);
    let centres = if points.len() > size {
        let sample = points.at(&points.strata(size, &mut rng));
        let seeds = seed(&sample, k, &mut rng)?;
        lloyd(&sample, seeds, options).0
    } else {
        seed(points, k, &mut rng)?
    };
    let (centres, iterations, converged) = lloyd(points, centres, options);
    let (labels, distances) = nearest(points, &centres);
    let wcss = weighted_sum(points, &distances);
    Ok(End { centres, labels, wcss, iterations, converged })
}

/// Moves the centres to the means of their points until they stand still.
fn lloyd(points: &Points, mut centres: Centres, options: &KMeansOptions) -> (Centres, usize, bool) {
    let d = centres.descriptors;
    for iteration in 1..=options.iterations {
        let sums = sums(points, &centres);
        let mut moved = 0.0;
        let mut empty = None;
        for (cluster, sums) in sums.chunks(d + 1).enumerate() {
            if sums[0] == 0.0 {
                empty = Some(cluster);
                continue;
            }
            // μ = Σ w x / Σ w
            for (c, sum) in sums[1..].iter().enumerate() {
                let mean = sum / sums[0];
                let at = &mut centres.values[cluster * d + c];
                moved += (mean - *at).powi(2);
                *at = mean;
            }
        }
        if let Some(cluster) = empty {
            moved += refill(points, &mut centres, cluster);
        }
        if moved <= options.tolerance {
            return (centres, iteration, true);
        }
    }
    (centres, options.iterations, false)
}

/// Moves the centre of an empty cluster to the point that costs most; returns the squared move.
fn refill(points: &Points, centres: &mut Centres, cluster: usize) -> f64 {
    let (_, distances) = nearest(points, centres);
    let cost = |index: &usize| distances[*index] * points.weights[*index];
    let furthest = (0..distances.len()).max_by(|a, b| cost(a).total_cmp(&cost(b))).unwrap_or(0);
    if cost(&furthest) <= 0.0 {
        return 0.0;
    }
    let d = centres.descriptors;
    let mut moved = 0.0;
    for (at, value) in centres.values[cluster * d..(cluster + 1) * d].iter_mut().zip(points.point(furthest)) {
        moved += (value - *at).powi(2);
        *at = value;
    }
    moved
}

/// Numbers the clusters and puts labels and centres into the units and order of what was given.
fn finish(points: &Points, best: End, wcss_of_starts: Vec<f64>, order_by: usize) -> Clusters {
    let (k, d) = (best.centres.len(), best.centres.descriptors);
    let order = order(&best.centres, order_by);
    let mut rank = vec![0_u16; k];
    for (place, &cluster) in order.iter().enumerate() {
        rank[cluster] = place as u16 + 1;
    }
    let standardised: Vec<f64> =
        order.iter().flat_map(|&cluster| best.centres.row(cluster).to_vec()).collect();
    let standardised = Centres { values: standardised, descriptors: d };
    let in_units: Vec<Vec<f64>> = (0..k).map(|cluster| points.in_units(standardised.row(cluster))).collect();
    let centres = Array2::from_shape_fn((k, d), |(cluster, c)| in_units[cluster][c]);
    let labels: Vec<u16> = best.labels.iter().map(|&label| rank[usize::from(label)]).collect();
    let mut share = vec![0.0; k];
    for (&label, &weight) in labels.iter().zip(&points.weights) {
        share[usize::from(label) - 1] += f64::from(weight);
    }
    let total: f64 = share.iter().sum();
    let share = share.into_iter().map(|share: f64| share / total).collect();
    Clusters {
        labels: points.spread(&labels, 0),
        centres,
        share,
        wcss: best.wcss,
        wcss_of_starts,
        iterations: best.iterations,
        converged: best.converged,
        standardised,
    }
}

/// The clusters by one descriptor of their centres, then by those after it.
pub(super) fn order(centres: &Centres, order_by: usize) -> Vec<usize> {
    let d = centres.descriptors;
    let mut order: Vec<usize> = (0..centres.len()).collect();
    order.sort_by(|&a, &b| {
        let mut keys = (0..d).map(|c| (order_by + c) % d);
        keys.find_map(|c| {
            let ordering = centres.row(a)[c].total_cmp(&centres.row(b)[c]);
            ordering.is_ne().then_some(ordering)
        })
        .unwrap_or(std::cmp::Ordering::Equal)
    });
    order
}
