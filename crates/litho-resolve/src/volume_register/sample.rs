//! Values of a volume between its voxels, and the volume moved.

use super::placement::{Vector, VolumePlacement, middle, rotated, times};
use super::{NAME, check_finite};
use crate::error::ResolveError;
use crate::spline::{Tap, coefficients_of_volume};
use ndarray::{Array3, ArrayView3};
use rayon::prelude::*;

/// The coefficients of a volume's spline.
pub(super) struct Spline {
    coefficients: Vec<f32>,
    shape: (usize, usize, usize),
}

impl Spline {
    pub(super) fn new(volume: Array3<f32>) -> Self {
        let shape = volume.dim();
        let mut coefficients: Vec<f32> = volume.into_iter().collect();
        coefficients_of_volume(&mut coefficients, (shape.1, shape.2));
        Self { coefficients, shape }
    }

    /// The value at a place.
    fn value(&self, [z, y, x]: Vector) -> f32 {
        let (nz, ny, nx) = self.shape;
        let (along_z, along_y, along_x) = (Tap::new(z, nz), Tap::new(y, ny), Tap::new(x, nx));
        let mut sum = 0.0;
        for (slice, wz) in along_z.pixels(nz) {
            for (row, wy) in along_y.pixels(ny) {
                sum += wz * wy * along_x.sum(self.row(slice, row));
            }
        }
        sum
    }

    /// The value at a place and its gradient along z, y and x.
    pub(super) fn value_and_gradient(&self, [z, y, x]: Vector) -> (f32, [f32; 3]) {
        let (nz, ny, nx) = self.shape;
        let (z, y, x) = (Tap::with_slope(z, nz), Tap::with_slope(y, ny), Tap::with_slope(x, nx));
        let (zs, ys) = (z.map(|tap| tap.pixels(nz)), y.map(|tap| tap.pixels(ny)));
        let (mut value, mut gradient) = (0.0, [0.0; 3]);
        for (slice, &(at_z, wz)) in zs[0].iter().enumerate() {
            let (mut plane, mut along_y, mut along_x) = (0.0, 0.0, 0.0);
            for (row, &(at_y, wy)) in ys[0].iter().enumerate() {
                let line = self.row(at_z, at_y);
                let sum = x[0].sum(line);
                plane += wy * sum;
                along_y += ys[1][row].1 * sum;
                along_x += wy * x[1].sum(line);
            }
            value += wz * plane;
            gradient[0] += zs[1][slice].1 * plane;
            gradient[1] += wz * along_y;
            gradient[2] += wz * along_x;
        }
        (value, gradient)
    }

    fn row(&self, z: usize, y: usize) -> &[f32] {
        let (_, ny, nx) = self.shape;
        &self.coefficients[(z * ny + y) * nx..(z * ny + y + 1) * nx]
    }
}

/// The volume with its content moved, by one interpolation with [B-splines of degree 5](crate::spline). What comes from beyond
/// a face has the face's value.
///
/// # Errors
/// [`ResolveError`] if a number is not finite or the placement cannot be used.
pub fn apply_volume(
    volume: ArrayView3<'_, f32>,
    placement: &VolumePlacement,
) -> Result<Array3<f32>, ResolveError> {
    check_finite("the volume", volume)?;
    if !placement.is_usable() {
        return Err(ResolveError::InvalidSetting {
            operation: NAME,
            name: "the scale of a placement",
            value: placement.scale,
            allowed: "above 0, with finite shifts and rotations",
        });
    }
    let shape = volume.dim();
    let mut moved = volume.as_standard_layout().into_owned();
    if *placement == VolumePlacement::default() || moved.is_empty() {
        return Ok(moved);
    }
    let spline = Spline::new(moved.clone());
    let (back, middle) = (placement.inverse(), middle(shape));
    let turn = rotated(back.rotation).map(|row| row.map(|m| back.scale * m));
    if let Some(values) = moved.as_slice_mut() {
        values.par_chunks_mut(shape.2).enumerate().for_each(|(line, row)| {
            let (z, y) = (line / shape.1, line % shape.1);
            for (x, value) in row.iter_mut().enumerate() {
                let from = [z as f64 - middle[0], y as f64 - middle[1], x as f64 - middle[2]];
                let place = times(&turn, from);
                *value = spline.value(std::array::from_fn(|k| middle[k] + back.shift[k] + place[k]));
            }
        });
    }
    Ok(moved)
}
