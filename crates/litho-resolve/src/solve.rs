//! Positive definite systems, as least squares makes them: small ones, and one of a few hundred unknowns.

use ndarray::Array2;

/// Cholesky factor `L` of `m = L Lᵀ`; `None` if `m` is not positive definite to
/// within rounding (a pivot below 10⁻¹² of its diagonal).
pub fn cholesky<const N: usize>(m: &[[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let mut l = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..=i {
            let rest = m[i][j] - (0..j).map(|k| l[i][k] * l[j][k]).sum::<f64>();
            if i == j {
                if rest.is_nan() || rest <= 1e-12 * m[i][i] {
                    return None;
                }
                l[i][i] = rest.sqrt();
            } else {
                l[i][j] = rest / l[j][j];
            }
        }
    }
    Some(l)
}

/// Solves `L Lᵀ x = b`.
pub fn solve<const N: usize>(l: &[[f64; N]; N], b: &[f64; N]) -> [f64; N] {
    let mut x = *b;
    for i in 0..N {
        x[i] = (x[i] - (0..i).map(|k| l[i][k] * x[k]).sum::<f64>()) / l[i][i];
    }
    for i in (0..N).rev() {
        x[i] = (x[i] - (i + 1..N).map(|k| l[k][i] * x[k]).sum::<f64>()) / l[i][i];
    }
    x
}

/// Solves `M X = B` for positive definite `M` `(n, n)` and several right-hand sides `(n, k)`; `None` if `M` is not
/// positive definite to within rounding.
pub fn solve_positive(mut m: Array2<f64>, mut b: Array2<f64>) -> Option<Array2<f64>> {
    let (n, sides) = b.dim();
    for i in 0..n {
        for j in 0..=i {
            let rest = m[(i, j)] - (0..j).map(|k| m[(i, k)] * m[(j, k)]).sum::<f64>();
            if i != j {
                m[(i, j)] = rest / m[(j, j)];
            } else if rest.is_nan() || rest <= 1e-12 * m[(i, i)] {
                return None;
            } else {
                m[(i, i)] = rest.sqrt();
            }
        }
    }
    for side in 0..sides {
        for i in 0..n {
            b[(i, side)] = (b[(i, side)] - (0..i).map(|k| m[(i, k)] * b[(k, side)]).sum::<f64>()) / m[(i, i)];
        }
        for i in (0..n).rev() {
            let below = (i + 1..n).map(|k| m[(k, i)] * b[(k, side)]).sum::<f64>();
            b[(i, side)] = (b[(i, side)] - below) / m[(i, i)];
        }
    }
    Some(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_a_system_with_a_known_answer() {
        // [4 2 0; 2 5 1; 0 1 3]·(1, −2, 3) = (0, −5, 7), by hand.
        let m = [[4.0, 2.0, 0.0], [2.0, 5.0, 1.0], [0.0, 1.0, 3.0]];
        let x = solve(&cholesky(&m).unwrap(), &[0.0, -5.0, 7.0]);
        for (found, expected) in x.iter().zip([1.0, -2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-14);
        }
        assert!(cholesky(&[[1.0, 1.0], [1.0, 1.0]]).is_none());
        // The same system, and twice its right-hand side.
        let sides = ndarray::arr2(&[[0.0, 0.0], [-5.0, -10.0], [7.0, 14.0]]);
        let x = solve_positive(ndarray::arr2(&m), sides).unwrap();
        for (found, expected) in x.iter().zip([1.0, 2.0, -2.0, -4.0, 3.0, 6.0]) {
            assert!((found - expected).abs() < 1e-14);
        }
        assert!(solve_positive(Array2::ones((2, 2)), Array2::ones((2, 1))).is_none());
    }
}
