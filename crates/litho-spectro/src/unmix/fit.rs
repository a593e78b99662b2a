//! Linear combination fits of all pixels.

use super::basis::{Basis, DOUBTFUL, MOST};
use super::lanes::{Squares, combine, project, squares};
use super::options::{Shift, UnmixOptions, UnmixWarning};
use super::shift;
use super::solver::{Coefficients, Solver};
use super::{Reference, UnmixError};
use litho_types::energy_stack::EnergyStack;
use ndarray::{Array2, Array3, s};
use rayon::prelude::*;
use std::ops::Range;

/// Pixels in one task.
const TASK: usize = 1024;

/// Coefficients of every pixel.
#[derive(Debug, Clone, PartialEq)]
pub struct Unmixed {
    /// Names of the terms: the references in their order, then `constant`, then `slope`.
    pub names: Vec<String>,
    /// How many of the terms are references.
    pub references: usize,
    /// Coefficients `(term, y, x)`; NaN for a pixel without a number at some energy.
    pub coefficients: Array3<f32>,
    /// Their standard deviations; NaN where a coefficient is held by a bound.
    pub sigma: Array3<f32>,
    /// `r_l2 = Σr²/Σd²` over the energies of the fit, `(y, x)`.
    pub r_l2: Array2<f32>,
    /// `Σ(r/σ)²/(N − p)`, p the free coefficients; σ = 1 if no noise was given.
    pub reduced_chi_square: Array2<f32>,
    /// Energy shift of the references in eV, `(y, x)`; none if it was not fitted.
    pub shift: Option<Array2<f32>>,
    /// N, the number of energies fitted.
    pub energies: usize,
    /// Lowest and highest energy fitted in eV.
    pub range: (f64, f64),
    /// Condition number of the terms at no shift, each scaled to length 1.
    pub condition: f64,
    /// What to know before use.
    pub warnings: Vec<UnmixWarning>,
}

impl Unmixed {
    /// A reference's share of the sum of all references' coefficients, `(y, x)`; NaN where the sum is not above 0.
    pub fn share(&self, reference: usize) -> Array2<f32> {
        let references = self.coefficients.slice(s![..self.references, .., ..]);
        let mut share = references.sum_axis(ndarray::Axis(0));
        share.zip_mut_with(&references.index_axis(ndarray::Axis(0), reference), |sum, &c| {
            *sum = if *sum > 0.0 { c / *sum } else { f32::NAN };
        });
        share
    }
}

/// What was found for the pixels of a task, term by term.
pub(super) struct Part {
    pub(super) coefficients: Vec<Vec<f32>>,
    pub(super) sigma: Vec<Vec<f32>>,
    pub(super) r_l2: Vec<f32>,
    pub(super) chi_square: Vec<f32>,
    /// `Σ(r/σ)²`: what a shift is chosen by.
    pub(super) squares: Vec<f32>,
}

/// The energies and planes of a fit, and how it is done.
pub(super) struct Problem<'a> {
    pub(super) references: &'a [Reference],
    pub(super) options: &'a UnmixOptions,
    pub(super) energies: Vec<f64>,
    pub(super) weights: Vec<f64>,
    pub(super) planes: Vec<&'a [f32]>,
}

