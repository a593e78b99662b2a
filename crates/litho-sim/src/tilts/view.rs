//! From which side, and where on the detector, a projection sees the sample.

use super::solid::Ray;
use super::vector::Vector;
use litho_types::point::Point;
use litho_types::quantity::{Metres, Radians};

/// The view of one projection.
///
/// A ray at the tilt angle `θ` obeys `x cos θ + y sin θ = s`, `z = w`. In a perfect microscope it ends at the place
/// `(w, s)` of the detector, `(y, x)` from where the rotation axis stands. The real one moves, turns and magnifies the
/// image a little: the ray ends at `scale·R(turn)(w, s) + shift`, where `R` turns from x towards y, downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// The tilt angle.
    pub angle: Radians,
    /// How far the image is moved, `(y, x)`.
    pub shift: Point<Metres>,
    /// How far the image is turned about the place of the axis.
    pub turn: Radians,
    /// How much larger the image is.
    pub scale: f64,
}

/// A view with its sines and cosines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Optic {
    tilt: (f64, f64),
    turn: (f64, f64),
    shift: (f64, f64),
    scale: f64,
}

impl View {
    /// The view of a perfect microscope.
    pub const fn straight(angle: Radians) -> Self {
        let shift = Point::new(Metres::new(0.0), Metres::new(0.0));
        Self { angle, shift, turn: Radians::new(0.0), scale: 1.0 }
    }

    /// What must be done to the image to put it where a perfect microscope has it: what lies at `p` belongs at
    /// `scale·R(turn) p + shift`.
    #[must_use]
    pub fn undone(&self) -> Self {
        let (sine, cosine) = self.turn.value().sin_cos();
        let (y, x) = (self.shift.y.value(), self.shift.x.value());
        let shift = Point::new(
            Metres::new(-(cosine * y - sine * x) / self.scale),
            Metres::new(-(sine * y + cosine * x) / self.scale),
        );
        Self { angle: self.angle, shift, turn: -self.turn, scale: 1.0 / self.scale }
    }

    pub(crate) fn optic(&self) -> Optic {
        Optic {
            tilt: self.angle.value().sin_cos(),
            turn: self.turn.value().sin_cos(),
            shift: (self.shift.y.value(), self.shift.x.value()),
            scale: self.scale,
        }
    }
}

impl Optic {
    /// The ray that ends at `(y, x)`, metres.
    pub(crate) fn ray(&self, y: f64, x: f64) -> Ray {
        let (dy, dx) = (y - self.shift.0, x - self.shift.1);
        let (sine, cosine) = self.turn;
        let w = (cosine * dy - sine * dx) / self.scale;
        let s = (sine * dy + cosine * dx) / self.scale;
        let (sine, cosine) = self.tilt;
        Ray { from: [s * cosine, s * sine, w], along: [-sine, cosine, 0.0] }
    }

    /// Where the image `(y, x)` of a point lies, metres.
    pub(crate) fn image(&self, point: Vector) -> (f64, f64) {
        let (sine, cosine) = self.tilt;
        let (w, s) = (point[2], point[0] * cosine + point[1] * sine);
        let (sine, cosine) = self.turn;
        let y = self.scale * (cosine * w + sine * s) + self.shift.0;
        let x = self.scale * (cosine * s - sine * w) + self.shift.1;
        (y, x)
    }

    pub(crate) const fn scale(&self) -> f64 {
        self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::super::vector::{cross, norm, sub};
    use super::*;

    #[test]
    fn the_ray_that_ends_at_the_image_of_a_point_goes_through_it() {
        let view = View {
            angle: Radians::from_degrees(-34.0),
            shift: Point::new(Metres::new(0.3), Metres::new(-0.2)),
            turn: Radians::from_degrees(5.0),
            scale: 1.07,
        };
        let optic = view.optic();
        let undone = view.undone();
        for point in [[0.0; 3], [1.0, 0.2, -0.7], [-0.4, 2.0, 0.5]] {
            let (y, x) = optic.image(point);
            let ray = optic.ray(y, x);
            // Distance of a point from a line; the numbers are about 1, so rounding is some ε.
            assert!(norm(cross(sub(point, ray.from), ray.along)) < 1e-14);
            // Undone, the image is that of a perfect microscope: scale·R(turn)(y, x) + shift.
            let (sine, cosine) = undone.turn.value().sin_cos();
            let back_y = undone.scale * (cosine * y + sine * x) + undone.shift.y.value();
            let back_x = undone.scale * (cosine * x - sine * y) + undone.shift.x.value();
            let perfect = View::straight(view.angle).optic().image(point);
            assert!((back_y - perfect.0).abs() < 1e-14 && (back_x - perfect.1).abs() < 1e-14);
        }
        // At 0° a ray runs along y; x = 1 is at column +1, z = 1 at row +1.
        assert_eq!(View::straight(Radians::new(0.0)).optic().image([1.0, 5.0, 2.0]), (2.0, 1.0));
    }
}
