//! How many clusters: elbow, silhouette and gap side by side, and a rule that weighs them.

use super::gap::{GapPoint, gap};
use super::kmeans::{Clusters, KMeansOptions, kmeans};
use super::silhouette::silhouette;
use super::{ClusterError, Points};

/// How the number of clusters is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChoiceOptions {
    /// The most clusters tried.
    pub k_most: usize,
    /// k-means for each number of clusters, on all points.
    pub kmeans: KMeansOptions,
    /// Points of the silhouette; see [`silhouette()`].
    pub silhouette_sample: usize,
    /// Reference draws of the gap statistic.
    pub gap_references: usize,
    /// Points of the gap statistic; see [`gap()`].
    pub gap_sample: usize,
    /// Starts of k-means within the gap statistic.
    pub gap_starts: usize,
}

impl Default for ChoiceOptions {
    fn default() -> Self {
        Self {
            k_most: 12,
            kmeans: KMeansOptions::default(),
            silhouette_sample: 4000,
            gap_references: 10,
            gap_sample: 4000,
            gap_starts: 3,
        }
    }
}

/// Why a number of clusters was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The gap is largest without clusters (its rule gives 1) and no silhouette reaches 0.5.
    NoStructure,
    /// Elbow, silhouette and gap name the same number.
    AllAgree,
    /// Two of the three name the same number.
    TwoAgree,
    /// Three different numbers: the one in the middle.
    Middle,
}

/// What was found for k = 1…K.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Numbers of clusters, 1…K.
    pub k: Vec<usize>,
    /// Within-cluster sums of squares.
    pub wcss: Vec<f64>,
    /// Mean silhouettes, NaN for k = 1.
    pub silhouette: Vec<f64>,
    /// Gaps with their σ.
    pub gap: Vec<GapPoint>,
    /// k furthest below the chord of ln WCSS between its ends.
    pub by_elbow: usize,
    /// k with the largest silhouette.
    pub by_silhouette: usize,
    /// The smallest k whose gap lies within two σ of the largest.
    pub by_gap: usize,
    /// What the rule says.
    pub chosen: usize,
    /// Why.
    pub reason: Reason,
    /// The clusters for the chosen k.
    pub clusters: Clusters,
}

/// A silhouette from which on there is a reasonable structure (Kaufman & Rousseeuw, Finding Groups in Data, table 4).
const REASONABLE: f64 = 0.5;

/// Sorts the points into 1…K clusters and says which number fits.
///
/// The rule: elbow, silhouette and gap vote; what two of them name is chosen, the middle one if all differ. If the gap
/// votes for 1 and no silhouette reaches 0.5, there is one cluster.
///
/// # Errors
/// As [`kmeans()`] and [`gap()`]; K must be at least 2.
pub fn choose_k(points: &Points, options: &ChoiceOptions) -> Result<Choice, ClusterError> {
    if options.k_most < 2 {
        return Err(ClusterError::Setting {
            operation: "number of clusters",
            setting: "k_most",
            value: options.k_most as f64,
            fix: "try at least 2",
        });
    }
    let k: Vec<usize> = (1..=options.k_most).collect();
    let mut all = Vec::with_capacity(k.len());
    let mut silhouettes = Vec::with_capacity(k.len());
    for &k in &k {
        let clusters = kmeans(points, k, &options.kmeans)?;
        silhouettes.push(silhouette(points, &clusters, options.silhouette_sample, options.kmeans.seed)?);
        all.push(clusters);
    }
    let wcss: Vec<f64> = all.iter().map(|clusters| clusters.wcss).collect();
    let within = KMeansOptions { starts: options.gap_starts, ..options.kmeans };
    let gap = gap(points, options.k_most, options.gap_references, options.gap_sample, &within)?;
    let (by_elbow, by_silhouette, by_gap) = (elbow(&wcss), largest(&silhouettes), first_gap(&gap));
    let best = silhouettes[by_silhouette - 1];
    let (chosen, reason) = vote(by_elbow, by_silhouette, by_gap, best);
    let clusters = all.swap_remove(chosen - 1);
    let silhouette = silhouettes;
    Ok(Choice { k, wcss, silhouette, gap, by_elbow, by_silhouette, by_gap, chosen, reason, clusters })
}

/// The rule of [`choose_k`].
pub(super) fn vote(elbow: usize, silhouette: usize, gap: usize, best: f64) -> (usize, Reason) {
    if gap == 1 && best < REASONABLE {
        return (1, Reason::NoStructure);
    }
    let mut votes = [elbow, silhouette, gap];
    votes.sort_unstable();
    let reason = match (votes[0] == votes[1], votes[1] == votes[2]) {
        (true, true) => Reason::AllAgree,
        (false, false) => Reason::Middle,
        _ => Reason::TwoAgree,
    };
    (votes[1], reason)
}

/// The k at which ln WCSS lies furthest below the straight line between its ends.
pub(super) fn elbow(wcss: &[f64]) -> usize {
    let n = wcss.len();
    // Points that coincide leave a sum of zero; its logarithm ends at the rounding of the first sum.
    let log = |k: usize| wcss[k].max(wcss[0] * f64::EPSILON).ln();
    let chord = |k: usize| log(0) + (log(n - 1) - log(0)) * k as f64 / (n as f64 - 1.0);
    let below = |k: usize| chord(k) - log(k);
    // The first of equals.
    let best = (0..n).fold(0, |best, k| if below(k) > below(best) { k } else { best });
    best + 1
}

/// The k with the largest silhouette.
fn largest(silhouette: &[f64]) -> usize {
    let best =
        (1..silhouette.len()).fold(1, |best, k| if silhouette[k] > silhouette[best] { k } else { best });
    best + 1
}

/// The smallest k with `Gap(k) ≥ Gap(k*) − 2 s_{k*}`, k* that of the largest gap: the largest of a dozen lies 1.6 σ too high
/// by chance. Tibshirani et al. compare each k with the next
/// one alone; clusters that overlap in pairs then look like one.
fn first_gap(gap: &[GapPoint]) -> usize {
    let largest =
        gap.iter().fold(gap[0], |largest, point| if point.gap > largest.gap { *point } else { largest });
    gap.iter().find(|point| point.gap >= largest.gap - 2.0 * largest.sigma).map_or(1, |point| point.k)
}
