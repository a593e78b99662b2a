//! The area of a facet.

use super::facet::Facet;
use super::samples::{Owner, Scene};
use super::settings::ThicknessSettings;
use super::slab::SlabFit;
use ndarray::Array2;

/// Points per column, along each axis, at which the projection is compared with half of the plateau.
const POINTS: usize = 6;

/// Area of the plate's projection along its normal where it is above half of amplitude times thickness: half way down a straight
/// blurred edge is where the edge is. Corners are rounded off: each loses 0.86 (σ² + 5h²/12), σ the resolution's standard deviation
/// and h a voxel. Without a fit the labelled voxels are projected.
pub(super) fn facet_area(
    scene: &Scene,
    facet: &Facet,
    fit: Option<&SlabFit>,
    settings: &ThicknessSettings,
) -> f64 {
    let (depth, plateau) = match fit {
        Some(fit) => {
            let reach = 0.5 * fit.thickness + settings.resolution;
            let depth = facet.projected(scene, |voxel, [u, v, along]| {
                let from_middle = along - fit.centre - fit.tilt[0] * u - fit.tilt[1] * v;
                if voxel.owner == Owner::Other || from_middle.abs() > reach {
                    return 0.0;
                }
                voxel.value - fit.besides(along, voxel.other)
            });
            (depth, fit.amplitude * fit.thickness)
        }
        None => (
            facet.projected(scene, |voxel, _| f64::from(u8::from(voxel.owner == Owner::Plate))),
            facet.thickness,
        ),
    };
    // Matter that nobody labelled, beyond a resolution from the footprint, is not the plate's.
    let reach = (settings.resolution / facet.pitch).ceil() as usize;
    let (rows, columns) = depth.dim();
    let near = |u: usize, v: usize| {
        let rows = u.saturating_sub(reach)..(u + reach + 1).min(rows);
        rows.into_iter()
            .any(|i| (v.saturating_sub(reach)..(v + reach + 1).min(columns)).any(|j| facet.footprint[(i, j)]))
    };
    let mut points = 0_usize;
    for u in 0..rows.saturating_sub(1) {
        for v in 0..columns.saturating_sub(1) {
            if near(u, v) {
                points += above(&depth, (u, v), 0.5 * plateau);
            }
        }
    }
    points as f64 * (facet.pitch / POINTS as f64).powi(2)
}

/// Points of the square between four columns at which the projection is above `level`.
fn above(depth: &Array2<f64>, (u, v): (usize, usize), level: f64) -> usize {
    let corners = [depth[(u, v)], depth[(u, v + 1)], depth[(u + 1, v)], depth[(u + 1, v + 1)]];
    let at = |index: usize| (index as f64 + 0.5) / POINTS as f64;
    (0..POINTS * POINTS)
        .filter(|point| {
            let (a, b) = (at(point / POINTS), at(point % POINTS));
            let value = (1.0 - a) * ((1.0 - b) * corners[0] + b * corners[1])
                + a * ((1.0 - b) * corners[2] + b * corners[3]);
            value > level
        })
        .count()
}
