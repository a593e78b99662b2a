//! Convex solids and where a ray crosses them, exactly.

use super::vector::{Vector, add, dot, norm, scaled, sub};

/// Cosines below this are those of a ray that runs along a plane.
const PARALLEL: f64 = 1e-12;

/// A straight ray: the points `from + t·along`, `along` of length 1. Lengths are metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ray {
    /// Where `t` is zero.
    pub from: Vector,
    /// Unit vector of its direction.
    pub along: Vector,
}

/// The points `r` with `normal·r ≤ offset`, `normal` of length 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HalfSpace {
    /// Outward unit normal of its face.
    pub normal: Vector,
    /// Distance of its face from the origin, along the normal.
    pub offset: f64,
}

/// A ball.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ball {
    /// Its middle.
    pub centre: Vector,
    /// Its radius.
    pub radius: f64,
}

/// An ellipsoid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ellipsoid {
    /// Its middle.
    pub centre: Vector,
    /// Directions of its axes, each divided by the length of the semi-axis.
    pub axes: [Vector; 3],
}

/// A convex solid.
#[derive(Debug, Clone, PartialEq)]
pub enum Solid {
    /// A ball.
    Ball(Ball),
    /// An ellipsoid.
    Ellipsoid(Ellipsoid),
    /// What half-spaces have in common, within a ball that may cut it or only enclose it.
    Cut {
        /// The half-spaces.
        faces: Vec<HalfSpace>,
        /// The ball.
        within: Ball,
    },
}

impl Ray {
    /// The point at `t`.
    pub fn at(&self, t: f64) -> Vector {
        add(self.from, scaled(self.along, t))
    }
}

impl HalfSpace {
    /// The half-space that has `point` on its face.
    pub fn through(point: Vector, normal: Vector) -> Self {
        Self { normal, offset: dot(normal, point) }
    }

    /// The other side of the face.
    #[must_use]
    pub fn opposite(self) -> Self {
        Self { normal: scaled(self.normal, -1.0), offset: -self.offset }
    }

    /// Narrows the part `(first, last)` of a ray to what lies inside.
    fn clip(&self, ray: &Ray, part: &mut (f64, f64)) {
        let (speed, room) = (dot(self.normal, ray.along), self.offset - dot(self.normal, ray.from));
        if speed > PARALLEL {
            part.1 = part.1.min(room / speed);
        } else if speed < -PARALLEL {
            part.0 = part.0.max(room / speed);
        } else if room < 0.0 {
            *part = (0.0, 0.0);
        }
    }
}

impl Ball {
    /// Where the ray enters and leaves.
    fn crossed(&self, ray: &Ray) -> Option<(f64, f64)> {
        let off = sub(self.centre, ray.from);
        let middle = dot(off, ray.along);
        let half = self.radius * self.radius - (dot(off, off) - middle * middle);
        (half > 0.0).then(|| (middle - half.sqrt(), middle + half.sqrt()))
    }
}

impl Ellipsoid {
    /// An ellipsoid with these unit axes and semi-axes.
    pub fn new(centre: Vector, axes: [Vector; 3], semi: [f64; 3]) -> Self {
        Self { centre, axes: std::array::from_fn(|i| scaled(axes[i], 1.0 / semi[i])) }
    }

    fn crossed(&self, ray: &Ray) -> Option<(f64, f64)> {
        // |A(from + t·along − centre)| = 1
        let off = sub(ray.from, self.centre);
        let (p, d) = (self.axes.map(|axis| dot(axis, off)), self.axes.map(|axis| dot(axis, ray.along)));
        let (a, b, c) = (dot(d, d), dot(p, d), dot(p, p) - 1.0);
        let root = b * b - a * c;
        (root > 0.0).then(|| ((-b - root.sqrt()) / a, (-b + root.sqrt()) / a))
    }

    fn bound(&self) -> Ball {
        let longest = self.axes.map(|axis| 1.0 / norm(axis)).into_iter().fold(0.0, f64::max);
        Ball { centre: self.centre, radius: longest }
    }
}

impl Solid {
    /// Where the ray enters and leaves; `None` if it passes by.
    pub fn crossed(&self, ray: &Ray) -> Option<(f64, f64)> {
        match self {
            Self::Ball(ball) => ball.crossed(ray),
            Self::Ellipsoid(ellipsoid) => ellipsoid.crossed(ray),
            Self::Cut { faces, within } => {
                let mut part = within.crossed(ray)?;
                for face in faces {
                    face.clip(ray, &mut part);
                    if part.1 <= part.0 {
                        return None;
                    }
                }
                Some(part)
            }
        }
    }

    /// A ball that holds all of it.
    pub fn bound(&self) -> Ball {
        match self {
            Self::Ball(ball) => *ball,
            Self::Ellipsoid(ellipsoid) => ellipsoid.bound(),
            Self::Cut { within, .. } => *within,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::vector::{frame, unit};
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn inside(solid: &Solid, r: Vector) -> bool {
        match solid {
            Solid::Ball(ball) => norm(sub(r, ball.centre)) <= ball.radius,
            Solid::Ellipsoid(e) => {
                let p = e.axes.map(|axis| dot(axis, sub(r, e.centre)));
                dot(p, p) <= 1.0
            }
            Solid::Cut { faces, within } => {
                norm(sub(r, within.centre)) <= within.radius
                    && faces.iter().all(|f| dot(f.normal, r) <= f.offset)
            }
        }
    }

    #[test]
    fn chords_are_those_found_by_sampling_the_ray() {
        const SAMPLES: usize = 40_000;
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        let axes = frame([0.3, -0.4, 0.87], 0.7);
        let centre = [0.2, -0.1, 0.3];
        let ball = Ball { centre: [0.0; 3], radius: 1.1 };
        let faces = (0..3)
            .flat_map(|i| {
                let half = 0.3 + 0.2 * f64::from(i);
                let face = HalfSpace::through(add(centre, scaled(axes[i as usize], half)), axes[i as usize]);
                [
                    face,
                    HalfSpace::through(
                        add(centre, scaled(axes[i as usize], -half)),
                        scaled(axes[i as usize], -1.0),
                    ),
                ]
            })
            .chain([HalfSpace::through(centre, unit([1.0, 2.0, -0.5]))])
            .collect();
        let solids = [
            Solid::Ball(ball),
            Solid::Ellipsoid(Ellipsoid::new(centre, axes, [0.9, 0.3, 0.5])),
            Solid::Cut { faces, within: ball },
        ];
        let mut met = [0; 3];
        for _ in 0..60 {
            let mut draw = || -> Vector { std::array::from_fn(|_| 2.0 * rng.random::<f64>() - 1.0) };
            let ray = Ray { from: draw(), along: unit(draw()) };
            for (solid, met) in solids.iter().zip(&mut met) {
                let (low, high) = (-4.0, 4.0);
                let step = (high - low) / SAMPLES as f64;
                let hits =
                    (0..SAMPLES).filter(|i| inside(solid, ray.at(low + (*i as f64 + 0.5) * step))).count();
                let chord = solid.crossed(&ray).map_or(0.0, |(first, last)| last - first);
                // Each end is found to half a step.
                assert!((chord - hits as f64 * step).abs() <= step, "{solid:?} {ray:?} {chord} {hits}");
                *met += usize::from(chord > 0.0);
            }
        }
        assert!(met.iter().all(|met| *met > 10), "{met:?} of 60 rays met the solids");
    }
}
