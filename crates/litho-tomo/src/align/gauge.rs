//! What no projection can tell of the shifts, and how it is fixed.
//!
//! Moving the whole sample moves every projection: by a constant along y, and by `a cos θ + b sin θ` along x. Shifts are
//! therefore known up to these three numbers, and two sets of shifts are compared after [`without_gauge`]. A constant along x is
//! another position of the rotation axis; over half a turn the data tell it, over less they do so less and less.

use litho_resolve::solve::solve_positive;
use litho_types::point::Point;
use litho_types::quantity::Pixels;
use litho_types::tilt::TiltAngles;
use ndarray::Array2;

/// `c + a cos θ + b sin θ` fitted to one number per angle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sinusoid {
    /// `c`.
    pub constant: f64,
    /// `a`.
    pub cos: f64,
    /// `b`.
    pub sin: f64,
    /// Root mean square of what is left.
    pub residual: f64,
}

impl Sinusoid {
    /// The least-squares fit; without the constant if that is not free.
    pub fn fit(values: &[f64], angles: &TiltAngles, constant: bool) -> Self {
        let basis = |angle: f64| [angle.cos(), angle.sin(), if constant { 1.0 } else { 0.0 }];
        let mut normal = Array2::zeros((3, 3));
        let mut right = Array2::zeros((3, 1));
        let radians = angles.radians();
        for (value, &angle) in values.iter().zip(&radians) {
            let fields = basis(angle);
            for i in 0..3 {
                right[(i, 0)] += fields[i] * value;
                for j in 0..3 {
                    normal[(i, j)] += fields[i] * fields[j];
                }
            }
        }
        // few angles may leave a combination open: then the smallest coefficients
        for i in 0..3 {
            normal[(i, i)] += RIDGE * values.len() as f64;
        }
        let found = solve_positive(normal, right);
        let at = |i: usize| found.as_ref().map_or(0.0, |found| found[(i, 0)]);
        let mut fit = Self { constant: at(2), cos: at(0), sin: at(1), residual: 0.0 };
        let square: f64 = values.iter().zip(&radians).map(|(v, &angle)| (v - fit.at(angle)).powi(2)).sum();
        fit.residual = (square / values.len().max(1) as f64).sqrt();
        fit
    }

    /// The number at an angle in radians.
    pub fn at(&self, angle: f64) -> f64 {
        self.constant + self.cos * angle.cos() + self.sin * angle.sin()
    }
}

/// Part of the diagonal that keeps the fit of a few angles solvable.
const RIDGE: f64 = 1e-9;

/// Shifts, or differences of shifts, without what no projection can tell: without their mean along y, and without
/// `a cos θ + b sin θ` along x, together with the constant if the axis is free.
pub fn without_gauge(
    shifts: &[Point<Pixels>],
    angles: &TiltAngles,
    axis_is_free: bool,
) -> Vec<Point<Pixels>> {
    let x: Vec<f64> = shifts.iter().map(|shift| shift.x.value()).collect();
    let gauge = Sinusoid::fit(&x, angles, axis_is_free);
    let mean = shifts.iter().map(|shift| shift.y.value()).sum::<f64>() / shifts.len().max(1) as f64;
    let kept = |(shift, angle): (&Point<Pixels>, f64)| {
        Point::new(Pixels::new(shift.y.value() - mean), Pixels::new(shift.x.value() - gauge.at(angle)))
    };
    shifts.iter().zip(angles.radians()).map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_sample_is_nothing_but_gauge() {
        let angles = TiltAngles::from_degrees(&(-80..=77).map(f64::from).collect::<Vec<_>>()).unwrap();
        let moved: Vec<_> = angles
            .radians()
            .iter()
            .map(|t| Point::new(Pixels::new(3.0), Pixels::new(2.0 * t.cos() - 5.0 * t.sin())))
            .collect();
        for axis_is_free in [false, true] {
            for left in without_gauge(&moved, &angles, axis_is_free) {
                // the ridge leaves 1e-9 of the sample's movement, more where constant and cosine are alike
                assert!(left.y.value().abs() < 1e-12 && left.x.value().abs() < 1e-6, "{left:?}");
            }
        }
        let fit = Sinusoid::fit(&[7.0; 158], &angles, true);
        assert!((fit.constant - 7.0).abs() < 1e-5 && fit.residual < 1e-6);
    }

    #[test]
    fn two_angles_leave_no_residual() {
        let angles = TiltAngles::from_degrees(&[0.0, 180.0]).unwrap();
        let fit = Sinusoid::fit(&[10.0, 4.0], &angles, true);
        assert!((fit.constant - 7.0).abs() < 1e-6 && (fit.cos - 3.0).abs() < 1e-6 && fit.sin.abs() < 1e-6);
    }
}
