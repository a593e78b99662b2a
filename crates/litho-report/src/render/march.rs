//! One ray through a volume, front to back.

use super::camera::{Camera, crossing};
use super::field::Vector;
use super::light::{Lamp, Light, along, colour, colour_at, light, openness, unit};
use super::scene::{Look, Reduced};
use crate::colour::Rgb;

/// Length of a step in voxels.
const STEP: f32 = 0.5;
/// Bisections of the last step before a surface.
const BISECTIONS: usize = 6;
/// Reaches of the differences that a surface's normal is made of, in voxels: one alone would show the steps of the voxels.
const REACHES: [f32; 3] = [1.0, 2.0, 3.0];
/// Reach of the differences that tell how steep fog is.
const REACH: f32 = 1.5;
/// How deep below a surface its colour is taken, in voxels: outside there is none.
const DEPTH: f32 = 1.0;
/// Fog is not followed beyond this transparency.
const DARK: f32 = 0.01;
/// Rays through each pixel, along each side.
const RAYS: usize = 2;

/// The rays of one image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rays<'s> {
    scene: &'s Reduced,
    camera: Camera,
    lamp: Lamp,
}

impl<'s> Rays<'s> {
    pub(super) fn new(scene: &'s Reduced, camera: Camera) -> Self {
        Self { scene, camera, lamp: Lamp::new(camera.right, camera.down, camera.into) }
    }

    /// The colour of pixel `(y, x)`: the mean light of its rays.
    pub(super) fn pixel(&self, (y, x): (usize, usize)) -> Rgb {
        let background = light((self.scene.background, 1.0));
        let mut sum = [0.0; 3];
        for ray in 0..RAYS * RAYS {
            let part = |index: usize| (index as f64 + 0.5) / RAYS as f64;
            let at = (y as f64 + part(ray / RAYS), x as f64 + part(ray % RAYS));
            let (seen, opacity) = self.ray(self.camera.place(at));
            sum = std::array::from_fn(|k| sum[k] + seen[k] + (1.0 - opacity) * background[k]);
        }
        colour(sum.map(|c| c / (RAYS * RAYS) as f32))
    }

    /// The light of the ray through `place`, and its opacity.
    fn ray(&self, place: Vector) -> (Light, f32) {
        const NOTHING: (Light, f32) = ([0.0; 3], 0.0);
        let voxels = self.scene.values.extent.voxels;
        let Some((enter, leave, wall)) = crossing(place, self.camera.into, voxels) else { return NOTHING };
        match self.scene.look {
            Look::Surface { level } => {
                let level = level as f32;
                let Some(t) = self.first(place, (enter, leave), level) else { return NOTHING };
                let at = along(place, self.camera.into, t);
                (self.surface(at, level, (t <= enter).then_some(wall)), 1.0)
            }
            Look::Fog { from, to, opacity } => {
                self.fog(place, (enter, leave), [from as f32, to as f32, opacity as f32])
            }
            Look::Maximum { from, to } => self.maximum(place, (enter, leave), [from as f32, to as f32]),
        }
    }

    /// Calls `visit` with the value and the place of each sample that may exceed `threshold()`, until it returns false.
    fn samples(
        &self,
        place: Vector,
        (enter, leave): (f32, f32),
        mut visit: impl FnMut(f32, f32) -> (bool, f32),
        mut threshold: f32,
    ) {
        let into = self.camera.into;
        let mut step = 0.0f32;
        loop {
            let t = enter + step * STEP;
            if t > leave {
                return;
            }
            let at = along(place, into, t);
            let (most, out) = self.scene.values.brick(at, into);
            if most < threshold {
                // To the first step beyond the brick, so that samples lie at the same places whatever is skipped.
                step += (out / STEP).floor() + 1.0;
                continue;
            }
            let (on, next) = visit(t, self.scene.values.at(at));
            if !on {
                return;
            }
            threshold = next;
            step += 1.0;
        }
    }

