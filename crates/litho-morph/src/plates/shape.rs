//! A plate as a cuboid with soft faces: how much of each voxel it fills at the resolution of the volume.

use crate::small::{cross, dot};
use litho_types::erf::erf;
use std::f64::consts::{FRAC_1_SQRT_2, PI};
use std::ops::Range;
use std::sync::LazyLock;

/// Further from a face than this many widths, its softness is not felt: `½ − ½ erf(3/√2)` is 1.3·10⁻³.
const REACH: f64 = 3.0;
/// An axis is level with the rows if it climbs less than this in a voxel.
const LEVEL: f64 = 1e-9;
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

    /// The voxels of a row that the soft plate can fill.
    pub(super) fn row(&self, width: f64, z: usize, y: usize, columns: usize) -> Range<usize> {
        let start = self.inside([z as f64, y as f64, 0.0]);
        let (mut low, mut high) = (0.0_f64, columns as f64);
        for i in 0..3 {
            let (reach, slope) = (self.half[i] + REACH * width, self.axes[i][2]);
            if slope.abs() > LEVEL {
                let (a, b) = ((-reach - start[i]) / slope, (reach - start[i]) / slope);
                low = low.max(a.min(b));
                high = high.min(a.max(b));
            } else if start[i].abs() > reach {
                return 0..0;
            }
        }
        voxels(low, high, columns)
    }
}

/// Voxels whose centres lie between two places.
fn voxels(low: f64, high: f64, count: usize) -> Range<usize> {
    let start = low.ceil().clamp(0.0, count as f64) as usize;
    start..((high.floor() + 1.0).clamp(0.0, count as f64) as usize).max(start)
}

/// A plate seen with Gaussian blur of standard deviation `width`, voxels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Soft {
    pub(super) plate: Plate,
    width: f64,
    table: &'static Table,
}

impl Soft {
    pub(super) fn new(plate: Plate, width: f64) -> Self {
        Self { plate, width, table: &TABLE }
    }

    /// How much of the voxel at a place is filled, 0 to 1.
    pub(super) fn fill(&self, own: [f64; 3]) -> f64 {
        let mut fill = 1.0;
        for i in 0..3 {
            fill *= self.edge(own[i], self.plate.half[i]);
            if fill == 0.0 {
                break;
            }
        }
        fill
    }

    /// The filling, and its slope in centre, turn (about the plate's own axes) and half edges.
    pub(super) fn slopes(&self, own: [f64; 3]) -> (f64, [f64; PARAMETERS]) {
        let half = self.plate.half;
        let edges: [f64; 3] = std::array::from_fn(|i| self.edge(own[i], half[i]));
        let others: [f64; 3] = std::array::from_fn(|i| edges[(i + 1) % 3] * edges[(i + 2) % 3]);
        let faces: [[f64; 2]; 3] =
            std::array::from_fn(|i| [self.bell(half[i] + own[i]), self.bell(half[i] - own[i])]);
        let along: [f64; 3] = std::array::from_fn(|i| others[i] * (faces[i][0] - faces[i][1]));
        let mut slopes = [0.0; PARAMETERS];
        for i in 0..3 {
            slopes[i] = -(0..3).map(|k| along[k] * self.plate.axes[k][i]).sum::<f64>();
            slopes[6 + i] = others[i] * (faces[i][0] + faces[i][1]);
        }
        // Turning the plate by ω about its own axes moves a place in its frame by own × ω.
        let turned = cross(along, own);
        slopes[3..6].copy_from_slice(&turned);
        (edges[0] * others[0], slopes)
    }

    fn edge(&self, own: f64, half: f64) -> f64 {
        let (low, high) = ((half + own) / self.width, (half - own) / self.width);
        if low.min(high) <= -REACH { 0.0 } else { self.table.step(low) + self.table.step(high) - 1.0 }
    }

    fn bell(&self, off: f64) -> f64 {
        self.table.bell(off / self.width) / self.width
    }
}

/// Calls `visit` for every voxel that a soft plate can fill: its index and its place in the plate's own frame.
pub(super) fn for_voxels(
    soft: &Soft,
    shape: (usize, usize, usize),
    mut visit: impl FnMut([usize; 3], [f64; 3]),
) {
    let (depth, rows, columns) = shape;
    let Soft { plate, width, .. } = soft;
    let [zs, ys, _] = plate.range(*width, [depth, rows, columns]);
    for z in zs {
        for y in ys.clone() {
            let start = plate.inside([z as f64, y as f64, 0.0]);
            for x in plate.row(*width, z, y, columns) {
                visit([z, y, x], std::array::from_fn(|i| start[i] + plate.axes[i][2] * x as f64));
            }
        }
    }
}

