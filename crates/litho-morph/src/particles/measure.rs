//! Place, size and shape of every particle, in one pass over the voxels.

use super::enclosing::{Ellipsoid, enclosing};
use super::moments::Sums;
use crate::error::{MorphError, check_shape};
use crate::small::principal;
use crate::spacing::Spacing;
use crate::tally::{runs, tally};
use ndarray::{ArrayView1, ArrayView3, Axis};
use rayon::prelude::*;
use std::collections::BTreeMap;

const OPERATION: &str = "measurement of particles";

/// The box of voxels that holds a particle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// First voxel along `(z, y, x)`.
    pub low: [usize; 3],
    /// Voxel after the last along `(z, y, x)`.
    pub high: [usize; 3],
}

/// What is measured of a particle. Lengths are in the unit of the spacing, vectors are `(z, y, x)`, places are counted from
/// the middle of the array's first voxel.
///
/// # Second moments and their bias
///
/// The sum over a lattice is an unbiased estimate of an integral, so the moments of *labelled voxels' centres* are those of
/// the body, whose surface is inclined to the lattice. A body whose faces lie along the lattice comes out short: a row of
/// n voxels has the variance `(n² − 1)/12`, not `n²/12`. *Weights* that are shares of voxels are the body smeared over
/// a voxel, which adds `h²/12` along each edge h; that is taken off, and never more than there is. A resolution of standard
/// deviation s adds `s²` to each variance, which is not taken off: see [`crate::thickness`] for plates as thin as that.
#[derive(Debug, Clone, PartialEq)]
pub struct Particle {
    /// Its label.
    pub id: u32,
    /// Voxels with this label.
    pub voxels: u64,
    /// Their volume.
    pub volume: f64,
    /// The volume of matter: the sum of the weights times the volume of a voxel, if weights were given.
    pub occupied: Option<f64>,
    /// Centre of mass, with weights if they were given.
    pub centroid: [f64; 3],
    /// Principal axes as rows, longest first. In the first two the component of largest size is positive, the third is
    /// their cross product.
    pub axes: [[f64; 3]; 3],
    /// Second moments along the axes, over the mass.
    pub variances: [f64; 3],
    /// Whole axes `2√(5λ)` of the ellipsoid of these moments.
    pub ellipsoid: [f64; 3],
    /// Edges `√(12λ)` of the cuboid of these moments.
    pub cuboid: [f64; 3],
    /// The box of voxels that holds it.
    pub bounds: Bounds,
    /// The smallest ellipsoid around all corners of its voxels.
    pub enclosing: Ellipsoid,
    /// Whether it has voxels on the border of the array, beyond which it may go on.
    pub touches_border: bool,
}

/// Measures every particle, ascending by label. `weight` is the share of each voxel that is matter, from 0 to 1; noise may
/// carry it outside, and below 0 it counts for the volume only. Labels must then hold all voxels with any matter, or the
/// volume of matter lacks the rest.
///
/// # Errors
/// A weight of another shape than the labels, or not finite in a particle.
pub fn measure(
    labels: ArrayView3<'_, u32>,
    spacing: Spacing,
    weight: Option<ArrayView3<'_, f32>>,
) -> Result<Vec<Particle>, MorphError> {
    if let Some(weight) = weight {
        check_shape(OPERATION, "weight", weight.shape(), labels.shape())?;
    }
    let shape = labels.dim();
    let gather = |z: usize| plane(labels, weight, z);
    let sums = tally(shape.0, gather, Sums::join)?;
    let sums: Vec<(u32, Sums)> = sums.into_iter().collect();
    let particles = sums
        .into_par_iter()
        .map(|(id, sums)| particle(id, &sums, spacing, weight.is_some(), [shape.0, shape.1, shape.2]));
    Ok(particles.collect())
}

/// The sums of one plane.
fn plane(
    labels: ArrayView3<'_, u32>,
    weight: Option<ArrayView3<'_, f32>>,
    z: usize,
) -> Result<BTreeMap<u32, Sums>, MorphError> {
    let mut sums: BTreeMap<u32, Sums> = BTreeMap::new();
    for (y, row) in labels.index_axis(Axis(0), z).outer_iter().enumerate() {
        let weights: Option<ArrayView1<'_, f32>> =
            weight.as_ref().map(|weight| weight.index_axis(Axis(0), z).index_axis_move(Axis(0), y));
        for (label, from, to) in runs(row) {
            let sum = sums.entry(label).or_insert_with(|| Sums::at(z, y));
            sum.add_run(y, from, to);
            for x in from..to {
                let value = weights.as_ref().map_or(1.0, |row| row[x]);
                if !value.is_finite() {
                    let (voxel, value) = ([z, y, x], f64::from(value));
                    return Err(MorphError::NotFinite { operation: OPERATION, voxel, value });
                }
                sum.add([z as f64, y as f64, x as f64], f64::from(value));
            }
        }
    }
    for sum in sums.values_mut() {
        sum.close_plane(z);
    }
    Ok(sums)
}

/// The particle of these sums.
fn particle(id: u32, sums: &Sums, spacing: Spacing, weighted: bool, shape: [usize; 3]) -> Particle {
    let edges = spacing.edges();
    let (mean, mut second) = sums.moments(edges);
    if weighted {
        for (axis, edge) in edges.into_iter().enumerate() {
            second[axis][axis] -= edge * edge / 12.0;
        }
    }
    let (values, axes) = principal(second);
    let variances = values.map(|value| value.max(0.0));
    let Bounds { low, high } = sums.bounds();
    Particle {
        id,
        voxels: sums.voxels,
        volume: sums.voxels as f64 * spacing.volume(),
        occupied: weighted.then(|| sums.amount * spacing.volume()),
        centroid: mean,
        axes,
        variances,
        ellipsoid: variances.map(|value| 2.0 * (5.0 * value).sqrt()),
        cuboid: variances.map(|value| (12.0 * value).sqrt()),
        bounds: Bounds { low, high },
        enclosing: enclosing(&sums.corners(edges)),
        touches_border: (0..3).any(|axis| low[axis] == 0 || high[axis] == shape[axis]),
    }
}

#[cfg(test)]
#[path = "measure_tests.rs"]
mod tests;
