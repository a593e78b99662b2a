//! A plate as a cuboid: where it lies, and how it moves.

use crate::small::{cross, dot};
use std::ops::Range;

/// Further from a face than this many widths, its softness is not felt.
pub(super) const REACH: f64 = 3.0;
/// Numbers that describe a plate: centre, turn and half edges, three each.
pub(super) const PARAMETERS: usize = 9;

/// A cuboid in a volume; lengths in voxels, places `(z, y, x)` from the centre of the first voxel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plate {
    /// Its centre.
    pub centre: [f64; 3],
    /// Unit vectors along its edges, right-handed: length, width, thickness.
    pub axes: [[f64; 3]; 3],
    /// Half of each edge.
    pub half: [f64; 3],
}

impl Plate {
    /// Voxels that it fills.
    pub fn volume(&self) -> f64 {
        8.0 * self.half.iter().product::<f64>()
    }

    /// The place in the plate's own frame, from its centre along its axes.
    pub fn inside(&self, place: [f64; 3]) -> [f64; 3] {
        let off: [f64; 3] = std::array::from_fn(|d| place[d] - self.centre[d]);
        self.axes.map(|axis| dot(axis, off))
    }

    /// Distance from the plate of a place in its own frame; zero or less inside.
    pub fn distance(&self, own: [f64; 3]) -> f64 {
        let over: [f64; 3] = std::array::from_fn(|i| own[i].abs() - self.half[i]);
        let outside = over.map(|o| o.max(0.0));
        dot(outside, outside).sqrt() + over.into_iter().fold(f64::NEG_INFINITY, f64::max).min(0.0)
    }

    /// True if two plates, each with this much room around it, share a place: none of the faces and no pair of edges
    /// spans a plane between them.
    pub(super) fn meets(&self, other: &Self, room: f64) -> bool {
        let off: [f64; 3] = std::array::from_fn(|d| other.centre[d] - self.centre[d]);
        let reach = |plate: &Self, axis: [f64; 3]| -> f64 {
            (0..3).map(|i| (plate.half[i] + room) * dot(plate.axes[i], axis).abs()).sum()
        };
        let apart = |axis: [f64; 3]| dot(off, axis).abs() > reach(self, axis) + reach(other, axis);
        let edges = self.axes.into_iter().flat_map(|one| other.axes.map(|two| cross(one, two)));
        !self.axes.into_iter().chain(other.axes).chain(edges).any(apart)
    }

    /// Axes from longest to shortest, the last chosen so that the frame stays right-handed.
    pub(super) fn sorted(mut self) -> Self {
        let mut order = [0, 1, 2];
        order.sort_by(|a, b| self.half[*b].total_cmp(&self.half[*a]));
        self.half = order.map(|i| self.half[i]);
        let [long, wide, _] = order.map(|i| self.axes[i]);
        self.axes = [long, wide, cross(long, wide)];
        self
    }

    /// The range of voxels, per axis, that the soft plate can fill.
    pub(super) fn range(&self, width: f64, shape: [usize; 3]) -> [Range<usize>; 3] {
        std::array::from_fn(|d| {
            let reach: f64 = (0..3).map(|i| self.axes[i][d].abs() * (self.half[i] + REACH * width)).sum();
            voxels(self.centre[d] - reach, self.centre[d] + reach, shape[d])
        })
    }
}

/// Voxels whose centres lie between two places.
fn voxels(low: f64, high: f64, count: usize) -> Range<usize> {
    let start = low.ceil().clamp(0.0, count as f64) as usize;
    start..((high.floor() + 1.0).clamp(0.0, count as f64) as usize).max(start)
}

/// The plate moved by a step of its parameters.
pub(super) fn moved(plate: &Plate, step: &[f64; PARAMETERS]) -> Plate {
    let turn = [step[3], step[4], step[5]];
    let angle = dot(turn, turn).sqrt();
    let axes = if angle > 0.0 {
        let axis = turn.map(|t| t / angle);
        let world: [f64; 3] = std::array::from_fn(|d| (0..3).map(|k| axis[k] * plate.axes[k][d]).sum());
        let turned = plate.axes.map(|vector| rotated(vector, world, angle));
        let first = unit(turned[0]);
        let third = unit(cross(first, turned[1]));
        [first, cross(third, first), third]
    } else {
        plate.axes
    };
    Plate {
        centre: std::array::from_fn(|d| plate.centre[d] + step[d]),
        axes,
        half: std::array::from_fn(|i| plate.half[i] + step[6 + i]),
    }
}

/// Rodrigues' rotation of a vector about a unit axis.
fn rotated(vector: [f64; 3], axis: [f64; 3], angle: f64) -> [f64; 3] {
    let (sin, cos) = angle.sin_cos();
    let (across, along) = (cross(axis, vector), dot(axis, vector));
    std::array::from_fn(|d| vector[d] * cos + across[d] * sin + axis[d] * along * (1.0 - cos))
}

fn unit(a: [f64; 3]) -> [f64; 3] {
    let length = dot(a, a).sqrt();
    a.map(|x| x / length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_is_negative_inside() {
        let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let plate = Plate { centre: [10.2, 11.7, 9.4], axes, half: [6.0, 4.5, 1.5] };
        assert!((plate.distance([0.0, 0.0, 2.5]) - 1.0).abs() < 1e-12);
        assert!((plate.distance([9.0, 8.5, 1.0]) - 5.0).abs() < 1e-12);
        assert!((plate.distance([1.0, 0.0, 1.0]) + 0.5).abs() < 1e-12);
    }

    #[test]
    fn plates_meet_unless_a_plane_lies_between() {
        let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let flat = Plate { centre: [0.0; 3], axes, half: [1.0, 1.0, 1.0] };
        // A cube on its edge: half a diagonal wide, √2, along the first two axes.
        let turned = moved(&flat, &[0.0, 0.0, 0.0, 0.0, 0.0, std::f64::consts::FRAC_PI_4, 0.0, 0.0, 0.0]);
        let at = |x: f64| Plate { centre: [x, 0.0, 0.0], ..turned };
        assert!(flat.meets(&at(2.40), 0.0) && !flat.meets(&at(2.43), 0.0));
        assert!(flat.meets(&at(2.43), 0.01)); // each grows by 0.01 and 0.014 towards the other
        // Corner to corner the boxes around them overlap, but not they.
        assert!(!flat.meets(&Plate { centre: [1.8, 1.8, 0.0], ..turned }, 0.0));
    }

    #[test]
    fn a_turned_plate_stays_a_right_handed_cuboid() {
        let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let plate = Plate { centre: [1.0, 2.0, 3.0], axes, half: [3.0, 2.0, 1.0] };
        let turned = moved(&plate, &[0.5, 0.0, 0.0, 0.0, 0.0, 0.3, 0.0, 0.0, 0.2]);
        // About the third axis by 0.3: cos and sin in the plane of the first two.
        let want = [[0.3_f64.cos(), 0.3_f64.sin(), 0.0], [-0.3_f64.sin(), 0.3_f64.cos(), 0.0], axes[2]];
        for (have, want) in turned.axes.iter().flatten().zip(want.iter().flatten()) {
            assert!((have - want).abs() < 1e-15);
        }
        assert_eq!((turned.centre, turned.half), ([1.5, 2.0, 3.0], [3.0, 2.0, 1.2]));
    }
}
