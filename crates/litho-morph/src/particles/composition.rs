//! Means of a map of voxels in every particle, with their error.

use crate::error::{MorphError, check_shape};
use crate::tally::{runs, tally};
use ndarray::{ArrayView3, Axis};
use std::collections::BTreeMap;

const OPERATION: &str = "composition of particles";

/// What is known of every voxel. Arrays have the shape of the labels.
#[derive(Debug, Clone, Copy)]
pub struct VoxelMaps<'a> {
    /// The fraction that is averaged; a voxel where it is not finite was not measured.
    pub fraction: ArrayView3<'a, f32>,
    /// Standard deviation of the fraction; a voxel where it is not finite was not measured.
    pub sigma: Option<ArrayView3<'a, f32>>,
    /// Weight of the fraction. With the amount of matter in the voxel the mean is the fraction of the particle's matter, the
    /// ratio of sums; without, voxels count alike, and those of the surface too much. Negative weights count as 0.
    pub weight: Option<ArrayView3<'a, f32>>,
    /// The class of each voxel, numbers from 0.
    pub classes: Option<ArrayView3<'a, u8>>,
}

/// What a particle is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Composition {
    /// Its label.
    pub id: u32,
    /// Voxels that were measured.
    pub voxels: u64,
    /// Voxels of the label that were not.
    pub unmeasured: u64,
    /// Sum of the weights.
    pub weight: f64,
    /// Weighted mean of the fraction; NaN if nothing was measured.
    pub mean: f64,
    /// Standard deviation of the mean by the voxels' own, if they were given.
    pub sigma: Option<f64>,
    /// Weighted standard deviation of the voxels about the mean: how mixed the particle looks, noise included.
    pub scatter: f64,
    /// Share of the measured voxels in each class, up to the largest class met in any particle. Empty without classes.
    pub classes: Vec<f64>,
}

impl Composition {
    /// Whether the mean is at least `threshold`.
    pub fn active(&self, threshold: f64) -> bool {
        self.mean >= threshold
    }
}

/// Sums over the voxels of a particle.
#[derive(Default)]
struct Sums {
    voxels: u64,
    unmeasured: u64,
    /// Σ w, Σ w f, Σ w f²
    weight: f64,
    first: f64,
    second: f64,
    /// Σ w σ, Σ (w σ)²
    linear: f64,
    square: f64,
    classes: Vec<u64>,
}

/// Composition of every particle, ascending by label.
///
/// The mean is `f̄ = Σ w f/Σ w`. Neighbouring voxels are not independent: a resolution element of `independent` voxels is
/// taken to be one measurement, so `σ² = independent · Σ (w σ)²/(Σ w)²`, and never more than with all voxels in common,
/// `(Σ w σ/Σ w)²`.
///
/// # Errors
/// A map of another shape, a weight that is not finite at a measured voxel, `independent` below 1.
pub fn composition(
    labels: ArrayView3<'_, u32>,
    maps: &VoxelMaps<'_>,
    independent: f64,
) -> Result<Vec<Composition>, MorphError> {
    let shape = labels.shape();
    check_shape(OPERATION, "fraction", maps.fraction.shape(), shape)?;
    for (name, map) in [("sigma", maps.sigma), ("weight", maps.weight)] {
        check_shape(OPERATION, name, map.as_ref().map_or(shape, |map| map.shape()), shape)?;
    }
    check_shape(OPERATION, "classes", maps.classes.as_ref().map_or(shape, |map| map.shape()), shape)?;
    if !(independent.is_finite() && independent >= 1.0) {
        return Err(MorphError::Setting {
            operation: OPERATION,
            setting: "voxels per independent measurement",
            value: independent,
            fix: "give the volume of a resolution element in voxels, at least 1",
        });
    }
    let sums = tally(shape[0], |z| plane(labels, maps, z), Sums::join)?;
    let classes = sums.values().map(|sums| sums.classes.len()).max().unwrap_or(0);
    Ok(sums
        .into_iter()
        .map(|(id, sums)| sums.composition(id, independent, maps.sigma.is_some(), classes))
        .collect())
}

/// The sums of one plane.
fn plane(
    labels: ArrayView3<'_, u32>,
    maps: &VoxelMaps<'_>,
    z: usize,
) -> Result<BTreeMap<u32, Sums>, MorphError> {
    let mut sums: BTreeMap<u32, Sums> = BTreeMap::new();
    for (y, row) in labels.index_axis(Axis(0), z).outer_iter().enumerate() {
        for (label, from, to) in runs(row) {
            let sum = sums.entry(label).or_default();
            for x in from..to {
                let at = (z, y, x);
                let fraction = f64::from(maps.fraction[at]);
                let sigma = maps.sigma.as_ref().map_or(0.0, |map| f64::from(map[at]));
                let weight = maps.weight.as_ref().map_or(1.0, |map| f64::from(map[at]));
                if !(fraction.is_finite() && sigma.is_finite()) {
                    sum.unmeasured += 1;
                } else if weight.is_finite() {
                    sum.add(fraction, sigma, weight.max(0.0), maps.classes.as_ref().map(|map| map[at]));
                } else {
                    return Err(MorphError::NotFinite {
                        operation: OPERATION,
                        voxel: [z, y, x],
                        value: weight,
                    });
                }
            }
        }
    }
    Ok(sums)
}