    /// Where the values first reach `level`.
    fn first(&self, place: Vector, (enter, leave): (f32, f32), level: f32) -> Option<f32> {
        let mut found = None;
        let visit = |t: f32, value: f32| {
            found = (value >= level).then_some(t);
            (found.is_none(), level)
        };
        self.samples(place, (enter, leave), visit, level);
        let mut inside = found?;
        if inside <= enter {
            return Some(enter);
        }
        let mut outside = inside - STEP;
        for _ in 0..BISECTIONS {
            let middle = f32::midpoint(outside, inside);
            if self.scene.values.at(along(place, self.camera.into, middle)) >= level {
                inside = middle;
            } else {
                outside = middle;
            }
        }
        Some(inside)
    }

    /// Light of the surface at `at`; where the volume itself is cut, `wall` is the axis of the cut.
    fn surface(&self, at: Vector, level: f32, wall: Option<usize>) -> Light {
        let scene = self.scene;
        let normal = match wall {
            Some(k) => std::array::from_fn(|i| if i == k { -self.camera.into[k].signum() } else { 0.0 }),
            None => self.normal(at),
        };
        let matter = colour_at(&scene.paint, along(at, normal, -DEPTH));
        let open = if wall.is_some() { 1.0 } else { openness(&scene.values, at, normal, level) };
        self.lamp.reflected(matter, normal, open)
    }

    /// The outward normal of the surface at `at`, from differences of several reaches.
    fn normal(&self, at: Vector) -> Vector {
        let mut sum = [0.0; 3];
        for reach in REACHES {
            let gradient = self.scene.values.gradient(at, reach);
            sum = std::array::from_fn(|k| sum[k] - gradient[k]);
        }
        unit(sum)
    }

    /// `C = Σ Tᵢ αᵢ cᵢ`, `T = Π (1 − αᵢ)` (Porter & Duff 1984), each sample lit the more the steeper the values are there.
    fn fog(&self, place: Vector, ends: (f32, f32), [from, to, opacity]: [f32; 3]) -> (Light, f32) {
        let scene = self.scene;
        let (mut seen, mut clear) = ([0.0f32; 3], 1.0f32);
        // α of a step from that of a voxel: 1 − (1 − α)^step
        let absorption = -(1.0 - opacity).ln() * STEP;
        let visit = |t: f32, value: f32| {
            let share = ((value - from) / (to - from)).clamp(0.0, 1.0);
            if share > 0.0 {
                let at = along(place, self.camera.into, t);
                let alpha = 1.0 - (-absorption * share).exp();
                let matter = colour_at(&scene.paint, at);
                let gradient = scene.values.gradient(at, REACH);
                let steep = (gradient.iter().map(|c| c * c).sum::<f32>().sqrt() * 3.0 / (to - from)).min(1.0);
                let lit = self.lamp.reflected(matter, unit(gradient.map(|c| -c)), 1.0);
                for k in 0..3 {
                    seen[k] += clear * alpha * (matter[k] + steep * (lit[k] - matter[k]));
                }
                clear *= 1.0 - alpha;
            }
            (clear > DARK, from)
        };
        self.samples(place, ends, visit, from);
        (seen, 1.0 - clear)
    }

    fn maximum(&self, place: Vector, ends: (f32, f32), [from, to]: [f32; 2]) -> (Light, f32) {
        let (mut most, mut at) = (from, None);
        let visit = |t: f32, value: f32| {
            if value > most {
                (most, at) = (value, Some(t));
            }
            // Nothing below the largest value so far is of interest; nothing exceeds the full colour.
            (most < to, most)
        };
        self.samples(place, ends, visit, from);
        let Some(t) = at else { return ([0.0; 3], 0.0) };
        let share = ((most - from) / (to - from)).clamp(0.0, 1.0);
        let matter = colour_at(&self.scene.paint, along(place, self.camera.into, t));
        (matter.map(|c| share * c), share)
    }
}
