//! Which particles touch, and over what area.

use crate::connectivity::Connectivity;
use crate::error::MorphError;
use crate::small::dot;
use crate::spacing::Spacing;
use crate::tally::tally;
use ndarray::{ArrayView3, Axis};
use std::collections::BTreeMap;

/// Two particles that touch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contact {
    /// The smaller label.
    pub a: u32,
    /// The larger label.
    pub b: u32,
    /// Faces of voxels between the two.
    pub faces: u64,
    /// Area of the contact: the length of the sum of its faces as vectors.
    pub area: f64,
    /// Direction `(z, y, x)` from `a` to `b` across the contact, of length 1; 0 where the area is.
    pub normal: [f64; 3],
}

/// Faces towards larger indices less those towards smaller, along each axis, and all of them.
#[derive(Default)]
struct Faces {
    net: [i64; 3],
    all: u64,
}

/// Every pair of particles that touch, ascending by label. `connectivity` says which voxels touch; pairs that meet
/// at edges or corners only have the area 0.
///
/// Faces are added as vectors from `a` to `b`. Of a flat contact this is the true area at any inclination, where
/// the plain number of faces has up to √3 times as much, 1.5 times on average. Of a curved contact it is the area of
/// the flattest surface with the same rim: less than the contact's. Where both particles end at the rim it loses a fifth of
/// a voxel there. Where a layer of voxels belongs to neither particle, they do not touch.
///
/// # Errors
/// None of its own: any labels have neighbours.
pub fn neighbours(
    labels: ArrayView3<'_, u32>,
    spacing: Spacing,
    connectivity: Connectivity,
) -> Result<Vec<Contact>, MorphError> {
    // Half of the neighbours, those that come later in memory: each pair of voxels is met once.
    let steps: Vec<[isize; 3]> = connectivity.steps().filter(|step| *step > [0; 3]).collect();
    let join = |sum: &mut Faces, other: Faces| {
        sum.all += other.all;
        for (sum, other) in sum.net.iter_mut().zip(other.net) {
            *sum += other;
        }
    };
    let gather = |z: usize| {
        let mut found = BTreeMap::new();
        for step in &steps {
            pairs(labels, z, *step, &mut found);
        }
        Ok(found)
    };
    let edges = spacing.edges();
    let face = edges.map(|edge| spacing.volume() / edge);
    let contact = |((a, b), faces): ((u32, u32), Faces)| {
        let vector: [f64; 3] = std::array::from_fn(|axis| faces.net[axis] as f64 * face[axis]);
        let area = dot(vector, vector).sqrt();
        let normal = if area > 0.0 { vector.map(|component| component / area) } else { [0.0; 3] };
        Contact { a, b, faces: faces.all, area, normal }
    };
    Ok(tally(labels.len_of(Axis(0)), gather, join)?.into_iter().map(contact).collect())
}

/// Adds the pairs of different labels that lie a step apart, from plane `z`.
fn pairs(
    labels: ArrayView3<'_, u32>,
    z: usize,
    [dz, dy, dx]: [isize; 3],
    found: &mut BTreeMap<(u32, u32), Faces>,
) {
    let (planes, rows, columns) = labels.dim();
    let Some(next) = z.checked_add_signed(dz).filter(|next| *next < planes) else { return };
    let axis = match (dz.abs(), dy.abs(), dx.abs()) {
        (1, 0, 0) => Some(0),
        (0, 1, 0) => Some(1),
        (0, 0, 1) => Some(2),
        _ => None,
    };
    for y in 0..rows {
        let Some(beside) = y.checked_add_signed(dy).filter(|beside| *beside < rows) else { continue };
        for x in usize::from(dx < 0)..columns.saturating_sub(usize::from(dx > 0)) {
            let (from, to) = (labels[(z, y, x)], labels[(next, beside, x.wrapping_add_signed(dx))]);
            if from == to || from == 0 || to == 0 {
                continue;
            }
            let faces = found.entry((from.min(to), from.max(to))).or_default();
            if let Some(axis) = axis {
                faces.all += 1;
                faces.net[axis] += if from < to { 1 } else { -1 };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array3, s};

    #[test]
    fn blocks_touch_by_faces_edges_and_corners() {
        let mut labels = Array3::zeros((4, 4, 6));
        labels.slice_mut(s![..2, ..2, ..3]).fill(4);
        labels.slice_mut(s![..2, ..2, 3..]).fill(1); // a face of 2 × 2 voxels, on the side of x
        labels.slice_mut(s![2.., 2.., ..3]).fill(2); // an edge with 4, a corner with 1
        let spacing = Spacing::new([3.0, 2.0, 1.0]).unwrap();
        let six = neighbours(labels.view(), spacing, Connectivity::Six).unwrap();
        let face = Contact { a: 1, b: 4, faces: 4, area: 24.0, normal: [0.0, 0.0, -1.0] };
        assert_eq!(six, [face]);
        let touching = |connectivity| {
            let found = neighbours(labels.view(), spacing, connectivity).unwrap();
            assert!(found.iter().all(|c| *c == face || (c.area, c.faces, c.normal) == (0.0, 0, [0.0; 3])));
            found.into_iter().map(|c| (c.a, c.b)).collect::<Vec<_>>()
        };
        assert_eq!(touching(Connectivity::Eighteen), [(1, 4), (2, 4)]);
        assert_eq!(touching(Connectivity::TwentySix), [(1, 2), (1, 4), (2, 4)]);
    }

    #[test]
    fn a_flat_contact_has_its_area_at_any_inclination() {
        // A cylinder of radius 14 cut by a plane through its middle, its axis along the plane's normal: the contact is a disk.
        // Voxels on the rim, some 2π·14 of them with half a voxel's scatter each, leave 0.5·√88/616 = 0.8 %; three of those.
        let radius = 14.0_f64;
        let area = std::f64::consts::PI * radius * radius;
        for normal in
            [[1.0, 0.0, 0.0], [0.6, 0.8, 0.0], [1.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0], [0.1, 0.2, 0.974_679_4]]
        {
            let labels = Array3::from_shape_fn((40, 40, 40), |(z, y, x)| {
                let p = [z, y, x].map(|i| i as f64 - 19.7);
                let along = dot(p, normal);
                let aside = dot(p, p) - along * along;
                // One of them is wider, so that steps aside do not lead outside of both.
                let reach = radius + if along > 0.0 { 3.0 } else { 0.0 };
                if aside > reach * reach || along.abs() > 6.0 { 0 } else { 1 + u32::from(along > 0.0) }
            });
            let found = neighbours(labels.view(), Spacing::UNIT, Connectivity::Six).unwrap();
            assert_eq!(found.len(), 1);
            assert!((found[0].area / area - 1.0).abs() < 0.024, "{normal:?}: {} {area}", found[0].area);
            assert!(dot(found[0].normal, normal) > 0.999, "{:?}", found[0].normal);
        }
    }
}
