//! Pictures of meshes: triangles into a depth buffer, lit like the surfaces of volumes.

use super::View;
use super::light::{Lamp, Light, colour, light, unit};
use crate::ReportError;
use crate::colour::Rgb;
use crate::figure::{Raster, ScaleBar, stamp_scale_bar};
use crate::mesh::Mesh;

/// Samples of a pixel along each side.
const FINE: usize = 3;
/// Part of the image that meshes may fill.
const FILLED: f64 = 0.92;
/// Width of a line in pixels.
const LINE: f64 = 2.0;
/// A surface that hides another ends in a dark line where the other lies this much deeper, in parts of the image's height.
const STEP: f32 = 0.03;
/// What is left of the light in that line.
const RIM: f32 = 0.55;

/// From where a mesh is seen: unit vectors `(x, y, z)` to the right, downward, and into the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pose {
    right: [f64; 3],
    down: [f64; 3],
    into: [f64; 3],
}

impl From<View> for Pose {
    /// As a volume is seen from `view`.
    fn from(view: View) -> Self {
        let [right, down, into] = view.axes().map(|[z, y, x]| [x, y, z]);
        Self { right, down, into }
    }
}

impl Pose {
    /// Looking at the plane of two directions `(x, y, z)`: the first to the right, the second downward. Directions that are
    /// not perpendicular are made so; without a plane the view is that of the volume from the front.
    pub fn facing(right: [f64; 3], down: [f64; 3]) -> Self {
        let length = |v: [f64; 3]| v.iter().map(|c| c * c).sum::<f64>().sqrt();
        let one = |v: [f64; 3]| {
            let l = length(v);
            v.map(|c| c / l)
        };
        let r = one(right);
        let part: f64 = (0..3).map(|k| r[k] * down[k]).sum();
        let rest = std::array::from_fn(|k| down[k] - part * r[k]);
        let d = one(rest);
        let i = [r[1] * d[2] - r[2] * d[1], r[2] * d[0] - r[0] * d[2], r[0] * d[1] - r[1] * d[0]];
        let pose = Self { right: r, down: d, into: i };
        // Of directions that are parallel only rounding is left.
        let sound = length(rest) > 1e-9 * length(down) && i.iter().chain(&d).all(|c| c.is_finite());
        if sound { pose } else { Self::from(View { turn: 0.0, elevation: 0.0 }) }
    }

    /// The same view after the eye went round to the right by `turn` and up by `elevation`, radians.
    #[must_use]
    pub fn moved(self, turn: f64, elevation: f64) -> Self {
        let mix = |a: [f64; 3], b: [f64; 3], angle: f64| {
            let (s, c) = angle.sin_cos();
            let sum = |p: f64, q: f64| std::array::from_fn(|k| p * a[k] + q * b[k]);
            (sum(c, s), sum(-s, c))
        };
        let (right, into) = mix(self.right, self.into, turn);
        let (into, down) = mix(into, self.down, elevation);
        Self { right, down, into }
    }

    /// The view from the opposite side, the same way up.
    #[must_use]
    pub fn opposite(self) -> Self {
        self.moved(std::f64::consts::PI, 0.0)
    }
}

/// A straight line in space, hidden by what lies before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rod {
    /// Its ends `(x, y, z)` in metres.
    pub(crate) ends: [[f64; 3]; 2],
    pub(crate) colour: Rgb,
}

/// A picture of `meshes` on white as PNG bytes, `(height, width)` pixels large, with a scale bar.
///
/// # Errors
/// If the picture has no pixels, a mesh lacks normals or colours, or the encoder fails.
pub fn mesh_png(meshes: &[Mesh], pose: Pose, size: (usize, usize)) -> Result<Vec<u8>, ReportError> {
    let all: Vec<&Mesh> = meshes.iter().collect();
    let (image, pixel) = facets(&all, &[], pose, size, None)?;
    let bar = ScaleBar::new(image.width, pixel);
    stamp_scale_bar(image, &bar, [24; 3]).to_png("meshes")
}

