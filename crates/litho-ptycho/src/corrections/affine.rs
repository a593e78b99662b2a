//! Positions held to an affine map of the measured ones.

use super::Correct;
use crate::engine::Fields;
use litho_compute::Kernels;

/// Pulls positions towards the affine map of the measured positions that fits them best: what drift, scale, rotation and
/// shear of the scanner can have done. What single frames want beside it is kept by the share `freedom`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AffineDrift {
    /// Share of the departure from the map that stays, in [0, 1]; 0 holds positions to the map.
    pub freedom: f64,
}

impl<K: Kernels> Correct<K> for AffineDrift {
    fn correct(&self, kernels: &K, _: usize, fields: &mut Fields<K>) {
        let measured = kernels.views().places;
        let places = &mut fields.model.views.places;
        let Some(map) = AffineMap::fit(&measured, places) else { return };
        for (place, measured) in places.iter_mut().zip(&measured) {
            let mapped = map.apply(*measured);
            *place = [0, 1].map(|axis| mapped[axis] + self.freedom * (place[axis] - mapped[axis]));
        }
    }
}

/// `r ↦ A (r − c) + b`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct AffineMap {
    centre: [f64; 2],
    linear: [[f64; 2]; 2],
    offset: [f64; 2],
}

impl AffineMap {
    /// The map that brings `from` nearest to `to`; `None` for fewer than three points or points on a line.
    pub(crate) fn fit(from: &[[f64; 2]], to: &[[f64; 2]]) -> Option<Self> {
        if from.len() < 3 {
            return None;
        }
        let mean = |points: &[[f64; 2]]| {
            [0, 1].map(|axis| points.iter().map(|p| p[axis]).sum::<f64>() / points.len() as f64)
        };
        let (centre, offset) = (mean(from), mean(to));
        let (mut normal, mut right) = ([[0.0; 2]; 2], [[0.0; 2]; 2]);
        for (f, t) in from.iter().zip(to) {
            let (f, t) = ([f[0] - centre[0], f[1] - centre[1]], [t[0] - offset[0], t[1] - offset[1]]);
            for i in 0..2 {
                for j in 0..2 {
                    normal[i][j] += f[i] * f[j];
                    right[i][j] += t[i] * f[j];
                }
            }
        }
        let determinant = normal[0][0] * normal[1][1] - normal[0][1] * normal[1][0];
        if determinant.is_nan() || determinant <= 1e-12 * normal[0][0] * normal[1][1] {
            return None;
        }
        let inverse = [
            [normal[1][1] / determinant, -normal[0][1] / determinant],
            [-normal[1][0] / determinant, normal[0][0] / determinant],
        ];
        let product = |i: usize, j: usize| right[i][0] * inverse[0][j] + right[i][1] * inverse[1][j];
        let linear = [[product(0, 0), product(0, 1)], [product(1, 0), product(1, 1)]];
        Some(Self { centre, linear, offset })
    }

    pub(crate) fn apply(&self, point: [f64; 2]) -> [f64; 2] {
        let d = [point[0] - self.centre[0], point[1] - self.centre[1]];
        [0, 1].map(|i| self.offset[i] + self.linear[i][0] * d[0] + self.linear[i][1] * d[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_affine_map_is_found_from_its_points() {
        let map = |[y, x]: [f64; 2]| [1.02 * y + 0.01 * x + 3.0, -0.02 * y + 0.97 * x - 5.0];
        let from: Vec<[f64; 2]> =
            (0..20).map(|i| [f64::from(i % 5) * 7.0, f64::from(i / 5) * 9.0 + f64::from(i % 2)]).collect();
        let to: Vec<[f64; 2]> = from.iter().map(|p| map(*p)).collect();
        let fit = AffineMap::fit(&from, &to).expect("the points span the plane");
        for point in [[0.0, 0.0], [100.0, -40.0]] {
            let (found, expected) = (fit.apply(point), map(point));
            // Coordinates of hundreds in double precision.
            assert!((found[0] - expected[0]).abs() < 1e-10 && (found[1] - expected[1]).abs() < 1e-10);
        }
    }

    #[test]
    fn points_on_a_line_have_no_map() {
        let line: Vec<[f64; 2]> = (0..5).map(|i| [f64::from(i), 2.0 * f64::from(i)]).collect();
        assert_eq!(AffineMap::fit(&line, &line), None);
        assert_eq!(AffineMap::fit(&line[..2], &line[..2]), None);
    }
}
