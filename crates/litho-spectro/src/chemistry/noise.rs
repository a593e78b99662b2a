//! Noise of optical densities at several energies: one covariance for all voxels, or deviations of each voxel.

use super::ChemistryError;
use super::error::check_shape;
use ndarray::{Array2, ArrayView3};
use rayon::prelude::*;

/// Noise of the optical densities of a voxel.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Noise<'a> {
    /// Not known: all energies count alike, and every standard deviation is NaN.
    #[default]
    Unknown,
    /// The same for all voxels: the covariance `(energy, energy)`.
    Covariance(Array2<f64>),
    /// Of each voxel.
    Voxels {
        /// Standard deviations, one volume per energy.
        sigma: Vec<ArrayView3<'a, f32>>,
        /// Correlation between energies `(energy, energy)`, with 1 on the diagonal.
        correlation: Array2<f64>,
    },
}

/// A volume from before the edge, to be subtracted at every energy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PreEdge<'a> {
    /// Its optical density.
    pub volume: ArrayView3<'a, f32>,
    /// Standard deviation of its noise, which all energies share.
    pub sigma: f64,
}

impl Noise<'_> {
    /// An error unless it is that of so many energies and of volumes of this shape.
    pub(super) fn check(
        &self,
        operation: &'static str,
        energies: usize,
        shape: &[usize],
    ) -> Result<(), ChemistryError> {
        let square = |matrix: &Array2<f64>, array: &'static str| {
            check_shape(operation, array, matrix.shape(), &[energies, energies])?;
            let symmetric = matrix.indexed_iter().all(|((i, j), v)| v.is_finite() && *v == matrix[(j, i)]);
            if symmetric && matrix.diag().iter().all(|v| *v >= 0.0) {
                return Ok(());
            }
            Err(ChemistryError::Covariance {
                operation,
                fix: "give finite numbers, symmetric, with nothing negative on the diagonal",
            })
        };
        match self {
            Self::Unknown => Ok(()),
            Self::Covariance(covariance) => square(covariance, "the covariance of the noise"),
            Self::Voxels { sigma, correlation } => {
                check_shape(operation, "the list of standard deviations", &[sigma.len()], &[energies])?;
                for sigma in sigma {
                    check_shape(operation, "a volume of standard deviations", sigma.shape(), shape)?;
                }
                square(correlation, "the correlation of the noise")
            }
        }
    }
}