/// Meshes and lines on white, and the length in metres of a pixel: `pixel`, or one at which they just fill the image.
pub(crate) fn facets(
    meshes: &[&Mesh],
    rods: &[Rod],
    pose: Pose,
    (height, width): (usize, usize),
    pixel: Option<f64>,
) -> Result<(Raster, Option<f64>), ReportError> {
    if height == 0 || width == 0 {
        return Err(ReportError::EmptyImage { figure: "meshes".to_owned(), ny: height, nx: width });
    }
    for mesh in meshes {
        mesh.check()?;
    }
    let sheet = Sheet::new(meshes, rods, pose, (height, width), pixel);
    let pixel = sheet.metres.is_finite().then_some(sheet.metres * FINE as f64);
    Ok((sheet.draw(meshes, rods), pixel))
}

/// Samples of the image: how deep the nearest surface lies, and its light.
struct Sheet {
    pose: Pose,
    lamp: Lamp,
    size: (usize, usize),
    /// Metres per sample; infinite without anything to draw.
    metres: f64,
    /// Place `(right, down)` in metres of the image's middle.
    middle: (f64, f64),
    depth: Vec<f32>,
    light: Vec<Light>,
}

fn along(direction: [f64; 3], place: [f64; 3]) -> f64 {
    (0..3).map(|k| direction[k] * place[k]).sum()
}

