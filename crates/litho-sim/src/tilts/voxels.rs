//! The truth on voxels: how much of a voxel is filled, and by what.

use super::body::{Body, Crossing, Sweep};
use super::solid::Ray;
use ndarray::{Array3, Axis};
use rayon::prelude::*;

/// Lines along x through a voxel, in each of the other two directions; along the lines everything is exact.
const LINES: usize = 4;

/// Cubic voxels around the rotation axis, `(z, y, x)`: column `j`, row `i` and slice `k` lie at `x = j − (n − 1)/2`,
/// `y = (n − 1)/2 − i` and `z = k − (nz − 1)/2` voxels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Voxels {
    /// Slices along the rotation axis.
    pub slices: usize,
    /// Voxels along both edges of a slice.
    pub size: usize,
    /// Edge of a voxel, metres.
    pub edge: f64,
}

/// A body on voxels.
#[derive(Debug, Clone, PartialEq)]
pub struct Filling<const N: usize> {
    /// Mean of each of the amounts over the voxel, `(z, y, x)`.
    pub amounts: [Array3<f32>; N],
    /// The label that most of the voxel has; 0 is air.
    pub label: Array3<u32>,
}

/// What a stretch of a line leaves in a voxel: column, label, share of the voxel.
type Piece = (usize, u32, f64);

/// One row of voxels along x.
struct Line<const N: usize> {
    amounts: Vec<[f64; N]>,
    pieces: Vec<Piece>,
    crossings: Vec<Crossing>,
    sweep: Sweep,
}

impl Voxels {
    /// The mean of the body over every voxel, and the label most of it has.
    pub fn fill<const N: usize>(&self, body: &Body<N>) -> Filling<N> {
        let shape = (self.slices, self.size, self.size);
        let mut amounts = Array3::from_elem(shape, [0.0_f32; N]);
        let mut label = Array3::<u32>::zeros(shape);
        let planes = amounts.axis_iter_mut(Axis(0)).into_par_iter().zip(label.axis_iter_mut(Axis(0)));
        planes.enumerate().for_each(|(slice, (mut amounts, mut labels))| {
            let z = (slice as f64 - 0.5 * (self.slices as f64 - 1.0)) * self.edge;
            let near = |shape: &usize| {
                let ball = body.shapes[*shape].solid.bound();
                (ball.centre[2] - z).abs() < ball.radius + self.edge
            };
            let near: Vec<usize> = (0..body.shapes.len()).filter(near).collect();
            let mut line = Line::new(self.size);
            for row in 0..self.size {
                let y = (0.5 * (self.size as f64 - 1.0) - row as f64) * self.edge;
                line.fill(self, body, &near, (y, z));
                for (column, values) in line.amounts.iter().enumerate() {
                    amounts[(row, column)] = values.map(|value| value as f32);
                }
                line.dominant(|column, label| labels[(row, column)] = label);
            }
        });
        Filling { amounts: std::array::from_fn(|amount| amounts.mapv(|values| values[amount])), label }
    }
}

impl<const N: usize> Line<N> {
    fn new(size: usize) -> Self {
        Self {
            amounts: vec![[0.0; N]; size],
            pieces: Vec::new(),
            crossings: Vec::new(),
            sweep: Sweep::default(),
        }
    }