/// Covariance of the noise of volumes from their halves.
///
/// A volume is the mean of its halves `h` and `g`, whose noise is independent: the covariance of `(h − g)/2` over the
/// voxels is that of the volume. One pair per energy; voxels where `region` is false or a number is missing are left out.
///
/// # Errors
/// [`ChemistryError`] if shapes differ or fewer than two voxels are left.
pub fn covariance_of_halves(
    halves: &[[ArrayView3<'_, f32>; 2]],
    region: Option<ArrayView3<'_, bool>>,
) -> Result<Array2<f64>, ChemistryError> {
    const NAME: &str = "noise of halves";
    let Some([first, _]) = halves.first() else {
        return Err(ChemistryError::Nothing {
            operation: NAME,
            what: "there is no energy",
            fix: "give the halves",
        });
    };
    let (n, shape) = (halves.len(), first.shape());
    for half in halves.iter().flatten() {
        check_shape(NAME, "a half", half.shape(), shape)?;
    }
    if let Some(region) = region {
        check_shape(NAME, "the region", region.shape(), shape)?;
    }
    // count, n sums, n² products
    let slice = |z: usize| {
        let mut sums = vec![0.0; 1 + n + n * n];
        let mut d = vec![0.0; n];
        for y in 0..shape[1] {
            for x in 0..shape[2] {
                let at = (z, y, x);
                for (d, [h, g]) in d.iter_mut().zip(halves) {
                    *d = 0.5 * (f64::from(h[at]) - f64::from(g[at]));
                }
                if region.is_some_and(|region| !region[at]) || d.iter().any(|d| !d.is_finite()) {
                    continue;
                }
                sums[0] += 1.0;
                for i in 0..n {
                    sums[1 + i] += d[i];
                    (0..n).for_each(|j| sums[1 + n + i * n + j] += d[i] * d[j]);
                }
            }
        }
        sums
    };
    let slices: Vec<Vec<f64>> = (0..shape[0]).into_par_iter().map(slice).collect();
    let mut sums = vec![0.0; 1 + n + n * n];
    for slice in slices {
        sums.iter_mut().zip(slice).for_each(|(sum, part)| *sum += part);
    }
    let count = sums[0];
    if count < 2.0 {
        return Err(ChemistryError::Nothing {
            operation: NAME,
            what: "fewer than two voxels have a number in all halves",
            fix: "choose a region with data",
        });
    }
    // C = (Σ d dᵀ − Σd Σdᵀ/N)/(N − 1)
    Ok(Array2::from_shape_fn((n, n), |(i, j)| {
        (sums[1 + n + i * n + j] - sums[1 + i] * sums[1 + j] / count) / (count - 1.0)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn halves_tell_the_covariance_of_their_mean() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(3);
        let mut uniform = || rng.random::<f64>() * 2.0 - 1.0;
        let side = 40;
        // Volume 1 has the noise u, volume 2 the noise 0.6 u + 0.8 v, u and v uniform in ±1 in each half: variance 1/3 in a
        // half and 1/6 in the mean, covariance 0.6/6.
        let mut volumes: Vec<Array3<f32>> =
            (0..4).map(|_| Array3::from_elem((side, side, side), 7.0)).collect();
        for index in 0..side * side * side {
            for half in 0..2 {
                let (u, v) = (uniform(), uniform());
                let at = (index / side / side, index / side % side, index % side);
                volumes[half][at] += u as f32;
                volumes[2 + half][at] += (0.6 * u + 0.8 * v) as f32;
            }
        }
        let halves = [[volumes[0].view(), volumes[1].view()], [volumes[2].view(), volumes[3].view()]];
        let c = covariance_of_halves(&halves, None).expect("halves");
        // four standard deviations of a variance from 64 000 numbers, at most √(2/N) of it
        let tolerance = 4.0 * (2.0_f64 / 64e3).sqrt() / 6.0;
        for (at, wanted) in [((0, 0), 1.0), ((0, 1), 0.6), ((1, 0), 0.6), ((1, 1), 1.0)] {
            assert!((c[at] - wanted / 6.0).abs() < tolerance, "{at:?} {}", c[at]);
        }
        // Where there is a region, nothing else counts.
        let mut region = Array3::from_elem((side, side, side), false);
        assert!(matches!(
            covariance_of_halves(&halves, Some(region.view())),
            Err(ChemistryError::Nothing { .. })
        ));
        region[(0, 0, 0)] = true;
        region[(0, 0, 1)] = true;
        let d = |x: usize| 0.5 * (f64::from(volumes[0][(0, 0, x)]) - f64::from(volumes[1][(0, 0, x)]));
        let two = covariance_of_halves(&halves, Some(region.view())).expect("two voxels");
        assert!((two[(0, 0)] - 0.5 * (d(0) - d(1)).powi(2)).abs() < 1e-12);
    }

    #[test]
    fn bad_noise_is_named() {
        let wrong = Noise::Covariance(ndarray::arr2(&[[1.0, 0.5], [0.4, 1.0]]));
        assert!(matches!(wrong.check("t", 2, &[1, 1, 1]), Err(ChemistryError::Covariance { .. })));
        let three = Noise::Covariance(Array2::eye(3));
        assert!(matches!(three.check("t", 2, &[1, 1, 1]), Err(ChemistryError::Shape { .. })));
        let volume = Array3::zeros((1, 2, 3));
        let sigma = vec![volume.view(); 2];
        let noise = Noise::Voxels { sigma, correlation: Array2::eye(2) };
        assert!(noise.check("t", 2, &[1, 2, 3]).is_ok());
        assert!(matches!(noise.check("t", 2, &[1, 2, 4]), Err(ChemistryError::Shape { .. })));
    }
}
