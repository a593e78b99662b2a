//! The steps from the chemistry of voxels to particles and their statistics, in order.

use super::config::ParticlesConfig;
use super::dependence::{Dependences, dependences};
use super::input::Chemistry;
use super::result::{ParticlesResult, columns};
use super::settings::{ParticlesSettings, Split};
use super::split::{parts, resolution_nm};
use super::table::{Row, measured};
use crate::align::Summary;
use crate::citations;
use crate::error::PipelineError;
use crate::output;
use crate::provenance::{Provenance, fingerprint};
use crate::reconstruct::Status;
use crate::threads::in_pool;
use litho_types::observer::CancelToken;
use std::path::PathBuf;
use std::time::Instant;

/// Whose particles, and where to put them.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// A result of `chemistry`.
    pub chemistry: PathBuf,
    /// The file of particles; the table lies beside it as CSV.
    pub output: PathBuf,
    /// Settings.
    pub config: ParticlesConfig,
}

/// Finds and measures the particles of a volume and writes them.
///
/// # Errors
/// [`PipelineError`] for bad settings, no chemistry, no particle, a file that cannot be written, or if somebody asked to stop.
pub fn particles(request: &Request, cancel: &CancelToken) -> Result<Summary, PipelineError> {
    let settings = ParticlesSettings::resolve(request.config.clone()).map_err(PipelineError::Config)?;
    output::check(&request.chemistry, &request.output)?;
    in_pool(settings.threads, || run(request, &settings, cancel))
}

fn run(
    request: &Request,
    settings: &ParticlesSettings,
    cancel: &CancelToken,
) -> Result<Summary, PipelineError> {
    let started = Instant::now();
    let chemistry = Chemistry::read(&request.chemistry)?;
    check_resolution(&chemistry, settings)?;
    let (input_size, input_hash) = fingerprint(&request.chemistry)?;
    let parts = parts(&chemistry, settings, cancel)?;
    let table = measured(&parts, &chemistry, settings)?;
    if table.rows.is_empty() {
        return Err(PipelineError::Unsuitable {
            file: request.chemistry.display().to_string(),
            reason: format!("holds no particle of {} voxels or more; lower --smallest", settings.smallest),
        });
    }
    let statistics = dependences(&columns(&table.rows), chemistry.voxel.value(), settings)?;
    let warnings = warnings(&table.rows);
    let mut lines = vec![format!("{} particles, {} contacts", table.rows.len(), table.contacts.len())];
    lines.extend(statistics.iter().flat_map(|statistics| told(statistics, &chemistry)));
    let provenance = Provenance {
        input: request.chemistry.display().to_string(),
        input_size,
        input_hash,
        config: toml::to_string(&settings.config)
            .unwrap_or_else(|error| format!("# not representable: {error}")),
        seed: settings.seed,
        threads: rayon::current_num_threads(),
        wall_seconds: started.elapsed().as_secs_f64(),
        citations: citations::of_particles(settings.split == Split::Watershed),
        warnings: warnings.clone(),
    };
    let result = ParticlesResult {
        labels: &parts.labels,
        table: &table,
        statistics: &statistics,
        voxel: chemistry.voxel,
        provenance: &provenance,
    };
    let csv = result.write(&request.output)?;
    lines.push(format!("table: {}", csv.display()));
    Ok(Summary { status: Status::Done, output: Some(request.output.clone()), lines, warnings })
}

/// Voxels that a resolution may span.
const RESOLUTIONS: std::ops::RangeInclusive<f64> = 0.5..=20.0;

/// Refuses a resolution in another unit.
fn check_resolution(chemistry: &Chemistry, settings: &ParticlesSettings) -> Result<(), PipelineError> {
    let nm = resolution_nm(chemistry.voxel, settings);
    let voxels = nm * 1e-9 / chemistry.voxel.value();
    if RESOLUTIONS.contains(&voxels) {
        return Ok(());
    }
    let (low, high) = (RESOLUTIONS.start(), RESOLUTIONS.end());
    let reason = format!("is {voxels:.3e} voxels; give it in nanometres, from {low} to {high} voxels");
    Err(PipelineError::argument("resolution_nm", nm, reason))
}

fn told(statistics: &Dependences, chemistry: &Chemistry) -> Vec<String> {
    let share = statistics.share;
    let phase = chemistry.phases.get(1).map_or("the second phase", String::as_str);
    let mut lines = vec![format!(
        "active (≥ {:.0} % {phase}): {} of {}, {:.1} ± {:.1} %",
        100.0 * statistics.threshold,
        share.successes,
        share.total,
        100.0 * share.value,
        100.0 * share.sigma
    )];
    for on in &statistics.on {
        if let Some(rank) = on.activity {
            let name = on.name.replace('_', " ");
            lines.push(format!("  with {name}: rank correlation {:+.2}, p = {:.2e}", rank.rho, rank.p_value));
        }
    }
    lines
}

fn warnings(rows: &[Row]) -> Vec<String> {
    let cut = rows.iter().filter(|row| row.particle.touches_border).count();
    let unmeasured = rows.iter().filter(|row| row.thickness.fit.is_none()).count();
    let mut warnings = Vec::new();
    if cut > 0 {
        warnings.push(format!("{cut} particles reach the border of the volume and may go on beyond it"));
    }
    if unmeasured > 0 {
        warnings
            .push(format!("{unmeasured} particles have too few voxels under their facet for a thickness"));
    }
    warnings
}
