//! The steps from a stack to maps, in order.

use super::composition::{composition, subject};
use super::config::XanesConfig;
use super::regions::{labels, roi};
use super::result::{Parts, XanesMaps};
use super::settings::XanesSettings;
use crate::citations::{HENKE, MARQUARDT, VANADIUM};
use crate::error::PipelineError;
use crate::provenance::Provenance;
use crate::stack_input::load;
use crate::threads::in_pool;
use litho_spectro::fit::fit;
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
    let fitted = fit(&model, stack, labels(settings, stack)?.view(), &settings.fit)?;
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
