//! The voxels that a soft plate can fill, packed for the lanes.

use super::shape::{Plate, REACH};
use litho_lanes::{LANES, lanewise};
use ndarray::{Array3, ArrayView3};
use std::ops::Range;

/// An axis is level with the rows if it climbs less than this in a voxel.
const LEVEL: f64 = 1e-9;
const COUNTED: [f32; LANES] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
/// Where lanes without a voxel are: outside of every plate.
const OUTSIDE: f32 = 1e6;

/// Part of a row of voxels.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) z: usize,
    pub(super) y: usize,
    pub(super) xs: Range<usize>,
    /// The first voxel's place in the plate's own frame.
    first: [f32; 3],
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
        let mut count = 0_usize;
        let [zs, ys, _] = plate.range(width, [shape.0, shape.1, shape.2]);
        let clip = Clip::new(plate, width, shape.2);
        for z in zs {
            for y in ys.clone() {
                let start = plate.inside([z as f64, y as f64, 0.0]);
                let xs = clip.row(start);
                if xs.is_empty() {
                    continue;
                }
                count += xs.len();
                let first = std::array::from_fn(|i| (start[i] + plate.axes[i][2] * xs.start as f64) as f32);
                self.rows.push(Row { z, y, xs, first });
            }
        }
        for own in &mut self.own {
            own.clear();
            own.resize(count.next_multiple_of(LANES) + LANES, OUTSIDE);
        }
        spread(&self.rows, plate.axes.map(|axis| axis[2] as f32), &mut self.own);
        for own in &mut self.own {
            own.truncate(count.next_multiple_of(LANES));
            own[count..].fill(OUTSIDE);
        }
    }

    /// The same voxels, and what is left in each.
    pub(super) fn read(&mut self, plate: &Plate, width: f64, left: ArrayView3<f32>) {
        self.places(plate, width, left.dim());
        self.left.clear();
        for Row { z, y, xs, .. } in &self.rows {
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
        for Row { z, y, xs, .. } in &self.rows {
            for (x, fill) in xs.clone().zip(fills.by_ref()) {
                left[[*z, *y, x]] += sign * fill;
            }
        }
    }
}

lanewise! {
    /// Places along rows, eight at a time; what is written past the end of a row is the next row's.
    fn spread<L>(rows: &[Row], slopes: [f32; 3], own: &mut [Vec<f32>; 3]) {
        for (axis, own) in own.iter_mut().enumerate() {
            let steps = L::load(&COUNTED).mul(L::splat(slopes[axis]));
            let further = L::splat(LANES as f32 * slopes[axis]);
            let mut start = 0;
            for row in rows {
                let mut place = L::splat(row.first[axis]).add(steps);
                let mut at = start;
                start += row.xs.len();
                while at < start {
                    if let Some(to) = own.get_mut(at..).and_then(<[f32]>::first_chunk_mut) {
                        place.store(to);
                    }
                    place = place.add(further);
                    at += LANES;
                }
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
        let start = low as usize;
        let start = start.saturating_add(usize::from((start as f64) < low));
        start..if high < 0.0 { start } else { (high as usize).saturating_add(1).min(self.columns).max(start) }
    }
}
