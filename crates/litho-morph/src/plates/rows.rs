//! The voxels that a soft plate can fill, packed for the lanes.

use super::shape::{Plate, REACH, voxels};
use litho_lanes::LANES;
use ndarray::{Array3, ArrayView3};
use std::ops::Range;

/// An axis is level with the rows if it climbs less than this in a voxel.
const LEVEL: f64 = 1e-9;
/// Where lanes without a voxel are: outside of every plate.
const OUTSIDE: f32 = 1e6;

/// Part of a row of voxels.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) z: usize,
    pub(super) y: usize,
    pub(super) xs: Range<usize>,
}

/// Voxels row after row: their places in the plate's own frame and a number for each; lists end with whole lanes.
#[derive(Debug, Default)]
pub(super) struct Packed {
    pub(super) rows: Vec<Row>,
    pub(super) own: [Vec<f32>; 3],
    /// What is left in each voxel, if it was read.
    pub(super) left: Vec<f32>,
    /// How much of each voxel the plate fills, once it is known.
    pub(super) fill: Vec<f32>,
}

impl Packed {
    /// The voxels that a plate can fill, in the order of memory.
    pub(super) fn places(&mut self, plate: &Plate, width: f64, shape: (usize, usize, usize)) {
        self.rows.clear();
        self.own.iter_mut().for_each(Vec::clear);
        let [zs, ys, _] = plate.range(width, [shape.0, shape.1, shape.2]);
        let clip = Clip::new(plate, width, shape.2);
        for z in zs {
            for y in ys.clone() {
                let start = plate.inside([z as f64, y as f64, 0.0]);
                let xs = clip.row(start);
                if xs.is_empty() {
                    continue;
                }
                for (axis, own) in self.own.iter_mut().enumerate() {
                    let slope = plate.axes[axis][2];
                    let (first, slope) = ((start[axis] + slope * xs.start as f64) as f32, slope as f32);
                    own.extend((0..xs.len() as u16).map(|step| first + slope * f32::from(step)));
                }
                self.rows.push(Row { z, y, xs });
            }
        }
        let whole = self.own[0].len().next_multiple_of(LANES);
        self.own.iter_mut().for_each(|own| own.resize(whole, OUTSIDE));
    }

    /// The same voxels, and what is left in each.
    pub(super) fn read(&mut self, plate: &Plate, width: f64, left: ArrayView3<f32>) {
        self.places(plate, width, left.dim());
        self.left.clear();
        for Row { z, y, xs } in &self.rows {
            match left.as_slice() {
                Some(all) => {
                    let start = (z * left.dim().1 + y) * left.dim().2;
                    self.left.extend_from_slice(&all[start + xs.start..start + xs.end]);
                }
                None => self.left.extend(xs.clone().map(|x| left[[*z, *y, x]])),
            }
        }
        self.left.resize(self.own[0].len(), 0.0);
    }

    /// Adds `sign` times the filling of each voxel.
    pub(super) fn add_to(&self, left: &mut Array3<f32>, sign: f32) {
        let mut fills = self.fill.iter();
        for Row { z, y, xs } in &self.rows {
            for (x, fill) in xs.clone().zip(fills.by_ref()) {
                left[[*z, *y, x]] += sign * fill;
            }
        }
    }
}

/// Cuts rows where they leave a soft plate.
struct Clip {
    /// Per axis: how far from the centre the plate is felt, and voxels of a row per voxel along the axis, if not level.
    axes: [(f64, Option<f64>); 3],
    columns: usize,
}

impl Clip {
    fn new(plate: &Plate, width: f64, columns: usize) -> Self {
        let axes = std::array::from_fn(|i| {
            let slope = plate.axes[i][2];
            (plate.half[i] + REACH * width, (slope.abs() > LEVEL).then(|| 1.0 / slope))
        });
        Self { axes, columns }
    }

    /// The voxels of the row whose first voxel is at a place in the plate's own frame.
    fn row(&self, start: [f64; 3]) -> Range<usize> {
        let (mut low, mut high) = (0.0_f64, self.columns as f64);
        for ((reach, per), start) in self.axes.iter().zip(start) {
            match per {
                Some(per) => {
                    let (a, b) = ((-reach - start) * per, (reach - start) * per);
                    low = low.max(a.min(b));
                    high = high.min(a.max(b));
                }
                None if start.abs() > *reach => return 0..0,
                None => {}
            }
        }
        voxels(low, high, self.columns)
    }
}
