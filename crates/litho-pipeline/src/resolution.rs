//! Resolution of results: ring correlation of two, transfer function of one.

use crate::checkpoint::with_dimension;
use crate::config::ReconstructConfig;
use crate::error::PipelineError;
use crate::reconstruct::{Request, Resume, Status, Summary};
use crate::tomo::{self, TomoConfig, fsc_lines};
use crate::volume_input;
use litho_io::{VolumeFormat, read_result};
use litho_resolve::crossing::{Limit, Limits};
use litho_resolve::frc::{Frc, FrcOptions, fourier_ring_correlation};
use litho_resolve::fsc::{Fsc, FscOptions, ShellCurve, fourier_shell_correlation};
use litho_resolve::region::well_covered;
use litho_types::C32;
use litho_types::observer::{CancelToken, Observer};
use litho_types::point::Point;
use litho_types::quantity::{Metres, Pixels};
use litho_types::volume::Volume;
use ndarray::{Array2, Ix2, s};
use serde_json::{Value, json};
use std::path::Path;

/// An object image with what comparing it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// Transmission `(y, x)`.
    pub object: Array2<C32>,
    /// Relative illumination `(y, x)`.
    pub coverage: Array2<f32>,
    /// Scan position, in pixels, of pixel `(0, 0)`.
    pub origin: Point<Pixels>,
    /// Pixel of the object, if known.
    pub pixel: Option<Point<Metres>>,
}

/// Illumination, relative to the best lit pixel, below which a pixel is left out of a comparison.
const LEAST_COVERAGE: f32 = 0.1;
/// Relative difference of pixel sizes above which two images are not on one grid.
const PIXEL_TOLERANCE: f64 = 1e-3;

/// Reads the object of a result file.
///
/// # Errors
/// [`PipelineError`] if the file holds no object image.
pub fn read_image(path: &Path) -> Result<Image, PipelineError> {
    let file = read_result(path)?;
    let object: Array2<C32> =
        with_dimension::<_, Ix2>(file.complex("/entry/object/data")?).ok_or_else(|| {
            PipelineError::Unsuitable {
            file: path.display().to_string(),
            reason:
                "/entry/object/data is not a single image (y, x); give the result of `lithoscope reconstruct`"
                    .to_owned(),
        }
        })?;
    let coverage = if file.contains("/entry/coverage/data") {
        with_dimension::<_, Ix2>(file.real_f32("/entry/coverage/data")?)
    } else {
        None
    };
    let axis = |name: &str| -> Result<(f64, f64), PipelineError> {
        let values: Vec<f64> = file.real(&format!("/entry/object/{name}"))?.into_iter().collect();
        Ok((values[0], if values.len() > 1 { values[1] - values[0] } else { 1.0 }))
    };
    let ((y0, dy), (x0, dx)) = (axis("y")?, axis("x")?);
    let metric = file.unit("/entry/object/y").as_deref() == Some("m");
    Ok(Image {
        coverage: coverage.unwrap_or_else(|| Array2::ones(object.dim())),
        origin: Point::new(Pixels::new(y0 / dy), Pixels::new(x0 / dx)),
        pixel: metric.then(|| Point::new(Metres::new(dy), Metres::new(dx))),
        object,
    })
}

/// Correlates two images on the region both saw well: cut to the common field,
/// registered to a fraction of a pixel, ramp removed, Hann window.
///
/// # Errors
/// [`PipelineError`] if the pixels differ or the fields do not overlap.
pub fn correlate(first: &Image, second: &Image) -> Result<Frc, PipelineError> {
    let differ = |a: Metres, b: Metres| (a / b - 1.0).abs() > PIXEL_TOLERANCE;
    if let (Some(a), Some(b)) = (first.pixel, second.pixel)
        && (differ(a.y, b.y) || differ(a.x, b.x))
    {
        return Err(PipelineError::argument(
            "second image",
            format!("pixel {}", b.y),
            format!("the first image has a pixel of {}; reconstruct both on one grid", a.y),
        ));
    }
    let (ya, yb, height) =
        common(first.origin.y, first.object.dim().0, second.origin.y, second.object.dim().0)?;
    let (xa, xb, width) =
        common(first.origin.x, first.object.dim().1, second.origin.x, second.object.dim().1)?;
    let (a, b) = (s![ya..ya + height, xa..xa + width], s![yb..yb + height, xb..xb + width]);
    let (coverage_a, coverage_b) = (first.coverage.slice(a), second.coverage.slice(b));
    let mut seen = coverage_a.to_owned();
    seen.zip_mut_with(&coverage_b, |a, b| *a = a.min(*b));
    let options = FrcOptions {
        region: Some(well_covered(seen.view(), LEAST_COVERAGE)?),
        pixel: first.pixel,
        ..FrcOptions::default()
    };
    Ok(fourier_ring_correlation(first.object.slice(a), second.object.slice(b), &options)?)
}

