//! Sums over the voxels of one particle.

use super::hull::hull;
use super::measure::Bounds;
use std::collections::BTreeMap;

/// Sums over voxels at whole places `(z, y, x)`, and the outline of every plane.
pub(super) struct Sums {
    /// Voxels.
    pub(super) voxels: u64,
    /// Sum of the weights as they are.
    pub(super) amount: f64,
    /// Sum of the weights above 0, of these times the places, and of these times products of the places.
    mass: f64,
    first: [f64; 3],
    second: [[f64; 3]; 3],
    /// As if every weight were 1, for a particle without any.
    plain: [f64; 3],
    low: [usize; 3],
    high: [usize; 3],
    /// Corners `(y, x)` of the open plane's voxels that may be on the outline; corner i is before voxel i.
    open: Vec<[i64; 2]>,
    /// Convex outlines of the planes that are closed.
    planes: Vec<(usize, Vec<[i64; 2]>)>,
}

impl Sums {
    /// Nothing yet, of a particle that begins in this row.
    pub(super) const fn at(z: usize, y: usize) -> Self {
        Self {
            voxels: 0,
            amount: 0.0,
            mass: 0.0,
            first: [0.0; 3],
            second: [[0.0; 3]; 3],
            plain: [0.0; 3],
            low: [z, y, usize::MAX],
            high: [z + 1, y + 1, 0],
            open: Vec::new(),
            planes: Vec::new(),
        }
    }

    /// The voxels `from..to` of row `y`: their number and outline.
    pub(super) fn add_run(&mut self, y: usize, from: usize, to: usize) {
        self.voxels += (to - from) as u64;
        self.low[2] = self.low[2].min(from);
        self.high[1] = y + 1;
        self.high[2] = self.high[2].max(to);
        for y in [y as i64, y as i64 + 1] {
            self.open.extend([[y, from as i64], [y, to as i64]]);
        }
    }

    /// A voxel of this weight.
    pub(super) fn add(&mut self, place: [f64; 3], weight: f64) {
        self.amount += weight;
        let mass = weight.max(0.0);
        self.mass += mass;
        for i in 0..3 {
            self.plain[i] += place[i];
            self.first[i] += mass * place[i];
            for j in i..3 {
                self.second[i][j] += mass * place[i] * place[j];
            }
        }
    }

    /// All voxels of plane `z` have been added.
    pub(super) fn close_plane(&mut self, z: usize) {
        self.planes.push((z, hull(std::mem::take(&mut self.open))));
    }

    /// The voxels of a later plane too.
    pub(super) fn join(&mut self, other: Self) {
        self.voxels += other.voxels;
        self.amount += other.amount;
        self.mass += other.mass;
        for i in 0..3 {
            self.plain[i] += other.plain[i];
            self.first[i] += other.first[i];
            self.low[i] = self.low[i].min(other.low[i]);
            self.high[i] = self.high[i].max(other.high[i]);
            for j in i..3 {
                self.second[i][j] += other.second[i][j];
            }
        }
        self.planes.extend(other.planes);
    }

    /// The box of voxels.
    pub(super) const fn bounds(&self) -> Bounds {
        Bounds { low: self.low, high: self.high }
    }

    /// Centroid and matrix of second moments about it, over the mass. Without any mass: the centroid of the voxels, and 0.
    pub(super) fn moments(&self, edges: [f64; 3]) -> ([f64; 3], [[f64; 3]; 3]) {
        if self.mass <= 0.0 {
            let mean = std::array::from_fn(|i| edges[i] * self.plain[i] / self.voxels as f64);
            return (mean, [[0.0; 3]; 3]);
        }
        let mean: [f64; 3] = self.first.map(|sum| sum / self.mass);
        let mut second = [[0.0; 3]; 3];
        for i in 0..3 {
            for j in i..3 {
                let moment = self.second[i][j] / self.mass - mean[i] * mean[j];
                second[i][j] = edges[i] * edges[j] * moment;
                second[j][i] = second[i][j];
            }
        }
        (std::array::from_fn(|i| edges[i] * mean[i]), second)
    }

    /// Corners of voxels among which are all those of the convex hull.
    pub(super) fn corners(&self, edges: [f64; 3]) -> Vec<[f64; 3]> {
        let mut levels: BTreeMap<usize, Vec<[i64; 2]>> = BTreeMap::new();
        for (z, outline) in &self.planes {
            for level in [*z, z + 1] {
                levels.entry(level).or_default().extend(outline);
            }
        }
        let at = |corner: f64, axis: usize| (corner - 0.5) * edges[axis];
        let places = |(z, outline): (usize, Vec<[i64; 2]>)| {
            let place = move |[y, x]: [i64; 2]| [at(z as f64, 0), at(y as f64, 1), at(x as f64, 2)];
            hull(outline).into_iter().map(place)
        };
        levels.into_iter().flat_map(places).collect()
    }
}
