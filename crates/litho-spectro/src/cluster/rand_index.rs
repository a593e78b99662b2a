//! How well two partitions agree.

/// The adjusted Rand index of two lists of labels: 1 for the same partition whatever its numbers, 0 on the average for
/// independent ones (Hubert & Arabie, J. Classif. 2, 193 (1985), eq. 5). Only the first labels that both lists have are
/// compared; label 0 is a label like any other. NaN for fewer than two labels.
pub fn adjusted_rand_index(first: &[u16], second: &[u16]) -> f64 {
    let count = |labels: &[u16]| labels.iter().map(|&label| usize::from(label) + 1).max().unwrap_or(0);
    let (rows, columns) = (count(first), count(second));
    let mut table = vec![0_u64; rows * columns];
    for (&a, &b) in first.iter().zip(second) {
        table[usize::from(a) * columns + usize::from(b)] += 1;
    }
    let n: u64 = table.iter().sum();
    if n < 2 {
        return f64::NAN;
    }
    let pairs = |n: u64| n as f64 * (n as f64 - 1.0) / 2.0;
    let both: f64 = table.iter().map(|&n| pairs(n)).sum();
    let of_first: f64 = table.chunks(columns).map(|row| pairs(row.iter().sum())).sum();
    let of_second: f64 = (0..columns).map(|c| pairs(table.iter().skip(c).step_by(columns).sum())).sum();
    // ARI = (Σ C(n_ij, 2) − E) / (½(A + B) − E),  E = A B / C(n, 2)
    let expected = of_first * of_second / pairs(n);
    let most = 0.5 * (of_first + of_second);
    if most == expected { 1.0 } else { (both - expected) / (most - expected) }
}