/// Where the common span of two axes begins in each, and how long it is.
fn common(a0: Pixels, na: usize, b0: Pixels, nb: usize) -> Result<(usize, usize, usize), PipelineError> {
    let offset = (b0.value() - a0.value()).round() as i64;
    let (in_a, in_b) = (offset.max(0) as usize, (-offset).max(0) as usize);
    let length = na.saturating_sub(in_a).min(nb.saturating_sub(in_b));
    if length == 0 {
        return Err(PipelineError::argument(
            "images",
            format!("{offset} px apart"),
            "their fields do not overlap; give two reconstructions of the same place",
        ));
    }
    Ok((in_a, in_b, length))
}

/// One measure of resolution, in words: `FRC ½-bit: 23.1 nm half-period (first crossing)`.
pub(crate) fn describe(measure: &str, limits: &Limits, pixel: Option<Metres>) -> String {
    let length = |limit: Limit, name: &str| {
        let full = limit.full_period_pixels()?;
        Some(match (limit, pixel) {
            (Limit::PixelLimit, Some(pixel)) => {
                format!("reaches the pixel limit ({} half-period)", pixel * (full / 2.0))
            }
            (Limit::PixelLimit, None) => format!("reaches the pixel limit ({} px half-period)", full / 2.0),
            (_, Some(pixel)) => {
                format!("{} half-period, {} full-period ({name})", pixel * (full / 2.0), pixel * full)
            }
            (_, None) => format!("{:.2} px half-period, {full:.2} px full-period ({name})", full / 2.0),
        })
    };
    let first = length(limits.first, "first crossing").unwrap_or_else(|| "not resolved".to_owned());
    match length(limits.last, "last crossing") {
        Some(last) if limits.last != limits.first => format!("{measure}: {first}; {last}"),
        _ => format!("{measure}: {first}"),
    }
}

/// What `resolution` prints: lines for a person, JSON for a machine.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolutionReport {
    /// One line per measure.
    pub lines: Vec<String>,
    /// All curves and crossings.
    pub json: Value,
}

/// Resolution of one result (its stored transfer function and halves) or of two.
///
/// # Errors
/// [`PipelineError`] if the files hold nothing to measure.
pub fn of_results(first: &Path, second: Option<&Path>) -> Result<ResolutionReport, PipelineError> {
    match second {
        Some(second) if is_volume(first)? => {
            correlate_volumes(&volume_input::load(first)?, &volume_input::load(second)?)
        }
        Some(second) => {
            let frc = correlate(&read_image(first)?, &read_image(second)?)?;
            Ok(ResolutionReport { lines: frc_lines(&frc), json: json!({ "frc": frc_json(&frc) }) })
        }
        None => stored(first),
    }
}

/// True if a file holds a volume in a format of its own, or ours.
pub(crate) fn is_volume(path: &Path) -> Result<bool, PipelineError> {
    match VolumeFormat::of_path(path) {
        Some(VolumeFormat::Hdf5) => Ok(read_result(path)?.contains("/entry/volume/data")),
        Some(_) => Ok(path.exists()),
        None => Ok(false),
    }
}

/// Correlates two volumes shell by shell.
fn correlate_volumes(first: &Volume, second: &Volume) -> Result<ResolutionReport, PipelineError> {
    if let (Some(a), Some(b)) = (first.voxel, second.voxel)
        && (a / b - 1.0).abs() > PIXEL_TOLERANCE
    {
        return Err(PipelineError::argument(
            "second volume",
            format!("voxel {b}"),
            format!("the first volume has a voxel of {a}; reconstruct both on one grid"),
        ));
    }
    let options = FscOptions { voxel: first.voxel.or(second.voxel), ..FscOptions::default() };
    let fsc = fourier_shell_correlation(first.data.view(), second.data.view(), &options)?;
    Ok(ResolutionReport { lines: fsc_lines(&fsc), json: json!({ "fsc": fsc_json(&fsc) }) })
}

fn fsc_json(fsc: &Fsc) -> Value {
    let voxel = fsc.options.voxel;
    let curve = |curve: &ShellCurve| {
        json!({
            "correlation": curve.correlation,
            "half_bit": curve.half_bit,
            "one_bit": curve.one_bit,
            "voxels_in_shell": curve.counts,
            "half_bit_crossing": limits_json(&curve.half_bit_limits, voxel),
            "one_bit_crossing": limits_json(&curve.one_bit_limits, voxel),
        })
    };
    let directions: serde_json::Map<String, Value> =
        fsc.directions.iter().map(|(direction, own)| (direction.name.clone(), curve(own))).collect();
    json!({
        "frequency_per_voxel": fsc.frequency,
        "voxel_m": voxel.map(Metres::value),
        "whole": curve(&fsc.whole),
        "directions": directions,
    })
}

