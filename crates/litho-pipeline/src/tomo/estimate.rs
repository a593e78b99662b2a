//! What `tomo` would take in memory, without running it.

use super::config::TomoConfig;
use super::input::Input;
use super::settings::TomoSettings;
use crate::error::PipelineError;
use crate::estimate::{Estimate, bytes};
use litho_io::available_memory;
use litho_tomo::{Geometry, Settings, memory};
use serde_json::json;
use std::path::Path;

/// Bytes of one number of a projection or a volume.
const NUMBER: u64 = 4;
/// Rows and slices that are read and written together.
const LAYER: usize = 32;

/// Estimates the memory of a reconstruction with this configuration.
///
/// # Errors
/// [`PipelineError`] for a bad configuration, or a series that cannot be planned.
pub fn estimate(tilts: &Path, config: &TomoConfig) -> Result<Estimate, PipelineError> {
    let settings = TomoSettings::resolve(config.clone()).map_err(PipelineError::Config)?;
    let input = Input::open(tilts, &settings.tilts, settings.method)?;
    let (count, ny, nx) = input.dim();
    let geometry = Geometry::centred(input.angles(), nx)?;
    let threads = match settings.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let work = memory(&geometry, &Settings::new(settings.method), ny, input.is_weighted(), threads);
    let [projections, volume] = [[count, ny, nx], [ny, nx, nx]]
        .map(|shape| shape.iter().fold(NUMBER, |product, n| product.saturating_mul(*n as u64)));
    // Two halves, and as much again for their transforms; projections whose gradients are taken are read as a whole.
    let halves = if settings.split { volume.saturating_mul(6) } else { 0 };
    let whole = if input.is_in_memory() { projections.saturating_mul(4) } else { 0 };
    // Rows as stored and as read, slices as found and as written.
    let passing = [[2 * count, LAYER, nx], [LAYER, nx, nx]]
        .map(|shape| shape.iter().fold(NUMBER, |product, n| product.saturating_mul(*n as u64)));
    let passing = passing[0].saturating_add(passing[1]);
    let total = work.saturating_add(passing).saturating_add(whole).max(halves);
    let available = available_memory();
    let row = |name: &str, amount: u64, how: String| [name.to_owned(), bytes(amount), how];
    let rows = vec![
        row("projections", projections, format!("{count} × {ny} × {nx}, read some rows at a time")),
        row("volume", volume, format!("{ny} × {nx} × {nx}, written some slices at a time")),
        row("layers at work", work, format!("{} on {threads} threads", settings.method.name())),
        row("rows and slices", passing, "on their way in and out".to_owned()),
        row("projections in memory", whole, "for phase gradients".to_owned()),
        row("halves", halves, "two volumes and their transforms".to_owned()),
        row(
            "in all",
            total,
            available.map_or_else(String::new, |available| format!("of {} available", bytes(available))),
        ),
    ];
    let mut warnings = input.warnings.clone();
    if let Some(available) = available.filter(|available| *available < total) {
        warnings.push(format!(
            "{} are more than the {} available; use fewer threads, or leave out the halves",
            bytes(total),
            bytes(available)
        ));
    }
    let json = json!({
        "file": tilts.display().to_string(),
        "projections": [count, ny, nx],
        "volume": [ny, nx, nx],
        "threads": threads,
        "memory_bytes": { "layers": work, "passing": passing, "whole": whole, "halves": halves, "total": total },
        "warnings": warnings,
    });
    Ok(Estimate { rows, warnings, json })
}
