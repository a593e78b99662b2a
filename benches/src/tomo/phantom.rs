//! Spheres and their projections, both by formula: no projector of anybody's makes the data.

use super::spheres::{SPHERES, Sphere};
use ndarray::{Array3, ArrayView3, Axis};
use rayon::prelude::*;

/// Voxels along each edge; the detector has as many pixels along each of its.
pub(super) const SIZE: usize = 256;
/// Parts of a pixel or voxel along each of its edges, over which it is averaged.
const PARTS: usize = 3;

/// Middles of the parts of pixels `first..last`, from the middle of the image.
fn parts(first: usize, last: usize) -> Vec<f64> {
    let middle = (SIZE as f64 - 1.0) / 2.0;
    let part = |place: usize| (place as f64 + 0.5) / PARTS as f64 - 0.5 - middle;
    (first * PARTS..last * PARTS).map(part).collect()
}

/// Pixels that a sphere around this place may touch.
fn reach(middle: f64, radius: f64) -> (usize, usize) {
    let place = middle + (SIZE as f64 - 1.0) / 2.0;
    let last = (place + radius + 2.0).clamp(0.0, SIZE as f64) as usize;
    ((place - radius - 1.0).max(0.0) as usize, last)
}

/// Projections `(angle, z, x)` at these angles, radians: chords of the spheres, averaged over pixels.
pub(super) fn projections(angles: &[f64]) -> Array3<f32> {
    let mut projections = Array3::zeros((angles.len(), SIZE, SIZE));
    projections.axis_iter_mut(Axis(0)).into_par_iter().zip(angles).for_each(|(mut image, angle)| {
        let (sin, cos) = angle.sin_cos();
        for &Sphere { x, y, z, radius, density } in &SPHERES {
            let middle = x * cos + y * sin;
            let ((z0, z1), (u0, u1)) = (reach(z, radius), reach(middle, radius));
            let (heights, across) = (parts(z0, z1), parts(u0, u1));
            let scale = 2.0 * density / (PARTS * PARTS) as f64;
            for (k, height) in heights.iter().enumerate() {
                for (j, u) in across.iter().enumerate() {
                    let square = radius * radius - (height - z).powi(2) - (u - middle).powi(2);
                    if square > 0.0 {
                        image[(z0 + k / PARTS, u0 + j / PARTS)] += (scale * square.sqrt()) as f32;
                    }
                }
            }
        }
    });
    projections
}

/// The volume `(z, y, x)`, averaged over voxels.
pub(super) fn volume() -> Array3<f32> {
    let mut volume = Array3::zeros((SIZE, SIZE, SIZE));
    volume.axis_iter_mut(Axis(0)).into_par_iter().enumerate().for_each(|(layer, mut image)| {
        let heights = parts(layer, layer + 1);
        for &Sphere { x, y, z, radius, density } in &SPHERES {
            let ((y0, y1), (x0, x1)) = (reach(-y, radius), reach(x, radius));
            let share = (density / PARTS.pow(3) as f64) as f32;
            for height in heights.iter().filter(|height| (*height - z).abs() < radius) {
                for (i, row) in parts(y0, y1).into_iter().enumerate() {
                    for (j, column) in parts(x0, x1).into_iter().enumerate() {
                        let square = (height - z).powi(2) + (row + y).powi(2) + (column - x).powi(2);
                        if square < radius * radius {
                            image[(y0 + i / PARTS, x0 + j / PARTS)] += share;
                        }
                    }
                }
            }
        }
    });
    volume
}

/// Root mean square of the difference over that of the truth, within the circle that touches a slice's edges.
pub(super) fn relative_error(found: ArrayView3<f32>, truth: ArrayView3<f32>) -> f64 {
    let (middle, radius) = ((SIZE as f64 - 1.0) / 2.0, SIZE as f64 / 2.0 - 1.0);
    let (mut error, mut power) = (0.0, 0.0);
    for (found, truth) in found.outer_iter().zip(truth.outer_iter()) {
        for (((row, column), &truth), &found) in truth.indexed_iter().zip(&found) {
            if (row as f64 - middle).powi(2) + (column as f64 - middle).powi(2) < radius * radius {
                error += f64::from(found - truth).powi(2);
                power += f64::from(truth).powi(2);
            }
        }
    }
    (error / power).sqrt()
}
