//! Spheres that do not overlap, with their projections known analytically.

use crate::noise::Lcg;
use ndarray::{Array2, Array3, Axis};

/// Sub-rays along each edge of a pixel, and points along each edge of a voxel, over which the mean is taken.
const FINER: usize = 3;

/// One sphere; lengths in pixels from the middle of the volume.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sphere {
    /// Along the columns of a slice.
    pub x: f64,
    /// Against the rows of a slice.
    pub y: f64,
    /// Along the rotation axis: with the rows of a projection.
    pub z: f64,
    /// Radius.
    pub radius: f64,
    /// Integral along one pixel of path.
    pub density: f64,
}

/// Where the content of a projection lies on the detector: `r = m + shift + scale R(rotation)(q − m)` for a point that
/// should be at `q`, with `m` the middle of the image and `R` turning x towards y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// `(dy, dx)`, pixels.
    pub shift: (f64, f64),
    /// Radians.
    pub rotation: f64,
    /// Magnification.
    pub scale: f64,
}

impl Default for View {
    fn default() -> Self {
        Self { shift: (0.0, 0.0), rotation: 0.0, scale: 1.0 }
    }
}

/// Spheres of different sizes and densities in a cylinder.
#[derive(Debug, Clone, PartialEq)]
pub struct Spheres(pub Vec<Sphere>);

impl Spheres {
    /// At most `count` spheres with centres in a cylinder of diameter `0.92 width` and height `height`; radii are 2–12 %
    /// of the width, densities 0.3–1. Spheres that find no room in a hundred trials are left out.
    pub fn random(count: usize, width: f64, height: f64, seed: u64) -> Self {
        let mut random = Lcg::new(seed);
        let mut spheres: Vec<Sphere> = Vec::with_capacity(count);
        for _ in 0..100 * count {
            if spheres.len() == count {
                break;
            }
            let radius = width * (0.02 + 0.10 * random.uniform());
            let z = height * (random.uniform() - 0.5);
            let distance = (0.46 * width - radius) * random.uniform().sqrt();
            let (sin, cos) = (std::f64::consts::TAU * random.uniform()).sin_cos();
            let density = 0.3 + 0.7 * random.uniform();
            let new = Sphere { x: distance * cos, y: distance * sin, z, radius, density };
            if spheres.iter().all(|old| old.is_apart(&new)) {
                spheres.push(new);
            }
        }
        Self(spheres)
    }

    /// As [`random`](Self::random), but drawn closer to the middle by `factor`, radii too, so that nothing leaves
    /// the field when a projection is moved.
    #[must_use]
    pub fn shrunk(mut self, factor: f64) -> Self {
        for sphere in &mut self.0 {
            sphere.x *= factor;
            sphere.y *= factor;
            sphere.z *= factor;
            sphere.radius *= factor;
        }
        self
    }

    /// The projection at `angle` (radians) on `(rows, columns)` pixels, each the mean over its area: the ray at
    /// column `u` is `x cos θ + y sin θ = u − axis`. `view` says how the image is misplaced.
    pub fn projection(
        &self,
        angle: f64,
        (rows, columns): (usize, usize),
        axis: f64,
        view: View,
    ) -> Array2<f32> {
        let mut image = Array2::<f64>::zeros((rows, columns));
        let middle = ((rows as f64 - 1.0) / 2.0, (columns as f64 - 1.0) / 2.0);
        let (sin, cos) = angle.sin_cos();
        let (turn_sin, turn_cos) = view.rotation.sin_cos();
        for sphere in &self.0 {
            // the sphere's middle on a detector without misplacement, from the middle of the image
            let (qy, qx) = (sphere.z, axis + sphere.x * cos + sphere.y * sin - middle.1);
            let y = middle.0 + view.shift.0 + view.scale * (qx * turn_sin + qy * turn_cos);
            let x = middle.1 + view.shift.1 + view.scale * (qx * turn_cos - qy * turn_sin);
            add_disk(&mut image, (y, x), sphere, view.scale);
        }
        image.mapv(|value| value as f32)
    }

    /// One projection per angle (radians), `(angle, y, x)`; `views` gives one view for each, or none at all.
    ///
    /// # Panics
    /// If there are views, but not as many as angles.
    pub fn projections(
        &self,
        angles: &[f64],
        shape: (usize, usize),
        axis: f64,
        views: &[View],
    ) -> Array3<f32> {
        assert!(views.is_empty() || views.len() == angles.len(), "one view per angle, or none");
        let mut stack = Array3::zeros((angles.len(), shape.0, shape.1));
        for (place, (mut image, &angle)) in stack.axis_iter_mut(Axis(0)).zip(angles).enumerate() {
            let view = views.get(place).copied().unwrap_or_default();
            image.assign(&self.projection(angle, shape, axis, view));
        }
        stack
    }

