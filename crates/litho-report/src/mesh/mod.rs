//! Isosurfaces as triangles, and files of them: OBJ, PLY, binary glTF.
//!
//! A [`Surface`] is cut out of a volume by marching tetrahedra: each cube of eight voxels is divided into six tetrahedra
//! along its diagonal, each of which the surface crosses in at most two triangles. That needs no table of cases and has no
//! ambiguous one, so every surface is closed and two-sided by construction: each edge belongs to two triangles, which run
//! along it in opposite directions. Marching cubes would make half as many triangles, but its faces are ambiguous.
//!
//! Coordinates are `(x, y, z)` in metres, each along the index of its axis, from the middle of the volume; they are
//! right-handed, so that what is seen is the sample and not its mirror image.
//!
//! ```
//! use litho_report::mesh::{Surface, to_glb};
//! use ndarray::Array3;
//!
//! let ball = Array3::from_shape_fn((24, 24, 24), |(z, y, x)| {
//!     let r2: f32 = [z, y, x].iter().map(|i| (*i as f32 - 11.5).powi(2)).sum();
//!     9.0 - r2.sqrt()
//! });
//! let mesh = Surface::new("ball", ball.view(), 0.0, 5e-9).mesh()?.painted([203, 45, 38]);
//! assert!(mesh.is_closed() && mesh.volume() > 0.0);
//! assert!(to_glb(&[mesh])?.starts_with(b"glTF"));
//! # Ok::<(), litho_report::ReportError>(())
//! ```

mod bodies;
mod glb;
mod obj;
mod ply;
mod surface;

pub(crate) use bodies::soften;
pub use bodies::{body, class_bodies, particle_bodies};
pub use glb::to_glb;
pub use obj::{Obj, to_obj};
pub use ply::to_ply;
pub use surface::Surface;

use crate::ReportError;
use crate::colour::Rgb;
use std::collections::BTreeMap;

/// Colour of a surface that was not painted: a warm grey.
const STONE: Rgb = [214, 205, 190];

/// Triangles that share their corners.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mesh {
    /// What it is: `particle 12`, `LFP-rich`.
    pub name: String,
    /// Corners `(x, y, z)` in metres from the middle of the volume.
    pub positions: Vec<[f32; 3]>,
    /// Outward unit vector `(x, y, z)` at each corner.
    pub normals: Vec<[f32; 3]>,
    /// Colour of each corner.
    pub colours: Vec<Rgb>,
    /// Corners of each triangle, counter-clockwise from outside.
    pub triangles: Vec<[u32; 3]>,
}

impl Mesh {
    /// The same mesh in one colour.
    #[must_use]
    pub fn painted(mut self, colour: Rgb) -> Self {
        self.colours = vec![colour; self.positions.len()];
        self
    }

    /// The same mesh, each corner in the colour that `colour` gives to the place `(x, y, z)` in metres that lies `depth`
    /// metres below it: at a surface itself there is half of nothing.
    #[must_use]
    pub fn painted_by(mut self, depth: f64, colour: impl Fn([f64; 3]) -> Rgb) -> Self {
        let below = |(p, n): (&[f32; 3], &[f32; 3])| {
            colour(std::array::from_fn(|k| f64::from(p[k]) - depth * f64::from(n[k])))
        };
        self.colours = self.positions.iter().zip(&self.normals).map(below).collect();
        self
    }

    /// True if each edge belongs to two triangles that run along it in opposite directions.
    pub fn is_closed(&self) -> bool {
        let mut edges: BTreeMap<[u32; 2], [u32; 2]> = BTreeMap::new();
        for [a, b, c] in &self.triangles {
            for (from, to) in [(*a, *b), (*b, *c), (*c, *a)] {
                let there = usize::from(from > to);
                edges.entry([from.min(to), from.max(to)]).or_default()[there] += 1;
            }
        }
        edges.values().all(|both| *both == [1, 1])
    }

    /// The enclosed volume in m³, positive if the triangles face outward: `Σ a·(b × c)/6`.
    pub fn volume(&self) -> f64 {
        self.corners().map(|[a, b, c]| dot(a, cross(b, c))).sum::<f64>() / 6.0
    }

    /// The area in m²: `Σ |(b − a) × (c − a)|/2`.
    pub fn area(&self) -> f64 {
        let twice = |[a, b, c]: [[f64; 3]; 3]| {
            let n = cross(minus(b, a), minus(c, a));
            dot(n, n).sqrt()
        };
        self.corners().map(twice).sum::<f64>() / 2.0
    }

    /// The corners of each triangle. Indices beyond the corners are left out.
    fn corners(&self) -> impl Iterator<Item = [[f64; 3]; 3]> + '_ {
        let place = |i: u32| self.positions.get(i as usize).map(|p| p.map(f64::from));
        self.triangles.iter().filter_map(move |[a, b, c]| Some([place(*a)?, place(*b)?, place(*c)?]))
    }

    /// Every corner has a normal and a colour, every triangle three corners.
    pub(crate) fn check(&self) -> Result<(), ReportError> {
        let n = self.positions.len();
        let found = (self.normals.len(), self.colours.len());
        let inside = self.triangles.iter().flatten().all(|i| (*i as usize) < n);
        if found == (n, n) && inside {
            return Ok(());
        }
        Err(ReportError::Mismatch {
            what: "corners of a mesh",
            first: format!("'{}' with {n} corners", self.name),
            second: if inside {
                format!("{} normals and {} colours", found.0, found.1)
            } else {
                "a triangle with a corner beyond them".to_owned()
            },
        })
    }
}

fn minus(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|k| a[k] - b[k])
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tetrahedron with corners at the origin and on the axes, facing outward.
    pub(super) fn tetrahedron() -> Mesh {
        let positions = vec![[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        Mesh {
            name: "tetra \"one\"".to_owned(),
            normals: vec![[0.0, 0.0, 1.0]; 4],
            colours: vec![[255, 0, 0], [0, 255, 0], [0, 0, 255], [128, 128, 128]],
            triangles: vec![[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]],
            positions,
        }
    }

    #[test]
    fn a_tetrahedron_is_closed_and_has_its_volume_and_area() {
        let mesh = tetrahedron();
        assert!(mesh.is_closed());
        assert!((mesh.volume() - 1.0 / 6.0).abs() < 1e-15);
        assert!((mesh.area() - (1.5 + 3f64.sqrt() / 2.0)).abs() < 1e-14);
        let mut open = mesh.clone();
        open.triangles.pop();
        assert!(!open.is_closed());
        let mut turned = mesh.clone();
        turned.triangles[0].swap(0, 1);
        assert!(!turned.is_closed(), "two triangles run along an edge the same way");
    }

    #[test]
    fn faults_are_told() {
        let mesh = Mesh { normals: vec![], ..tetrahedron() };
        assert!(mesh.check().expect_err("no normals").to_string().contains("0 normals"));
        let mesh = Mesh { triangles: vec![[0, 1, 9]], ..tetrahedron() };
        assert!(mesh.check().is_err() && mesh.volume() == 0.0);
    }
}
