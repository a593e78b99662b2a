//! Marching tetrahedra.

use super::{Mesh, STONE, cross, minus};
use crate::ReportError;
use ndarray::ArrayView3;

/// The surface where a volume passes through a level; larger values are inside.
#[derive(Debug, Clone)]
pub struct Surface<'a> {
    /// What it is the surface of.
    pub name: String,
    /// The values `(z, y, x)`. Those that are not finite, and all beyond the volume, are outside.
    pub values: ArrayView3<'a, f32>,
    /// Value at the surface.
    pub level: f64,
    /// Edge of a voxel in metres.
    pub voxel: f64,
    /// Where the middle of the first voxel lies, `(x, y, z)` in metres.
    pub origin: [f64; 3],
}

/// The six tetrahedra of a cube: the middle two corners of each path from corner 0 to corner 7 along its edges, and
/// whether the path turns like the axes `x, y, z`. Bits 1, 2, 4 of a corner are its steps along x, y, z.
const TETRAHEDRA: [(usize, usize, bool); 6] =
    [(1, 3, true), (2, 6, true), (4, 5, true), (1, 5, false), (2, 3, false), (4, 6, false)];
/// A crossing keeps this distance, in parts of an edge, from its ends, so that no triangle has two corners in one place.
const APART: f64 = 5e-3;
/// No corner has been made on this edge.
const NONE: u32 = u32::MAX;

impl<'a> Surface<'a> {
    /// The surface of a volume whose middle is the origin.
    pub fn new(name: impl Into<String>, values: ArrayView3<'a, f32>, level: f64, voxel: f64) -> Self {
        let (nz, ny, nx) = values.dim();
        let origin = [nx, ny, nz].map(|n| -0.5 * voxel * (n as f64 - 1.0));
        Self { name: name.into(), values, level, voxel, origin }
    }

    /// The surface as triangles, one of them shared by no two. Without a value above the level it has none.
    ///
    /// # Errors
    /// If the level is not finite, the voxel is no length, or there are more corners than 32 bits can count.
    pub fn mesh(&self) -> Result<Mesh, ReportError> {
        let fault = |what: String, fix| ReportError::Scene { what, fix };
        if !self.level.is_finite() {
            return Err(fault(format!("a surface at {}", self.level), "give it a finite level"));
        }
        if !(self.voxel > 0.0 && self.voxel.is_finite()) {
            return Err(fault(format!("the voxel of {} m is no length", self.voxel), "correct it"));
        }
        let mut walk = Walk::new(self);
        let (nz, _, _) = self.values.dim();
        for z in 0..=nz {
            walk.layer(z);
        }
        if walk.mesh.positions.len() >= NONE as usize {
            return Err(fault("a surface has too many corners".to_owned(), "cut the volume into parts"));
        }
        let mut mesh = walk.mesh;
        mesh.name.clone_from(&self.name);
        complete_normals(&mut mesh);
        mesh.colours = vec![STONE; mesh.positions.len()];
        Ok(mesh)
    }
}

/// The walk through the cubes of a volume, layer by layer. Places count voxels with a border of one around the volume.
struct Walk<'s, 'a> {
    surface: &'s Surface<'a>,
    /// Value of what is not finite when a gradient is made.
    low: f32,
    /// Places along y and x.
    plane: (usize, usize),
    /// Corners on the edges that begin in the lower and in the upper plane of this layer, seven for each place.
    edges: [Vec<u32>; 2],
    mesh: Mesh,
}

impl<'s, 'a> Walk<'s, 'a> {
    fn new(surface: &'s Surface<'a>) -> Self {
        let (_, ny, nx) = surface.values.dim();
        let plane = (ny + 2, nx + 2);
        let none = vec![NONE; 7 * plane.0 * plane.1];
        let low = surface.values.iter().copied().filter(|v| v.is_finite()).fold(f32::INFINITY, f32::min);
        let low = if low.is_finite() { low } else { 0.0 };
        Self { surface, low, plane, edges: [none.clone(), none], mesh: Mesh::default() }
    }

