//! Where plates may lie: small plates on the matter of a volume, each across the direction in which it is thinnest.

use super::shape::Plate;
use crate::small::{cross, principal};
use ndarray::ArrayView3;
use rayon::prelude::*;

/// Two seeds are this far apart at least, voxels.
const APART: usize = 3;
/// Radius within which gradients are gathered, voxels, and the standard deviation of their weights.
const GATHER: isize = 4;
const SPREAD: f64 = 2.0;
/// A voxel holds matter if it is filled more than this.
const MATTER: f32 = 0.5;
/// A seed's half edges along the plate, and the longest walk across it, voxels.
const SEED: f64 = 2.5;
const WALK: f64 = 12.0;

/// Seeds on all matter of `filling`, in the order of memory.
pub(super) fn seeds(filling: ArrayView3<f32>) -> Vec<Plate> {
    places(filling).into_par_iter().map(|place| seed(filling, place)).collect()
}

/// Voxels of matter such that each block of [`APART`]³ has one, the fullest.
fn places(filling: ArrayView3<f32>) -> Vec<[usize; 3]> {
    let shape = filling.dim();
    let blocks = |n: usize| (0..n).step_by(APART + 1);
    let mut places = Vec::new();
    for z in blocks(shape.0) {
        for y in blocks(shape.1) {
            for x in blocks(shape.2) {
                let mut best = (MATTER, None);
                for (k, j, i) in within(z, shape.0)
                    .flat_map(|k| within(y, shape.1).map(move |j| (k, j)))
                    .flat_map(|(k, j)| within(x, shape.2).map(move |i| (k, j, i)))
                {
                    if filling[[k, j, i]] > best.0 {
                        best = (filling[[k, j, i]], Some([k, j, i]));
                    }
                }
                places.extend(best.1);
            }
        }
    }
    places
}

fn within(start: usize, end: usize) -> std::ops::Range<usize> {
    start..(start + APART + 1).min(end)
}

/// A small plate at a voxel, as thick as the matter is there.
fn seed(filling: ArrayView3<f32>, place: [usize; 3]) -> Plate {
    let (_, [normal, long, _]) = principal(gradients(filling, place)); // most change first
    let at = place.map(|p| p as f64);
    let walk = |sign: f64| {
        let mut length = 0.0;
        while length < WALK {
            let next = std::array::from_fn(|d| at[d] + sign * (length + 0.5) * normal[d]);
            if sample(filling, next) < MATTER {
                break;
            }
            length += 0.5;
        }
        length
    };
    let (down, up) = (walk(-1.0), walk(1.0));
    Plate {
        centre: std::array::from_fn(|d| at[d] + 0.5 * (up - down) * normal[d]),
        axes: [long, cross(normal, long), normal],
        half: [SEED, SEED, 0.5 * (up + down) + 0.25],
    }
}

/// `Σ w g gᵀ` of the gradients around a voxel.
fn gradients(filling: ArrayView3<f32>, place: [usize; 3]) -> [[f64; 3]; 3] {
    let (depth, rows, columns) = filling.dim();
    let shape = [depth, rows, columns];
    let at = |z: usize, y: usize, x: usize| f64::from(filling[[z, y, x]]);
    let mut tensor = [[0.0; 3]; 3];
    for dz in -GATHER..=GATHER {
        for dy in -GATHER..=GATHER {
            for dx in -GATHER..=GATHER {
                let step = [dz, dy, dx];
                let place: [isize; 3] = std::array::from_fn(|d| place[d] as isize + step[d]);
                if (0..3).any(|d| place[d] < 1 || place[d] + 1 >= shape[d] as isize) {
                    continue;
                }
                let [z, y, x] = place.map(|p| p as usize);
                let slope = [
                    at(z + 1, y, x) - at(z - 1, y, x),
                    at(z, y + 1, x) - at(z, y - 1, x),
                    at(z, y, x + 1) - at(z, y, x - 1),
                ];
                let far = step.iter().map(|s| (s * s) as f64).sum::<f64>();
                let weight = (-0.5 * far / (SPREAD * SPREAD)).exp();
                for i in 0..3 {
                    for j in 0..3 {
                        tensor[i][j] += weight * slope[i] * slope[j];
                    }
                }
            }
        }
    }
    tensor
}

/// The filling of the voxel at a place; outside of the volume nothing.
fn sample(filling: ArrayView3<f32>, place: [f64; 3]) -> f32 {
    let index = place.map(f64::round);
    if index.iter().any(|p| *p < 0.0) {
        return 0.0;
    }
    filling.get(index.map(|p| p as usize)).copied().unwrap_or(0.0)
}