impl Sums {
    fn add(&mut self, fraction: f64, sigma: f64, weight: f64, class: Option<u8>) {
        self.voxels += 1;
        self.weight += weight;
        self.first += weight * fraction;
        self.second += weight * fraction * fraction;
        self.linear += weight * sigma;
        self.square += (weight * sigma).powi(2);
        if let Some(class) = class {
            self.count(usize::from(class), 1);
        }
    }

    fn count(&mut self, class: usize, count: u64) {
        if self.classes.len() <= class {
            self.classes.resize(class + 1, 0);
        }
        self.classes[class] += count;
    }

    fn join(&mut self, other: Self) {
        self.voxels += other.voxels;
        self.unmeasured += other.unmeasured;
        self.weight += other.weight;
        self.first += other.first;
        self.second += other.second;
        self.linear += other.linear;
        self.square += other.square;
        for (class, count) in other.classes.into_iter().enumerate() {
            self.count(class, count);
        }
    }

    fn composition(&self, id: u32, independent: f64, sigmas: bool, classes: usize) -> Composition {
        let mean = self.first / self.weight;
        let variance = (independent * self.square).min(self.linear * self.linear) / self.weight.powi(2);
        let count = |class: usize| self.classes.get(class).copied().unwrap_or(0);
        Composition {
            id,
            voxels: self.voxels,
            unmeasured: self.unmeasured,
            weight: self.weight,
            mean,
            sigma: sigmas.then(|| variance.sqrt()),
            scatter: (self.second / self.weight - mean * mean).max(0.0).sqrt(),
            classes: (0..classes).map(|class| count(class) as f64 / self.voxels as f64).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array3, arr1};

    /// A few roundings of f64, and the f32 of the maps.
    const ROUNDING: f64 = 1e-6;

    fn line<T: Clone>(values: &[T]) -> Array3<T> {
        arr1(values).into_shape_with_order((1, 1, values.len())).unwrap()
    }

    #[test]
    fn a_mean_is_the_fraction_of_the_matter() {
        let labels = line(&[2, 2, 2, 0, 7, 7, 2]);
        let fraction = line(&[0.0, 0.5, 1.0, 9.0, 0.25, f32::NAN, 1.0]);
        let sigma = line(&[0.1, 0.1, 0.2, 0.0, 0.3, 0.3, f32::INFINITY]);
        let weight = line(&[1.0, 2.0, 1.0, 1.0, 0.5, f32::NAN, 4.0]);
        let classes = line(&[0, 1, 2, 0, 1, 1, 2]);
        let maps = VoxelMaps {
            fraction: fraction.view(),
            sigma: Some(sigma.view()),
            weight: Some(weight.view()),
            classes: Some(classes.view()),
        };
        let found = composition(labels.view(), &maps, 2.0).unwrap();
        let [two, seven] = &found[..] else { panic!("{found:?}") };
        assert_eq!((two.id, two.voxels, two.unmeasured, two.weight), (2, 3, 1, 4.0));
        assert_eq!(two.mean, 0.5);
        // 2 (0.1² + 0.2² + 0.2²)/16 = 0.18/16
        assert!((two.sigma.unwrap() - 0.18_f64.sqrt() / 4.0).abs() < ROUNDING);
        assert!((two.scatter - 0.125_f64.sqrt()).abs() < ROUNDING);
        assert_eq!(two.classes, [1.0 / 3.0; 3]);
        assert_eq!((seven.mean, seven.unmeasured), (0.25, 1));
        // One voxel has its own error, however many make a measurement.
        assert!((seven.sigma.unwrap() - 0.3).abs() < ROUNDING);
        assert_eq!(seven.classes, [0.0, 1.0, 0.0]);
        assert!(two.active(0.5) && !seven.active(0.5));
    }

    #[test]
    fn what_was_not_measured_has_no_mean() {
        let labels = line(&[1]);
        let fraction = line(&[f32::NAN]);
        let mut maps = VoxelMaps { fraction: fraction.view(), sigma: None, weight: None, classes: None };
        let found = composition(labels.view(), &maps, 1.0).unwrap();
        assert!(found[0].mean.is_nan() && found[0].sigma.is_none() && !found[0].active(0.0));
        assert!(composition(labels.view(), &maps, 0.5).is_err());
        let wide = line(&[0.0, 1.0]);
        maps.weight = Some(wide.view());
        assert!(composition(labels.view(), &maps, 1.0).is_err());
        let (one, nan) = (line(&[1.0]), line(&[f32::NAN]));
        let maps = VoxelMaps { fraction: one.view(), sigma: None, weight: Some(nan.view()), classes: None };
        assert!(matches!(composition(labels.view(), &maps, 1.0), Err(MorphError::NotFinite { .. })));
    }
}
