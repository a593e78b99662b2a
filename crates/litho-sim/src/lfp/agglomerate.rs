//! Plates that touch and do not overlap: each comes in from outside until it meets those that are there.

use super::plate::Plate;
use crate::tilts::vector::{Vector, add, cross, direction, dot, frame, norm, scaled, sub};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::TAU;

/// Ways in that are tried for each plate; the one that ends nearest to the middle is taken.
const TRIES: usize = 150;
/// Share of the ways on which a plate lies nearly flat on one that is there.
const STACKED: f64 = 0.4;
/// How far a stacked plate is tilted against the other, radians (standard deviation of each component).
const MISFIT: f64 = 0.08;
/// What is left between plates that touch, metres: so little that rounding cannot make them overlap.
const GAP: f64 = 1e-12;
/// Sines of angles between edges below this count as parallel.
const PARALLEL: f64 = 1e-9;
/// How much nearer to the middle counts along x, y and z: the agglomerate is no ball.
const SHAPE: Vector = [0.85, 1.1, 1.0];

/// Length, width and thickness of a class of plates, metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlateClass {
    /// Median length.
    pub length: f64,
    /// Standard deviation of the logarithm of the length.
    pub spread: f64,
    /// Width in units of the length, lowest and highest.
    pub width: (f64, f64),
    /// Thickness, lowest and highest.
    pub thickness: (f64, f64),
}

impl PlateClass {
    /// The paper's plates: 100 × 80 × 20 nm, facets of 2500 to 40 000 nm², thickness 10 to 30 nm.
    pub const PAPER: Self =
        Self { length: 100e-9, spread: 0.28, width: (0.62, 0.98), thickness: (10e-9, 30e-9) };

    /// Half of length, width and thickness of a plate.
    fn draw(&self, rng: &mut impl Rng) -> [f64; 3] {
        let normal: f64 = StandardNormal.sample(rng);
        let mut between = |(low, high): (f64, f64)| low + (high - low) * rng.random::<f64>();
        let length = self.length * (self.spread * normal.clamp(-2.2, 2.2)).exp();
        // The mean of two uniform numbers is more often near the middle.
        let thickness = 0.5 * (between(self.thickness) + between(self.thickness));
        [0.5 * length, 0.5 * length * between(self.width), 0.5 * thickness]
    }
}

/// `count` plates without domains, from the first in the middle to the last that came.
pub fn agglomerate(count: usize, class: &PlateClass, rng: &mut impl Rng) -> Vec<Plate> {
    let mut plates: Vec<Plate> = Vec::with_capacity(count);
    for _ in 0..count {
        let half = class.draw(rng);
        let outside =
            2.0 * norm(half) + plates.iter().map(|p| norm(p.centre) + norm(p.half)).fold(0.0, f64::max);
        let mut best: Option<(f64, Plate)> = None;
        for _ in 0..TRIES {
            let axes = orientation(&plates, rng);
            let along = direction(rng.random(), rng.random());
            // It aims at a place somewhat off the middle.
            let aim = scaled(direction(rng.random(), rng.random()), half[0] * rng.random::<f64>());
            let start = sub(aim, scaled(along, outside));
            let mut plate = Plate { centre: start, axes, half, domains: Vec::new() };
            let met =
                plates.iter().filter_map(|other| contact(&plate, along, other)).fold(f64::INFINITY, f64::min);
            if plates.is_empty() {
                plate.centre = [0.0; 3];
            } else if met.is_finite() {
                plate.centre = add(start, scaled(along, met - GAP));
            } else {
                continue;
            }
            let far = norm(std::array::from_fn(|i| SHAPE[i] * plate.centre[i]));
            if best.as_ref().is_none_or(|(least, _)| far < *least) {
                best = Some((far, plate));
            }
        }
        plates.extend(best.map(|(_, plate)| plate));
    }
    plates
}

/// Moves all plates so that the ball around them is about the origin, as nearly as the middle of their extent tells.
pub fn centred(plates: &mut [Plate]) {
    for axis in 0..3 {
        let unit: Vector = std::array::from_fn(|i| f64::from(u8::from(i == axis)));
        let ends = plates.iter().map(|p| (p.centre[axis] - p.reach(unit), p.centre[axis] + p.reach(unit)));
        let (low, high) =
            ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), (a, b)| (l.min(a), h.max(b)));
        if high > low {
            for plate in &mut *plates {
                plate.centre[axis] -= 0.5 * (low + high);
            }
        }
    }
}

