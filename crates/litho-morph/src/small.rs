//! Small symmetric matrices: principal axes of three dimensions, and inverses of a few.

/// Sweeps of Jacobi's method; from any start six or seven leave nothing in double precision.
const SWEEPS: usize = 30;

/// Eigenvalues, largest first, and unit eigenvectors as rows.
///
/// Signs are fixed: in the first two rows the component of largest size (the first of equal ones) is positive, the third
/// is the cross product of the two. Equal eigenvalues keep the order of the coordinates.
pub(crate) fn principal(mut m: [[f64; 3]; 3]) -> ([f64; 3], [[f64; 3]; 3]) {
    let mut vectors = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for _ in 0..SWEEPS {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if m[p][q] != 0.0 {
                rotate(&mut m, &mut vectors, p, q);
            }
        }
    }
    let mut order = [0, 1, 2];
    order.sort_by(|a, b| m[*b][*b].total_cmp(&m[*a][*a]));
    let values = order.map(|i| m[i][i]);
    let column = |i: usize| [vectors[0][i], vectors[1][i], vectors[2][i]];
    let (first, second) = (upright(column(order[0])), upright(column(order[1])));
    (values, [first, second, cross(first, second)])
}

/// One rotation of Jacobi's method, which makes `m[p][q]` zero.
fn rotate(m: &mut [[f64; 3]; 3], vectors: &mut [[f64; 3]; 3], p: usize, q: usize) {
    // tan 2φ = 2 m_pq/(m_qq − m_pp), the smaller angle of the two
    let theta = 0.5 * (m[q][q] - m[p][p]) / m[p][q];
    let tangent = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let sine = tangent * cosine;
    for row in m.iter_mut().chain(vectors) {
        let (a, b) = (row[p], row[q]);
        (row[p], row[q]) = (cosine * a - sine * b, sine * a + cosine * b);
    }
    let (upper, lower) = (m[p], m[q]);
    m[p] = std::array::from_fn(|k| cosine * upper[k] - sine * lower[k]);
    m[q] = std::array::from_fn(|k| sine * upper[k] + cosine * lower[k]);
    (m[p][q], m[q][p]) = (0.0, 0.0);
}

/// The vector, or its opposite, so that its component of largest size is positive.
fn upright(v: [f64; 3]) -> [f64; 3] {
    let largest = v.into_iter().fold(0.0, |best: f64, c| if c.abs() > best.abs() { c } else { best });
    if largest < 0.0 { v.map(|c| -c) } else { v }
}

/// `a × b`.
pub(crate) fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// `a · b`.
pub(crate) fn dot<const N: usize>(a: [f64; N], b: [f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The inverse of a positive definite matrix; `None` if a pivot is below 10⁻¹³ of its diagonal.
pub(crate) fn inverse<const N: usize>(m: &[[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let mut l = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..=i {
            let rest = m[i][j] - (0..j).map(|k| l[i][k] * l[j][k]).sum::<f64>();
            if i != j {
                l[i][j] = rest / l[j][j];
            } else if rest.is_nan() || rest <= 1e-13 * m[i][i] {
                return None;
            } else {
                l[i][i] = rest.sqrt();
            }
        }
    }
    let mut inverse = [[0.0; N]; N];
    for side in 0..N {
        let mut x = [0.0; N];
        x[side] = 1.0;
        for i in 0..N {
            x[i] = (x[i] - (0..i).map(|k| l[i][k] * x[k]).sum::<f64>()) / l[i][i];
        }
        for i in (0..N).rev() {
            x[i] = (x[i] - (i + 1..N).map(|k| l[k][i] * x[k]).sum::<f64>()) / l[i][i];
        }
        for (row, value) in inverse.iter_mut().zip(x) {
            row[side] = value;
        }
    }
    Some(inverse)
}

/// `m · v`.
pub(crate) fn times<const N: usize>(m: &[[f64; N]; N], v: [f64; N]) -> [f64; N] {
    m.map(|row| dot(row, v))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some tens of operations on numbers of order ten, in double precision.
    const ROUNDING: f64 = 1e-13;

    #[test]
    fn a_matrix_is_its_axes_times_its_values() {
        let m = [[4.0, 1.0, -2.0], [1.0, 2.0, 0.5], [-2.0, 0.5, 3.0]];
        let (values, axes) = principal(m);
        assert!(values[0] > values[1] && values[1] > values[2]);
        for i in 0..3 {
            for j in 0..3 {
                let sum: f64 = (0..3).map(|k| values[k] * axes[k][i] * axes[k][j]).sum();
                assert!((sum - m[i][j]).abs() < ROUNDING, "{i} {j}: {sum}");
                let unit = f64::from(u8::from(i == j));
                assert!((dot(axes[i], axes[j]) - unit).abs() < ROUNDING);
            }
        }
        assert_eq!(axes[2], cross(axes[0], axes[1]));
        for axis in &axes[..2] {
            assert_eq!(upright(*axis), *axis);
        }
    }

    #[test]
    fn equal_values_keep_the_order_of_coordinates() {
        let (values, axes) = principal([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 5.0]]);
        assert_eq!(values, [5.0, 2.0, 2.0]);
        assert_eq!(axes, [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);
    }

    #[test]
    fn an_inverse_undoes() {
        let m = [[4.0, 1.0, -2.0], [1.0, 2.0, 0.5], [-2.0, 0.5, 3.0]];
        let inverse = inverse(&m).unwrap();
        for (i, row) in m.iter().enumerate() {
            let back = times(&inverse, *row);
            for (j, value) in back.into_iter().enumerate() {
                assert!((value - f64::from(u8::from(i == j))).abs() < ROUNDING);
            }
        }
        assert!(super::inverse(&[[1.0, 1.0], [1.0, 1.0]]).is_none());
    }
}