impl Sheet {
    fn new(
        meshes: &[&Mesh],
        rods: &[Rod],
        pose: Pose,
        (height, width): (usize, usize),
        pixel: Option<f64>,
    ) -> Self {
        let places = || {
            let corners = meshes.iter().flat_map(|m| &m.positions).map(|p| p.map(f64::from));
            corners.chain(rods.iter().flat_map(|rod| rod.ends))
        };
        let ends = |direction: [f64; 3]| {
            let all = places().map(|p| along(direction, p)).filter(|v| v.is_finite());
            all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)))
        };
        let (x, y) = (ends(pose.right), ends(pose.down));
        let size = (FINE * height, FINE * width);
        let fitting = ((x.1 - x.0) / size.1 as f64).max((y.1 - y.0) / size.0 as f64) / FILLED;
        let metres = pixel.map_or(fitting, |p| p / FINE as f64);
        let metres = if metres > 0.0 { metres } else { f64::INFINITY };
        let middle = (f64::midpoint(x.0, x.1), f64::midpoint(y.0, y.1));
        // The lamp's vectors run (z, y, x), which turns no angle.
        let single = |v: [f64; 3]| [v[2], v[1], v[0]].map(|c| c as f32);
        let lamp = Lamp::new(single(pose.right), single(pose.down), single(pose.into));
        let count = size.0 * size.1;
        let paper = light(([255; 3], 1.0));
        Self {
            pose,
            lamp,
            size,
            metres,
            middle,
            depth: vec![f32::INFINITY; count],
            light: vec![paper; count],
        }
    }

    /// Column, row and depth of a place, in samples.
    fn place(&self, at: [f64; 3]) -> [f64; 3] {
        let [x, y, z] = [self.pose.right, self.pose.down, self.pose.into].map(|d| along(d, at));
        [
            (x - self.middle.0) / self.metres + self.size.1 as f64 / 2.0,
            (y - self.middle.1) / self.metres + self.size.0 as f64 / 2.0,
            z / self.metres,
        ]
    }

    fn draw(mut self, meshes: &[&Mesh], rods: &[Rod]) -> Raster {
        for mesh in meshes {
            let places: Vec<[f64; 3]> = mesh.positions.iter().map(|p| self.place(p.map(f64::from))).collect();
            for corners in &mesh.triangles {
                let corners = corners.map(|i| i as usize);
                self.triangle(mesh, corners.map(|i| places[i]), corners);
            }
        }
        self.draw_rims();
        for rod in rods {
            self.rod(*rod);
        }
        self.reduced()
    }

    /// Fills the samples that a triangle is nearest in, its normals and colours linear between its corners.
    fn triangle(&mut self, mesh: &Mesh, [a, b, c]: [[f64; 3]; 3], corners: [usize; 3]) {
        // Twice the signed area, y downward: what faces the eye runs counter-clockwise, negative here.
        let twice = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        if !(twice < 0.0 && twice.is_finite()) {
            return;
        }
        let normals = corners.map(|i| mesh.normals[i]);
        let lights = corners.map(|i| light((mesh.colours[i], 1.0)));
        let span = |k: usize, n: usize| {
            let low = a[k].min(b[k]).min(c[k]).max(0.0).floor();
            let high = a[k].max(b[k]).max(c[k]).min(n as f64).ceil();
            low as usize..high.max(low) as usize
        };
        for y in span(1, self.size.0) {
            for x in span(0, self.size.1) {
                let p = [x as f64 + 0.5, y as f64 + 0.5];
                let against = |q: [f64; 3], r: [f64; 3]| {
                    ((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])) / twice
                };
                let weights = [against(b, c), against(c, a), against(a, b)];
                if weights.iter().any(|w| *w < 0.0) {
                    continue;
                }
                let depth = (weights[0] * a[2] + weights[1] * b[2] + weights[2] * c[2]) as f32;
                let index = y * self.size.1 + x;
                if depth >= self.depth[index] {
                    continue;
                }
                let mean = |v: [[f32; 3]; 3]| -> [f32; 3] {
                    std::array::from_fn(|k| (0..3).map(|i| weights[i] as f32 * v[i][k]).sum())
                };
                let [nx, ny, nz] = mean(normals);
                self.depth[index] = depth;
                self.light[index] = self.lamp.reflected(mean(lights), unit([nz, ny, nx]), 1.0);
            }
        }
    }

    /// Darkens samples beside which the nearest surface lies far deeper.
    fn draw_rims(&mut self) {
        let (rows, columns) = self.size;
        let far = STEP * rows as f32;
        let reach = FINE / 2 + 1;
        let rim = |index: usize| {
            let (y, x) = (index / columns, index % columns);
            let own = self.depth[index];
            let deeper = |y: usize, x: usize| self.depth[y * columns + x] > own + far;
            own.is_finite()
                && (deeper(y.saturating_sub(reach), x)
                    || deeper((y + reach).min(rows - 1), x)
                    || deeper(y, x.saturating_sub(reach))
                    || deeper(y, (x + reach).min(columns - 1)))
        };
        let rims: Vec<bool> = (0..self.depth.len()).map(rim).collect();
        for (light, _) in self.light.iter_mut().zip(rims).filter(|(_, rim)| *rim) {
            *light = light.map(|c| RIM * c);
        }
    }

    fn rod(&mut self, rod: Rod) {
        let [a, b] = rod.ends.map(|end| self.place(end));
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        let ink = light((rod.colour, 1.0));
        let steps = if length.is_finite() { length.ceil().clamp(1.0, 1e5) as usize } else { return };
        let radius = LINE * FINE as f64 / 2.0;
        for step in 0..=steps {
            let t = step as f64 / steps as f64;
            let [x, y, z]: [f64; 3] = std::array::from_fn(|k| a[k] + t * (b[k] - a[k]));
            let span = |v: f64, n: usize| {
                let low = (v - radius).max(0.0).ceil() as usize;
                low..((v + radius).clamp(-1.0, n as f64 - 1.0) + 1.0).max(low as f64) as usize
            };
            for row in span(y, self.size.0) {
                for column in span(x, self.size.1) {
                    let index = row * self.size.1 + column;
                    let near = (row as f64 - y).hypot(column as f64 - x) <= radius;
                    if near && (z as f32) < self.depth[index] {
                        self.depth[index] = z as f32;
                        self.light[index] = ink;
                    }
                }
            }
        }
    }

    /// Each pixel in the mean light of its samples.
    fn reduced(&self) -> Raster {
        let (rows, columns) = self.size;
        Raster::from_fn(rows / FINE, columns / FINE, |y, x| {
            let mut sum = [0.0f32; 3];
            for sample in 0..FINE * FINE {
                let index = (FINE * y + sample / FINE) * columns + FINE * x + sample % FINE;
                sum = std::array::from_fn(|k| sum[k] + self.light[index][k]);
            }
            let [r, g, b] = colour(sum.map(|c| c / (FINE * FINE) as f32));
            [r, g, b, 255]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::Surface;
    use ndarray::Array3;

    /// A ball of radius 8 voxels of 1 nm, red where x is negative, blue where it is positive.
    fn ball() -> Mesh {
        let values = Array3::from_shape_fn((22, 22, 22), |(z, y, x)| {
            let r2: f32 = [z, y, x].iter().map(|i| (*i as f32 - 10.5).powi(2)).sum();
            8.0 - r2.sqrt()
        });
        let mesh = Surface::new("ball", values.view(), 0.0, 1e-9).mesh().expect("a surface");
        mesh.painted_by(0.0, |[x, _, _]| if x < 0.0 { [255, 0, 0] } else { [0, 0, 255] })
    }

    fn facing(turn: f64) -> Pose {
        Pose::from(View { turn, elevation: 0.0 })
    }

    #[test]
    fn a_ball_is_as_large_as_it_is_and_keeps_its_sides() {
        let mesh = ball();
        let (image, pixel) = facets(&[&mesh], &[], facing(0.0), (100, 100), Some(0.25e-9)).expect("draws");
        assert!((pixel.expect("a length") / 0.25e-9 - 1.0).abs() < 1e-12);
        let covered = image.pixels.iter().filter(|p| **p != [255; 4]).count() as f64;
        // 32 pixels of radius; a polyhedron a hundredth smaller, and a rim of half-covered pixels counted in full.
        let area = std::f64::consts::PI * 32.0f64.powi(2);
        assert!((covered / area - 1.0).abs() < 0.05, "{covered} of {area}");
        // At angle 0 columns are x, and half a turn later they run the other way.
        let [left, right] = [image.pixels[50 * 100 + 30], image.pixels[50 * 100 + 70]];
        assert!(left[0] > left[2] && right[2] > right[0], "{left:?} {right:?}");
        let (back, _) = facets(&[&mesh], &[], facing(0.0).opposite(), (100, 100), None).expect("draws");
        let left = back.pixels[50 * 100 + 30];
        assert!(left[2] > left[0], "{left:?}");
    }

    #[test]
    fn what_is_before_hides_what_is_behind() {
        let mesh = ball();
        let rod = |y: f64| Rod { ends: [[-6e-9, y, 0.0], [6e-9, y, 0.0]], colour: [0, 255, 0] };
        let green = |image: &Raster| image.pixels.iter().filter(|p| p[1] > 200 && p[0] < 100).count();
        // The eye looks against y at angle 0.
        for (y, seen) in [(12e-9, true), (0.0, false), (-12e-9, false)] {
            let (image, _) = facets(&[&mesh], &[rod(y)], facing(0.0), (80, 80), None).expect("draws");
            assert_eq!(green(&image) > 20, seen, "{y}");
        }
    }

    #[test]
    fn poses_are_right_handed_and_odd_ones_are_mended() {
        let poses = [
            facing(0.7),
            Pose::facing([0.0, 0.0, 2.0], [1.0, 0.0, 5.0]),
            Pose::facing([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]).moved(0.4, -0.3),
            facing(0.2).opposite(),
            Pose::facing([1.0, 0.0, 0.0], [2.0, 0.0, 0.0]),
            Pose::facing([0.0; 3], [f64::NAN; 3]),
        ];
        for Pose { right: r, down: d, into: i } in poses {
            let cross = [r[1] * d[2] - r[2] * d[1], r[2] * d[0] - r[0] * d[2], r[0] * d[1] - r[1] * d[0]];
            for k in 0..3 {
                // A few roundings of numbers below 1.
                assert!((cross[k] - i[k]).abs() < 1e-14, "{r:?} {d:?} {i:?}");
            }
        }
    }

    #[test]
    fn nothing_is_white_and_faults_are_told() {
        let png = mesh_png(&[], facing(0.0), (20, 30)).expect("draws");
        assert!(image::load_from_memory(&png).is_ok());
        assert!(mesh_png(&[ball()], facing(0.0), (0, 30)).is_err());
        let broken = Mesh { normals: vec![], ..ball() };
        assert!(mesh_png(&[broken], facing(0.0), (20, 20)).is_err());
    }
}