/// A random orientation, or nearly that of a plate that is there.
fn orientation(plates: &[Plate], rng: &mut impl Rng) -> [Vector; 3] {
    let (stacked, which, angle) = (rng.random::<f64>(), rng.random::<f64>(), TAU * rng.random::<f64>());
    let other = plates.get((which * plates.len() as f64) as usize).filter(|_| stacked < STACKED);
    let Some(other) = other else { return frame(direction(rng.random(), rng.random()), angle) };
    let mut small = || -> f64 { MISFIT * Distribution::<f64>::sample(&StandardNormal, rng) };
    let (a, b) = (small(), small());
    frame(add(other.axes[2], add(scaled(other.axes[0], a), scaled(other.axes[1], b))), angle)
}

/// How far `plate` can go `along` until it touches `other`; `None` if it passes by.
///
/// Two boxes are apart exactly if they are along one of 15 axes: the normals of their faces, and the products of their
/// edges (Gottschalk et al. 1996). Along each axis they overlap during one stretch of the way, so they overlap where all
/// stretches do.
pub(crate) fn contact(plate: &Plate, along: Vector, other: &Plate) -> Option<f64> {
    let between = sub(plate.centre, other.centre);
    let (mut first, mut last) = (f64::NEG_INFINITY, f64::INFINITY);
    let edges =
        (0..9).map(|i| cross(plate.axes[i / 3], other.axes[i % 3])).filter(|axis| norm(*axis) > PARALLEL);
    for axis in plate.axes.into_iter().chain(other.axes).chain(edges) {
        let (apart, speed) = (dot(axis, between), dot(axis, along));
        let reach = plate.reach(axis) + other.reach(axis);
        if speed.abs() > PARALLEL {
            let (a, b) = ((-reach - apart) / speed, (reach - apart) / speed);
            first = first.max(a.min(b));
            last = last.min(a.max(b));
        } else if apart.abs() >= reach {
            return None;
        }
    }
    (first < last && last > 0.0).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn plates(count: usize, seed: u64) -> Vec<Plate> {
        agglomerate(count, &PlateClass::PAPER, &mut ChaCha8Rng::seed_from_u64(seed))
    }

    fn inside(plate: &Plate, point: Vector) -> bool {
        let off = sub(point, plate.centre);
        (0..3).all(|i| dot(off, plate.axes[i]).abs() < plate.half[i])
    }

    #[test]
    fn plates_touch_and_do_not_overlap() {
        let plates = plates(40, 3);
        assert_eq!(plates.len(), 40);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for (index, plate) in plates.iter().enumerate() {
            // Points drawn inside one are inside no other.
            for _ in 0..400 {
                let point = (0..3).fold(plate.centre, |sum, i| {
                    add(sum, scaled(plate.axes[i], plate.half[i] * (2.0 * rng.random::<f64>() - 1.0)))
                });
                assert!(plates.iter().enumerate().all(|(other, p)| other == index || !inside(p, point)));
            }
            // Enlarged by half a nanometre, each overlaps another: it meets one at once whichever way it goes.
            let larger = Plate { half: plate.half.map(|h| h + 0.5e-9), ..plate.clone() };
            let touches = |other: &Plate| contact(&larger, [1.0, 0.0, 0.0], other).is_some_and(|t| t < 0.0);
            assert!(
                plates.iter().enumerate().any(|(other, p)| other != index && touches(p)),
                "plate {index}"
            );
        }
    }

    #[test]
    fn sizes_are_the_papers_and_a_seed_gives_one_agglomerate() {
        let one = plates(60, 5);
        assert_eq!(one, plates(60, 5));
        assert_ne!(one, plates(60, 6));
        for plate in &one {
            let [length, width, thickness] = plate.half.map(|h| 2e9 * h);
            assert!(
                (10.0..30.0).contains(&thickness)
                    && width < length
                    && (2000.0..43_000.0).contains(&(length * width))
            );
        }
    }
}
