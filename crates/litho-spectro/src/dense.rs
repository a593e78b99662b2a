//! Linear algebra of small dense matrices in double precision.

/// Cholesky factor `L` of a symmetric positive definite matrix, `A = L Lᵀ`, `(n, n)` row by row; nothing if it is not one.
pub(crate) fn cholesky(a: &[f64], n: usize) -> Option<Vec<f64>> {
    let mut l = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| l[i * n + k] * l[j * n + k]).sum();
            let rest = a[i * n + j] - dot;
            if i == j {
                if rest.is_nan() || rest <= 0.0 {
                    return None;
                }
                l[i * n + i] = rest.sqrt();
            } else {
                l[i * n + j] = rest / l[j * n + j];
            }
        }
    }
    Some(l)
}

/// Solves `L x = b` in place.
pub(crate) fn forward(l: &[f64], b: &mut [f64]) {
    let n = b.len();
    for i in 0..n {
        let dot: f64 = (0..i).map(|k| l[i * n + k] * b[k]).sum();
        b[i] = (b[i] - dot) / l[i * n + i];
    }
}

/// Solves `Lᵀ x = b` in place.
pub(crate) fn backward(l: &[f64], b: &mut [f64]) {
    let n = b.len();
    for i in (0..n).rev() {
        let dot: f64 = (i + 1..n).map(|k| l[k * n + i] * b[k]).sum();
        b[i] = (b[i] - dot) / l[i * n + i];
    }
}

/// Eigenvalues in descending order and eigenvectors (row by row, unit length, largest element positive) of a symmetric
/// matrix: cyclic Jacobi rotations (Golub & Van Loan, Matrix Computations, §8.5).
pub(crate) fn eigen(a: &[f64], n: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    const SWEEPS: usize = 60;
    let mut a = a.to_vec();
    let mut v = vec![0.0; n * n];
    (0..n).for_each(|i| v[i * n + i] = 1.0);
    let size: f64 = a.iter().map(|x| x * x).sum();
    for _ in 0..SWEEPS {
        let off: f64 =
            (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i * n + j].powi(2)).sum();
        if off <= size * f64::EPSILON * f64::EPSILON * 1e-4 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut v, n, p, q);
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[j * n + j].total_cmp(&a[i * n + i]));
    let vector = |&i: &usize| {
        let row = &v[i * n..(i + 1) * n];
        let largest = row.iter().copied().fold(0.0, |l: f64, x| if x.abs() > l.abs() { x } else { l });
        row.iter().map(|x| x * largest.signum()).collect()
    };
    (order.iter().map(|&i| a[i * n + i]).collect(), order.iter().map(vector).collect())
}

/// One Jacobi rotation that makes `a[p][q]` zero; the rows of `v` turn along.
fn rotate(a: &mut [f64], v: &mut [f64], n: usize, p: usize, q: usize) {
    let apq = a[p * n + q];
    if apq == 0.0 {
        return;
    }
    // t = sgn(θ)/(|θ| + √(θ² + 1)), θ = (a_qq − a_pp)/(2 a_pq)
    let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * apq);
    let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    for k in 0..n {
        let (akp, akq) = (a[k * n + p], a[k * n + q]);
        a[k * n + p] = c * akp - s * akq;
        a[k * n + q] = s * akp + c * akq;
    }
    for m in [a, v] {
        for k in 0..n {
            let (pk, qk) = (m[p * n + k], m[q * n + k]);
            m[p * n + k] = c * pk - s * qk;
            m[q * n + k] = s * pk + c * qk;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some roundings of numbers of order 10.
    const ROUNDINGS: f64 = 1e-13;

    #[test]
    fn a_factor_solves_its_matrix() {
        // A = [[4, 2], [2, 5]] has L = [[2, 0], [1, 2]]; A x = (8, 9) has x = (11/8, 5/4).
        let l = cholesky(&[4.0, 2.0, 2.0, 5.0], 2).expect("positive definite");
        assert_eq!(l, [2.0, 0.0, 1.0, 2.0]);
        let mut x = [8.0, 9.0];
        forward(&l, &mut x);
        backward(&l, &mut x);
        assert!((x[0] - 11.0 / 8.0).abs() < ROUNDINGS && (x[1] - 1.25).abs() < ROUNDINGS, "{x:?}");
        assert_eq!(cholesky(&[1.0, 2.0, 2.0, 1.0], 2), None);
    }

    #[test]
    fn eigenvalues_of_a_chain_are_known() {
        // The second-difference matrix of n points: λ_k = 2 − 2 cos(kπ/(n + 1)).
        let n = 12;
        let mut a = vec![0.0; n * n];
        for i in 0..n {
            a[i * n + i] = 2.0;
            if i > 0 {
                (a[i * n + i - 1], a[(i - 1) * n + i]) = (-1.0, -1.0);
            }
        }
        let (values, vectors) = eigen(&a, n);
        for (place, value) in values.iter().enumerate() {
            let k = (n - place) as f64;
            let expected = 2.0 - 2.0 * (k * std::f64::consts::PI / (n as f64 + 1.0)).cos();
            assert!((value - expected).abs() < ROUNDINGS, "{place}: {value} {expected}");
        }
        // A v = λ v and |v| = 1.
        for (value, v) in values.iter().zip(&vectors) {
            for i in 0..n {
                let product: f64 = (0..n).map(|j| a[i * n + j] * v[j]).sum();
                assert!((product - value * v[i]).abs() < ROUNDINGS);
            }
            assert!((v.iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < ROUNDINGS);
        }
    }
}