    /// The volume `(z, y, x)` of `rows` slices of `size × size` voxels, each the mean over its own space, with the middle
    /// of the spheres in the middle of the volume.
    pub fn volume(&self, rows: usize, size: usize) -> Array3<f32> {
        let middle = (size as f64 - 1.0) / 2.0;
        let points = (FINER * FINER * FINER) as f64;
        let mut volume = Array3::<f32>::zeros((rows, size, size));
        for sphere in &self.0 {
            let centre = (sphere.z + (rows as f64 - 1.0) / 2.0, middle - sphere.y, middle + sphere.x);
            let reach = |at: f64, n: usize| reached(at, sphere.radius, n);
            for z in reach(centre.0, rows) {
                for y in reach(centre.1, size) {
                    for x in reach(centre.2, size) {
                        let inside = finer(z)
                            .flat_map(|z| finer(y).map(move |y| (z, y)))
                            .flat_map(|(z, y)| finer(x).map(move |x| (z, y, x)))
                            .filter(|p| {
                                let d = (p.0 - centre.0, p.1 - centre.1, p.2 - centre.2);
                                d.0 * d.0 + d.1 * d.1 + d.2 * d.2 < sphere.radius * sphere.radius
                            })
                            .count();
                        volume[(z, y, x)] += (sphere.density * inside as f64 / points) as f32;
                    }
                }
            }
        }
        volume
    }
}

impl Sphere {
    fn is_apart(&self, other: &Self) -> bool {
        let (x, y, z) = (self.x - other.x, self.y - other.y, self.z - other.z);
        x * x + y * y + z * z > (self.radius + other.radius).powi(2)
    }
}

/// Adds the chords `2ρ√(r² − d²)` of a sphere whose projection, magnified by `scale`, lies at `centre` = (y, x).
fn add_disk(image: &mut Array2<f64>, centre: (f64, f64), sphere: &Sphere, scale: f64) {
    let (rows, columns) = image.dim();
    let radius = scale * sphere.radius;
    let rays = (FINER * FINER) as f64;
    for y in reached(centre.0, radius, rows) {
        for x in reached(centre.1, radius, columns) {
            let sum: f64 = finer(y)
                .flat_map(|y| finer(x).map(move |x| (y, x)))
                .map(|(y, x)| {
                    let (dy, dx) = ((y - centre.0) / scale, (x - centre.1) / scale);
                    (sphere.radius * sphere.radius - dy * dy - dx * dx).max(0.0).sqrt()
                })
                .sum();
            image[(y, x)] += 2.0 * sphere.density * sum / rays;
        }
    }
}

/// Indices within `0..n` whose pixels may hold something of `centre ± radius`.
fn reached(centre: f64, radius: f64, n: usize) -> std::ops::Range<usize> {
    let first = (centre - radius - 1.0).floor().clamp(0.0, n as f64) as usize;
    let last = (centre + radius + 2.0).ceil().clamp(0.0, n as f64) as usize;
    first..last
}

/// Evenly spread points of a pixel.
fn finer(index: usize) -> impl Iterator<Item = f64> + Clone {
    (0..FINER).map(move |k| index as f64 + (k as f64 + 0.5) / FINER as f64 - 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_projection_holds_the_mass_of_its_volume() {
        let spheres = Spheres::random(10, 40.0, 40.0, 3).shrunk(0.8);
        let mass: f64 =
            spheres.0.iter().map(|s| 4.0 / 3.0 * std::f64::consts::PI * s.radius.powi(3) * s.density).sum();
        let image = spheres.projection(0.7, (48, 48), 23.5, View::default());
        let seen: f64 = image.iter().map(|&v| f64::from(v)).sum();
        // Midpoint rule with a step of 1/3 pixel on disks of radius 1–5: relative error below 1/(3r)² · ½ ≈ 0.5 % together.
        assert!((seen / mass - 1.0).abs() < 0.005, "{seen} {mass}");
        let volume: f64 = spheres.volume(48, 48).iter().map(|&v| f64::from(v)).sum();
        // Counting lattice points in a sphere of R ≥ 2.4 points misses by about √(4πR²)/(4πR³/3) of it, 20 % for the
        // smallest, 2 % for the largest, which hold nearly all of the mass.
        assert!((volume / mass - 1.0).abs() < 0.02, "{volume} {mass}");
    }

    #[test]
    fn half_a_turn_mirrors_about_the_axis_and_a_view_moves() {
        let spheres = Spheres::random(10, 40.0, 40.0, 4).shrunk(0.7);
        let pi = std::f64::consts::PI;
        let (front, back) = (
            spheres.projection(0.3, (48, 49), 24.0, View::default()),
            spheres.projection(0.3 + pi, (48, 49), 24.0, View::default()),
        );
        for ((y, x), value) in front.indexed_iter() {
            assert!((value - back[(y, 48 - x)]).abs() < 1e-4, "({y}, {x})"); // √ near an edge halves the digits
        }
        let moved = spheres.projection(0.3, (48, 49), 24.0, View { shift: (2.0, -3.0), ..View::default() });
        for ((y, x), value) in moved.indexed_iter() {
            if y >= 2 && x + 3 < 49 {
                assert!((value - front[(y - 2, x + 3)]).abs() < 1e-4, "({y}, {x})");
            }
        }
        // A quarter turn takes column x to row x (x towards y).
        let turned = spheres.projection(0.3, (49, 49), 24.0, View { rotation: 0.5 * pi, ..View::default() });
        let still = spheres.projection(0.3, (49, 49), 24.0, View::default());
        for ((y, x), value) in still.indexed_iter() {
            assert!((value - turned[(x, 48 - y)]).abs() < 1e-4, "({y}, {x})");
        }
    }
}
