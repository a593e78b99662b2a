//! Dense linear algebra of a few hundred unknowns: orthonormal bases, and inverses of positive definite matrices.

use ndarray::{Array1, Array2, ArrayView2};

/// A column is dependent on those before it if less than this part of its length stands out of them.
const DEPENDENT: f64 = 1e-9;

/// Orthonormal columns that span those of `columns` (Gram–Schmidt, twice for full accuracy; Giraud et al. 2005).
/// Columns that depend on earlier ones add none.
pub(super) fn orthonormal(columns: ArrayView2<'_, f64>) -> Array2<f64> {
    let mut basis: Vec<Array1<f64>> = Vec::new();
    for column in columns.columns() {
        extend(&mut basis, column.to_owned());
    }
    stacked(&basis, columns.nrows())
}

/// Orthonormal columns that span what is orthogonal to the orthonormal columns `basis`.
pub(super) fn complement(basis: ArrayView2<'_, f64>) -> Array2<f64> {
    let (n, rank) = basis.dim();
    let mut all: Vec<Array1<f64>> = basis.columns().into_iter().map(|column| column.to_owned()).collect();
    // What of each unit vector stands out so far; the one that stands out most is taken next.
    let mut left: Vec<f64> = basis.rows().into_iter().map(|row| 1.0 - row.dot(&row)).collect();
    while all.len() < n {
        let mut most = 0;
        for i in 1..n {
            if left[i] > left[most] {
                most = i;
            }
        }
        let mut unit = Array1::zeros(n);
        unit[most] = 1.0;
        left[most] = f64::NEG_INFINITY;
        if extend(&mut all, unit) {
            for (left, new) in left.iter_mut().zip(&all[all.len() - 1]) {
                *left -= new * new;
            }
        }
    }
    stacked(&all[rank..], n)
}

fn extend(basis: &mut Vec<Array1<f64>>, mut vector: Array1<f64>) -> bool {
    let length = vector.dot(&vector).sqrt();
    for _ in 0..2 {
        for known in basis.iter() {
            // v ← v − q (q·v)
            let part = known.dot(&vector);
            vector.scaled_add(-part, known);
        }
    }
    let rest = vector.dot(&vector).sqrt();
    let independent = rest > DEPENDENT * length;
    if independent {
        basis.push(vector / rest);
    }
    independent
}

fn stacked(columns: &[Array1<f64>], rows: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns.len()), |(row, column)| columns[column][row])
}

/// Inverse of a symmetric positive definite matrix by Cholesky's factor, `M⁻¹ = L⁻ᵀ L⁻¹`.
pub(super) fn inverse(matrix: ArrayView2<'_, f64>) -> Array2<f64> {
    let n = matrix.nrows();
    let mut l = Array2::<f64>::zeros((n, n));
    for i in 0..n {
        for j in 0..=i {
            let rest = matrix[(i, j)] - (0..j).map(|k| l[(i, k)] * l[(j, k)]).sum::<f64>();
            l[(i, j)] = if i == j { rest.sqrt() } else { rest / l[(j, j)] };
        }
    }
    let mut inverse = Array2::<f64>::zeros((n, n));
    for column in 0..n {
        inverse[(column, column)] = 1.0 / l[(column, column)];
        for i in column + 1..n {
            let sum: f64 = (column..i).map(|k| l[(i, k)] * inverse[(k, column)]).sum();
            inverse[(i, column)] = -sum / l[(i, i)];
        }
    }
    inverse.t().dot(&inverse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn a_dependent_column_adds_nothing_and_the_complement_fills_up() {
        let columns = arr2(&[[1.0, 2.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]]);
        let basis = orthonormal(columns.view());
        assert_eq!(basis.dim(), (4, 2));
        let rest = complement(basis.view());
        assert_eq!(rest.dim(), (4, 2));
        let all = ndarray::concatenate![ndarray::Axis(1), basis, rest];
        // Four numbers of rounding 1.1e-16 are summed in each product.
        assert!((&all.t().dot(&all) - &Array2::<f64>::eye(4)).iter().all(|v| v.abs() < 4.0 * f64::EPSILON));
    }

    #[test]
    fn the_inverse_of_a_known_matrix() {
        // By hand: [4 2; 2 5]⁻¹ = [5 −2; −2 4] / 16.
        let found = inverse(arr2(&[[4.0, 2.0], [2.0, 5.0]]).view());
        let expected = arr2(&[[5.0, -2.0], [-2.0, 4.0]]) / 16.0;
        assert!((found - expected).iter().all(|v| v.abs() < 4.0 * f64::EPSILON));
    }
}
