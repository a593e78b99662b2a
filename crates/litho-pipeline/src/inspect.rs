//! What is in a scan file.

use crate::config::ProbeSource;
use crate::dataset;
use crate::error::PipelineError;
use crate::orientation;
use crate::probe::StartingProbe;
use litho_io::{Description, Ingredient, ReadOptions, describe};
use litho_types::point::Point;
use litho_types::quantity::Metres;
use litho_types::scan::{Positions, Scan};
use serde_json::{Value, json};
use std::path::Path;

/// Whether to spend a few seconds on scoring the detector's orientation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrientationScoring {
    /// Score it.
    Score,
    /// Leave it.
    Skip,
}

/// What `inspect` found.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// Rows of name, value, and where it came from.
    pub rows: Vec<[String; 3]>,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// The same for a machine.
    pub json: Value,
}

/// Reads a scan and describes it; a tilt series or a volume is described from its headers.
///
/// # Errors
/// [`PipelineError`] if the file is none of them, or a bad one.
pub fn inspect(
    dataset: &str,
    options: &ReadOptions,
    scoring: OrientationScoring,
) -> Result<Inspection, PipelineError> {
    let path = dataset::locate(dataset)?;
    if let Ok(Some(description)) = describe(&path) {
        return Ok(described(&path, &description));
    }
    let plan = dataset::plan_scan(&path, options)?;
    let scan = litho_io::read(&plan)?;
    let mut rows = ingredients(plan.format.name(), &plan.ingredients);
    let mut warnings = scan.warnings.clone();
    let mut json = json!({
        "file": path.display().to_string(),
        "format": plan.format.name(),
        "frames": scan.frames.len(),
        "frame_shape": [scan.frames.shape().0, scan.frames.shape().1],
        "number_type": scan.frames.type_name(),
        "zero_frequency": format!("{:?}", scan.origin).to_lowercase(),
    });
    counts(&scan, &mut rows, &mut json);
    spans(&scan, &mut rows, &mut json);
    if scoring == OrientationScoring::Score {
        let start = StartingProbe::from_source(&ProbeSource::Auto, &scan)?;
        let (choice, _) = orientation::choose(&scan, &start)?;
        rows.push(["orientation".to_owned(), choice.chosen.to_string(), choice.reason.clone()]);
        let scores = choice.scores.iter().map(|score| {
            let number = |value: Option<f64>| value.map_or("–".to_owned(), |v| format!("{v:.4}"));
            let text = format!("curl {}, error {}", number(score.curl), number(score.error));
            rows.push([format!("  {}", score.orientation), text, String::new()]);
            json!({
                "orientation": score.orientation.index(), "curl": score.curl, "error": score.error,
            })
        });
        json["orientation"] =
            json!({ "scores": scores.collect::<Vec<_>>(), "chosen": choice.chosen.index() });
        warnings.extend(choice.warnings);
    }
    json["warnings"] = json!(warnings);
    json["ingredients"] = json_of(&plan.ingredients);
    Ok(Inspection { rows, warnings, json })
}

/// A tilt series or a volume.
fn described(path: &Path, description: &Description) -> Inspection {
    let warnings = description.warnings().to_vec();
    let json = json!({
        "file": path.display().to_string(),
        "format": description.format(),
        "warnings": warnings,
        "ingredients": json_of(description.ingredients()),
    });
    Inspection { rows: ingredients(&description.format(), description.ingredients()), warnings, json }
}

fn json_of(ingredients: &[Ingredient]) -> Value {
    ingredients
        .iter()
        .map(|i| json!({ "name": i.name, "value": i.value, "source": i.source, "read_as": i.read_as }))
        .collect()
}

fn ingredients(format: &str, ingredients: &[Ingredient]) -> Vec<[String; 3]> {
    let mut rows = vec![["format".to_owned(), format.to_owned(), "recognised from the contents".to_owned()]];
    for i in ingredients {
        let source =
            if i.read_as.is_empty() { i.source.clone() } else { format!("{} ({})", i.source, i.read_as) };
        rows.push([i.name.to_owned(), i.value.clone(), source]);
    }
    rows
}

fn counts(scan: &Scan, rows: &mut Vec<[String; 3]>, json: &mut Value) {
    let good = scan.mask.good();
    let totals = scan.frames.totals(good.view());
    let mean = totals.iter().sum::<f64>() / totals.len().max(1) as f64;
    let (low, high) = totals.iter().fold((f64::INFINITY, 0.0_f64), |(l, h), t| (l.min(*t), h.max(*t)));
    rows.push([
        "counts per frame".to_owned(),
        format!("mean {mean:.4e}"),
        format!("from {low:.4e} to {high:.4e}"),
    ]);
    let masked = good.len() - scan.mask.good_count();
    rows.push(["masked pixels".to_owned(), masked.to_string(), format!("of {}", good.len())]);
    json["counts_per_frame"] = json!({ "mean": mean, "min": low, "max": high });
    json["masked_pixels"] = json!(masked);
}

fn spans(scan: &Scan, rows: &mut Vec<[String; 3]>, json: &mut Value) {
    let extent = |values: &mut dyn Iterator<Item = f64>| {
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        high - low
    };
    match &scan.positions {
        Positions::Metres(all) => {
            let span = Point::new(
                Metres::new(extent(&mut all.iter().map(|p| p.y.value()))),
                Metres::new(extent(&mut all.iter().map(|p| p.x.value()))),
            );
            rows.push(["scan field".to_owned(), format!("{} × {}", span.y, span.x), "y × x".to_owned()]);
            json["scan_field_m"] = json!([span.y.value(), span.x.value()]);
        }
        Positions::Pixels(all) => {
            let span =
                [extent(&mut all.iter().map(|p| p.y.value())), extent(&mut all.iter().map(|p| p.x.value()))];
            rows.push([
                "scan field".to_owned(),
                format!("{:.1} × {:.1} px", span[0], span[1]),
                "y × x".to_owned(),
            ]);
            json["scan_field_px"] = json!(span);
        }
    }
    if let Some(pixel) = scan.object_pixel() {
        rows.push(["object pixel".to_owned(), format!("{} × {}", pixel.y, pixel.x), "y × x".to_owned()]);
        json["object_pixel_m"] = json!([pixel.y.value(), pixel.x.value()]);
    }
    if let Some(geometry) = scan.geometry {
        json["energy_ev"] = json!(geometry.energy.value());
        json["distance_m"] = json!(geometry.distance.value());
        json["detector_pixel_m"] =
            json!([geometry.detector_pixel.y.value(), geometry.detector_pixel.x.value()]);
        json["magnification"] = json!(geometry.magnification());
    }
}
