//! The fit of a stack, region by region.

use super::maps::{FitMaps, Status};
use super::model::{Model, Role};
use super::noise::{NoiseRule, pooled_pre_edge_sigma};
use super::pixel::Layout;
use super::region::{Fitted, fit_region};
use crate::SpectroError;
use litho_types::energy_stack::EnergyStack;
use ndarray::{Array2, Array3, ArrayView2};

/// How pixels are fitted and judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// When an edge jump counts as absent.
    pub noise: NoiseRule,
    /// Energies before the edge, which noise and starts are taken from.
    pub pre_edge: usize,
    /// Optical density from which on a pixel is saturated; infinite ones always are.
    pub saturation: f32,
    /// Steps allowed to a pixel in single precision.
    pub iterations: u32,
    /// A fit ends when the next step would lower its cost by less than this fraction.
    pub tolerance: f32,
    /// Repeats the last steps in double precision, with its standard deviations.
    pub polish: bool,
    /// Jump, in standard deviations of the noise, above which a pixel takes part in finding an empirical prior.
    pub prior_jump: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            noise: NoiseRule::default(),
            pre_edge: 4,
            saturation: f32::INFINITY,
            iterations: 60,
            tolerance: 1e-4,
            polish: false,
            prior_jump: 20.0,
        }
    }
}

/// Fits `model` to the optical density of every pixel with a label above zero in `regions` `(y, x)`. Each label is a region
/// of its own: one mean spectrum, one value of each shared parameter.
///
/// # Errors
/// [`SpectroError::TooFewEnergies`], [`SpectroError::PreEdge`], [`SpectroError::Setting`], [`SpectroError::Shape`]; pixels
/// without usable data get a [`Status`] instead.
pub fn fit(
    model: &Model,
    stack: &EnergyStack,
    regions: ArrayView2<'_, u32>,
    settings: &Settings,
) -> Result<FitMaps, SpectroError> {
    check(model, stack, &regions, settings)?;
    let status = states_of_data(stack, &regions, settings.saturation);
    let mut maps = empty(model, status);
    if !maps.status.iter().any(|&status| status == Status::Ok) {
        return Ok(maps);
    }
    maps.noise = pooled_pre_edge_sigma(stack, settings.pre_edge)?;
    let least = settings.noise.least_jump(stack, (maps.noise, settings.pre_edge))?;
    let mut labels: Vec<u32> = regions.iter().copied().filter(|&label| label > 0).collect();
    labels.sort_unstable();
    labels.dedup();
    for label in labels {
        let chosen =
            regions.iter().zip(&maps.status).map(|(&found, &status)| found == label && status == Status::Ok);
        let pixels: Vec<usize> = chosen.enumerate().filter(|(_, chosen)| *chosen).map(|(at, _)| at).collect();
        if pixels.is_empty() {
            continue;
        }
        let (mean, fitted) =
            fit_region(model, stack, (label, &pixels), (settings, maps.noise, least.as_ref()));
        maps.means.push(mean);
        scatter(&mut maps, &pixels, &fitted);
    }
    if let Some(least) = least {
        judge_noise(&mut maps, &least);
    }
    Ok(maps)
}

fn check(
    model: &Model,
    stack: &EnergyStack,
    regions: &ArrayView2<'_, u32>,
    settings: &Settings,
) -> Result<(), SpectroError> {
    let operation = "edge fit";
    if regions.dim() != stack.shape() {
        return Err(SpectroError::Shape {
            operation,
            map: "regions",
            found: regions.dim(),
            wanted: stack.shape(),
        });
    }
    let setting = |setting, value, fix| Err(SpectroError::Setting { operation, setting, value, fix });
    if !(settings.tolerance > 0.0 && settings.tolerance < 1.0) {
        return setting("tolerance", f64::from(settings.tolerance), "choose a number between 0 and 1");
    }
    if settings.iterations == 0 {
        return setting("iterations", 0.0, "allow at least one step");
    }
    if let NoiseRule::Pooled(factor) = settings.noise
        && !(factor.is_finite() && factor >= 0.0)
    {
        return setting("noise factor", factor, "choose a finite number of standard deviations");
    }
    let energies = stack.energies().len();
    let free = model.parameters().filter(|parameter| !matches!(parameter.role, Role::Held(_))).count();
    if energies <= free {
        return Err(SpectroError::TooFewEnergies { energies, free });
    }
    if !(3..=energies).contains(&settings.pre_edge) {
        return Err(SpectroError::PreEdge { wanted: settings.pre_edge, energies, minimum: 3 });
    }
    Ok(())
}

