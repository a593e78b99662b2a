//! Where the content of a projection must be moved to.

use litho_types::point::Point;
use litho_types::quantity::{Pixels, Radians};

/// A movement of one projection's content: what lies at `q` in the raw projection belongs at
///
/// `r = m + t + s R(φ)(q − m)`
///
/// with `m` the middle of the image, `((ny − 1)/2, (nx − 1)/2)`, `t` the shift, `s` the scale and `R(φ)` the rotation
/// that turns x towards y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// Shift `t`.
    pub shift: Point<Pixels>,
    /// Rotation `φ`.
    pub rotation: Radians,
    /// Scale `s`, above 0.
    pub scale: f64,
}

impl Default for Placement {
    /// Everything stays where it is.
    fn default() -> Self {
        Self { shift: Point::default(), rotation: Radians::new(0.0), scale: 1.0 }
    }
}

impl Placement {
    /// A shift by `dy` rows and `dx` columns.
    pub fn shifted(dy: f64, dx: f64) -> Self {
        Self { shift: Point::new(Pixels::new(dy), Pixels::new(dx)), ..Self::default() }
    }

    /// Shift, rotation in radians and scale as bare numbers: `[dy, dx, φ, s]`.
    pub fn numbers(&self) -> [f64; 4] {
        [self.shift.y.value(), self.shift.x.value(), self.rotation.value(), self.scale]
    }

    /// The placement of these numbers, see [`numbers`](Self::numbers).
    pub fn from_numbers([dy, dx, rotation, scale]: [f64; 4]) -> Self {
        let shift = Point::new(Pixels::new(dy), Pixels::new(dx));
        Self { shift, rotation: Radians::new(rotation), scale }
    }

    /// True if nothing is turned or magnified.
    pub fn is_shift(&self) -> bool {
        self.rotation.value() == 0.0 && self.scale == 1.0
    }

    /// This movement followed by `next`: `s's R(φ' + φ)`, `t' + s' R(φ') t`.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        let [y, x, rotation, scale] = self.numbers();
        let [next_y, next_x, next_rotation, next_scale] = next.numbers();
        let (sin, cos) = next_rotation.sin_cos();
        Self::from_numbers([
            next_y + next_scale * (x * sin + y * cos),
            next_x + next_scale * (x * cos - y * sin),
            rotation + next_rotation,
            scale * next_scale,
        ])
    }

    /// The movement that undoes this one.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let [y, x, rotation, scale] = self.numbers();
        let (sin, cos) = rotation.sin_cos();
        Self::from_numbers([
            -(y * cos - x * sin) / scale,
            -(x * cos + y * sin) / scale,
            -rotation,
            1.0 / scale,
        ])
    }

    /// The same movement counted from another point than the middle: from `offset` = (y, x) away from it.
    pub(super) fn about(&self, offset: (f64, f64)) -> Self {
        // m + t + sR(q − m) = m' + t' + sR(q − m')  ⇒  t' = t + sR(m' − m) − (m' − m)
        let [y, x, rotation, scale] = self.numbers();
        let (sin, cos) = rotation.sin_cos();
        let turned = (scale * (offset.1 * sin + offset.0 * cos), scale * (offset.1 * cos - offset.0 * sin));
        Self::from_numbers([y + turned.0 - offset.0, x + turned.1 - offset.1, rotation, scale])
    }

    /// The same movement in pixels that are `factor` times as large.
    pub(super) fn in_pixels_of(&self, factor: f64) -> Self {
        let [y, x, rotation, scale] = self.numbers();
        Self::from_numbers([y / factor, x / factor, rotation, scale])
    }

    /// True if every number can be used.
    pub(super) fn is_usable(&self) -> bool {
        self.numbers().iter().all(|number| number.is_finite()) && self.scale > 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few roundings of numbers of size 10.
    const ROUNDING: f64 = 1e-13;

    #[test]
    fn a_movement_and_its_inverse_cancel() {
        let movement = Placement::from_numbers([3.0, -7.0, 0.3, 1.2]);
        for both in [movement.then(&movement.inverse()), movement.inverse().then(&movement)] {
            for (found, wanted) in both.numbers().iter().zip([0.0, 0.0, 0.0, 1.0]) {
                assert!((found - wanted).abs() < ROUNDING, "{both:?}");
            }
        }
    }

    #[test]
    fn another_point_of_reference_moves_points_alike() {
        let movement = Placement::from_numbers([3.0, -7.0, 0.3, 1.2]);
        let place = |movement: &Placement, middle: (f64, f64), q: (f64, f64)| {
            let [y, x, rotation, scale] = movement.numbers();
            let (sin, cos) = rotation.sin_cos();
            let (qy, qx) = (q.0 - middle.0, q.1 - middle.1);
            (middle.0 + y + scale * (qx * sin + qy * cos), middle.1 + x + scale * (qx * cos - qy * sin))
        };
        let (a, b) = (
            place(&movement, (10.0, 12.0), (1.0, 2.0)),
            place(&movement.about((1.5, -2.5)), (11.5, 9.5), (1.0, 2.0)),
        );
        assert!((a.0 - b.0).abs() < ROUNDING && (a.1 - b.1).abs() < ROUNDING, "{a:?} {b:?}");
        // A quarter turn takes (y, x) = (0, 1) to (1, 0): x towards y.
        let quarter = Placement::from_numbers([0.0, 0.0, std::f64::consts::FRAC_PI_2, 1.0]);
        let turned = place(&quarter, (0.0, 0.0), (0.0, 1.0));
        assert!((turned.0 - 1.0).abs() < ROUNDING && turned.1.abs() < ROUNDING);
    }
}
