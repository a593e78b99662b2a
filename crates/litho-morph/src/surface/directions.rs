//! Thirteen directions between neighbours, and the part of the sphere that lies nearest to each.

use crate::spacing::Spacing;

/// Directions, each with its opposite.
pub(super) const DIRECTIONS: usize = 13;

/// Steps `(z, y, x)` to the thirteen neighbours that lie behind a voxel in memory.
pub(super) fn steps() -> [[isize; 3]; DIRECTIONS] {
    std::array::from_fn(|index| {
        let index = index as isize + 14;
        [index / 9 - 1, index / 3 % 3 - 1, index % 3 - 1]
    })
}

/// Length of a step.
pub(super) fn length(step: [isize; 3], spacing: Spacing) -> f64 {
    norm(scaled(step, spacing))
}

/// The area of each direction's cell of the Voronoi diagram of all 26 on the unit sphere, over 4π: they sum to one half.
pub(super) fn weights(spacing: Spacing) -> [f64; DIRECTIONS] {
    let steps = steps();
    let units = steps.map(|step| unit(scaled(step, spacing)));
    let all: Vec<[f64; 3]> = units.iter().flat_map(|&u| [u, u.map(|c| -c)]).collect();
    units.map(|own| cell(own, &all) / (4.0 * std::f64::consts::PI))
}

/// The solid angle in which `own` is the nearest of `all`: a square in the plane that touches the sphere there, seen from
/// its middle, cut by the plane halfway to every other direction.
fn cell(own: [f64; 3], all: &[[f64; 3]]) -> f64 {
    // Every direction lies within acos(1/√3) of an axis, so a cell reaches no farther than tan = √2 in this plane.
    const FAR: f64 = 2.0;
    let aside = (0..3).min_by(|&a, &b| own[a].abs().total_cmp(&own[b].abs())).unwrap_or(0);
    let axis: [f64; 3] = std::array::from_fn(|c| f64::from(u8::from(c == aside)));
    let across = unit(cross(own, axis));
    let up = cross(own, across);
    let corner = |a: f64, b: f64| std::array::from_fn(|c| own[c] + a * across[c] + b * up[c]);
    let mut polygon = vec![corner(-FAR, -FAR), corner(FAR, -FAR), corner(FAR, FAR), corner(-FAR, FAR)];
    for &other in all.iter().filter(|&&other| other != own) {
        polygon = cut(&polygon, std::array::from_fn(|c| own[c] - other[c]));
    }
    let Some((&first, rest)) = polygon.split_first() else { return 0.0 };
    rest.windows(2).map(|pair| triangle(first, pair[0], pair[1])).sum()
}

/// The part of a convex polygon where `p · normal ≥ 0`.
fn cut(polygon: &[[f64; 3]], normal: [f64; 3]) -> Vec<[f64; 3]> {
    let mut kept = Vec::with_capacity(polygon.len() + 1);
    for (index, &p) in polygon.iter().enumerate() {
        let q = polygon[(index + 1) % polygon.len()];
        let (at_p, at_q) = (dot(p, normal), dot(q, normal));
        if at_p >= 0.0 {
            kept.push(p);
        }
        if (at_p >= 0.0) != (at_q >= 0.0) {
            let t = at_p / (at_p - at_q);
            kept.push(std::array::from_fn(|c| p[c] + t * (q[c] - p[c])));
        }
    }
    kept
}

/// The solid angle of a triangle seen from the origin (Van Oosterom & Strackee 1983):
/// `tan(Ω/2) = a·(b×c) / (abc + (a·b)c + (b·c)a + (c·a)b)`.
fn triangle(a: [f64; 3], b: [f64; 3], c: [f64; 3]) -> f64 {
    let (na, nb, nc) = (norm(a), norm(b), norm(c));
    let below = na * nb * nc + dot(a, b) * nc + dot(b, c) * na + dot(c, a) * nb;
    2.0 * dot(a, cross(b, c)).abs().atan2(below)
}

fn scaled(step: [isize; 3], spacing: Spacing) -> [f64; 3] {
    let edges = spacing.edges();
    std::array::from_fn(|axis| step[axis] as f64 * edges[axis])
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn norm(a: [f64; 3]) -> f64 {
    dot(a, a).sqrt()
}

fn unit(a: [f64; 3]) -> [f64; 3] {
    let length = norm(a);
    a.map(|c| c / length)
}
