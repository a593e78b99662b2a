//! Projections of a volume, and their exact transpose.

use crate::batch::{in_lanes, slices_in_lanes, volume_of};
use crate::error::TomoError;
use crate::geometry::Geometry;
use crate::projector::Projector;
use crate::sheet::SLICES;
use ndarray::{Array3, ArrayView3, Axis, s};

/// Sums a volume `(z, y, x)` along the rays of `geometry`: projections `(angle, z, detector)`.
///
/// # Errors
/// [`TomoError::Shape`] if the slices have not the geometry's size.
pub fn project(volume: ArrayView3<f32>, geometry: &Geometry) -> Result<Array3<f32>, TomoError> {
    let (depth, ny, nx) = volume.dim();
    let size = geometry.size();
    if (ny, nx) != (size, size) {
        return Err(TomoError::Shape {
            operation: "projecting a volume",
            array: "the volume",
            found: vec![depth, ny, nx],
            wanted: vec![depth, size, size],
        });
    }
    let projector = Projector::new(geometry);
    let mut projections = Array3::zeros((projector.angles(), depth, projector.detector()));
    let mut rays = projector.rays();
    for first in (0..depth).step_by(SLICES) {
        let last = depth.min(first + SLICES);
        let slices = slices_in_lanes(volume.slice(s![first..last, .., ..]));
        projector.forward(&slices, &mut rays);
        let mut layer = projections.slice_mut(s![.., first..last, ..]);
        layer.swap_axes(0, 1);
        crate::batch::out_of_lanes(&rays, layer);
    }
    Ok(projections)
}

/// The exact transpose of [`project`]: `⟨project(x), y⟩ = ⟨x, back_project(y)⟩`. Takes projections `(angle, z, detector)`,
/// gives a volume `(z, y, x)`.
///
/// # Errors
/// [`TomoError::Shape`] if the projections have not the geometry's angles and detector.
pub fn back_project(projections: ArrayView3<f32>, geometry: &Geometry) -> Result<Array3<f32>, TomoError> {
    check_projections("back-projecting", &projections, geometry)?;
    let depth = projections.len_of(Axis(1));
    let projector = Projector::new(geometry);
    let size = projector.size();
    let mut volume = Array3::zeros((depth, size, size));
    let mut slices = projector.slices();
    for first in (0..depth).step_by(SLICES) {
        let last = depth.min(first + SLICES);
        let rays = in_lanes(projections.slice(s![.., first..last, ..]));
        projector.back(&rays, &mut slices);
        volume.slice_mut(s![first..last, .., ..]).assign(&volume_of(&slices, last - first));
    }
    Ok(volume)
}

/// Projections have as many angles and pixels as the geometry.
pub(crate) fn check_projections(
    operation: &'static str,
    projections: &ArrayView3<f32>,
    geometry: &Geometry,
) -> Result<(), TomoError> {
    let (angles, depth, detector) = projections.dim();
    if (angles, detector) == (geometry.angles().len(), geometry.detector()) && depth > 0 {
        return Ok(());
    }
    Err(TomoError::Shape {
        operation,
        array: "the projections",
        found: vec![angles, depth, detector],
        wanted: vec![geometry.angles().len(), depth.max(1), geometry.detector()],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_testkit::Lcg;
    use litho_types::tilt::TiltAngles;

    /// Rounding of weights to f32 at positions below 64 px is 4·10⁻⁶, but of random sign: over the 10⁵ products of
    /// this sum it averages to below 10⁻⁷.
    const ADJOINT: f64 = 1e-6;

    fn noise(shape: (usize, usize, usize), seed: u64) -> Array3<f32> {
        let mut noise = Lcg::new(seed);
        Array3::from_shape_simple_fn(shape, || noise.uniform() as f32)
    }

    fn dot(a: &Array3<f32>, b: &Array3<f32>) -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    }

    #[test]
    fn back_projection_is_the_transpose() -> Result<(), TomoError> {
        let degrees: Vec<f64> = (0..41).map(|k| -93.0 + 4.7 * f64::from(k)).collect();
        let angles = TiltAngles::from_degrees(&degrees).expect("ascending");
        for (detector, size, axis, depth) in [(37, 37, 18.0, 3), (40, 29, 17.3, 33), (21, 50, 9.6, 40)] {
            let geometry = Geometry::new(&angles, detector, size, axis)?;
            let x = noise((depth, size, size), 1);
            let y = noise((degrees.len(), depth, detector), 2);
            let left = dot(&project(x.view(), &geometry)?, &y);
            let right = dot(&x, &back_project(y.view(), &geometry)?);
            let error = (left - right).abs() / left;
            assert!(error < ADJOINT, "{detector} {size} {axis}: {error:e}");
        }
        Ok(())
    }
}