/// The blurred step and its slope, tabulated: they are wanted for every voxel of every trial.
#[derive(Debug)]
struct Table([[f64; 2]; CELLS + 2]);

/// Cells of the table within one width.
const CELLS_PER_WIDTH: usize = 64;
/// Cells of the table.
const CELLS: usize = 2 * REACH as usize * CELLS_PER_WIDTH;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    Table(std::array::from_fn(|i| {
        let t = i as f64 / CELLS_PER_WIDTH as f64 - REACH;
        [0.5 * (1.0 + erf(t * FRAC_1_SQRT_2)), (-0.5 * t * t).exp() / (2.0 * PI).sqrt()]
    }))
});

impl Table {
    /// `½(1 + erf(t/√2))`, with an error below 10⁻⁹.
    fn step(&self, t: f64) -> f64 {
        if t >= REACH {
            return 1.0;
        }
        let Some((off, [value, slope])) = self.cell(t) else { return 0.0 };
        // Taylor's series: the slope of the bell is −t times the bell.
        let t = t - off;
        value + slope * off * (1.0 - 0.5 * off * t + off * off * (t * t - 1.0) / 6.0)
    }

    /// `exp(−t²/2)/√2π`, with an error below 10⁻⁷; 0 beyond the reach.
    fn bell(&self, t: f64) -> f64 {
        let Some((off, [_, value])) = self.cell(t).filter(|_| t < REACH) else { return 0.0 };
        let t = t - off;
        value * (1.0 - off * t + 0.5 * off * off * (t * t - 1.0))
    }

    /// The nearest entry and how far it is; `None` below the table.
    fn cell(&self, t: f64) -> Option<(f64, [f64; 2])> {
        let at = (t + REACH) * CELLS_PER_WIDTH as f64;
        let index = (at + 0.5) as usize;
        (at >= 0.0)
            .then(|| self.0.get(index).map(|entry| ((at - index as f64) / CELLS_PER_WIDTH as f64, *entry)))?
    }
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

    fn plate() -> Plate {
        let axes = moved(
            &Plate {
                centre: [0.0; 3],
                axes: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
                half: [1.0; 3],
            },
            &[0.0, 0.0, 0.0, 0.4, -0.7, 0.3, 0.0, 0.0, 0.0],
        )
        .axes;
        Plate { centre: [10.2, 11.7, 9.4], axes, half: [6.0, 4.5, 1.5] }
    }

    #[test]
    fn slopes_are_those_of_the_filling() {
        let at = |plate: Plate, place: [f64; 3]| Soft::new(plate, 0.6).fill(plate.inside(place));
        for place in [[10.0, 12.0, 11.0], [14.0, 10.0, 9.0], [8.5, 13.0, 7.5], [12.0, 15.0, 10.0]] {
            let soft = Soft::new(plate(), 0.6);
            let (value, slopes) = soft.slopes(plate().inside(place));
            assert!((value - at(plate(), place)).abs() < 1e-12);
            for (index, slope) in slopes.into_iter().enumerate() {
                let step = |by: f64| {
                    let mut step = [0.0; PARAMETERS];
                    step[index] = by;
                    at(moved(&plate(), &step), place)
                };
                let numeric = (step(1e-5) - step(-1e-5)) / 2e-5;
                assert!((numeric - slope).abs() < 1e-6, "{index}: {numeric} {slope}"); // differences err by 1e-10/1e-5 and the square of the step
            }
        }
    }

    #[test]
    fn a_soft_plate_fills_its_volume() {
        let soft = Soft::new(plate(), 0.6);
        let mut sum = 0.0;
        for_voxels(&soft, (30, 30, 30), |_, own| sum += soft.fill(own));
        // Sampling a Gaussian of 0.6 voxels keeps its integral to exp(−2π²·0.36) = 8e-4.
        assert!((sum / plate().volume() - 1.0).abs() < 1e-3, "{sum} {}", plate().volume());
    }

    #[test]
    fn distance_is_negative_inside() {
        let plate = plate();
        assert!((plate.distance([0.0, 0.0, 2.5]) - 1.0).abs() < 1e-12);
        assert!((plate.distance([9.0, 8.5, 1.0]) - 5.0).abs() < 1e-12);
        assert!((plate.distance([1.0, 0.0, 1.0]) + 0.5).abs() < 1e-12);
    }
}