    /// The value at a place; NaN beyond the volume.
    fn value(&self, [z, y, x]: [usize; 3]) -> f32 {
        let inside = z.checked_sub(1).zip(y.checked_sub(1)).zip(x.checked_sub(1));
        inside.and_then(|((z, y), x)| self.surface.values.get((z, y, x))).copied().unwrap_or(f32::NAN)
    }

    fn inside(&self, value: f32) -> bool {
        f64::from(value) >= self.surface.level
    }

    /// All cubes between planes `z` and `z + 1`.
    fn layer(&mut self, z: usize) {
        for y in 0..self.plane.0 - 1 {
            for x in 0..self.plane.1 - 1 {
                let corner = |c: usize| [z + (c >> 2), y + (c >> 1 & 1), x + (c & 1)];
                let values: [f32; 8] = std::array::from_fn(|c| self.value(corner(c)));
                let mask = (0..8).filter(|c| self.inside(values[*c])).fold(0u8, |m, c| m | 1 << c);
                if mask != 0 && mask != u8::MAX {
                    self.cube([z, y, x], &values, mask);
                }
            }
        }
        self.edges.swap(0, 1);
        self.edges[1].fill(NONE);
    }

    fn cube(&mut self, at: [usize; 3], values: &[f32; 8], mask: u8) {
        for (second, third, turns_like_axes) in TETRAHEDRA {
            let corners = [0, second, third, 7];
            let (mut within, mut without) = (Vec::with_capacity(4), Vec::with_capacity(4));
            for (k, corner) in corners.iter().enumerate() {
                if mask >> corner & 1 == 1 { within.push(k) } else { without.push(k) }
            }
            let mut crossing = |i: usize, j: usize| {
                let (a, b) = (corners[i.min(j)], corners[i.max(j)]);
                self.corner(at, (a, b), values)
            };
            let polygon = match (within.as_slice(), without.as_slice()) {
                (&[i], &[j, k, l]) => vec![crossing(i, j), crossing(i, k), crossing(i, l)],
                // As seen from the corner outside: turned round.
                (&[j, k, l], &[o]) => vec![crossing(o, j), crossing(o, l), crossing(o, k)],
                (&[i, j], &[k, l]) => vec![crossing(i, k), crossing(i, l), crossing(j, l), crossing(j, k)],
                _ => continue,
            };
            // The order inside, outside is an even permutation of the corners or an odd one.
            let order = match (within.as_slice(), without.as_slice()) {
                (&[alone], _) | (_, &[alone]) => alone % 2 == 0,
                _ => !matches!(within.as_slice(), [0, 2] | [1, 3]),
            };
            let outward = order == turns_like_axes;
            for k in 2..polygon.len() {
                let (a, b, c) = (polygon[0], polygon[k - 1], polygon[k]);
                self.mesh.triangles.push(if outward { [a, b, c] } else { [a, c, b] });
            }
        }
    }

    /// The mesh's corner on the edge from one corner of a cube to another further along.
    fn corner(&mut self, at: [usize; 3], (a, b): (usize, usize), values: &[f32; 8]) -> u32 {
        let direction = a ^ b;
        let base = [at[0] + (a >> 2), at[1] + (a >> 1 & 1), at[2] + (a & 1)];
        let index = 7 * (base[1] * self.plane.1 + base[2]) + direction - 1;
        let known = self.edges[a >> 2][index];
        if known != NONE {
            return known;
        }
        let steps = [direction >> 2, direction >> 1 & 1, direction & 1];
        let end: [usize; 3] = std::array::from_fn(|k| base[k] + steps[k]);
        // t = (level − a)/(b − a); half way to what has no value
        let [from, to] = [values[a], values[b]].map(f64::from);
        let t = (self.surface.level - from) / (to - from);
        let t = if t.is_finite() { t.clamp(APART, 1.0 - APART) } else { 0.5 };
        // The border is one voxel wide; x comes first.
        let place = |k: usize| base[k] as f64 - 1.0 + t * steps[k] as f64;
        let Surface { origin, voxel, .. } = self.surface;
        let position: [f32; 3] = std::array::from_fn(|k| (origin[k] + voxel * place(2 - k)) as f32);
        let (first, last) = (self.gradient(base), self.gradient(end));
        let slope = |k: usize| first[2 - k] + t as f32 * (last[2 - k] - first[2 - k]);
        let number = self.mesh.positions.len().min(NONE as usize) as u32;
        self.mesh.positions.push(position);
        self.mesh.normals.push(unit([-slope(0), -slope(1), -slope(2)]));
        self.edges[a >> 2][index] = number;
        number
    }

