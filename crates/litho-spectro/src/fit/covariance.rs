//! Standard deviations from the normal matrix at the solution.

/// `(JᵀJ + W)⁻¹ s²` over the parameters that are neither held nor at a bound.
#[derive(Debug)]
pub(super) struct Covariance {
    /// Factor of the scaled matrix, in rows; a dropped column is that of the unit matrix.
    factor: Vec<f64>,
    scale: Vec<f64>,
    /// Variance of the data, `SSE / (m − n)`.
    variance: f64,
}

impl Covariance {
    /// From the matrix `JᵀJ` (rows of `side`, lower triangle), the priors' weights and the columns that are `kept`. None if
    /// the kept columns do not determine the parameters.
    pub(super) fn new(
        products: impl Fn(usize, usize) -> f64,
        weight: &[f64],
        kept: &[bool],
        (squares, points): (f64, usize),
    ) -> Option<Self> {
        let n = kept.len();
        let diagonal = |a: usize| products(a, a) + weight[a];
        let scale: Vec<f64> = (0..n)
            .map(|a| if kept[a] && diagonal(a) > 0.0 { diagonal(a).sqrt().recip() } else { 0.0 })
            .collect();
        if (0..n).any(|a| kept[a] && scale[a] == 0.0) {
            return None;
        }
        let mut factor = vec![0.0; n * n];
        for j in 0..n {
            let pivot = 1.0 - (0..j).map(|k| factor[j * n + k] * factor[j * n + k]).sum::<f64>();
            // 10⁻⁷ is the rounding of a scaled diagonal in single precision.
            if pivot <= 1e-7 {
                return None;
            }
            factor[j * n + j] = pivot.sqrt();
            for i in j + 1..n {
                let sum: f64 = (0..j).map(|k| factor[i * n + k] * factor[j * n + k]).sum();
                factor[i * n + j] = (products(i, j) * scale[i] * scale[j] - sum) / factor[j * n + j];
            }
        }
        let mut covariance = Self { factor, scale, variance: 1.0 };
        // A prior takes part of a parameter's freedom: n_eff = n − Σ w C.
        let mut freedom = points as f64;
        for a in (0..n).filter(|&a| kept[a]) {
            freedom -= 1.0;
            if weight[a] > 0.0 {
                freedom += weight[a] * covariance.of(a).powi(2);
            }
        }
        covariance.variance = squares / freedom;
        (freedom > 0.0).then_some(covariance)
    }

    /// Standard deviation of the parameter of a column.
    pub(super) fn of(&self, column: usize) -> f64 {
        let mut gradient = vec![0.0; self.scale.len()];
        gradient[column] = 1.0;
        self.of_gradient(&mut gradient)
    }

    /// Standard deviation `√(gᵀ C g)` of a quantity with this gradient, which is overwritten. With `S C⁻¹ S = L Lᵀ` it is
    /// `s |L⁻¹ S g|`.
    pub(super) fn of_gradient(&self, gradient: &mut [f64]) -> f64 {
        let n = self.scale.len();
        let first = gradient.iter().position(|&g| g != 0.0).unwrap_or(n);
        let mut squares = 0.0;
        for i in first..n {
            let row = &self.factor[i * n..][..i + 1];
            let known: f64 = row[first..i].iter().zip(&gradient[first..i]).map(|(l, z)| l * z).sum();
            gradient[i] = (gradient[i] * self.scale[i] - known) / row[i];
            squares += gradient[i] * gradient[i];
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
        let covariance = Covariance::new(products, &[0.0; 2], &[true; 2], (10.0, 7)).expect("regular");
        // Square roots and divisions round a few times at 10⁻¹⁶.
        let close = |a: f64, b: f64| (a - b).abs() < 1e-14;
        assert!(close(covariance.of(0), (2.0 * 3.0 / 8.0_f64).sqrt()));
        assert!(close(covariance.of(1), (2.0 * 4.0 / 8.0_f64).sqrt()));
        // var(p₀ + p₁) = 2 (3 − 4 + 4)/8
        assert!(close(covariance.of_gradient(&mut [1.0, 1.0]), (2.0 * 3.0 / 8.0_f64).sqrt()));
        // Dropping p₀ leaves σ² = s²/3 with one more degree of freedom.
        let covariance = Covariance::new(products, &[0.0; 2], &[false, true], (12.0, 7)).expect("regular");
        assert!(close(covariance.of(1), (2.0 / 3.0_f64).sqrt()));
        assert_eq!(covariance.of(0), 0.0);
    }

    #[test]
    fn a_singular_matrix_has_no_covariance() {
        assert!(Covariance::new(|_, _| 1.0, &[0.0; 2], &[true; 2], (1.0, 9)).is_none());
    }
}
