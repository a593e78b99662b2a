//! Amounts of the phases in every voxel, and what follows from them.

use super::ChemistryError;
use litho_types::quantity::Metres;
use ndarray::{Array2, Array3, ArrayView3, Zip};

/// Covariance of the amounts of a voxel, propagated exactly: amounts are linear in the densities.
#[derive(Debug, Clone, PartialEq)]
pub enum AmountCovariance {
    /// The noise was not known.
    Unknown,
    /// The same in all voxels, `(phase, phase)`.
    Uniform(Array2<f64>),
    /// Of each voxel: the lower triangle row by row, `(0,0), (1,0), (1,1), (2,0), …`, a volume each.
    Voxels(Vec<Array3<f32>>),
}

/// What [`solve()`](super::solve()) finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Amounts {
    /// Names of the phases.
    pub names: Vec<String>,
    /// Amount of each phase in a voxel, in the references' unit: nanometres of it along the voxel if they tell the density
    /// of a nanometre. NaN for a voxel without a number at some energy.
    pub amounts: Vec<Array3<f32>>,
    /// Covariance of the amounts.
    pub covariance: AmountCovariance,
    /// `Σ(r/σ)²/(n − m)` of `n` energies and `m` phases, or `Σr²/(n − m)` if the noise is unknown; none if `n = m`.
    pub reduced_chi_square: Option<Array3<f32>>,
}

impl Amounts {
    /// Standard deviation of a phase's amount; NaN if the noise is unknown.
    ///
    /// # Errors
    /// [`ChemistryError::NoPhase`] if there are not so many phases.
    pub fn sigma(&self, phase: usize) -> Result<Array3<f32>, ChemistryError> {
        self.check("amounts", phase)?;
        Ok(self.deviations(|j, _, _| if j == phase { 1.0 } else { 0.0 }))
    }

    /// Sum of the amounts of all phases.
    pub fn total(&self) -> Array3<f32> {
        let mut total = self.amounts[0].clone();
        for amount in &self.amounts[1..] {
            total += amount;
        }
        total
    }

    /// Standard deviation of the sum; NaN if the noise is unknown.
    pub fn total_sigma(&self) -> Array3<f32> {
        self.deviations(|_, _, _| 1.0)
    }

    /// Share of a voxel's edge that matter takes: 1 in a full voxel, if references tell the density of `unit`.
    pub fn occupied(&self, voxel: Metres, unit: Metres) -> Array3<f32> {
        self.total() * ((unit / voxel) as f32)
    }

    /// A phase's share of the sum; below 0 or above 1 where the densities lie outside the references' sector, NaN where
    /// the sum is not positive.
    ///
    /// # Errors
    /// [`ChemistryError::NoPhase`] if there are not so many phases.
    pub fn fraction(&self, phase: usize) -> Result<Array3<f32>, ChemistryError> {
        self.check("fraction", phase)?;
        let mut fraction = self.total();
        Zip::from(&mut fraction)
            .and(&self.amounts[phase])
            .par_for_each(|sum, c| *sum = if *sum > 0.0 { c / *sum } else { f32::NAN });
        Ok(fraction)
    }

    /// Standard deviation of a phase's share to first order: with the sum `T`, `x = c/T` and the gradient
    /// `g_k = (δ_jk − x)/T`, the variance is `gᵀ C g`. NaN where the share is, or if the noise is unknown.
    ///
    /// # Errors
    /// [`ChemistryError::NoPhase`] if there are not so many phases.
    pub fn fraction_sigma(&self, phase: usize) -> Result<Array3<f32>, ChemistryError> {
        self.check("fraction", phase)?;
        Ok(self.deviations(|j, amounts, total| {
            let own = if j == phase { 1.0 } else { 0.0 };
            if total > 0.0 { (own - amounts[phase] / total) / total } else { f64::NAN }
        }))
    }

    /// `(z, y, x)` of the volumes.
    pub fn shape(&self) -> (usize, usize, usize) {
        self.amounts[0].dim()
    }

    pub(super) fn check(&self, operation: &'static str, phase: usize) -> Result<(), ChemistryError> {
        let phases = self.amounts.len();
        if phase < phases {
            return Ok(());
        }
        Err(ChemistryError::NoPhase { operation, phase, phases })
    }

    /// `√(gᵀ C g)` of every voxel, with `g_j` from a voxel's amounts and their sum.
    fn deviations(&self, gradient: impl Fn(usize, &[f64], f64) -> f64 + Sync) -> Array3<f32> {
        let mut sigma = Array3::from_elem(self.shape(), f32::NAN);
        if self.covariance == AmountCovariance::Unknown {
            return sigma;
        }
        let m = self.amounts.len();
        Zip::indexed(&mut sigma).par_for_each(|at, sigma| {
            let amounts: Vec<f64> = self.amounts.iter().map(|c| f64::from(c[at])).collect();
            let total: f64 = amounts.iter().sum();
            let g: Vec<f64> = (0..m).map(|j| gradient(j, &amounts, total)).collect();
            let row = |i: usize| (0..m).map(|j| g[j] * self.covariance_at(at, i, j)).sum::<f64>();
            // a voxel without a number has no deviation either
            *sigma = ((0..m).map(|i| g[i] * row(i)).sum::<f64>().sqrt() + 0.0 * total) as f32;
        });
        sigma
    }

    /// One number of the covariance of a voxel's amounts.
    pub(super) fn covariance_at(&self, at: (usize, usize, usize), i: usize, j: usize) -> f64 {
        match &self.covariance {
            AmountCovariance::Unknown => f64::NAN,
            AmountCovariance::Uniform(c) => c[(i, j)],
            AmountCovariance::Voxels(triangle) => f64::from(triangle[packed(i, j)][at]),
        }
    }
}

/// Place of `(i, j)` in the lower triangle, row by row.
pub(super) fn packed(i: usize, j: usize) -> usize {
    let (row, column) = (i.max(j), i.min(j));
    row * (row + 1) / 2 + column
}

/// A fraction cut to 0…1, for pictures: never for means.
pub fn clipped(fraction: ArrayView3<'_, f32>) -> Array3<f32> {
    // NaN stays NaN
    fraction.mapv(|x| x.clamp(0.0, 1.0))
}
