//! From where a volume is seen: parallel rays, and an image that just holds what there is.

use super::field::{Field, Vector};
use std::f64::consts::TAU;

/// A direction of view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Rotation about z in radians. Seen from the source, as the projection at this tilt angle shows it: the image's
    /// columns are `s = x cos θ + y sin θ` with y up in the slice, its rows are z.
    pub turn: f64,
    /// How far the eye stands above the plane of the slices, in radians.
    pub elevation: f64,
}

impl View {
    /// `count` views around the rotation axis, from `turn` 0 on.
    pub fn around(count: usize, elevation: f64) -> Vec<Self> {
        (0..count).map(|k| Self { turn: TAU * k as f64 / count as f64, elevation }).collect()
    }

    /// Unit vectors `(z, y, x)` of the rows' index: to the right, downward, and into the image.
    pub(super) fn axes(self) -> [[f64; 3]; 3] {
        let ((s, c), (se, ce)) = (self.turn.sin_cos(), self.elevation.sin_cos());
        // y in the slice points up, its index grows downward
        let right = [0.0, -s, c];
        let level = [0.0, -c, -s];
        let down = [ce, -se * level[1], -se * level[2]];
        let into = [se, ce * level[1], ce * level[2]];
        [right, down, into]
    }
}

/// What of a volume has to be in the image, in voxels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Occupied {
    /// Centre `(z, y, x)`.
    centre: [f64; 3],
    /// Distance from the centre in the plane of the slices.
    radius: f64,
    /// Distance from the centre along z.
    half_height: f64,
}

impl Occupied {
    /// Where `field` exceeds `threshold`; everywhere if it does so nowhere. A few voxels far off are let go.
    pub(super) fn of(field: &Field, threshold: f32) -> Self {
        /// Share of the voxels that may lie outside at each end.
        const STRAY: f64 = 2e-4;
        let extent = field.extent.voxels;
        let mut counts = extent.map(|n| vec![0u64; n]);
        let inside = || field.voxels().filter(|(_, value)| *value > threshold).map(|(at, _)| at);
        for at in inside() {
            for k in 0..3 {
                counts[k][at[k]] += 1;
            }
        }
        let total: u64 = counts[0].iter().sum();
        let stray = (STRAY * total as f64).ceil() as u64;
        let ends: [(f64, f64); 3] = std::array::from_fn(|k| {
            if total == 0 { (0.0, (extent[k] - 1) as f64) } else { ends(&counts[k], stray) }
        });
        let centre = ends.map(|(low, high)| f64::midpoint(low, high));
        let half_height = (ends[0].1 - ends[0].0) / 2.0 + 1.0;
        let distance = |y: f64, x: f64| (y - centre[1]).hypot(x - centre[2]);
        if total == 0 {
            return Self { centre, radius: distance(0.0, 0.0), half_height };
        }
        let mut rings = vec![0u64; extent[1] + extent[2] + 1];
        for [_, y, x] in inside() {
            let ring = distance(y as f64, x as f64) as usize;
            let last = rings.len() - 1;
            rings[ring.min(last)] += 1;
        }
        Self { centre, radius: ends_of_rings(&rings, stray) + 1.0, half_height }
    }
}

/// First and last index, `stray` counts left out at each end.
fn ends(counts: &[u64], stray: u64) -> (f64, f64) {
    let low = beyond(counts.iter(), stray);
    let high = counts.len().saturating_sub(1 + beyond(counts.iter().rev(), stray));
    (low as f64, high.max(low) as f64)
}

/// How many counts come before more than `stray` are together.
fn beyond<'c>(mut counts: impl Iterator<Item = &'c u64>, stray: u64) -> usize {
    let mut sum = 0;
    counts
        .position(|n| {
            sum += n;
            sum > stray
        })
        .unwrap_or(0)
}

/// Outer edge of the last ring, `stray` counts left out.
fn ends_of_rings(rings: &[u64], stray: u64) -> f64 {
    ends(rings, stray).1 + 1.0
}

/// Rays of one image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Camera {
    /// Place of the image's centre.
    centre: Vector,
    pub(super) right: Vector,
    pub(super) down: Vector,
    pub(super) into: Vector,
    /// Voxels per pixel.
    scale: f64,
    /// Height and width in pixels.
    size: (f64, f64),
}

/// Part of the image that matter may fill.
const FILLED: f64 = 0.94;

/// Voxels per pixel of an image of `(height, width)` pixels that holds `occupied` from all `views`, in any turn.
pub(super) fn common_scale(views: &[View], occupied: Occupied, (height, width): (usize, usize)) -> f64 {
    let needed = views.iter().map(|view| {
        let (se, ce) = view.elevation.sin_cos();
        let half_height = occupied.half_height * ce.abs() + occupied.radius * se.abs();
        (2.0 * occupied.radius / width as f64).max(2.0 * half_height / height as f64)
    });
    needed.fold(f64::MIN_POSITIVE, f64::max) / FILLED
}

