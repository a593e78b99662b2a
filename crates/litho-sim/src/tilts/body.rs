//! A sample made of convex shapes, and what a ray meets in it.

use super::solid::{Ray, Solid};

/// One shape of a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape<const N: usize> {
    /// Where it is.
    pub solid: Solid,
    /// What lies in it, per volume.
    pub amounts: [f64; N],
    /// What it belongs to; 0 is air.
    pub label: u32,
}

/// Shapes, each of which replaces what is before it in the list. Outside all of them is air.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Body<const N: usize> {
    /// The shapes.
    pub shapes: Vec<Shape<N>>,
}

/// Where a ray is inside a shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Crossing {
    pub(crate) first: f64,
    pub(crate) last: f64,
    /// Place of the shape in its body.
    pub(crate) shape: usize,
}

/// Finds what a ray is in, one stretch after the other. Keeps its memory from ray to ray.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    /// `t`, and a shape that begins (`true`) or ends there.
    events: Vec<(f64, bool, usize)>,
    inside: Vec<usize>,
}

impl<const N: usize> Body<N> {
    /// Where `ray` is inside shape number `shape`.
    pub(crate) fn crossing(&self, ray: &Ray, shape: usize) -> Option<Crossing> {
        self.shapes[shape].solid.crossed(ray).map(|(first, last)| Crossing { first, last, shape })
    }

    /// `∫ amounts dt` along `ray`.
    pub fn along(&self, ray: &Ray) -> [f64; N] {
        let crossings: Vec<Crossing> = (0..self.shapes.len()).filter_map(|s| self.crossing(ray, s)).collect();
        self.total(&crossings, &mut Sweep::default())
    }

    /// `∫ amounts dt` over a ray with these crossings.
    pub(crate) fn total(&self, crossings: &[Crossing], sweep: &mut Sweep) -> [f64; N] {
        let mut sums = [0.0; N];
        sweep.stretches(crossings, |first, last, shape| {
            for (sum, amount) in sums.iter_mut().zip(self.shapes[shape].amounts) {
                *sum += (last - first) * amount;
            }
        });
        sums
    }
}

impl Sweep {
    /// Calls `found(first, last, shape)` for each stretch of the ray and the last shape in the list that it is in.
    pub(crate) fn stretches(&mut self, crossings: &[Crossing], mut found: impl FnMut(f64, f64, usize)) {
        if let [one] = crossings {
            return found(one.first, one.last, one.shape);
        }
        self.events.clear();
        self.inside.clear();
        for crossing in crossings {
            self.events.push((crossing.first, true, crossing.shape));
            self.events.push((crossing.last, false, crossing.shape));
        }
        self.events.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)).then(b.1.cmp(&a.1)));
        let mut before = f64::NEG_INFINITY;
        for &(t, begins, shape) in &self.events {
            if let Some(&top) = self.inside.iter().max()
                && t > before
            {
                found(before, t, top);
            }
            if begins {
                self.inside.push(shape);
            } else {
                self.inside.retain(|other| *other != shape);
            }
            before = t;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::solid::{Ball, HalfSpace};
    use super::*;

    #[test]
    fn later_shapes_replace_earlier_ones() {
        let ball = |x: f64, radius: f64, amount: f64| Shape {
            solid: Solid::Ball(Ball { centre: [x, 0.0, 0.0], radius }),
            amounts: [amount],
            label: 1,
        };
        let slab = Shape {
            solid: Solid::Cut {
                faces: vec![
                    HalfSpace { normal: [1.0, 0.0, 0.0], offset: 0.25 },
                    HalfSpace { normal: [-1.0, 0.0, 0.0], offset: 0.25 },
                ],
                within: Ball { centre: [0.0; 3], radius: 9.0 },
            },
            amounts: [0.0],
            label: 0,
        };
        let body = Body { shapes: vec![ball(0.0, 4.0, 1.0), ball(0.0, 2.0, 3.0), ball(1.0, 2.0, 5.0), slab] };
        let ray = Ray { from: [-50.0, 0.0, 0.0], along: [1.0, 0.0, 0.0] };
        // −4…−2: 1; −2…−1: 3; −1…3: 5, without −¼…¼; 3…4: 1.
        assert!((body.along(&ray)[0] - (2.0 + 3.0 + 20.0 - 2.5 + 1.0)).abs() < 1e-12);
        let beside = Ray { from: [0.0, 9.0, 0.0], along: [1.0, 0.0, 0.0] };
        assert_eq!(body.along(&beside), [0.0]);
    }
}
