//! The steps from a stack to maps, in order.

use super::composition::{composition, subject};
use super::config::XanesConfig;
use super::regions::{labels, roi};
use super::result::{Parts, XanesMaps};
use super::settings::XanesSettings;
use crate::citations::{HENKE, MARQUARDT, VANADIUM};
use crate::error::PipelineError;
use crate::provenance::Provenance;
use crate::stack_input::{LoadedStack, load};
use crate::threads::in_pool;
use litho_spectro::fit::{FitMaps, Model, NoiseRule, Role, Settings, fit, pooled_pre_edge_sigma};
use std::path::PathBuf;
use std::time::Instant;

/// What to fit and where to put it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The stack.
    pub stack: PathBuf,
    /// The file of maps.
    pub output: PathBuf,
    /// Settings.
    pub config: XanesConfig,
}

/// What a person is told at the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The file that was written.
    pub output: PathBuf,
    /// Lines of results.
    pub lines: Vec<String>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// Fits every pixel of a stack and writes the maps.
///
/// # Errors
/// [`PipelineError`] for bad settings, a bad stack or a file that cannot be written.
pub fn xanes(request: &Request) -> Result<Summary, PipelineError> {
    let settings = XanesSettings::resolve(request.config.clone()).map_err(PipelineError::Config)?;
    in_pool(settings.threads, || run(request, &settings))
}

fn run(request: &Request, settings: &XanesSettings) -> Result<Summary, PipelineError> {
    let started = Instant::now();
    let loaded = load(&request.stack, &settings.stack)?;
    let stack = &loaded.stack;
    let mut warnings = loaded.warnings.clone();
    let subject = subject(settings, &loaded, &mut warnings)?;
    let model = settings.model.at(subject.edge.value())?;
    let judged = with_stated_noise(&settings.fit, &loaded, &mut warnings);
    let fitted = fit(&model, stack, labels(settings, stack)?.view(), &judged)?;
    warnings.extend(without_prior(&model, &fitted));
    for mean in fitted.means.iter().filter(|mean| !mean.converged) {
        warnings.push(format!(
            "the fit of the mean spectrum of particle {} did not converge; look at the model's bounds",
            mean.region
        ));
    }
    let composition = composition(settings, &loaded, subject, &fitted, &mut warnings)?;
    let spectra = settings.roi.iter().map(|one| roi(one, stack, &model, &settings.fit));
    let spectra = spectra.collect::<Result<Vec<_>, _>>()?;
    let provenance = Provenance {
        input: request.stack.display().to_string(),
        input_size: loaded.size,
        input_hash: loaded.hash.clone(),
        config: toml::to_string(&settings.config)
            .unwrap_or_else(|error| format!("# not representable: {error}")),
        seed: 0,
        threads: rayon::current_num_threads(),
        wall_seconds: started.elapsed().as_secs_f64(),
        citations: [MARQUARDT, VANADIUM, HENKE].map(str::to_owned).to_vec(),
        warnings: warnings.clone(),
    };
    let parts = Parts {
        stack,
        model: &model,
        fit: &fitted,
        subject,
        composition: composition.as_ref(),
        roi: &spectra,
    };
    let maps = XanesMaps::assemble(&parts, provenance);
    maps.write(&request.output)?;
    Ok(Summary { output: request.output.clone(), lines: maps.lines(), warnings })
}

/// The same settings with the noise rule raised where the stack states more noise in air than its spectra show before the
/// edge. A constraint between the energies, as that of Kramers and Kronig, makes their noise alike: along a spectrum it
/// no longer shows, but the edge jump still has it.
fn with_stated_noise(settings: &Settings, loaded: &LoadedStack, warnings: &mut Vec<String>) -> Settings {
    let (NoiseRule::Pooled(factor), Some(stated)) = (settings.noise, &loaded.density_noise) else {
        return settings.clone();
    };
    let Ok(shown) = pooled_pre_edge_sigma(&loaded.stack, settings.pre_edge) else { return settings.clone() };
    let before = &stated[..settings.pre_edge.min(stated.len())];
    let stated = (before.iter().map(|sigma| sigma * sigma).sum::<f64>() / before.len() as f64).sqrt();
    // The sum of few residuals is uncertain by about a half.
    if stated > 1.5 * shown {
        warnings.push(format!(
            "noise in air is {:.1} times that along the spectra: energies share their noise, and standard deviations \
             from the fits are too small by up to this factor",
            stated / shown
        ));
    }
    Settings { noise: NoiseRule::Pooled(factor * (stated / shown).max(1.0)), ..settings.clone() }
}

/// What to say where a particle's pixels are too weak to tell a prior.
fn without_prior(model: &Model, fitted: &FitMaps) -> Vec<String> {
    let asked = model.parameters().filter(|parameter| parameter.role == Role::EmpiricalPrior).count();
    let lacking = fitted.means.iter().filter(|mean| mean.priors.len() < asked);
    let words = |region| {
        format!("particle {region} has too few strong pixels to find priors from; its parameters are free")
    };
    lacking.map(|mean| words(mean.region)).collect()
}
