//! The fit of one region: its mean spectrum, what that says about shared parameters and priors, then its pixels.

use super::batch::{LanePlan, Outcome, Outcomes, fit_lanes, place};
use super::dismiss::dismiss;
use super::errors::{ErrorLayout, errors_in_lanes};
use super::maps::{RegionMean, Status};
use super::model::{Model, Role};
use super::pixel::{Describer, Layout, Solution};
use super::polish::polish;
use super::resolved::{Known, Resolved};
use super::run::Settings;
use super::starts::{LinearStarts, of_mean};
use litho_lanes::LANES;
use litho_types::energy_stack::EnergyStack;
use ndarray::{Array2, Axis};
use rayon::prelude::*;

/// Pixels fitted as one task: their lanes are refilled from each other.
const CHUNK: usize = 2048;
/// Pixels that a prior is found from, spread evenly over the region.
const SAMPLE: usize = 2048;
/// Steps allowed to a mean spectrum, and where it stops: single spectra cost nothing.
const MEAN: (u32, f64) = (500, 1e-8);
/// The same for polishing.
const POLISH: (u32, f64) = (60, 1e-8);
/// Steps in double precision allowed to a pixel that found no minimum in single precision.
const SECOND_TRY: u32 = 300;

/// Rows of numbers of some pixels, and what became of each.
pub(super) struct Fitted {
    pub(super) numbers: Vec<f64>,
    pub(super) status: Vec<Status>,
    pub(super) iterations: Vec<u32>,
}

/// Fits `pixels` (places in a flat image, all complete) of region `label`.
pub(super) fn fit_region(
    model: &Model,
    stack: &EnergyStack,
    (label, pixels): (u32, &[usize]),
    (settings, noise, least): (&Settings, f64, Option<&Array2<f64>>),
) -> (RegionMean, Fitted) {
    let energies = stack.energies().electron_volts();
    let spectrum = mean_spectrum(stack, pixels);
    let start = of_mean(model, &energies, &spectrum, settings.pre_edge);
    let plan = Resolved::all_free(model, &energies, &start);
    let mean = polish(&plan, &spectrum, &heights_fitted(&plan, &spectrum), MEAN.0, MEAN.1);
    let values = plan.unshifted(&mean.parameters);
    let (known, priors) = known(model, stack, pixels, (&values, settings, noise));
    let plan = Resolved::new(model, &energies, &values, &known, noise);
    let fitted = fit_pixels(&plan, stack, pixels, settings, least.map(|least| (least, noise)));
    let parameters = values;
    (
        RegionMean { region: label, pixels: pixels.len(), parameters, converged: mean.converged, priors },
        fitted,
    )
}

/// All parameters at the plan's values but offset and heights, which are fitted.
fn heights_fitted(plan: &Resolved, spectrum: &[f64]) -> Vec<f64> {
    let single: Vec<f32> = spectrum.iter().map(|&value| value as f32).collect();
    let mut columns = vec![0.0; plan.free.len()];
    LinearStarts::new(plan).write(plan, &single, &mut columns);
    let mut values = plan.values.clone();
    for (&index, &value) in plan.free.iter().zip(&columns) {
        values[index] = f64::from(value);
    }
    values
}

fn mean_spectrum(stack: &EnergyStack, pixels: &[usize]) -> Vec<f64> {
    let nx = stack.shape().1;
    let image_mean = |image: ndarray::ArrayView2<'_, f32>| {
        pixels.iter().map(|&at| f64::from(image[(at / nx, at % nx)])).sum::<f64>() / pixels.len() as f64
    };
    stack.optical_density().axis_iter(Axis(0)).map(image_mean).collect()
}

/// What is known of each parameter in this region, and the priors found in its pixels.
fn known(
    model: &Model,
    stack: &EnergyStack,
    pixels: &[usize],
    (values, settings, noise): (&[f64], &Settings, f64),
) -> (Vec<Known>, Vec<(usize, f64, f64)>) {
    let roles: Vec<Role> = model.parameters().map(|parameter| parameter.role).collect();
    let first = |role: &Role| match *role {
        Role::Held(_) | Role::Shared => Known::Value,
        Role::Prior { value, sigma } => Known::Prior { value, sigma },
        Role::Free | Role::EmpiricalPrior => Known::Nothing,
    };
    let mut known: Vec<Known> = roles.iter().map(first).collect();
    if !roles.contains(&Role::EmpiricalPrior) {
        return (known, Vec::new());
    }
    let every = pixels.len().div_ceil(SAMPLE);
    let sample: Vec<usize> = pixels.iter().copied().step_by(every).collect();
    let plan = Resolved::new(model, &stack.energies().electron_volts(), values, &known, noise);
    let fitted = fit_pixels(&plan, stack, &sample, settings, None);
    let layout = Layout::of(&plan);
    let mut priors = Vec::new();
    for index in (0..roles.len()).filter(|&index| roles[index] == Role::EmpiricalPrior) {
        let rows = fitted.numbers.chunks_exact(layout.len()).zip(&fitted.status);
        let found = rows
            .filter(|(row, status)| status.is_usable() && row[layout.jump()] > settings.prior_jump * noise)
            .map(|(row, _)| (row[index], row[layout.parameters + index]));
        let (center, spread) = spread(found.filter(|(_, sigma)| sigma.is_finite()).collect());
        if let Some(spread) = spread {
            let center = center.unwrap_or(values[index]);
            known[index] = Known::Prior { value: center, sigma: spread };
            priors.push((index, center, spread));
        }
    }
    (known, priors)
}

