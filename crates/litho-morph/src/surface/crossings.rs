//! How often the surface of each label is crossed along each direction.

use super::directions::{DIRECTIONS, steps};
use ndarray::{Array2, ArrayView3, Axis, s};
use rayon::prelude::*;

/// Crossings of one label.
pub(super) type Counts = [u64; DIRECTIONS];

/// Voxels compared at once before any of them is looked at.
const PIECE: usize = 32;

/// The crossings of labels 0 to `largest`; those of 0 are not counted. Beyond the array everything is outside.
pub(super) fn crossings(labels: ArrayView3<u32>, largest: usize) -> Vec<Counts> {
    let zeros = || vec![[0; DIRECTIONS]; largest + 1];
    // Planes with the layer around the array; the one in front of the first voxel's has number 0.
    let planes = labels.dim().0 + 1;
    let parts = rayon::current_num_threads().min(planes);
    let mut counts = (0..parts)
        .into_par_iter()
        .map(|part| {
            let mut counts = zeros();
            let (from, to) = (part * planes / parts, (part + 1) * planes / parts);
            let mut plane = framed(&labels, from);
            for z in from..to {
                let next = framed(&labels, z + 1);
                count(&plane, &next, &mut counts);
                plane = next;
            }
            counts
        })
        // Whole numbers add up to the same in any order.
        .reduce(zeros, |mut a, b| {
            for (a, b) in a.iter_mut().flatten().zip(b.iter().flatten()) {
                *a += b;
            }
            a
        });
    counts[0] = [0; DIRECTIONS];
    counts
}

/// Plane `z − 1` with a layer of outside around it; all outside if there is no such plane.
fn framed(labels: &ArrayView3<u32>, z: usize) -> Array2<u32> {
    let (nz, ny, nx) = labels.dim();
    let mut plane = Array2::zeros((ny + 2, nx + 2));
    if (1..=nz).contains(&z) {
        plane.slice_mut(s![1..=ny, 1..=nx]).assign(&labels.index_axis(Axis(0), z - 1));
    }
    plane
}

/// Counts the steps from voxels of one plane to others of it and of the next.
fn count(plane: &Array2<u32>, next: &Array2<u32>, counts: &mut [Counts]) {
    let (ny, nx) = plane.dim();
    for (direction, [z, y, x]) in steps().into_iter().enumerate() {
        let to = if z == 0 { plane } else { next };
        let (left, right) = (x.min(0).unsigned_abs(), x.max(0).unsigned_abs());
        for row in 0..ny {
            let Some(other) = row.checked_add_signed(y).filter(|&other| other < ny) else { continue };
            let (from, to) = (plane.row(row), to.row(other));
            let (Some(from), Some(to)) = (from.to_slice(), to.to_slice()) else { continue };
            let (from, to) = (&from[left..nx - right], &to[right..nx - left]);
            for (from, to) in from.chunks(PIECE).zip(to.chunks(PIECE)).filter(|(from, to)| from != to) {
                for (&a, &b) in from.iter().zip(to).filter(|(a, b)| a != b) {
                    counts[a as usize][direction] += 1;
                    counts[b as usize][direction] += 1;
                }
            }
        }
    }
}
