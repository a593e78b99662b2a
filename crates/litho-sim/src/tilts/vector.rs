//! Vectors `[x, y, z]` of the sample: x and y lie in the slices, z along the rotation axis with the rows of a projection.

use std::f64::consts::TAU;

/// A vector or a point.
pub type Vector = [f64; 3];

pub(crate) fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(crate) fn add(a: Vector, b: Vector) -> Vector {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

pub(crate) fn sub(a: Vector, b: Vector) -> Vector {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub(crate) fn scaled(a: Vector, factor: f64) -> Vector {
    a.map(|v| v * factor)
}

pub(crate) fn norm(a: Vector) -> f64 {
    dot(a, a).sqrt()
}

pub(crate) fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// The vector of length 1 in the same direction.
pub(crate) fn unit(a: Vector) -> Vector {
    scaled(a, 1.0 / norm(a))
}

/// Three perpendicular unit vectors, the last along `direction`, the others turned about it by `angle`.
pub(crate) fn frame(direction: Vector, angle: f64) -> [Vector; 3] {
    let third = unit(direction);
    // The coordinate axis that is least along the direction is never parallel to it.
    let axis = if third[0].abs() < 0.6 { [1.0, 0.0, 0.0] } else { [0.0, 1.0, 0.0] };
    let u = unit(cross(axis, third));
    let v = cross(third, u);
    let (sine, cosine) = angle.sin_cos();
    let first = add(scaled(u, cosine), scaled(v, sine));
    [first, cross(third, first), third]
}

/// A direction from two numbers that are uniform in 0–1: all directions alike.
pub(crate) fn direction(first: f64, second: f64) -> Vector {
    let z = 2.0 * first - 1.0;
    let (sine, cosine) = (TAU * second).sin_cos();
    let flat = (1.0 - z * z).max(0.0).sqrt();
    [flat * cosine, flat * sine, z]
}
