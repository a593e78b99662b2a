//! Surfaces of voxels that belong together: one particle, all of one class.

use super::{Mesh, Surface};
use crate::ReportError;
use crate::colour::{Rgb, distinct};
use ndarray::{Array3, ArrayView3, Axis};
use std::collections::BTreeMap;

/// Width of the Gaussian that rounds the steps of voxels, in voxels: a plate of two voxels survives it.
const SOFT: f64 = 0.8;
/// Voxels that are added each way before.
const MARGIN: usize = 3;

/// The surface of the voxels `(z, y, x)` of `members`, half way between inside and outside after their steps were rounded;
/// `voxel` is the edge of a voxel in metres.
///
/// # Errors
/// As for [`Surface::mesh`].
pub fn body(
    name: &str,
    dim: (usize, usize, usize),
    members: &[[usize; 3]],
    voxel: f64,
) -> Result<Mesh, ReportError> {
    let ends = |k: usize| {
        let all = members.iter().map(|at| at[k]);
        all.fold((usize::MAX, 0), |(l, h), v| (l.min(v), h.max(v)))
    };
    if members.is_empty() {
        return Ok(Mesh { name: name.to_owned(), ..Mesh::default() });
    }
    let ends = [ends(0), ends(1), ends(2)];
    let size = ends.map(|(low, high)| high - low + 1 + 2 * MARGIN);
    let mut field = Array3::zeros((size[0], size[1], size[2]));
    for at in members {
        let place: [usize; 3] = std::array::from_fn(|k| at[k] - ends[k].0 + MARGIN);
        field[place] = 1.0f32;
    }
    soften(&mut field);
    let whole = [dim.2, dim.1, dim.0];
    let origin = std::array::from_fn(|k| {
        let first = ends[2 - k].0 as f64 - MARGIN as f64;
        voxel * (first - 0.5 * (whole[k] as f64 - 1.0))
    });
    Surface { origin, ..Surface::new(name, field.view(), 0.5, voxel) }.mesh()
}

/// One surface for each particle of `labels` `(z, y, x)`, by number, each in a colour of its own; 0 is none.
///
/// # Errors
/// As for [`Surface::mesh`].
pub fn particle_bodies(labels: ArrayView3<'_, u32>, voxel: f64) -> Result<Vec<Mesh>, ReportError> {
    let all = members(labels).into_iter().filter(|(label, _)| *label > 0);
    all.map(|(label, members)| {
        let mesh = body(&format!("particle {label}"), labels.dim(), &members, voxel)?;
        Ok(mesh.painted(distinct(label as usize - 1)))
    })
    .collect()
}

/// One surface for each class of `classes` `(z, y, x)` that has voxels; `key` names and colours classes 1, 2, ….
///
/// # Errors
/// As for [`Surface::mesh`].
pub fn class_bodies(
    classes: ArrayView3<'_, u16>,
    key: &[(Rgb, String)],
    voxel: f64,
) -> Result<Vec<Mesh>, ReportError> {
    let all = members(classes);
    let named = (1u16..).zip(key).filter_map(|(class, entry)| Some((all.get(&class)?, entry)));
    named
        .map(|(members, (colour, name))| Ok(body(name, classes.dim(), members, voxel)?.painted(*colour)))
        .collect()
}

/// The voxels of each label.
fn members<T: Ord + Copy>(labels: ArrayView3<'_, T>) -> BTreeMap<T, Vec<[usize; 3]>> {
    let mut all: BTreeMap<T, Vec<[usize; 3]>> = BTreeMap::new();
    for ((z, y, x), label) in labels.indexed_iter() {
        all.entry(*label).or_default().push([z, y, x]);
    }
    all
}

/// Convolves a volume with the Gaussian that rounds the steps of voxels; beyond its ends is nothing.
pub(crate) fn soften(field: &mut Array3<f32>) {
    for axis in 0..3 {
        soften_along(field, axis);
    }
}

fn soften_along(field: &mut Array3<f32>, axis: usize) {
    let weight = |k: usize| (-(k as f64 / SOFT).powi(2) / 2.0).exp();
    let sum: f64 = weight(0) + 2.0 * (1..=MARGIN).map(weight).sum::<f64>();
    let weights: Vec<f32> = (0..=MARGIN).map(|k| (weight(k) / sum) as f32).collect();
    for mut line in field.lanes_mut(Axis(axis)) {
        let before = line.to_vec();
        let at = |i: usize| before.get(i).copied().unwrap_or(0.0);
        for (i, value) in line.iter_mut().enumerate() {
            *value = weights[0] * before[i];
            for (k, w) in weights.iter().enumerate().skip(1) {
                let low = i.checked_sub(k).map_or(0.0, at);
                *value += w * (low + at(i + k));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colour::PHASES;

    /// Two plates of 4 × 12 × 16 voxels that touch.
    fn plates() -> Array3<u32> {
        Array3::from_shape_fn((14, 20, 24), |(z, y, x)| {
            let facet = (4..16).contains(&y) && (4..20).contains(&x);
            match z {
                3..=6 if facet => 1,
                7..=10 if facet => 3,
                _ => 0,
            }
        })
    }

    #[test]
    fn particles_keep_their_place_and_nearly_their_volume() {
        let labels = plates();
        let meshes = particle_bodies(labels.view(), 1.0).expect("two bodies");
        let names: Vec<&str> = meshes.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names, ["particle 1", "particle 3"]);
        for (mesh, bottom) in meshes.iter().zip([3.0, 7.0]) {
            assert!(mesh.is_closed());
            // A straight wall stays where it was, rounded edges lose (1 − π/4) r² a length, r about 1.5 σ: 4 (4 + 12 + 16)
            // of them 0.31 each, of 768.
            assert!((0.9 * 768.0..=768.0).contains(&mesh.volume()), "{}", mesh.volume());
            let low = mesh.positions.iter().map(|p| p[2]).fold(f32::INFINITY, f32::min);
            // z runs from the middle of 14 voxels; a step's half height lies half a voxel before it, less what the other
            // wall four voxels away takes: erfc(4/0.8√2)/2 < 1e-6. Linear interpolation adds a few hundredths.
            assert!((f64::from(low) - (bottom - 0.5 - 6.5)).abs() < 0.05, "{low}");
        }
    }

    #[test]
    fn classes_have_their_names_and_colours_and_empty_ones_are_left_out() {
        let classes = plates().mapv(|label| label as u16);
        let key: Vec<(Rgb, String)> = PHASES.into_iter().zip(["a", "b", "c"].map(str::to_owned)).collect();
        let meshes = class_bodies(classes.view(), &key, 1e-9).expect("two bodies");
        assert_eq!(meshes.len(), 2);
        assert_eq!((meshes[1].name.as_str(), meshes[1].colours[0]), ("c", PHASES[2]));
        let nothing = body("none", (4, 4, 4), &[], 1.0).expect("no body");
        assert!(nothing.triangles.is_empty());
    }
}
