//! Eigenvectors of symmetric 3 × 3 matrices.

/// Sweeps of Jacobi's rotations; four are enough for double precision.
const SWEEPS: usize = 12;

/// Eigenvalues in rising order, each with its unit eigenvector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Eigen {
    pub(crate) values: [f64; 3],
    pub(crate) vectors: [[f64; 3]; 3],
}

/// Of a symmetric matrix, by Jacobi's rotations.
pub(crate) fn eigen(mut a: [[f64; 3]; 3]) -> Eigen {
    let mut vectors = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for _ in 0..SWEEPS {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if a[p][q] == 0.0 {
                continue;
            }
            let theta = 0.5 * (a[q][q] - a[p][p]) / a[p][q];
            let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
            let cos = 1.0 / t.hypot(1.0);
            let sin = t * cos;
            for row in &mut a {
                (row[p], row[q]) = (cos * row[p] - sin * row[q], sin * row[p] + cos * row[q]);
            }
            for k in 0..3 {
                (a[p][k], a[q][k]) = (cos * a[p][k] - sin * a[q][k], sin * a[p][k] + cos * a[q][k]);
                let (u, v) = (vectors[p][k], vectors[q][k]);
                (vectors[p][k], vectors[q][k]) = (cos * u - sin * v, sin * u + cos * v);
            }
        }
    }
    let mut order = [0, 1, 2];
    order.sort_by(|i, j| a[*i][*i].total_cmp(&a[*j][*j]));
    Eigen { values: order.map(|i| a[i][i]), vectors: order.map(|i| vectors[i]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_unit_and_solve_the_matrix() {
        let a = [[4.0, 1.0, -0.5], [1.0, 2.0, 0.3], [-0.5, 0.3, 1.0]];
        let found = eigen(a);
        assert!(found.values[0] < found.values[1] && found.values[1] < found.values[2]);
        for (value, vector) in found.values.into_iter().zip(found.vectors) {
            for row in 0..3 {
                let product: f64 = (0..3).map(|k| a[row][k] * vector[k]).sum();
                assert!((product - value * vector[row]).abs() < 1e-14); // rounding
            }
        }
        let trace: f64 = found.values.iter().sum();
        assert!((trace - 7.0).abs() < 1e-14);
    }

    #[test]
    fn a_diagonal_matrix_is_its_own_answer() {
        let found = eigen([[3.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 2.0]]);
        assert_eq!(found.values, [1.0, 2.0, 3.0]);
        assert_eq!(found.vectors, [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]);
    }
}