/// Fits every pixel's optical density with `Σ c_i r_i(E) + background` by least squares; if asked for, with non-negative
/// `c_i` (exactly, by trying all sets of positive ones) that add up to 1.
///
/// # Errors
/// [`UnmixError`] if references are missing, do not cover the energies or cannot be told apart, or a setting makes no sense.
pub fn unmix(
    stack: &EnergyStack,
    references: &[Reference],
    options: &UnmixOptions,
) -> Result<Unmixed, UnmixError> {
    let od = stack.optical_density().as_standard_layout();
    let (_, ny, nx) = od.dim();
    let flat = od.as_slice().unwrap_or_default();
    let problem = Problem::new(&stack.energies().electron_volts(), flat, ny * nx, references, options)?;
    let basis = problem.basis(0.0);
    let (condition, [first, second]) = basis.condition()?;
    let mut warnings = Vec::new();
    if condition > DOUBTFUL {
        warnings.push(UnmixWarning::NearCollinear { condition, first, second });
    }
    let (parts, shifts, at_end) = match options.shift {
        Shift::None => (problem.fit(&problem.solver(0.0)), None, 0),
        Shift::Common { most, step } => {
            let (shift, at_end) = shift::common(&problem, most, step);
            let shifts = vec![shift as f32; ny * nx];
            (problem.fit(&problem.solver(shift)), Some(shifts), if at_end { ny * nx } else { 0 })
        }
        Shift::PerPixel { most, step } => {
            let (parts, shifts, at_end) = shift::per_pixel(&problem, most, step);
            (parts, Some(shifts), at_end)
        }
    };
    if at_end > 0 {
        warnings.push(UnmixWarning::ShiftAtEnd { pixels: at_end });
    }
    let image = |list: Vec<f32>| Array2::from_shape_vec((ny, nx), list).unwrap_or_default();
    let join = |pick: fn(&Part) -> &Vec<f32>| {
        image(parts.iter().map(|part| pick(part).as_slice()).collect::<Vec<&[f32]>>().concat())
    };
    let p = basis.terms.len();
    let stacked = |pick: fn(&Part) -> &Vec<Vec<f32>>| {
        let planes = (0..p).flat_map(|term| parts.iter().map(move |part| pick(part)[term].as_slice()));
        Array3::from_shape_vec((p, ny, nx), planes.collect::<Vec<&[f32]>>().concat()).unwrap_or_default()
    };
    let r_l2 = join(|part| &part.r_l2);
    let reduced_chi_square = join(|part| &part.chi_square);
    let missing = reduced_chi_square.iter().filter(|value| value.is_nan()).count();
    if missing > 0 {
        warnings.push(UnmixWarning::Missing { pixels: missing });
    }
    Ok(Unmixed {
        names: basis.names.clone(),
        references: references.len(),
        coefficients: stacked(|part| &part.coefficients),
        sigma: stacked(|part| &part.sigma),
        r_l2,
        reduced_chi_square,
        shift: shifts.map(image),
        energies: problem.energies.len(),
        range: (problem.energies[0], problem.energies[problem.energies.len() - 1]),
        condition,
        warnings,
    })
}

impl<'a> Problem<'a> {
    fn new(
        energies: &[f64],
        flat: &'a [f32],
        pixels: usize,
        references: &'a [Reference],
        options: &'a UnmixOptions,
    ) -> Result<Self, UnmixError> {
        if references.is_empty() || references.len() > MOST {
            return Err(UnmixError::References { found: references.len(), most: MOST });
        }
        let bad_noise = |noise: &&Vec<f64>| noise.len() != energies.len() || !noise.iter().all(|&s| s > 0.0);
        if let Some(noise) = options.noise.as_ref().filter(bad_noise) {
            return Err(UnmixError::Noise { found: noise.len(), energies: energies.len() });
        }
        let most = shift::check(options.shift)?;
        let (low, high) = options.range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        let used: Vec<usize> =
            (0..energies.len()).filter(|&e| low <= energies[e] && energies[e] <= high).collect();
        let shifted = usize::from(options.shift != Shift::None);
        let unknowns = references.len() + options.background.terms() + shifted;
        if used.len() <= unknowns {
            return Err(UnmixError::TooFewEnergies {
                operation: "linear combination",
                energies: used.len(),
                unknowns,
            });
        }
        let chosen: Vec<f64> = used.iter().map(|&e| energies[e]).collect();
        for reference in references {
            reference.check(&chosen, most)?;
        }
        let weight = |&e: &usize| options.noise.as_ref().map_or(1.0, |noise| 1.0 / noise[e]);
        let plane = |&e: &usize| &flat[e * pixels..(e + 1) * pixels];
        let (weights, planes) = (used.iter().map(weight).collect(), used.iter().map(plane).collect());
        Ok(Self { references, options, energies: chosen, weights, planes })
    }

