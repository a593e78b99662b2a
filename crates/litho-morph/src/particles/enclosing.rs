//! The smallest ellipsoid around points.

use crate::small::{dot, inverse, principal, times};

/// How far the points' largest and smallest Mahalanobis distances may be from those of the optimum, relatively. The
/// ellipsoid is then blown up to hold every point, so its volume is at most `(1 + 10⁻⁴)^(3/2)` times the smallest.
const TOLERANCE: f64 = 1e-4;
/// Steps at most; voxel bodies take some hundreds.
const STEPS: usize = 20_000;
/// Dimensions of the points lifted by a one.
const LIFTED: f64 = 4.0;

/// An ellipsoid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ellipsoid {
    /// Its centre `(z, y, x)`.
    pub centre: [f64; 3],
    /// Its axes as rows `(z, y, x)`, longest first, with the signs of a particle's axes.
    pub axes: [[f64; 3]; 3],
    /// Its whole axes.
    pub lengths: [f64; 3],
}

/// The smallest ellipsoid around points that do not lie in a plane, by Khachiyan's method with steps away from points
/// inside (Todd & Yıldırım, Discrete Appl. Math. 155, 1731, 2007): weights `u` that maximise
/// `det Σ u q qᵀ` over the lifted points `q = (p, 1)`.
pub(super) fn enclosing(points: &[[f64; 3]]) -> Ellipsoid {
    let count = points.len().max(1) as f64;
    let middle: [f64; 3] = std::array::from_fn(|i| points.iter().map(|p| p[i]).sum::<f64>() / count);
    let far = |i: usize| points.iter().map(|p| (p[i] - middle[i]).abs()).fold(f64::MIN_POSITIVE, f64::max);
    let scale = [far(0), far(1), far(2)];
    let lifted = |p: &[f64; 3]| -> [f64; 4] {
        std::array::from_fn(|i| if i < 3 { (p[i] - middle[i]) / scale[i] } else { 1.0 })
    };
    let points: Vec<[f64; 4]> = points.iter().map(lifted).collect();
    let weights = optimum(&points);
    // With c = Σ u p and S = Σ u p pᵀ − c cᵀ the ellipsoid is (p − c)ᵀ S⁻¹ (p − c) ≤ 3; the farthest point sets the bound.
    let mut sums = [[0.0; 4]; 4];
    add_all(&mut sums, &points, &weights);
    let centre = [sums[0][3], sums[1][3], sums[2][3]];
    let spread: [[f64; 3]; 3] =
        std::array::from_fn(|i| std::array::from_fn(|j| sums[i][j] - centre[i] * centre[j]));
    let reach = inverse(&spread).map_or(3.0, |inverse| {
        let off = |q: &[f64; 4]| [q[0] - centre[0], q[1] - centre[1], q[2] - centre[2]];
        points.iter().map(|q| dot(off(q), times(&inverse, off(q)))).fold(0.0, f64::max)
    });
    let (values, axes) = principal(std::array::from_fn(|i| {
        std::array::from_fn(|j| reach * spread[i][j] * scale[i] * scale[j])
    }));
    Ellipsoid {
        centre: std::array::from_fn(|i| middle[i] + scale[i] * centre[i]),
        axes,
        lengths: values.map(|value| 2.0 * value.max(0.0).sqrt()),
    }
}