pub(crate) fn frc_lines(frc: &Frc) -> Vec<String> {
    vec![
        describe("FRC ½-bit", &frc.half_bit_limits, frc.pixel),
        describe("FRC 1-bit", &frc.one_bit_limits, frc.pixel),
    ]
}

fn frc_json(frc: &Frc) -> Value {
    json!({
        "frequency_per_pixel": frc.frequency,
        "pixel_m": frc.pixel.map(Metres::value),
        "correlation": frc.correlation,
        "half_bit": frc.half_bit,
        "one_bit": frc.one_bit,
        "pixels_in_ring": frc.counts,
        "half_bit_crossing": limits_json(&frc.half_bit_limits, frc.pixel),
        "one_bit_crossing": limits_json(&frc.one_bit_limits, frc.pixel),
        "region": { "y": frc.region.y, "x": frc.region.x, "height": frc.region.height, "width": frc.region.width },
        "shift_px": frc.registration.as_ref().map(|r| [r.shift.y.value(), r.shift.x.value()]),
        "registration": "sub-pixel, ramp and factor removed",
        "window": "Hann",
    })
}

pub(crate) fn limits_json(limits: &Limits, pixel: Option<Metres>) -> Value {
    let one = |limit: Limit| {
        json!({
            "frequency_per_pixel": limit.frequency(),
            "half_period_m": pixel.and_then(|pixel| limit.half_period(pixel)).map(Metres::value),
            "full_period_m": pixel.and_then(|pixel| limit.full_period(pixel)).map(Metres::value),
            "at_pixel_limit": limit == Limit::PixelLimit,
        })
    };
    json!({ "first": one(limits.first), "last": one(limits.last) })
}

/// The measures a result file carries.
fn stored(path: &Path) -> Result<ResolutionReport, PipelineError> {
    let file = read_result(path)?;
    let mut json = serde_json::Map::new();
    let ring_curves = &["frequency", "data", "half_bit", "one_bit"][..];
    for (group, curves) in [("prtf", &["frequency", "data"][..]), ("frc", ring_curves), ("fsc", ring_curves)]
    {
        let mut entry = serde_json::Map::new();
        for curve in curves {
            let name = format!("/entry/{group}/{curve}");
            if file.contains(&name) {
                let values: Vec<f64> = file.real(&name)?.into_iter().collect();
                entry.insert((*curve).to_owned(), json!(values));
            }
        }
        if !entry.is_empty() {
            entry.insert("frequency_unit".to_owned(), json!(file.unit(&format!("/entry/{group}/frequency"))));
            json.insert(group.to_owned(), Value::Object(entry));
        }
    }
    if json.is_empty() {
        return Err(PipelineError::Unsuitable {
            file: path.display().to_string(),
            reason: "holds neither a transfer function nor halves to correlate; give two results, or reconstruct with \
                     --split"
                .to_owned(),
        });
    }
    let lines = if file.contains("/entry/summary/resolution") {
        file.texts("/entry/summary/resolution")?
    } else {
        Vec::new()
    };
    json.insert("summary".to_owned(), json!(lines));
    Ok(ResolutionReport { lines, json: Value::Object(json) })
}

/// Reconstructs odd and even projections of a tilt series and reports the resolution.
///
/// # Errors
/// As [`tomo`](crate::tomo::tomo).
pub fn of_tilts(
    tilts: &Path,
    config: TomoConfig,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Option<ResolutionReport>, PipelineError> {
    let folder = temporary_folder()?;
    let request = tomo::Request {
        tilts: tilts.to_owned(),
        output: folder.path().join("split.h5"),
        config: TomoConfig { split: Some(true), ..config },
    };
    let summary = tomo::tomo(&request, observer, cancel)?;
    summary.output.as_deref().map(stored).transpose()
}

fn temporary_folder() -> Result<tempfile::TempDir, PipelineError> {
    tempfile::tempdir().map_err(|error| PipelineError::Write {
        file: "a temporary folder".to_owned(),
        reason: error.to_string(),
    })
}

/// Splits a scan into halves, reconstructs everything and reports the resolution.
///
/// # Errors
/// As [`reconstruct`](crate::reconstruct::reconstruct).
pub fn of_scan(
    dataset: &str,
    config: ReconstructConfig,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<(Summary, Option<ResolutionReport>), PipelineError> {
    let folder = temporary_folder()?;
    let request = Request {
        dataset: dataset.to_owned(),
        config: ReconstructConfig { split: Some(true), ..config },
        output: folder.path().join("split.h5"),
        resume: Resume::No,
    };
    let summary = crate::reconstruct::reconstruct(&request, observer, cancel)?;
    let report = match summary.status {
        Status::Interrupted => None,
        Status::Done | Status::NotConverged => Some(stored(&request.output)?),
    };
    Ok((summary, report))
}
