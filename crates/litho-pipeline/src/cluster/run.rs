//! The steps from maps to domains, in order.

use super::config::ClusterConfig;
use super::inputs::Inputs;
use super::result::{Domains, Parts};
use super::settings::ClusterSettings;
use super::sorted::sort;
use super::spectra::of_clusters;
use crate::citations::{GAP, KMEANS, KMEANS_START, SILHOUETTE};
use crate::error::PipelineError;
use crate::provenance::{Provenance, hash_of_text};
use crate::threads::in_pool;
use std::path::PathBuf;
use std::time::Instant;

/// What to sort and where to put it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Files of maps, one per particle.
    pub maps: Vec<PathBuf>,
    /// The file of domains.
    pub output: PathBuf,
    /// Settings.
    pub config: ClusterConfig,
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

/// Sorts the pixels of all inputs together and writes the domains.
///
/// # Errors
/// [`PipelineError`] for bad settings, files without the maps that are asked for, or a file that cannot be written.
pub fn cluster(request: &Request) -> Result<Summary, PipelineError> {
    let settings = ClusterSettings::resolve(request.config.clone()).map_err(PipelineError::Config)?;
    in_pool(settings.config.threads.unwrap_or(0), || run(request, &settings))
}

fn run(request: &Request, settings: &ClusterSettings) -> Result<Summary, PipelineError> {
    let started = Instant::now();
    let inputs = Inputs::read(&request.maps, settings)?;
    let mut warnings = Vec::new();
    let sorted = sort(&inputs, settings, &mut warnings)?;
    let labels = inputs.images(&sorted.labels);
    let spectra = of_clusters(&inputs, &labels, sorted.k(), settings, &mut warnings)?;
    let hashes: String = inputs.all.iter().map(|input| input.fingerprint.1.as_str()).collect();
    let names: Vec<String> = inputs.all.iter().map(|input| input.path.display().to_string()).collect();
    let provenance = Provenance {
        input: names.join(", "),
        input_size: inputs.all.iter().map(|input| input.fingerprint.0).sum(),
        input_hash: match &inputs.all[..] {
            [input] => input.fingerprint.1.clone(),
            _ => hash_of_text(&hashes),
        },
        config: toml::to_string(&settings.config)
            .unwrap_or_else(|error| format!("# not representable: {error}")),
        seed: settings.kmeans.seed,
        threads: rayon::current_num_threads(),
        wall_seconds: started.elapsed().as_secs_f64(),
        citations: [KMEANS, KMEANS_START, SILHOUETTE, GAP].map(str::to_owned).to_vec(),
        warnings: warnings.clone(),
    };
    let parts =
        Parts { inputs: &inputs, settings, sorted: &sorted, labels: &labels, spectra: spectra.as_ref() };
    let domains = Domains::assemble(&parts, provenance)?;
    domains.write(&request.output)?;
    Ok(Summary { output: request.output.clone(), lines: domains.lines.clone(), warnings })
}
