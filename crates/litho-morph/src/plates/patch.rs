//! A part of a volume in which a few plates are tried.

use super::shape::Plate;
use ndarray::{Array3, ArrayView3, s};

/// Room around the plates, voxels: how far a trial may grow.
const ROOM: usize = 8;

/// What other plates leave, around some plates; plates in it are counted from its first voxel.
#[derive(Debug, Clone)]
pub(super) struct Patch {
    origin: [usize; 3],
    pub(super) left: Array3<f32>,
}

impl Patch {
    /// The part of `left` around these plates.
    pub(super) fn around(left: ArrayView3<f32>, plates: &[Plate], width: f64) -> Self {
        let (depth, rows, columns) = left.dim();
        let shape = [depth, rows, columns];
        let ranges: Vec<_> = plates.iter().map(|plate| plate.range(width, shape)).collect();
        let [z, y, x]: [std::ops::Range<usize>; 3] = std::array::from_fn(|d| {
            let start = ranges.iter().map(|range| range[d].start).min().unwrap_or(0);
            let end = ranges.iter().map(|range| range[d].end).max().unwrap_or(0);
            start.saturating_sub(ROOM)..(end + ROOM).min(shape[d])
        });
        Self { origin: [z.start, y.start, x.start], left: left.slice(s![z, y, x]).to_owned() }
    }

    /// A plate of the volume, as seen from here.
    pub(super) fn here(&self, plate: Plate) -> Plate {
        Plate { centre: std::array::from_fn(|d| plate.centre[d] - self.origin[d] as f64), ..plate }
    }

    /// A plate of the patch, as seen from the volume.
    pub(super) fn back(&self, plate: Plate) -> Plate {
        Plate { centre: std::array::from_fn(|d| plate.centre[d] + self.origin[d] as f64), ..plate }
    }
}
