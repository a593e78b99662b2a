//! Amounts of the phases from optical densities: least squares, voxel by voxel.

use super::amounts::packed;
use super::error::check_shape;
use super::{AmountCovariance, Amounts, ChemistryError, Noise, PhaseReferences, PreEdge};
use crate::dense;
use ndarray::{Array2, Array3, ArrayView3};
use rayon::prelude::*;

const NAME: &str = "amounts of phases";

/// Solves `(OD_E − OD_pre) = Σ_j I_Ej C_j` for the amounts of every voxel, `od` being one volume per energy in the
/// references' order.
///
/// With as many energies as phases the solution is exact; with more it is `C = (Iᵀ V⁻¹ I)⁻¹ Iᵀ V⁻¹ OD` with the
/// covariance `V` of the noise, all energies alike if it is unknown. No amount is held above zero: that would bias
/// whatever is averaged afterwards.
///
/// # Errors
/// [`ChemistryError`] if numbers of volumes, shapes or noise do not fit, or a covariance has no inverse where one is needed.
pub fn solve(
    od: &[ArrayView3<'_, f32>],
    pre_edge: Option<PreEdge<'_>>,
    references: &PhaseReferences,
    noise: &Noise<'_>,
) -> Result<Amounts, ChemistryError> {
    let n = references.energies();
    check_shape(NAME, "the list of volumes", &[od.len()], &[n])?;
    let shape = od[0].shape();
    for volume in od {
        check_shape(NAME, "a volume", volume.shape(), shape)?;
    }
    let shared = match pre_edge {
        None => 0.0,
        Some(before) => {
            check_shape(NAME, "the volume before the edge", before.volume.shape(), shape)?;
            before.sigma * before.sigma
        }
    };
    noise.check(NAME, n, shape)?;
    let problem = Problem { references, noise, shared };
    let uniform = match problem.uniform() {
        None => None,
        Some(covariance) => Some(problem.estimator(covariance)?),
    };
    let slices: Vec<Slice> = (0..shape[0])
        .into_par_iter()
        .map(|z| {
            let planes: Vec<_> = od.iter().map(|volume| volume.index_axis(ndarray::Axis(0), z)).collect();
            let before = pre_edge.map(|before| before.volume.index_axis_move(ndarray::Axis(0), z));
            problem.slice(z, &planes, before, uniform.as_ref())
        })
        .collect::<Result<_, _>>()?;
    let volume = |pick: &dyn Fn(&Slice) -> &[f32]| {
        let values: Vec<f32> = slices.iter().flat_map(pick).copied().collect();
        Array3::from_shape_vec((shape[0], shape[1], shape[2]), values).unwrap_or_default()
    };
    let m = references.phases();
    let covariance = match (noise, uniform) {
        (Noise::Unknown, _) => AmountCovariance::Unknown,
        (_, Some(estimator)) => AmountCovariance::Uniform(estimator.covariance),
        (_, None) => {
            AmountCovariance::Voxels((0..m * (m + 1) / 2).map(|k| volume(&|s| &s.covariance[k])).collect())
        }
    };
    Ok(Amounts {
        names: references.names().to_vec(),
        amounts: (0..m).map(|phase| volume(&|s| &s.amounts[phase])).collect(),
        covariance,
        reduced_chi_square: (n > m).then(|| volume(&|s| &s.chi_square)),
    })
}

/// How amounts follow from densities, `C = M OD`.
struct Estimator {
    /// `(phase, energy)`.
    matrix: Array2<f64>,
    /// `M V Mᵀ`.
    covariance: Array2<f64>,
    /// `V⁻¹` for the residual; empty if there is none.
    weights: Array2<f64>,
}

/// Results of one slice.
struct Slice {
    amounts: Vec<Vec<f32>>,
    covariance: Vec<Vec<f32>>,
    chi_square: Vec<f32>,
}

/// What all voxels share.
struct Problem<'a, 'v> {
    references: &'a PhaseReferences,
    noise: &'a Noise<'v>,
    /// Variance that all energies share.
    shared: f64,
}

impl Problem<'_, '_> {
    /// The covariance of the noise, if all voxels have the same.
    fn uniform(&self) -> Option<Array2<f64>> {
        match self.noise {
            Noise::Unknown => Some(Array2::eye(self.references.energies())),
            Noise::Covariance(covariance) => Some(covariance + self.shared),
            Noise::Voxels { .. } => None,
        }
    }

    /// That of one voxel.
    fn covariance_of(&self, at: (usize, usize, usize)) -> Option<Array2<f64>> {
        match self.noise {
            Noise::Voxels { sigma, correlation } => {
                let s = |energy: usize| f64::from(sigma[energy][at]);
                let entry = |((i, j), rho): ((usize, usize), &f64)| rho * s(i) * s(j) + self.shared;
                let n = correlation.nrows();
                Array2::from_shape_vec((n, n), correlation.indexed_iter().map(entry).collect()).ok()
            }
            _ => self.uniform(),
        }
    }

    /// How amounts follow from densities with this noise.
    fn estimator(&self, covariance: Array2<f64>) -> Result<Estimator, ChemistryError> {
        let density = self.references.density();
        let (n, m) = density.dim();
        // As many energies as phases: any weights give the inverse.
        let weights = if n == m { Some(Array2::eye(n)) } else { inverse(&covariance) };
        let solved = weights.and_then(|weights| {
            let normal = density.t().dot(&weights).dot(&density);
            Some((inverse(&normal)?.dot(&density.t()).dot(&weights), weights))
        });
        let Some((matrix, weights)) = solved else {
            return Err(ChemistryError::Covariance {
                operation: NAME,
                fix: "give every energy noise of its own, or as many energies as phases",
            });
        };
        let covariance = matrix.dot(&covariance).dot(&matrix.t());
        Ok(Estimator { matrix, covariance, weights })
    }

    fn slice(
        &self,
        z: usize,
        planes: &[ndarray::ArrayView2<'_, f32>],
        before: Option<ndarray::ArrayView2<'_, f32>>,
        uniform: Option<&Estimator>,
    ) -> Result<Slice, ChemistryError> {
        let (n, m) = self.references.density().dim();
        let (ny, nx) = planes[0].dim();
        let mut result = Slice {
            amounts: vec![Vec::with_capacity(ny * nx); m],
            covariance: vec![Vec::new(); m * (m + 1) / 2],
            chi_square: Vec::new(),
        };
        let (mut d, mut c) = (vec![0.0; n], vec![0.0; m]);
        let mut own;
        for y in 0..ny {
            for x in 0..nx {
                let pre = before.map_or(0.0, |before| f64::from(before[(y, x)]));
                d.iter_mut().zip(planes).for_each(|(d, plane)| *d = f64::from(plane[(y, x)]) - pre);
                let estimator = if uniform.is_some() {
                    uniform
                } else {
                    own = self.own((z, y, x))?;
                    own.as_ref()
                };
                match estimator {
                    Some(estimator) => estimator.amounts(&d, &mut c),
                    None => c.fill(f64::NAN),
                }
                // one missing number leaves the whole voxel without
                let missing = 0.0 * d.iter().sum::<f64>();
                result.amounts.iter_mut().zip(&c).for_each(|(list, c)| list.push((c + missing) as f32));
                if uniform.is_none() {
                    for (i, j) in (0..m).flat_map(|i| (0..=i).map(move |j| (i, j))) {
                        let value = estimator.map_or(f64::NAN, |estimator| estimator.covariance[(i, j)]);
                        result.covariance[packed(i, j)].push(value as f32);
                    }
                }
                if n > m {
                    let chi = estimator.map_or(f64::NAN, |e| self.chi_square(e, &d, &c));
                    result.chi_square.push((chi / (n - m) as f64) as f32);
                }
            }
        }
        Ok(result)
    }

    /// The estimator of a voxel with noise of its own; none if a deviation is missing.
    fn own(&self, at: (usize, usize, usize)) -> Result<Option<Estimator>, ChemistryError> {
        match self.covariance_of(at) {
            Some(covariance) if covariance.iter().all(|v| v.is_finite()) => {
                self.estimator(covariance).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// `rᵀ V⁻¹ r` with `r = d − I c`.
    fn chi_square(&self, estimator: &Estimator, d: &[f64], c: &[f64]) -> f64 {
        let density = self.references.density();
        let residual: Vec<f64> = d
            .iter()
            .zip(density.rows())
            .map(|(d, row)| d - row.iter().zip(c).map(|(a, c)| a * c).sum::<f64>())
            .collect();
        let weighted = |(i, j): (usize, usize)| residual[i] * residual[j] * estimator.weights[(i, j)];
        let n = d.len();
        (0..n * n).map(|k| weighted((k / n, k % n))).sum()
    }
}

impl Estimator {
    fn amounts(&self, d: &[f64], c: &mut [f64]) {
        for (c, row) in c.iter_mut().zip(self.matrix.rows()) {
            *c = row.iter().zip(d).map(|(m, d)| m * d).sum();
        }
    }
}

/// The inverse of a positive definite matrix; nothing if it is not one.
fn inverse(matrix: &Array2<f64>) -> Option<Array2<f64>> {
    let n = matrix.nrows();
    let l = dense::cholesky(&matrix.iter().copied().collect::<Vec<f64>>(), n)?;
    let mut columns = Array2::zeros((n, n));
    for j in 0..n {
        let mut unit = vec![0.0; n];
        unit[j] = 1.0;
        dense::forward(&l, &mut unit);
        dense::backward(&l, &mut unit);
        (0..n).for_each(|i| columns[(i, j)] = unit[i]);
    }
    Some(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_types::quantity::Metres;
    use ndarray::arr2;

    fn references(density: Array2<f64>) -> PhaseReferences {
        let names = (0..density.ncols()).map(|phase| format!("phase {phase}")).collect();
        PhaseReferences::new(names, density).expect("references")
    }

    fn one(value: f32) -> Array3<f32> {
        Array3::from_elem((1, 1, 1), value)
    }

    fn views(volumes: &[Array3<f32>]) -> Vec<ArrayView3<'_, f32>> {
        volumes.iter().map(|volume| volume.view()).collect()
    }

    /// A rounding of `f32` at numbers of order 1.
    const ROUNDING: f32 = 3e-7;

    #[test]
    fn two_energies_tell_two_phases_and_their_errors() {
        // I = [[2, 1], [1, 3]], OD = (4, 7) + 5 before the edge: C = (1, 2). I⁻¹ = [[3, −1], [−1, 2]]/5.
        let references = references(arr2(&[[2.0, 1.0], [1.0, 3.0]]));
        let (od, before) = ([one(9.0), one(12.0)], one(5.0));
        let noise = Noise::Covariance(arr2(&[[0.04, 0.01], [0.01, 0.09]]));
        let pre = PreEdge { volume: before.view(), sigma: 0.1 };
        let found = solve(&views(&od), Some(pre), &references, &noise).expect("amounts");
        assert!((found.amounts[0][(0, 0, 0)] - 1.0).abs() < ROUNDING);
        assert!((found.amounts[1][(0, 0, 0)] - 2.0).abs() < ROUNDING);
        assert!((found.total()[(0, 0, 0)] - 3.0).abs() < ROUNDING);
        assert!((found.fraction(1).unwrap()[(0, 0, 0)] - 2.0 / 3.0).abs() < ROUNDING);
        // V = [[0.05, 0.02], [0.02, 0.10]]; I⁻¹ V I⁻ᵀ = [[9·0.05 − 6·0.02 + 0.10, …], […, 0.05 − 4·0.02 + 4·0.10]]/25
        let variance = [(0.45 - 0.12 + 0.10) / 25.0, (0.05 - 0.08 + 0.40) / 25.0];
        let covariance = (-3.0 * 0.05 + 7.0 * 0.02 - 2.0 * 0.10) / 25.0;
        for (phase, variance) in variance.iter().enumerate() {
            let sigma = found.sigma(phase).unwrap()[(0, 0, 0)];
            assert!((f64::from(sigma) - f64::sqrt(*variance)).abs() < 1e-7, "{phase}: {sigma}");
        }
        let sum = (variance[0] + variance[1] + 2.0 * covariance).sqrt();
        assert!((f64::from(found.total_sigma()[(0, 0, 0)]) - sum).abs() < 1e-7);
        // x = C₂/T: σ_x² = (C₂² V₁₁ − 2 C₁ C₂ V₁₂ + C₁² V₂₂)/T⁴
        let sigma = ((4.0 * variance[0] - 4.0 * covariance + variance[1]) / 81.0).sqrt();
        assert!((f64::from(found.fraction_sigma(1).unwrap()[(0, 0, 0)]) - sigma).abs() < 1e-7);
        assert_eq!(found.reduced_chi_square, None);
        assert!(matches!(found.fraction(2), Err(ChemistryError::NoPhase { phase: 2, phases: 2, .. })));
        // three nanometres of matter in a voxel of six
        let (voxel, unit) = (Metres::new(6e-9), Metres::new(1e-9));
        assert!((found.occupied(voxel, unit)[(0, 0, 0)] - 0.5).abs() < ROUNDING);
    }

    #[test]
    fn more_energies_than_phases_are_weighted_by_their_noise() {
        // One phase of density 1 at three energies: the mean with weights 1/σ², variance 1/Σ(1/σ²).
        let references = references(arr2(&[[1.0], [1.0], [1.0]]));
        let od = [one(1.0), one(2.0), one(6.0)];
        let sigma = [1.0, 2.0, 2.0];
        let mean = (1.0 + 2.0 / 4.0 + 6.0 / 4.0) / 1.5;
        let square = |d: f32| (d - mean) * (d - mean);
        let chi = 0.5 * (square(1.0) + square(2.0) / 4.0 + square(6.0) / 4.0);
        let deviations = sigma.map(one);
        let own = Noise::Voxels { sigma: views(&deviations), correlation: Array2::eye(3) };
        let shared = Noise::Covariance(Array2::from_diag(&ndarray::arr1(&[1.0, 4.0, 4.0])));
        for noise in [own, shared] {
            let found = solve(&views(&od), None, &references, &noise).expect("amounts");
            assert!((found.amounts[0][(0, 0, 0)] - mean).abs() < 2.0 * ROUNDING);
            assert!((found.sigma(0).unwrap()[(0, 0, 0)] - (1.0 / 1.5_f32).sqrt()).abs() < ROUNDING);
            let found = found.reduced_chi_square.expect("one energy too many")[(0, 0, 0)];
            assert!((found - chi).abs() < 10.0 * ROUNDING, "{found} {chi}");
        }
        let found = solve(&views(&od), None, &references, &Noise::Unknown).expect("amounts");
        assert!((found.amounts[0][(0, 0, 0)] - 3.0).abs() < 2.0 * ROUNDING);
        assert!(found.sigma(0).unwrap()[(0, 0, 0)].is_nan());
        let flat = Noise::Covariance(Array2::zeros((3, 3)));
        assert!(matches!(
            solve(&views(&od), None, &references, &flat),
            Err(ChemistryError::Covariance { .. })
        ));
    }

    #[test]
    fn a_voxel_without_a_number_stays_without_and_nothing_is_cut() {
        let references = references(arr2(&[[2.0, 1.0], [1.0, 3.0]]));
        let mut od = [Array3::from_elem((2, 1, 2), -1.0), Array3::from_elem((2, 1, 2), 2.0)];
        od[0][(1, 0, 1)] = f32::NAN;
        let sigma = od.clone().map(|volume| volume.mapv(f32::abs));
        let noise = Noise::Voxels { sigma: views(&sigma), correlation: Array2::eye(2) };
        let found = solve(&views(&od), None, &references, &noise).expect("amounts");
        // I⁻¹ (−1, 2) = (−5, 5)/5
        assert!((found.amounts[0][(0, 0, 0)] + 1.0).abs() < ROUNDING);
        assert!(found.amounts.iter().all(|c| c[(1, 0, 1)].is_nan()) && found.total()[(1, 0, 1)].is_nan());
        assert!(
            found.sigma(1).unwrap()[(1, 0, 1)].is_nan() && found.fraction(1).unwrap()[(1, 0, 1)].is_nan()
        );
        // Amounts that add up to nothing have no fraction.
        assert!(found.fraction(1).unwrap()[(0, 0, 0)].is_nan() || found.total()[(0, 0, 0)] > 0.0);
        let short = solve(&views(&od[..1]), None, &references, &Noise::Unknown);
        assert!(matches!(short, Err(ChemistryError::Shape { .. })));
    }

    #[test]
    fn the_fraction_of_amounts_is_that_of_the_angle() {
        // Two ways to the same number: linear algebra and the formula of the polar angle.
        let references = references(arr2(&[[8.1, 4.3], [4.2, 9.3]]));
        let scale = super::super::AngleScale::new(&references).expect("two by two");
        let volume = |k: usize| {
            let wave = |(z, y, x): (usize, usize, usize)| {
                (0.7 * z as f32 + y as f32 * 0.3 - x as f32 * 0.2 + k as f32).sin()
            };
            Array3::from_shape_fn((3, 4, 5), wave)
        };
        let od = [volume(0), volume(2)];
        let noise = Noise::Covariance(arr2(&[[1e-4, 2e-5], [2e-5, 3e-4]]));
        let found = solve(&views(&od), None, &references, &noise).expect("amounts");
        let angle = super::super::angles(od[0].view(), od[1].view(), &noise).expect("angles");
        let (fraction, sigma) = (found.fraction(1).unwrap(), found.fraction_sigma(1).unwrap());
        let mut seen = 0;
        for (at, &x) in fraction.indexed_iter() {
            let theta = litho_types::quantity::Radians::new(f64::from(angle.angle[at]));
            let wanted = scale.fraction(theta);
            assert_eq!(x.is_nan(), wanted.is_nan(), "{at:?}");
            if x.abs() < 10.0 {
                // roundings of the angle, 1e-7, grow with the slope
                let growth = scale.slope(theta).abs().max(1.0);
                assert!((f64::from(x) - wanted).abs() < 1e-6 * growth, "{at:?}: {x} {wanted}");
                let wanted = scale
                    .fraction_sigma(theta, litho_types::quantity::Radians::new(f64::from(angle.sigma[at])));
                assert!((f64::from(sigma[at]) / wanted - 1.0).abs() < 1e-5 * growth, "{at:?}");
                seen += 1;
            }
        }
        assert!(seen > 20);
    }
}