/// Median of estimates, and the standard deviation that remains of their spread after their own errors:
/// `σ² = (1.4826 MAD)² − median σ_i²`, at least a tenth of a typical error so that the prior stays a prior.
fn spread(estimates: Vec<(f64, f64)>) -> (Option<f64>, Option<f64>) {
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    let center = median(estimates.iter().map(|(value, _)| *value).collect());
    let error = median(estimates.iter().map(|(_, sigma)| *sigma).collect());
    let off =
        center.and_then(|center| median(estimates.iter().map(|(value, _)| (value - center).abs()).collect()));
    let spread = off.zip(error).map(|(off, error)| {
        let variance = (1.4826 * off).powi(2) - error * error;
        variance.max(0.01 * error * error).sqrt()
    });
    (center, spread.filter(|&spread| spread > 0.0))
}

/// Fits complete pixels, in chunks that are tasks of their own; those whose jump is certainly below the `least` one (and
/// the standard deviation of the data) are spared.
pub(super) fn fit_pixels(
    plan: &Resolved,
    stack: &EnergyStack,
    pixels: &[usize],
    settings: &Settings,
    least: Option<(&Array2<f64>, f64)>,
) -> Fitted {
    let lanes = LanePlan::new(plan, settings.iterations, settings.tolerance);
    let starts = LinearStarts::new(plan);
    let fit = |chunk: &[usize]| {
        let mut spectra = gather(stack, chunk);
        let dismissed = least.map_or_else(Vec::new, |least| dismiss(&starts, chunk, &mut spectra, least));
        let fitted = fit_chunk(plan, (&lanes, &starts), &spectra, settings);
        fitted.with_dismissed(&dismissed, Layout::of(plan))
    };
    let chunks: Vec<Fitted> = pixels.par_chunks(CHUNK).map(fit).collect();
    let mut all = Fitted { numbers: Vec::new(), status: Vec::new(), iterations: Vec::new() };
    for chunk in chunks {
        all.numbers.extend(chunk.numbers);
        all.status.extend(chunk.status);
        all.iterations.extend(chunk.iterations);
    }
    all
}

/// The pixels' spectra one after the other.
fn gather(stack: &EnergyStack, pixels: &[usize]) -> Vec<f32> {
    let (m, nx) = (stack.energies().len(), stack.shape().1);
    let mut spectra = vec![0.0; pixels.len() * m];
    for (k, image) in stack.optical_density().axis_iter(Axis(0)).enumerate() {
        let flat = image.to_slice();
        for (spectrum, &at) in spectra.chunks_exact_mut(m).zip(pixels) {
            spectrum[k] = flat.map_or_else(|| image[(at / nx, at % nx)], |flat| flat[at]);
        }
    }
    spectra
}

fn fit_chunk(
    plan: &Resolved,
    (lanes, starts): (&LanePlan, &LinearStarts),
    spectra: &[f32],
    settings: &Settings,
) -> Fitted {
    let (m, n, triangle) = (lanes.energies(), lanes.columns(), lanes.triangle());
    let count = spectra.len() / m;
    let blocks = count.div_ceil(LANES);
    let (mut parameters, mut products) = (vec![0.0; count * n], vec![[0.0; LANES]; blocks * triangle]);
    let mut outcomes = vec![Outcome { converged: false, iterations: 0 }; count];
    for (spectrum, start) in spectra.chunks_exact(m).zip(parameters.chunks_exact_mut(n)) {
        starts.write(plan, spectrum, start);
    }
    let mut out = Outcomes { parameters: &mut parameters, products: &mut products, ends: &mut outcomes };
    fit_lanes(lanes, spectra, &mut out);
    let width = ErrorLayout::of(lanes).len();
    let mut errors = vec![[0.0; LANES]; blocks * width];
    errors_in_lanes(lanes, &parameters, &products, &mut errors);
    let layout = Layout::of(plan);
    let mut numbers = vec![f64::NAN; count * layout.len()];
    let mut status = Vec::with_capacity(count);
    let (mut all, mut describer) = (plan.values.clone(), Describer::new(plan));
    for (pixel, row) in numbers.chunks_exact_mut(layout.len()).enumerate() {
        for (column, &index) in plan.free.iter().enumerate() {
            all[index] = f64::from(parameters[pixel * n + column]);
        }
        let squares = f64::from(products[pixel / LANES * triangle + place(n, n)][pixel % LANES]);
        let solution = Solution { parameters: &all, squares, converged: outcomes[pixel].converged };
        let error = |index: usize| errors[pixel / LANES * width + index][pixel % LANES];
        let mut found = describer.describe_with(&solution, error, row);
        let limits = if settings.polish { POLISH } else { (SECOND_TRY, f64::from(settings.tolerance)) };
        if settings.polish || found == Status::NotConverged {
            let spectrum: Vec<f64> =
                spectra[pixel * m..][..m].iter().map(|&value| f64::from(value)).collect();
            let fine = polish(plan, &spectrum, &all, limits.0, limits.1);
            let solution =
                Solution { parameters: &fine.parameters, squares: fine.squares, converged: fine.converged };
            found = describer.describe(&solution, |a, b| fine.products[a * n + b], row);
        }
        status.push(found);
    }
    Fitted { numbers, status, iterations: outcomes.iter().map(|outcome| outcome.iterations).collect() }
}
