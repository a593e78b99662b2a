//! Whether two samples, of sizes for instance, are drawn from one distribution.

use super::{all_finite, enough};
use crate::error::MorphError;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::f64::consts::PI;

/// Products of the sample sizes up to which the p-value is exact: some hundredths of a second.
const EXACT: usize = 10_000_000;

/// The Kolmogorov–Smirnov test of two samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KolmogorovSmirnov {
    /// Largest difference of the two cumulative distributions.
    pub statistic: f64,
    /// How often two samples from one distribution differ by as much.
    pub p_value: f64,
    /// Whether the p-value is exact.
    pub exact: bool,
}

/// The Kolmogorov–Smirnov test, two-sided.
///
/// Exact up to ten million pairs: the share of all divisions of the pooled values, ties as they are, in which the statistic
/// is as large (Schröer & Trenkler, Comput. Stat. Data Anal. 20, 185, 1995): a walk over the lattice of `(i, j)` values
/// drawn so far, from which divisions leave that reach it. Beyond, Kolmogorov's limit with Stephens' correction,
/// `Q(λ) = 2 Σ (−1)^(k−1) exp(−2k²λ²)`, `λ = D (√N + 0.12 + 0.11/√N)`, `N = nm/(n + m)`.
///
/// # Errors
/// An empty sample, a number that is not finite.
pub fn kolmogorov_smirnov(a: &[f64], b: &[f64]) -> Result<KolmogorovSmirnov, MorphError> {
    const OPERATION: &str = "Kolmogorov–Smirnov test";
    for sample in [a, b] {
        enough(OPERATION, "values of a sample", sample.len(), 1)?;
        all_finite(OPERATION, "value", sample)?;
    }
    let (n, m) = (a.len() as i128, b.len() as i128);
    let mut pooled: Vec<(f64, bool)> =
        a.iter().map(|v| (*v, true)).chain(b.iter().map(|v| (*v, false))).collect();
    pooled.sort_by(|x, y| x.0.total_cmp(&y.0));
    // Whether a value is the last of its like: only there the distributions can be compared.
    let closes: Vec<bool> =
        (0..pooled.len()).map(|k| pooled.get(k + 1).is_none_or(|next| next.0 != pooled[k].0)).collect();
    let (mut i, mut j, mut largest) = (0_i128, 0_i128, 0_i128);
    for ((_, first), closes) in pooled.iter().zip(&closes) {
        if *first {
            i += 1;
        } else {
            j += 1;
        }
        if *closes {
            largest = largest.max((i * m - j * n).abs());
        }
    }
    let statistic = largest as f64 / (n * m) as f64;
    let exact = a.len().saturating_mul(b.len()) <= EXACT;
    let p_value = if exact {
        reaching(a.len(), b.len(), largest, &closes)
    } else {
        let root = ((n * m) as f64 / (n + m) as f64).sqrt();
        limit(statistic * (root + 0.12 + 0.11 / root))
    };
    Ok(KolmogorovSmirnov { statistic, p_value, exact })
}

/// Probability that a random division of the pooled values reaches `|i m − j n| ≥ largest` where values close.
///
/// With `u(i, j)` the probability of having reached it on a way to `(i, j)`, where the last value drawn was of the first sample
/// with probability `i/(i + j)`: `u(i, j) = u(i−1, j) i/(i+j) + u(i, j−1) j/(i+j)`, and 1 where it is reached. All terms
/// are positive, so small probabilities keep their digits.
fn reaching(n: usize, m: usize, largest: i128, closes: &[bool]) -> f64 {
    let mut row = vec![0.0; m + 1];
    for i in 0..=n {
        for j in 0..=m {
            let drawn = i + j;
            let apart = (i as i128 * m as i128 - j as i128 * n as i128).abs();
            if (drawn > 0 && closes[drawn - 1] && apart >= largest) || largest == 0 {
                row[j] = 1.0;
            } else if drawn > 0 {
                let above = if i > 0 { row[j] * i as f64 } else { 0.0 };
                let before = if j > 0 { row[j - 1] * j as f64 } else { 0.0 };
                row[j] = (above + before) / drawn as f64;
            }
        }
    }
    row[m]
}

/// Kolmogorov's distribution, from above.
fn limit(lambda: f64) -> f64 {
    if lambda < 1.18 {
        // The same function by Poisson's sum: 1 − √(2π)/λ Σ exp(−(2k − 1)² π²/8λ²), which converges for small λ.
        let term = |k: i32| (-(f64::from(2 * k - 1) * PI / lambda).powi(2) / 8.0).exp();
        return (1.0 - (2.0 * PI).sqrt() / lambda * (1..=4).map(term).sum::<f64>()).clamp(0.0, 1.0);
    }
    let term =
        |k: i32| f64::from(if k % 2 == 1 { 2 } else { -2 }) * (-2.0 * (f64::from(k) * lambda).powi(2)).exp();
    (1..=6).map(term).sum::<f64>().clamp(0.0, 1.0)
}

/// The difference of two means and how often chance does as well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanDifference {
    /// Mean of the first sample less that of the second.
    pub difference: f64,
    /// Share of random divisions with a difference of this size or more, of either sign.
    pub p_value: f64,
    /// Random divisions.
    pub permutations: u64,
}

