//! Cracks: thin and kinked, from the core outwards, narrower towards their tips.

use crate::tilts::solid::{Ball, HalfSpace, Solid};
use crate::tilts::vector::{Vector, add, frame, scaled, unit};
use rand::{Rng, RngExt};
use std::f64::consts::TAU;

/// Straight pieces of a crack.
const PIECES: usize = 4;
/// How far a kink may be off the straight way, in units of the piece's length.
const KINK: f64 = 0.22;
/// Width at the tip in units of the width at the core.
const TIP: f64 = 0.25;
/// Half the extent along the axis the cracks share, in units of the particle's radius: lowest and highest.
const HEIGHT: (f64, f64) = (0.35, 0.75);

/// `count` cracks that meet near the middle of a ball of `radius`, `width` wide at the core; lengths in metres. The first
/// reaches the surface.
pub(super) fn cracks(count: usize, radius: f64, width: f64, rng: &mut impl Rng) -> Vec<Solid> {
    let mut uniform = |low: f64, high: f64| low + (high - low) * rng.random::<f64>();
    // Nearly along the rotation axis, so that slices show the cracks across.
    let axis = unit([uniform(-0.4, 0.4), uniform(-0.4, 0.4), 1.0]);
    let [u, v, axis] = frame(axis, uniform(0.0, TAU));
    let mut solids = Vec::with_capacity(count * PIECES);
    for index in 0..count {
        // Spread over the circle, not evenly.
        let angle = TAU * (index as f64 + uniform(-0.25, 0.25)) / count as f64;
        let outward = add(scaled(u, angle.cos()), scaled(v, angle.sin()));
        let reach = if index == 0 { 1.2 * radius } else { radius * uniform(0.5, 0.85) };
        let crack = Crack {
            outward,
            across: add(scaled(u, -angle.sin()), scaled(v, angle.cos())),
            axis,
            height: radius * uniform(HEIGHT.0, HEIGHT.1),
            middle: radius * uniform(-0.2, 0.2),
            radius,
        };
        let step = reach / PIECES as f64;
        let (mut here, mut open) = (0.0, width * uniform(0.8, 1.2));
        let narrower = open * (1.0 - TIP) / PIECES as f64;
        for piece in 0..PIECES {
            let (next, closer) = (here + step * uniform(-KINK, KINK), open - narrower);
            let along = (piece as f64 * step, (piece as f64 + 1.0) * step);
            solids.push(crack.piece(along, (here, next), (open, closer)));
            (here, open) = (next, closer);
        }
    }
    solids
}

/// The directions of a crack: the way it goes, across it, and up and down.
struct Crack {
    outward: Vector,
    across: Vector,
    axis: Vector,
    height: f64,
    middle: f64,
    radius: f64,
}

impl Crack {
    /// The piece between two distances from the core, where it lies `off` the straight way and is `open`.
    fn piece(&self, along: (f64, f64), off: (f64, f64), open: (f64, f64)) -> Solid {
        let step = along.1 - along.0;
        let face = |side: f64| {
            // Through (along, off ± open/2) at both ends.
            let (first, last) = (off.0 + 0.5 * side * open.0, off.1 + 0.5 * side * open.1);
            let normal =
                unit(add(scaled(self.across, side * step), scaled(self.outward, side * (first - last))));
            HalfSpace::through(self.point(along.0, first, 0.0), normal)
        };
        let end = |distance: f64, side: f64| {
            HalfSpace::through(self.point(distance, 0.0, 0.0), scaled(self.outward, side))
        };
        let lid = |side: f64| HalfSpace {
            normal: scaled(self.axis, side),
            offset: side * self.middle + self.height,
        };
        let faces = vec![face(1.0), face(-1.0), end(along.1, 1.0), end(along.0, -1.0), lid(1.0), lid(-1.0)];
        let centre = self.point(0.5 * (along.0 + along.1), 0.5 * (off.0 + off.1), self.middle);
        let half: f64 = 0.5 * step;
        let reach = half.hypot(self.height).hypot(0.5 * (off.0 - off.1).abs() + open.0.max(open.1));
        Solid::Cut { faces, within: Ball { centre, radius: reach.min(2.0 * self.radius) } }
    }

    fn point(&self, along: f64, off: f64, up: f64) -> Vector {
        add(add(scaled(self.outward, along), scaled(self.across, off)), scaled(self.axis, up))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tilts::solid::Ray;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn rays_across_a_crack_find_its_width() {
        let solids = cracks(3, 10.0, 0.4, &mut ChaCha8Rng::seed_from_u64(2));
        assert_eq!(solids.len(), 3 * PIECES);
        for crack in solids.chunks(PIECES) {
            let mut widths = Vec::new();
            for piece in crack {
                let Solid::Cut { faces, within } = piece else { panic!("a crack has faces") };
                let ray = Ray { from: within.centre, along: faces[0].normal };
                let (first, last) = piece.crossed(&ray).expect("the middle of a piece is inside it");
                assert!(first < 0.0 && last > 0.0);
                widths.push(last - first);
            }
            // 0.8 to 1.2 of 0.4 at the core, a quarter of it at the tip; the middles lie half a piece inside.
            assert!(
                (0.25..0.48).contains(&widths[0]) && widths.windows(2).all(|w| w[1] < w[0]),
                "{widths:?}"
            );
        }
    }
}