    pub(super) fn basis(&self, shift: f64) -> Basis {
        Basis::new(self.references, self.options.background, &self.energies, &self.weights, shift)
    }

    pub(super) fn solver(&self, shift: f64) -> Solver {
        Solver::new(&self.basis(shift), self.options)
    }

    /// Ranges of pixels, one per task.
    pub(super) fn tasks(&self) -> Vec<Range<usize>> {
        let pixels = self.planes[0].len();
        (0..pixels).step_by(TASK).map(|start| start..pixels.min(start + TASK)).collect()
    }

    /// All pixels with one solver.
    pub(super) fn fit(&self, solver: &Solver) -> Vec<Part> {
        self.tasks().into_par_iter().map(|range| self.part(solver, &range)).collect()
    }

    /// The pixels of a range with one solver.
    pub(super) fn part(&self, solver: &Solver, range: &Range<usize>) -> Part {
        let planes: Vec<&[f32]> = self.planes.iter().map(|plane| &plane[range.clone()]).collect();
        let (p, len) = (solver.terms.len(), range.len());
        let (mut projections, mut coefficients) = (vec![vec![0.0; len]; p], vec![vec![0.0; len]; p]);
        project(&planes, &solver.projectors, &mut projections);
        combine(&solver.all_free, &projections, &mut coefficients);
        let mut held = Vec::new();
        for pixel in (0..len).filter(|&pixel| !solver.allows(&coefficients, pixel)).collect::<Vec<usize>>() {
            let mut q = Coefficients::default();
            for (q, list) in q.iter_mut().zip(&projections) {
                *q = f64::from(list[pixel]);
            }
            let (set, c) = solver.solve(&q[..p]);
            held.push((pixel, set));
            for (list, c) in coefficients.iter_mut().zip(c) {
                list[pixel] = c as f32;
            }
        }
        let mut sums = Squares::of(len);
        squares(&planes, solver, &coefficients, &mut sums);
        self.finish(solver, coefficients, &held, sums)
    }

    /// Errors and measures of agreement from the sums of squares; `held` are the pixels with another set than the first.
    fn finish(
        &self,
        solver: &Solver,
        coefficients: Vec<Vec<f32>>,
        held: &[(usize, usize)],
        sums: Squares,
    ) -> Part {
        let n = self.energies.len() - usize::from(self.options.shift != Shift::None);
        let freedom = |set: usize| (n - solver.sets[set].freedom) as f32;
        let mut chi_square: Vec<f32> = sums.weighted.iter().map(|sum| sum / freedom(0)).collect();
        for &(pixel, set) in held {
            chi_square[pixel] = sums.weighted[pixel] / freedom(set);
        }
        // σ_c² = diag M Mᵀ s², s² = 1 or Σ(r/σ)²/(N − p); a pixel without a number stays without.
        let known = self.options.noise.is_some();
        let scale = |chi: f32| if known { chi * 0.0 + 1.0 } else { chi };
        let deviation =
            |set: usize, term: usize, chi: f32| (solver.sets[set].variance[term] as f32 * scale(chi)).sqrt();
        let one_term = |term: usize| {
            let mut sigma: Vec<f32> = chi_square.iter().map(|&chi| deviation(0, term, chi)).collect();
            for &(pixel, set) in held {
                sigma[pixel] = deviation(set, term, chi_square[pixel]);
            }
            sigma
        };
        let sigma = (0..coefficients.len()).map(one_term).collect();
        let r_l2 = sums.residual.iter().zip(&sums.data).map(|(r, d)| r / d).collect();
        Part { coefficients, sigma, r_l2, chi_square, squares: sums.weighted }
    }
}
