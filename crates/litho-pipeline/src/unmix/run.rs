//! The steps from a stack and references to shares, in order.

use super::config::UnmixConfig;
use super::references::{self, References};
use super::result::{Parts, UnmixMaps};
use super::settings::UnmixSettings;
use crate::citations::{MALINOWSKI, TARGET_FACTORS};
use crate::error::PipelineError;
use crate::provenance::Provenance;
use crate::stack_input::load;
use crate::threads::in_pool;
use litho_spectro::unmix::{Components, ComponentsOptions, TargetTransform, UnmixOptions, unmix as solve};
use std::path::PathBuf;
use std::time::Instant;

/// What to take apart and where to put it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The stack.
    pub stack: PathBuf,
    /// The file that lists the references.
    pub references: PathBuf,
    /// The file of maps.
    pub output: PathBuf,
    /// Settings.
    pub config: UnmixConfig,
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

/// Fits every pixel of a stack with reference spectra and writes the maps.
///
/// # Errors
/// [`PipelineError`] for bad settings, a bad stack, bad references or a file that cannot be written.
pub fn unmix(request: &Request) -> Result<Summary, PipelineError> {
    let settings = UnmixSettings::resolve(request.config.clone()).map_err(PipelineError::Config)?;
    let references = references::read(&request.references)?;
    in_pool(settings.threads, || run(request, &settings, &references))
}

fn run(
    request: &Request,
    settings: &UnmixSettings,
    references: &References,
) -> Result<Summary, PipelineError> {
    let started = Instant::now();
    let loaded = load(&request.stack, &settings.stack)?;
    let stack = &loaded.stack;
    let noise = loaded.density_noise.clone().filter(|_| settings.weighted);
    let options = UnmixOptions { noise, ..settings.options.clone() };
    let unmixed = solve(stack, &references.spectra, &options)?;
    let mut warnings = loaded.warnings.clone();
    warnings.extend(references.warnings.iter().cloned());
    warnings.extend(unmixed.warnings.iter().map(ToString::to_string));
    let components = Components::new(stack, ComponentsOptions { centred: settings.centred })?;
    let most = stack.energies().len() - 1;
    let enough = components.by_indicator.max(references.spectra.len()).min(most);
    let used = settings.components.unwrap_or(enough);
    let targets = targets(&components, references, used, &mut warnings)?;
    let provenance = Provenance {
        input: request.stack.display().to_string(),
        input_size: loaded.size,
        input_hash: loaded.hash.clone(),
        config: record(settings, references),
        seed: 0,
        threads: rayon::current_num_threads(),
        wall_seconds: started.elapsed().as_secs_f64(),
        citations: [MALINOWSKI, TARGET_FACTORS].map(str::to_owned).to_vec(),
        warnings: warnings.clone(),
    };
    let parts = Parts {
        stack,
        references: &references.spectra,
        unmixed: &unmixed,
        components: &components,
        targets: (used, &targets),
    };
    let maps = UnmixMaps::assemble(&parts, provenance);
    maps.write(&request.output)?;
    Ok(Summary { output: request.output.clone(), lines: maps.lines, warnings })
}

/// Each reference among the components; none if one of them ends within the stack's energies, as a fit over a range allows.
fn targets(
    components: &Components,
    references: &References,
    used: usize,
    warnings: &mut Vec<String>,
) -> Result<Vec<TargetTransform>, PipelineError> {
    use litho_spectro::unmix::UnmixError;
    match references.spectra.iter().map(|one| components.target(one, used)).collect() {
        Ok(targets) => Ok(targets),
        Err(UnmixError::Uncovered { name, .. }) => {
            warnings.push(format!(
                "reference {name} does not cover all energies of the stack: no reference was looked for among the components"
            ));
            Ok(Vec::new())
        }
        Err(error) => Err(error.into()),
    }
}

/// Settings and references, one TOML.
fn record(settings: &UnmixSettings, references: &References) -> String {
    let config =
        toml::to_string(&settings.config).unwrap_or_else(|error| format!("# not representable: {error}"));
    format!("{config}\n# references\n{}", references.text)
}