/// [`Status::Ok`] where there is a spectrum to fit, the reason elsewhere.
fn states_of_data(stack: &EnergyStack, regions: &ArrayView2<'_, u32>, saturation: f32) -> Array2<Status> {
    let mut status = regions.mapv(|label| if label == 0 { Status::Outside } else { Status::Ok });
    for image in stack.optical_density().outer_iter() {
        status.zip_mut_with(&image, |status, &value| {
            let found = if value.is_nan() || value == f32::NEG_INFINITY {
                Status::MissingData
            } else if value >= saturation {
                Status::Saturated
            } else {
                return;
            };
            // A missing value weighs more than a saturated one, nothing more than not being asked.
            *status = found.max(*status);
        });
    }
    status
}

fn empty(model: &Model, status: Array2<Status>) -> FitMaps {
    let (ny, nx) = status.dim();
    let names = model.names();
    let peaks = model.terms().iter().filter(|term| !term.shape.is_edge()).count();
    let maps = |count| Array3::from_elem((count, ny, nx), f64::NAN);
    let sigmas = |count| Array3::from_elem((count, ny, nx), f32::NAN);
    FitMaps {
        parameters: maps(names.len()),
        sigma: sigmas(names.len()),
        edge_jump: Array2::from_elem((ny, nx), f64::NAN),
        edge_jump_sigma: Array2::from_elem((ny, nx), f32::NAN),
        peak_area: maps(peaks),
        peak_area_sigma: sigmas(peaks),
        peak_ratio: maps(peaks),
        peak_ratio_sigma: sigmas(peaks),
        residual: Array2::from_elem((ny, nx), f32::NAN),
        iterations: Array2::zeros((ny, nx)),
        status,
        means: Vec::new(),
        noise: f64::NAN,
        names,
    }
}

fn scatter(maps: &mut FitMaps, pixels: &[usize], fitted: &Fitted) {
    let nx = maps.status.dim().1;
    let layout = Layout { parameters: maps.names.len(), peaks: maps.peak_area.dim().0 };
    let rows = fitted.numbers.chunks_exact(layout.len());
    for (((&at, row), &status), &iterations) in
        pixels.iter().zip(rows).zip(&fitted.status).zip(&fitted.iterations)
    {
        let (y, x) = (at / nx, at % nx);
        for index in 0..layout.parameters {
            maps.parameters[(index, y, x)] = row[index];
            maps.sigma[(index, y, x)] = row[layout.parameters + index] as f32;
        }
        for peak in 0..layout.peaks {
            maps.peak_area[(peak, y, x)] = row[layout.peak(0) + peak];
            maps.peak_area_sigma[(peak, y, x)] = row[layout.peak(1) + peak] as f32;
            maps.peak_ratio[(peak, y, x)] = row[layout.peak(2) + peak];
            maps.peak_ratio_sigma[(peak, y, x)] = row[layout.peak(3) + peak] as f32;
        }
        maps.edge_jump[(y, x)] = row[layout.jump()];
        maps.edge_jump_sigma[(y, x)] = row[layout.jump() + 1] as f32;
        maps.residual[(y, x)] = row[layout.residual()] as f32;
        maps.iterations[(y, x)] = iterations;
        maps.status[(y, x)] = status;
    }
}

/// Marks fitted pixels whose jump drowns in the noise.
fn judge_noise(maps: &mut FitMaps, least: &Array2<f64>) {
    ndarray::Zip::from(&mut maps.status).and(&maps.edge_jump).and(least).for_each(|status, &jump, &least| {
        if *status <= Status::NotConverged && jump < least {
            *status = Status::BelowNoise;
        }
    });
}
