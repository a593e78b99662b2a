//! Images and maps of all samples, each quantity on one scale.

use super::SpectroscopyReport;
use super::sample::{Descriptor, Sample, rows};
use crate::ReportError;
use crate::colour::ColourMap;
use crate::figure::{Grid, MapStyle, Panel, Range};
use crate::format::short_number;
use crate::report::drawing::{Drawing, Piece};
use ndarray::ArrayView2;

/// The maps that `of` finds in the samples, in rows.
fn panels<'a>(
    samples: &[Sample<'a>],
    of: impl Fn(&Sample<'a>) -> Option<ArrayView2<'a, f32>>,
) -> Vec<Vec<Panel<'a>>> {
    let having: Vec<&Sample<'a>> = samples.iter().filter(|sample| of(sample).is_some()).collect();
    let panel = |sample: &&Sample<'a>| {
        of(sample).map(|values| Panel { title: sample.heading(), values, pixel: sample.pixel })
    };
    rows(&having).iter().map(|row| row.iter().filter_map(panel).collect()).collect()
}

fn at(energy: Option<f64>) -> String {
    energy.map_or_else(String::new, |e| format!(" at {e:.0} eV"))
}

/// Figure 1 (b, c) of the paper: absorption and phase.
pub(super) fn images(report: &SpectroscopyReport<'_>) -> Result<Vec<Piece>, ReportError> {
    let grey = |label: &str| MapStyle::new(ColourMap::Grey, label);
    let absorption = panels(&report.samples, |s| s.absorption);
    let phase = panels(&report.samples, |s| s.phase);
    let mut drawings = Vec::new();
    if !absorption.is_empty() {
        let at = at(report.absorption_energy);
        let grid = Grid::maps("", &absorption, &grey("optical density"))?;
        let caption =
            format!("Absorption{at}: optical density of each sample.{}", shown(&grid, "; the middle 99 %"));
        let alt = format!("Grey-scale images of the optical density of each sample{at}");
        drawings.push(Drawing::of_grid("absorption", grid, alt, caption)?);
    }
    if !phase.is_empty() {
        let at = at(report.phase_energy);
        let grid = Grid::maps("", &phase, &grey("phase (rad)"))?;
        let caption = format!(
            "Phase{at} of each sample; matter has the more negative phase.{}",
            shown(&grid, "; the middle 99 %")
        );
        let alt = format!("Grey-scale images of the phase of each sample{at}");
        drawings.push(Drawing::of_grid("phase", grid, alt, caption)?);
    }
    if drawings.is_empty() {
        return Ok(vec![Piece::absent("No absorption or phase images were given.")]);
    }
    Ok(drawings.into_iter().map(Piece::one).collect())
}

/// Figure 2 of the paper: edge energy, `Re[Neff]/N_V`, `PE/Δμt`.
pub(super) fn chemical_state(report: &SpectroscopyReport<'_>) -> Result<Vec<Piece>, ReportError> {
    let mut pieces = Vec::new();
    for descriptor in Descriptor::ALL {
        let maps = panels(&report.samples, |s| s.descriptor(descriptor).map(|map| s.cropped(map.values)));
        if maps.is_empty() {
            continue;
        }
        let grid = Grid::maps("", &maps, &report.scales.style(descriptor))?;
        let caption = format!(
            "{}.{} Values in white areas are missing because no fit was possible. Each map is cropped to its sample.",
            descriptor.words(),
            shown(&grid, "")
        );
        let alt = format!("Colour maps of {} of each sample", descriptor.label());
        pieces.push(Piece::one(Drawing::of_grid(descriptor.file_name(), grid, alt, caption)?));
    }
    if pieces.is_empty() {
        pieces.push(Piece::absent("No chemical state maps were given."));
    }
    Ok(pieces)
}

/// How far each pixel is from the Kramers–Kronig relation.
pub(super) fn residuals(report: &SpectroscopyReport<'_>) -> Result<Vec<Piece>, ReportError> {
    let maps = panels(&report.samples, |s| s.kk_residual.map(|map| s.cropped(map)));
    if maps.is_empty() {
        return Ok(Vec::new());
    }
    let range = Range::Percentiles { low: 0.0, high: 99.0 };
    let label = if report.kk_label.is_empty() { "KK residual" } else { &report.kk_label };
    let style = MapStyle { range, no_data: Some([255; 3]), ..MapStyle::new(ColourMap::Cividis, label) };
    let grid = Grid::maps("", &maps, &style)?;
    let caption = format!(
        "Kramers–Kronig residual: root mean square over the energies of the part of the spectra that absorption and phase \
         do not share.{}",
        shown(&grid, "; the lowest 99 %")
    );
    let alt = "Colour maps of the Kramers–Kronig residual of each sample".to_owned();
    Ok(vec![Piece::one(Drawing::of_grid("kk_residual", grid, alt, caption)?)])
}

/// What the colours span, as a sentence.
fn shown(grid: &Grid, which: &str) -> String {
    grid.shown_range().map_or_else(String::new, |(min, max)| {
        // Energies keep all their digits before the point.
        let text = |v: f64| if v.abs() >= 100.0 { format!("{v:.0}") } else { short_number(v) };
        format!(" Shown from {} to {}{which}.", text(min), text(max))
    })
}