/// Permutation test of the means: the pooled values are divided anew at random, and `p = (1 + as good)/(1 + permutations)`.
/// Sizes spread over a decade are better compared by their logarithms.
///
/// # Errors
/// An empty sample, a number that is not finite.
pub fn mean_difference(
    a: &[f64],
    b: &[f64],
    permutations: u64,
    seed: u64,
) -> Result<MeanDifference, MorphError> {
    const OPERATION: &str = "difference of means";
    for sample in [a, b] {
        enough(OPERATION, "values of a sample", sample.len(), 1)?;
        all_finite(OPERATION, "value", sample)?;
    }
    let (n, m) = (a.len() as f64, b.len() as f64);
    let mut pooled: Vec<f64> = a.iter().chain(b).copied().collect();
    let total: f64 = pooled.iter().sum();
    let difference_of = |first: &[f64]| {
        let sum: f64 = first.iter().sum();
        sum / n - (total - sum) / m
    };
    let difference = difference_of(a);
    // Sums of the same values in another order differ by rounding; that is not less good.
    let size = pooled.iter().map(|value| value.abs()).sum::<f64>();
    let bound = difference.abs() - 4.0 * f64::EPSILON * size * (1.0 / n + 1.0 / m);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut as_good = 0;
    for _ in 0..permutations {
        pooled.shuffle(&mut rng);
        as_good += u64::from(difference_of(&pooled[..a.len()]).abs() >= bound);
    }
    Ok(MeanDifference { difference, p_value: (1 + as_good) as f64 / (1 + permutations) as f64, permutations })
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [f64; 8] = [12.1, 14.5, 15.0, 15.2, 17.9, 18.8, 21.4, 25.0];
    const B: [f64; 6] = [10.0, 11.3, 12.0, 12.1, 13.7, 16.6];

    #[test]
    fn three_against_three_can_be_counted() {
        // All of one sample below the other: 2 of the 20 divisions.
        let found = kolmogorov_smirnov(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]).unwrap();
        assert_eq!((found.statistic, found.exact), (1.0, true));
        assert!((found.p_value - 0.1).abs() < 1e-15);
        let same = kolmogorov_smirnov(&[1.0, 2.0], &[1.0, 2.0]).unwrap();
        assert_eq!((same.statistic, same.p_value), (0.0, 1.0));
        // With ties, all six divisions of {1, 1, 2, 2} into pairs: D = 1 in two of them, ½ never, 0 in four.
        let ties = kolmogorov_smirnov(&[1.0, 1.0], &[2.0, 2.0]).unwrap();
        assert!((ties.p_value - 2.0 / 6.0).abs() < 1e-15);
    }

    #[test]
    fn p_values_of_another_program() {
        // scipy.stats.ks_2samp(method="exact") of samples without a tie.
        let mut a = A;
        a[0] = 12.2;
        let found = kolmogorov_smirnov(&a, &B).unwrap();
        assert!(
            (found.statistic - 0.708_333_333_333_333_4).abs() < 1e-14
                && (found.p_value - 0.042_624_042_624_042_624).abs() < 1e-12,
            "{found:?}"
        );
    }

    #[test]
    fn the_limit_is_kolmogorovs() {
        // scipy.stats.kstwobign.sf, as in Smirnov's table (Ann. Math. Stat. 19, 279, 1948).
        for (lambda, wanted) in
            [(0.5, 0.963_945), (0.83, 0.496_191), (1.0, 0.270_000), (1.36, 0.049_486), (1.63, 0.009_846)]
        {
            assert!((limit(lambda) - wanted).abs() < 2e-6, "{lambda}: {}", limit(lambda));
        }
        // Both sums at the seam.
        assert!((limit(1.179_999_9) - limit(1.180_000_1)).abs() < 1e-6);
        // Exact and limit meet for large samples: 400 and 300 values, half a per cent of the p-value.
        let a: Vec<f64> = (0..400).map(|i| f64::from(i * 7919 % 4001)).collect();
        let b: Vec<f64> = (0..300).map(|i| f64::from(i * 104_729 % 4003) * 1.1 + 0.01).collect();
        let found = kolmogorov_smirnov(&a, &b).unwrap();
        let root = (400.0_f64 * 300.0 / 700.0).sqrt();
        let wanted = limit(found.statistic * (root + 0.12 + 0.11 / root));
        assert!(found.exact && (found.p_value - wanted).abs() < 0.02 * wanted, "{found:?} {wanted}");
    }

    #[test]
    fn means_are_compared_by_permutation() {
        // Of the 20 divisions of three and three, 2 have all small values on one side: p = 0.1 to four standard deviations.
        let found = mean_difference(&[1.0, 2.0, 3.0], &[7.0, 8.0, 9.0], 20_000, 3).unwrap();
        assert_eq!(found.difference, -6.0);
        assert!((found.p_value - 0.1).abs() < 4.0 * (0.09_f64 / 20_000.0).sqrt(), "{}", found.p_value);
        assert_eq!(found, mean_difference(&[1.0, 2.0, 3.0], &[7.0, 8.0, 9.0], 20_000, 3).unwrap());
        assert!(mean_difference(&[], &[1.0], 9, 0).is_err());
        assert!(kolmogorov_smirnov(&[f64::NAN], &[1.0]).is_err());
    }
}