/// The weights of the optimum.
fn optimum(points: &[[f64; 4]]) -> Vec<f64> {
    let mut weights = vec![1.0 / points.len().max(1) as f64; points.len()];
    for _ in 0..STEPS {
        let mut sums = [[0.0; 4]; 4];
        add_all(&mut sums, points, &weights);
        let Some(inverse) = inverse(&sums) else { return weights };
        let distance = |q: [f64; 4]| dot(q, times(&inverse, q));
        let (mut far, mut near) = ((0, 0.0), (0, f64::INFINITY));
        for (index, (q, weight)) in points.iter().zip(&weights).enumerate() {
            let distance = distance(*q);
            if distance > far.1 {
                far = (index, distance);
            }
            if *weight > 0.0 && distance < near.1 {
                near = (index, distance);
            }
        }
        let (above, below) = (far.1 / LIFTED - 1.0, 1.0 - near.1 / LIFTED);
        if above.max(below) <= TOLERANCE {
            break;
        }
        // The step along which the determinant is largest: towards the farthest point, or away from the nearest with weight.
        let (index, step) = if above >= below {
            (far.0, (far.1 - LIFTED) / (LIFTED * (far.1 - 1.0)))
        } else {
            let most = weights[near.0] / (1.0 - weights[near.0]);
            let best = (LIFTED - near.1) / (LIFTED * (near.1 - 1.0));
            (near.0, if near.1 > 1.0 { -best.min(most) } else { -most })
        };
        for weight in &mut weights {
            *weight *= 1.0 - step;
        }
        weights[index] = (weights[index] + step).max(0.0);
        if weights[index] < f64::EPSILON && step < 0.0 {
            weights[index] = 0.0;
        }
    }
    weights
}

/// Adds `Σ u q qᵀ`.
fn add_all(sums: &mut [[f64; 4]; 4], points: &[[f64; 4]], weights: &[f64]) {
    for (q, weight) in points.iter().zip(weights).filter(|(_, weight)| **weight > 0.0) {
        for (row, a) in sums.iter_mut().zip(q) {
            for (sum, b) in row.iter_mut().zip(q) {
                *sum += weight * a * b;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_testkit::Lcg;

    #[test]
    fn the_ellipsoid_around_a_cuboid_is_known() {
        // Its axes are √3 times the edges, by symmetry and affine invariance. The optimum's lengths are within
        // half the tolerance of that, and the points inside must not disturb.
        let edges = [6.0, 4.0, 1.0];
        let (sine, cosine) = 0.4_f64.sin_cos();
        let turned =
            |p: [f64; 3]| [cosine * p[0] - sine * p[1] + 7.0, sine * p[0] + cosine * p[1] - 3.0, p[2]];
        let mut points: Vec<[f64; 3]> = (0..8)
            .map(|i: usize| {
                turned(std::array::from_fn(|k| edges[k] * (f64::from(u8::from(i >> k & 1 == 1)) - 0.5)))
            })
            .collect();
        let mut lcg = Lcg::new(1);
        points.extend((0..50).map(|_| turned(std::array::from_fn(|k| edges[k] * (lcg.uniform() - 0.5)))));
        let found = enclosing(&points);
        for (length, edge) in found.lengths.into_iter().zip(edges) {
            assert!((length / (3.0_f64.sqrt() * edge) - 1.0).abs() < TOLERANCE, "{length} {edge}");
        }
        for (found, wanted) in found.centre.into_iter().zip([7.0, -3.0, 0.0]) {
            assert!((found - wanted).abs() < TOLERANCE * edges[0], "{found} {wanted}");
        }
        assert!((dot(found.axes[0], [cosine, sine, 0.0]) - 1.0).abs() < TOLERANCE);
    }

    #[test]
    fn no_point_is_outside() {
        let mut lcg = Lcg::new(2);
        let points: Vec<[f64; 3]> =
            (0..400).map(|_| [3.0 * lcg.normal(), lcg.normal() + 5.0, 0.2 * lcg.normal()]).collect();
        let found = enclosing(&points);
        let distance = |p: &[f64; 3]| -> f64 {
            (0..3)
                .map(|k| {
                    let off: [f64; 3] = std::array::from_fn(|i| p[i] - found.centre[i]);
                    (2.0 * dot(found.axes[k], off) / found.lengths[k]).powi(2)
                })
                .sum()
        };
        let farthest = points.iter().map(distance).fold(0.0, f64::max);
        assert!((farthest - 1.0).abs() < 1e-9, "{farthest}"); // rounding of a well-conditioned inverse
    }
}
