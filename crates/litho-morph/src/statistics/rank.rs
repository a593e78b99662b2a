//! Spearman's rank correlation.

use super::{all_finite, enough, same_length};
use crate::error::MorphError;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

const OPERATION: &str = "rank correlation";
/// Up to this number all orders are tried: 8! = 40 320.
const EXACT: usize = 8;

/// A rank correlation and how often chance does as well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankCorrelation {
    /// Pearson's correlation of the ranks; equal values share their mean rank. NaN if all values of a list are equal.
    pub rho: f64,
    /// How often a random order has a correlation of this size or more, of either sign.
    pub p_value: f64,
    /// Orders that were tried.
    pub permutations: u64,
    /// Whether these were all orders there are.
    pub exact: bool,
}

/// Spearman's rank correlation of two lists, and its p-value by permutation: over all orders of up to eight pairs, over
/// `permutations` random ones of more, then `p = (1 + as good)/(1 + permutations)` (Phipson & Smyth, Stat. Appl. Genet.
/// Mol. Biol. 9, 39, 2010). Sums of ranks are whole numbers, so ties of the statistic are exact.
///
/// # Errors
/// Lists of different length or fewer than three, a number that is not finite.
pub fn spearman(x: &[f64], y: &[f64], permutations: u64, seed: u64) -> Result<RankCorrelation, MorphError> {
    same_length(OPERATION, "second list", y.len(), x.len())?;
    enough(OPERATION, "pairs", x.len(), 3)?;
    all_finite(OPERATION, "value", x)?;
    all_finite(OPERATION, "value", y)?;
    let (a, mut b) = (centred_ranks(x), centred_ranks(y));
    let product = |a: &[i128], b: &[i128]| a.iter().zip(b).map(|(a, b)| a * b).sum::<i128>();
    let observed = product(&a, &b);
    let size = (product(&a, &a) as f64 * product(&b, &b) as f64).sqrt();
    let rho = if size > 0.0 { observed as f64 / size } else { f64::NAN };
    let mut as_good = 0;
    let mut count = |b: &[i128]| as_good += u64::from(product(&a, b).abs() >= observed.abs());
    if x.len() <= EXACT {
        let mut tried = 0;
        every_order(&mut b, &mut |b| {
            tried += 1;
            count(b);
        });
        return Ok(RankCorrelation {
            rho,
            p_value: as_good as f64 / tried as f64,
            permutations: tried,
            exact: true,
        });
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..permutations {
        b.shuffle(&mut rng);
        count(&b);
    }
    let p_value = (1 + as_good) as f64 / (1 + permutations) as f64;
    Ok(RankCorrelation { rho, p_value, permutations, exact: false })
}

/// Twice the rank less its mean, a whole number: with n values of ranks 1…n the mean is (n + 1)/2, and equal values share
/// the mean of their ranks.
fn centred_ranks(values: &[f64]) -> Vec<i128> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0; values.len()];
    let mut from = 0;
    for group in order.chunk_by(|a, b| values[*a] == values[*b]) {
        // Twice the mean of from + 1 … from + group, less n + 1.
        let rank = (2 * from + group.len() + 1) as i128 - (values.len() as i128 + 1);
        for index in group {
            ranks[*index] = rank;
        }
        from += group.len();
    }
    ranks
}

/// Calls `visit` with every order, beginning with the given one (Heap's algorithm).
fn every_order(values: &mut [i128], visit: &mut impl FnMut(&[i128])) {
    let mut counters = vec![0; values.len()];
    visit(values);
    let mut i = 1;
    while i < values.len() {
        if counters[i] < i {
            values.swap(if i % 2 == 0 { 0 } else { counters[i] }, i);
            visit(values);
            counters[i] += 1;
            i = 1;
        } else {
            counters[i] = 0;
            i += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_comes_once() {
        let mut seen = Vec::new();
        every_order(&mut [1, 2, 3, 4], &mut |order| seen.push(order.to_vec()));
        assert_eq!(seen.len(), 24);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 24);
    }

    #[test]
    fn published_exact_probabilities() {
        // Best & Roberts, Appl. Stat. 24, 377 (1975), and older tables: of five pairs, ρ = 1 in 1 of 120 orders, ρ ≥ 0.9 in 5;
        // of six, ρ ≥ 0.886 (Σd² ≤ 4) in 12 of 720, the critical value at 5 % on two sides.
        let up = [1.0, 2.0, 3.0, 4.0, 5.0];
        let found = spearman(&up, &[10.0, 20.0, 30.0, 40.0, 50.0], 0, 0).unwrap();
        assert_eq!(
            (found.rho, found.p_value, found.permutations, found.exact),
            (1.0, 2.0 / 120.0, 120, true)
        );
        let found = spearman(&up, &[1.0, 2.0, 3.0, 5.0, 4.0], 0, 0).unwrap();
        assert!((found.rho - 0.9).abs() < 1e-15);
        assert_eq!(found.p_value, 10.0 / 120.0);
        let found = spearman(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[2.0, 1.0, 3.0, 4.0, 6.0, 5.0], 0, 0).unwrap();
        assert!((found.rho - (1.0 - 24.0 / 210.0)).abs() < 1e-15);
        assert_eq!(found.p_value, 24.0 / 720.0);
    }

    #[test]
    fn equal_values_share_their_rank() {
        // scipy.stats.spearmanr of the same lists.
        let found = spearman(&[1.0, 2.0, 2.0, 3.0, 5.0, 5.0], &[0.0, 0.0, 1.0, 1.0, 1.0, 0.0], 0, 0).unwrap();
        assert!((found.rho - 0.301_511_344_577_763_6).abs() < 1e-14, "{}", found.rho);
        assert_eq!(centred_ranks(&[3.0, 1.0, 3.0, 2.0]), [2, -3, 2, -1]);
        assert!(spearman(&[1.0; 4], &[1.0, 2.0, 3.0, 4.0], 0, 0).unwrap().rho.is_nan());
    }

    #[test]
    fn random_orders_agree_with_the_t_distribution() {
        // ρ and p = 0.00916 are scipy.stats.spearmanr's; for large n, ρ √((n − 2)/(1 − ρ²)) is Student's t. Twenty thousand orders give p to
        // √(p(1 − p)/20 000), four of those allowed and 5 % for the approximation.
        let x: Vec<f64> = (0..40).map(f64::from).collect();
        let y: Vec<f64> = (0..40).map(|i| f64::from(i) + 40.0 * f64::from(i * 17 % 40) / 20.0).collect();
        let found = spearman(&x, &y, 20_000, 7).unwrap();
        assert!((found.rho - 0.406_952_024_500_731_3).abs() < 1e-12, "{}", found.rho);
        let wanted = 0.009_159;
        let tolerance = 4.0 * (wanted / 20_000.0_f64).sqrt() + 0.05 * wanted;
        assert!((found.p_value - wanted).abs() < tolerance, "{} {wanted}", found.p_value);
        assert_eq!(found, spearman(&x, &y, 20_000, 7).unwrap());
    }

    #[test]
    fn bad_lists_are_told() {
        assert!(spearman(&[1.0, 2.0], &[1.0, 2.0], 9, 0).is_err());
        assert!(spearman(&[1.0, 2.0, 3.0], &[1.0, 2.0], 9, 0).is_err());
        assert!(spearman(&[1.0, 2.0, f64::NAN], &[1.0, 2.0, 3.0], 9, 0).is_err());
    }
}