    /// Fills the row of voxels at `(y, z)`, of which only the shapes in `near` can be met.
    fn fill(&mut self, voxels: &Voxels, body: &Body<N>, near: &[usize], (y, z): (f64, f64)) {
        self.amounts.fill([0.0; N]);
        self.pieces.clear();
        let offset = |index: usize| ((index as f64 + 0.5) / LINES as f64 - 0.5) * voxels.edge;
        let left = -0.5 * voxels.size as f64 * voxels.edge;
        let share = 1.0 / (LINES * LINES) as f64;
        for (i, j) in (0..LINES).flat_map(|i| (0..LINES).map(move |j| (i, j))) {
            let ray = Ray { from: [left, y + offset(i), z + offset(j)], along: [1.0, 0.0, 0.0] };
            self.crossings.clear();
            self.crossings.extend(near.iter().filter_map(|shape| body.crossing(&ray, *shape)));
            let (amounts, pieces) = (&mut self.amounts, &mut self.pieces);
            self.sweep.stretches(&self.crossings, |first, last, shape| {
                let shape = &body.shapes[shape];
                let (first, last) = (first / voxels.edge, last / voxels.edge);
                let (from, to) = (first.max(0.0) as usize, (last.max(0.0).ceil() as usize).min(voxels.size));
                for (column, sums) in amounts.iter_mut().enumerate().take(to).skip(from) {
                    let inside = last.min(column as f64 + 1.0) - first.max(column as f64);
                    if inside > 0.0 {
                        for (sum, amount) in sums.iter_mut().zip(shape.amounts) {
                            *sum += share * inside * amount;
                        }
                        pieces.push((column, shape.label, share * inside));
                    }
                }
            });
        }
    }

    /// Tells the label of every voxel that is not mostly air.
    fn dominant(&mut self, mut tell: impl FnMut(usize, u32)) {
        self.pieces.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
        for voxel in self.pieces.chunk_by(|a, b| a.0 == b.0) {
            let filled: f64 = voxel.iter().map(|piece| piece.2).sum();
            let mut best = (1.0 - filled, 0);
            for part in voxel.chunk_by(|a, b| a.1 == b.1) {
                let share: f64 = part.iter().map(|piece| piece.2).sum();
                if share > best.0 {
                    best = (share, part[0].1);
                }
            }
            tell(voxel[0].0, best.1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::body::Shape;
    use super::super::raster::Raster;
    use super::super::solid::{Ball, Solid};
    use super::super::view::View;
    use super::*;
    use litho_types::quantity::Radians;
    use std::f64::consts::PI;

    fn body() -> Body<1> {
        let ball = |centre, radius, amount, label| Shape {
            solid: Solid::Ball(Ball { centre, radius }),
            amounts: [amount],
            label,
        };
        Body { shapes: vec![ball([3.0, -2.0, 1.0], 4.0, 1.0, 7), ball([4.0, -1.0, 1.0], 1.5, 0.0, 8)] }
    }

    #[test]
    fn voxels_hold_the_volume_at_its_place() {
        let voxels = Voxels { slices: 14, size: 20, edge: 1.0 };
        let filling = voxels.fill(&body());
        let volume = 4.0 / 3.0 * PI * (64.0 - 3.375);
        let sum = f64::from(filling.amounts[0].sum());
        assert!((sum / volume - 1.0).abs() < 3e-3, "{sum} {volume}");
        let label = |x: f64, y: f64, z: f64| {
            filling.label[((z + 6.5) as usize, (9.5 - y) as usize, (x + 9.5) as usize)]
        };
        assert_eq!((label(0.5, -2.5, 0.5), label(4.5, -0.5, 0.5), label(-3.5, 0.5, 0.5)), (7, 8, 0));
    }

    #[test]
    fn sums_of_voxels_are_the_projections() {
        // Rays along the axes of the voxels: at 0° along y, at 90° along −x.
        let voxels = Voxels { slices: 14, size: 20, edge: 1.0 };
        let volume = &voxels.fill(&body()).amounts[0];
        let raster = Raster::centred((14, 20), 1.0, 8);
        let ahead = &raster.project(&body(), &View::straight(Radians::new(0.0)))[0];
        let aside = &raster.project(&body(), &View::straight(Radians::from_degrees(90.0)))[0];
        for ((row, column), value) in ahead.indexed_iter() {
            let sum: f64 = (0..20).map(|i| f64::from(volume[(row, i, column)])).sum();
            // Chords of up to 8 averaged over 4 × 4 and 8 × 8 lines; on the rim their slopes differ most.
            assert!((sum - value).abs() < 0.12, "{row} {column}: {sum} {value}");
        }
        for ((row, column), value) in aside.indexed_iter() {
            let sum: f64 = (0..20).map(|j| f64::from(volume[(row, 19 - column, j)])).sum();
            assert!((sum - value).abs() < 0.12, "{row} {column}: {sum} {value}");
        }
    }
}