impl Camera {
    /// A camera for `view` with `scale` voxels per pixel of an image of `(height, width)` pixels.
    pub(super) fn new(view: View, occupied: Occupied, (height, width): (usize, usize), scale: f64) -> Self {
        let size = (height as f64, width as f64);
        let single = |v: [f64; 3]| v.map(|c| c as f32);
        let [right, down, into] = view.axes().map(single);
        Self { centre: single(occupied.centre), right, down, into, scale, size }
    }

    /// Where the ray of the image's place `(y, x)` in pixels crosses the plane of the centre.
    pub(super) fn place(&self, (y, x): (f64, f64)) -> Vector {
        let down = ((y - self.size.0 / 2.0) * self.scale) as f32;
        let right = ((x - self.size.1 / 2.0) * self.scale) as f32;
        std::array::from_fn(|k| self.centre[k] + down * self.down[k] + right * self.right[k])
    }
}

/// Where the ray from `place` along `direction` enters and leaves a volume of these voxels; the wall it enters by.
pub(super) fn crossing(place: Vector, direction: Vector, voxels: [usize; 3]) -> Option<(f32, f32, usize)> {
    let (mut enter, mut leave, mut wall) = (f32::NEG_INFINITY, f32::INFINITY, 0);
    for k in 0..3 {
        let (low, high) = (-0.5 - place[k], voxels[k] as f32 - 0.5 - place[k]);
        if direction[k].abs() < 1e-7 {
            if low > 0.0 || high < 0.0 {
                return None;
            }
            continue;
        }
        let (a, b) = (low / direction[k], high / direction[k]);
        if a.min(b) > enter {
            (enter, wall) = (a.min(b), k);
        }
        leave = leave.min(a.max(b));
    }
    (enter < leave).then_some((enter, leave, wall))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;
    use std::f64::consts::FRAC_PI_2;

    #[test]
    fn axes_are_those_of_the_projections_and_right_handed() {
        let [right, down, into] = View { turn: 0.0, elevation: 0.0 }.axes();
        assert_eq!((right, down), ([0.0, 0.0, 1.0], [1.0, 0.0, 0.0]));
        // the beam goes up in the slice at angle 0
        assert_eq!(into, [0.0, -1.0, 0.0]);
        let [right, ..] = View { turn: FRAC_PI_2, elevation: 0.3 }.axes();
        // s = y, which points against the rows
        assert!((right[1] + 1.0).abs() < 1e-15);
        for (turn, elevation) in [(0.3, 0.0), (2.0, 0.4), (-1.0, -0.8)] {
            let [r, d, i] = View { turn, elevation }.axes();
            // in (x, y, z) order right × down = into
            let cross = |a: [f64; 3], b: [f64; 3]| {
                [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
            };
            let turned = |v: [f64; 3]| [v[2], v[1], v[0]];
            for (made, wanted) in cross(turned(r), turned(d)).iter().zip(turned(i)) {
                assert!((made - wanted).abs() < 1e-15, "{turn} {elevation}");
            }
        }
    }

    #[test]
    fn the_image_holds_a_ball_wherever_it_lies_and_lets_a_speck_go() {
        let centre = [20.0, 30.0, 14.0];
        let mut volume = Array3::from_shape_fn((40, 50, 60), |(z, y, x)| {
            let d2: f64 = [z, y, x].iter().zip(centre).map(|(i, c)| (*i as f64 - c).powi(2)).sum();
            if d2 <= 100.0 { 1.0f32 } else { 0.0 }
        });
        volume[[0, 0, 59]] = 1.0;
        let occupied = Occupied::of(&Field::reduced(volume.view(), 1), 0.5);
        for (found, wanted) in occupied.centre.iter().zip(centre) {
            // A two-thousandth of a ball lies in its outermost layers at most.
            assert!((found - wanted).abs() <= 0.5, "{occupied:?}");
        }
        assert!((10.0..=12.5).contains(&occupied.radius) && (10.0..=12.0).contains(&occupied.half_height));
        let scale = common_scale(&View::around(3, 0.0), occupied, (100, 200));
        assert!((scale - 2.0 * occupied.half_height / 100.0 / FILLED).abs() < 1e-12);
    }

    #[test]
    fn rays_cross_the_box_or_miss_it() {
        let voxels = [4, 6, 8];
        assert_eq!(crossing([1.0, 2.0, 3.0], [0.0, 0.0, 1.0], voxels), Some((-3.5, 4.5, 2)));
        assert_eq!(crossing([1.0, 2.0, 3.0], [0.0, -1.0, 0.0], voxels), Some((-3.5, 2.5, 1)));
        assert_eq!(crossing([4.0, 2.0, 3.0], [0.0, 0.0, 1.0], voxels), None);
        assert_eq!(crossing([20.0, 2.0, 3.0], [0.6, 0.8, 0.0], voxels), None);
    }
}
