//! Standard deviations from the normal matrix at the solution.

/// `(JᵀJ + W)⁻¹ s²` over the parameters that are neither held nor at a bound; room for one pixel after the other.
#[derive(Debug)]
pub(super) struct Covariance {
    /// Factor `L` of the scaled matrix, in rows, with `1/L_ii` on the diagonal; a dropped column is that of the unit matrix.
    factor: Vec<f64>,
    scale: Vec<f64>,
    scratch: Vec<f64>,
    /// Variance of the data, `SSE / (m − n)`; NaN if there is no covariance.
    variance: f64,
}

impl Covariance {
    /// Room for `n` columns.
    pub(super) fn new(n: usize) -> Self {
        Self { factor: vec![0.0; n * n], scale: vec![0.0; n], scratch: vec![0.0; n], variance: f64::NAN }
    }

    /// Takes the matrix `JᵀJ` (lower triangle), the priors' weights, the columns that are `kept`, `SSE` and the number of
    /// points. False, and every σ is NaN, if the kept columns do not determine their parameters.
    pub(super) fn take(
        &mut self,
        products: impl Fn(usize, usize) -> f64,
        weight: &[f64],
        kept: &[bool],
        (squares, points): (f64, usize),
    ) -> bool {
        self.variance = f64::NAN;
        if !self.factorise(products, weight, kept) {
            return false;
        }
        self.variance = 1.0;
        let mut freedom = points as f64;
        for a in (0..kept.len()).filter(|&a| kept[a]) {
            freedom -= 1.0;
            // A prior takes part of a parameter's freedom: n_eff = n − Σ w C.
            if weight[a] > 0.0 {
                freedom += weight[a] * self.of(a).powi(2);
            }
        }
        self.variance = if freedom > 0.0 { squares / freedom } else { f64::NAN };
        freedom > 0.0
    }

    fn factorise(&mut self, products: impl Fn(usize, usize) -> f64, weight: &[f64], kept: &[bool]) -> bool {
        let n = kept.len();
        for a in 0..n {
            let diagonal = products(a, a) + weight[a];
            self.scale[a] = if kept[a] && diagonal > 0.0 { diagonal.sqrt().recip() } else { 0.0 };
        }
        for i in 0..n {
            let (done, row) = self.factor.split_at_mut(i * n);
            for j in 0..i {
                let other = &done[j * n..][..=j];
                let sum: f64 = row[..j].iter().zip(other).map(|(a, b)| a * b).sum();
                row[j] = (products(i, j) * self.scale[i] * self.scale[j] - sum) * other[j];
            }
            let pivot = 1.0 - row[..i].iter().map(|l| l * l).sum::<f64>();
            // 10⁻⁷ is the rounding of a scaled diagonal in single precision.
            if pivot <= 1e-7 {
                return false;
            }
            row[i] = pivot.sqrt().recip();
        }
        true
    }

    /// Standard deviation of the parameter of a column.
    pub(super) fn of(&mut self, column: usize) -> f64 {
        self.of_gradient([(column, 1.0)])
    }

    /// Standard deviation `√(gᵀ C g)` of a quantity with these derivatives by columns. With `S C⁻¹ S = L Lᵀ` it is
    /// `s |L⁻¹ S g|`.
    pub(super) fn of_gradient(&mut self, slopes: impl IntoIterator<Item = (usize, f64)>) -> f64 {
        let n = self.scale.len();
        let (mut first, z) = (n, &mut self.scratch);
        z.fill(0.0);
        for (column, slope) in slopes {
            z[column] += slope * self.scale[column];
            first = first.min(column);
        }
        let mut squares = 0.0;
        for i in first..n {
            let row = &self.factor[i * n..][..=i];
            let (known, rest) = z.split_at_mut(i);
            let known: f64 = row[first..i].iter().zip(&known[first..]).map(|(l, z)| l * z).sum();
            rest[0] = (rest[0] - known) * row[i];
            squares += rest[0] * rest[0];
        }
        (squares * self.variance).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_of_two_is_inverted_by_hand() {
        // JᵀJ = [[4, 2], [2, 3]], inverse [[3, −2], [−2, 4]]/8; SSE = 10 over 7 − 2 points: s² = 2.
        let products = |i: usize, j: usize| [[4.0, 2.0], [2.0, 3.0]][i][j];
        let mut covariance = Covariance::new(2);
        assert!(covariance.take(products, &[0.0; 2], &[true; 2], (10.0, 7)));
        // Square roots and divisions round a few times at 10⁻¹⁶.
        let close = |a: f64, b: f64| (a - b).abs() < 1e-14;
        assert!(close(covariance.of(0), (2.0 * 3.0 / 8.0_f64).sqrt()));
        assert!(close(covariance.of(1), (2.0 * 4.0 / 8.0_f64).sqrt()));
        // var(p₀ + p₁) = 2 (3 − 4 + 4)/8
        assert!(close(covariance.of_gradient([(0, 1.0), (1, 1.0)]), (2.0 * 3.0 / 8.0_f64).sqrt()));
        // Dropping p₀ leaves σ² = s²/3 with one more degree of freedom.
        assert!(covariance.take(products, &[0.0; 2], &[false, true], (12.0, 7)));
        assert!(close(covariance.of(1), (2.0 / 3.0_f64).sqrt()));
        assert_eq!(covariance.of(0), 0.0);
    }

    #[test]
    fn a_singular_matrix_has_no_covariance() {
        let mut covariance = Covariance::new(2);
        assert!(!covariance.take(|_, _| 1.0, &[0.0; 2], &[true; 2], (1.0, 9)));
        assert!(covariance.of(0).is_nan());
    }
}
