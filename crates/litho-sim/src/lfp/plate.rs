//! A plate and the domains in it.

use crate::tilts::solid::{Ball, HalfSpace, Solid};
use crate::tilts::vector::{Vector, add, dot, norm, scaled};

/// A nano-plate: an oriented box, cut into domains.
#[derive(Debug, Clone, PartialEq)]
pub struct Plate {
    /// Its middle, metres.
    pub centre: Vector,
    /// Unit vectors along length, width and thickness.
    pub axes: [Vector; 3],
    /// Half of length, width and thickness, metres.
    pub half: [f64; 3],
    /// What it is made of; the domains fill it and do not overlap.
    pub domains: Vec<Domain>,
}

/// A convex part of a plate with one composition. Coordinates are those along the plate's axes from its middle, metres.
#[derive(Debug, Clone, PartialEq)]
pub struct Domain {
    /// Lowest coordinates.
    pub low: [f64; 3],
    /// Highest coordinates.
    pub high: [f64; 3],
    /// Fronts through the thickness that cut it.
    pub fronts: Vec<Front>,
    /// Volume fraction of FP.
    pub fraction: f64,
}

/// The side `normal·(u, v) ≤ offset` of a front; `u` along the length, `v` along the width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Front {
    /// Unit normal.
    pub normal: [f64; 2],
    /// Distance from the middle of the plate, metres.
    pub offset: f64,
}

/// How much larger than its corners need a domain's ball is.
const ROUNDING: f64 = 1.0 + 1e-9;

impl Plate {
    /// Volume, m³.
    pub fn volume(&self) -> f64 {
        8.0 * self.half[0] * self.half[1] * self.half[2]
    }

    /// Area of one of the two large facets, m².
    pub fn facet_area(&self) -> f64 {
        4.0 * self.half[0] * self.half[1]
    }

    /// Volume fraction of FP.
    pub fn fraction(&self) -> f64 {
        let reacted: f64 = self.domains.iter().map(|domain| domain.fraction * domain.volume()).sum();
        reacted / self.volume()
    }

    /// Distance of its farthest corner from the origin.
    pub(crate) fn far_corner(&self) -> f64 {
        let side = |corner: u32, axis: usize| {
            if corner >> axis & 1 == 0 { self.half[axis] } else { -self.half[axis] }
        };
        let corners = (0..8).map(|corner| self.point(std::array::from_fn(|axis| side(corner, axis))));
        corners.map(norm).fold(0.0, f64::max)
    }

    /// Half its extent along a direction.
    pub(crate) fn reach(&self, direction: Vector) -> f64 {
        (0..3).map(|i| self.half[i] * dot(self.axes[i], direction).abs()).sum()
    }

    /// The point with these coordinates along the axes.
    fn point(&self, coordinates: [f64; 3]) -> Vector {
        (0..3).fold(self.centre, |sum, i| add(sum, scaled(self.axes[i], coordinates[i])))
    }

    /// A domain as a solid.
    pub(crate) fn solid(&self, domain: &Domain) -> Solid {
        let mut faces = Vec::with_capacity(6 + domain.fronts.len());
        for axis in 0..3 {
            let at = |value: f64| self.point(std::array::from_fn(|i| if i == axis { value } else { 0.0 }));
            faces.push(HalfSpace::through(at(domain.high[axis]), self.axes[axis]));
            faces.push(HalfSpace::through(at(domain.low[axis]), scaled(self.axes[axis], -1.0)));
        }
        for front in &domain.fronts {
            let [u, v] = front.normal;
            let normal = add(scaled(self.axes[0], u), scaled(self.axes[1], v));
            faces.push(HalfSpace::through(self.point([u * front.offset, v * front.offset, 0.0]), normal));
        }
        let middle = std::array::from_fn(|i| 0.5 * (domain.low[i] + domain.high[i]));
        let diagonal: Vector = std::array::from_fn(|i| 0.5 * (domain.high[i] - domain.low[i]));
        Solid::Cut { faces, within: Ball { centre: self.point(middle), radius: ROUNDING * norm(diagonal) } }
    }
}

impl Domain {
    /// Volume, m³.
    pub fn volume(&self) -> f64 {
        let mut outline = vec![
            [self.low[0], self.low[1]],
            [self.high[0], self.low[1]],
            [self.high[0], self.high[1]],
            [self.low[0], self.high[1]],
        ];
        for front in &self.fronts {
            outline = front.kept(&outline);
        }
        area(&outline) * (self.high[2] - self.low[2])
    }
}

impl Front {
    /// The other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        Self { normal: [-self.normal[0], -self.normal[1]], offset: -self.offset }
    }

    /// What is left of a convex outline (Sutherland and Hodgman).
    fn kept(&self, outline: &[[f64; 2]]) -> Vec<[f64; 2]> {
        let room = |p: [f64; 2]| self.offset - self.normal[0] * p[0] - self.normal[1] * p[1];
        let mut kept = Vec::with_capacity(outline.len() + 1);
        for (index, &to) in outline.iter().enumerate() {
            let from = outline[(index + outline.len() - 1) % outline.len()];
            let (before, here) = (room(from), room(to));
            if (before < 0.0) != (here < 0.0) {
                let share = before / (before - here);
                kept.push([from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])]);
            }
            if here >= 0.0 {
                kept.push(to);
            }
        }
        kept
    }
}

/// Area of an outline.
fn area(outline: &[[f64; 2]]) -> f64 {
    let next = outline.iter().cycle().skip(1);
    0.5 * outline.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tilts::vector::frame;
    use crate::tilts::{Body, Raster, Shape, View};
    use litho_types::quantity::Radians;

    #[test]
    fn the_volume_of_a_cut_domain_is_what_projections_see() {
        let front = Front { normal: [0.6, 0.8], offset: 7.0 };
        let domain = Domain {
            low: [-50.0, -30.0, -8.0],
            high: [40.0, 30.0, 10.0],
            fronts: vec![front],
            fraction: 1.0,
        };
        // Cut the same rectangle with a diagonal front through two corners: half of it is left.
        let half = Domain {
            low: [-4.0, -3.0, 0.0],
            high: [4.0, 3.0, 1.0],
            fronts: vec![Front { normal: [0.6, 0.8], offset: 0.0 }],
            fraction: 0.0,
        };
        assert!((half.volume() - 24.0).abs() < 1e-12);
        let plate = Plate {
            centre: [3.0, 5.0, -4.0],
            axes: frame([0.3, 0.5, 0.8], 0.4),
            half: [50.0, 30.0, 10.0],
            domains: vec![],
        };
        let body = Body { shapes: vec![Shape { solid: plate.solid(&domain), amounts: [1.0], label: 1 }] };
        let raster = Raster::centred((140, 140), 1.0, 3);
        for degrees in [-50.0, 10.0, 77.0] {
            let seen = raster.project(&body, &View::straight(Radians::from_degrees(degrees)))[0].sum();
            // 3 × 3 rays per pixel on shapes of some 60 pixels: errors of the rim average out to some 10⁻⁴.
            assert!((seen / domain.volume() - 1.0).abs() < 1e-3, "{degrees}: {seen} {}", domain.volume());
        }
    }
}