    /// Differences of the neighbours `(z, y, x)`, the smallest value where there is none.
    fn gradient(&self, at: [usize; 3]) -> [f32; 3] {
        let value = |at: [usize; 3]| {
            let value = self.value(at);
            if value.is_finite() { value } else { self.low }
        };
        std::array::from_fn(|k| {
            let (mut up, mut down) = (at, at);
            up[k] += 1;
            down[k] = down[k].wrapping_sub(1);
            value(up) - value(down)
        })
    }
}

fn unit(v: [f32; 3]) -> [f32; 3] {
    let length = v.iter().map(|c| c * c).sum::<f32>().sqrt();
    if length > 0.0 && length.is_finite() { v.map(|c| c / length) } else { [0.0; 3] }
}

/// Gives the corners whose gradient vanishes the mean normal of their triangles.
fn complete_normals(mesh: &mut Mesh) {
    let missing: Vec<bool> = mesh.normals.iter().map(|n| *n == [0.0; 3]).collect();
    let mut sums = vec![[0.0f64; 3]; mesh.normals.len()];
    for corners in mesh.triangles.iter().filter(|t| t.iter().any(|i| missing[*i as usize])) {
        let [a, b, c] = corners.map(|i| mesh.positions[i as usize].map(f64::from));
        let normal = cross(minus(b, a), minus(c, a));
        for i in corners {
            let sum = &mut sums[*i as usize];
            *sum = std::array::from_fn(|k| sum[k] + normal[k]);
        }
    }
    for (i, sum) in sums.iter().enumerate().filter(|(i, _)| missing[*i]) {
        let most = sum.iter().fold(0.0f64, |m, c| m.max(c.abs()));
        // Areas of nanometres squared are too small to be squared again in single precision.
        let scaled = sum.map(|c| if most > 0.0 { (c / most) as f32 } else { 0.0 });
        let normal = unit(scaled);
        mesh.normals[i] = if normal == [0.0; 3] { [0.0, 0.0, 1.0] } else { normal };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;
    use std::f64::consts::PI;

    const RADIUS: f64 = 20.0;

    /// Distance below the surface of a ball, in voxels.
    fn ball(side: usize, radius: f64) -> Array3<f32> {
        let middle = (side as f64 - 1.0) / 2.0;
        Array3::from_shape_fn((side, side, side), |(z, y, x)| {
            let r2: f64 = [z, y, x].iter().map(|i| (*i as f64 - middle).powi(2)).sum();
            (radius - r2.sqrt()) as f32
        })
    }

    #[test]
    fn a_ball_has_its_area_and_volume_and_its_normals_point_outward() {
        let voxel = 5e-9;
        let values = ball(46, RADIUS);
        let mesh = Surface::new("ball", values.view(), 0.0, voxel).mesh().expect("a surface");
        assert!(mesh.is_closed());
        // The distance is convex, so crossings lie below the sphere by at most L²/8R, L = √3; a point of a triangle with
        // edges up to √3 then lies at most (√3)²/3 = 1 below in the square of its radius. With the closest crossings moved
        // by 0.005: r² ≥ (R − 3/8R − 0.01)² − 1.
        let low = ((RADIUS - 3.0 / (8.0 * RADIUS) - 0.01).powi(2) - 1.0).sqrt() / RADIUS;
        let high = 1.0 + 0.01 / RADIUS;
        let volume = mesh.volume() / (4.0 / 3.0 * PI * (RADIUS * voxel).powi(3));
        assert!((low.powi(3)..=high.powi(3)).contains(&volume), "{volume}");
        // A convex body inside another has the smaller area; between the two balls it is theirs. Slivers of moved
        // crossings add less than 1e-3.
        let area = mesh.area() / (4.0 * PI * (RADIUS * voxel).powi(2));
        assert!((low.powi(2)..=high.powi(2) + 1e-3).contains(&area), "{area}");
        for (p, n) in mesh.positions.iter().zip(&mesh.normals) {
            let length = p.iter().map(|c| c * c).sum::<f32>().sqrt();
            let cosine: f32 = (0..3).map(|k| p[k] / length * n[k]).sum();
            // Central differences of 1/R² relative error in the direction, twice that between two voxels.
            assert!(cosine > 0.999, "{cosine}");
        }
    }

    #[test]
    fn axes_keep_their_places_and_their_order() {
        // A box of 2 × 4 × 6 voxels (z, y, x) in one corner.
        let values = Array3::from_shape_fn((8, 10, 12), |(z, y, x)| {
            f32::from(u8::from((1..3).contains(&z) && (1..5).contains(&y) && (1..7).contains(&x)))
        });
        let mesh = Surface::new("box", values.view(), 0.5, 1.0).mesh().expect("a surface");
        let ends = |k: usize| {
            let all = mesh.positions.iter().map(|p| p[k]);
            all.fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)))
        };
        // Half a voxel before the first and behind the last, from the middle of the volume.
        assert_eq!([ends(0), ends(1), ends(2)], [(-5.0, 1.0), (-4.0, 0.0), (-3.0, -1.0)]);
        assert!(mesh.is_closed());
        // Corners and edges are cut off.
        assert!(mesh.volume() < 48.0 && mesh.volume() > 0.75 * 48.0, "{}", mesh.volume());
    }

    #[test]
    fn any_volume_has_a_closed_surface() {
        // Noise has every case of every tetrahedron; missing values and the border are outside.
        let mut state = 1u64;
        let noise = Array3::from_shape_simple_fn((9, 8, 11), || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if state >> 60 == 0 { f32::NAN } else { (state >> 40) as f32 / 16_777_216.0 }
        });
        for level in [0.1, 0.5, 0.9] {
            let mesh = Surface::new("noise", noise.view(), level, 6.7e-9).mesh().expect("a surface");
            assert!(mesh.is_closed() && mesh.volume() > 0.0 && mesh.triangles.len() > 100, "{level}");
            let lengths = mesh.normals.iter().map(|n| n.iter().map(|c| c * c).sum::<f32>());
            // Three squares of f32 are rounded a few times.
            assert!(lengths.into_iter().all(|l| (l - 1.0).abs() < 1e-5));
        }
        for values in
            [Array3::zeros((3, 3, 3)), Array3::from_elem((2, 2, 2), f32::NAN), Array3::zeros((0, 4, 4))]
        {
            let mesh = Surface::new("nothing", values.view(), 0.5, 1.0).mesh().expect("no surface");
            assert!(mesh.triangles.is_empty() && mesh.is_closed());
        }
        let full = Array3::from_elem((2, 3, 4), 1.0f32);
        let mesh = Surface::new("full", full.view(), 0.5, 1.0).mesh().expect("a surface");
        assert!(mesh.is_closed() && mesh.volume() > 12.0 && mesh.volume() <= 24.0, "{}", mesh.volume());
        assert!(Surface::new("", full.view(), f64::NAN, 1.0).mesh().is_err());
        assert!(Surface::new("", full.view(), 0.5, 0.0).mesh().is_err());
    }
}
