//! Parts of a result as files for other programs.

use crate::config::ConfigError;
use crate::error::PipelineError;
use crate::report;
use crate::resolution::is_volume;
use crate::stored::StoredResult;
use crate::tomo::page;
use crate::volume_input;
use litho_io::{write_csv, write_npy, write_tiff, write_volume};
use litho_types::C32;
use litho_types::quantity::Metres;
use ndarray::Array2;
use std::path::Path;

/// What of a result to export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Phase of the object, rad.
    Phase,
    /// Amplitude of the object.
    Amplitude,
    /// The complex object (NPY only).
    Object,
    /// Probe modes (PNG: each mode; NPY: complex).
    Probe,
    /// Relative illumination of the object.
    Coverage,
    /// Background in counts.
    Background,
    /// Beam positions as found (CSV, NPY).
    Positions,
    /// Error of every iteration (CSV, NPY).
    Loss,
    /// Ring correlation with thresholds (CSV).
    Frc,
    /// Transfer function (CSV).
    Prtf,
}

impl Part {
    /// Every part with its name.
    pub const ALL: [(&'static str, Self); 10] = [
        ("phase", Self::Phase),
        ("amplitude", Self::Amplitude),
        ("object", Self::Object),
        ("probe", Self::Probe),
        ("coverage", Self::Coverage),
        ("background", Self::Background),
        ("positions", Self::Positions),
        ("loss", Self::Loss),
        ("frc", Self::Frc),
        ("prtf", Self::Prtf),
    ];

    /// The part of this name.
    ///
    /// # Errors
    /// [`PipelineError::Config`] listing the names, if there is none.
    pub fn from_name(name: &str) -> Result<Self, PipelineError> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, part)| *part).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|(name, _)| *name).collect();
            PipelineError::Config(vec![ConfigError::Value {
                key: "--what",
                value: name.to_owned(),
                reason: format!("choose one of {}", known.join(", ")),
            }])
        })
    }

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, part)| *part == self).map_or("", |(name, _)| name)
    }
}

/// Writes `part` of a result; the ending of `output` (png, tif, npy, csv) says how. A volume is written as a whole (h5, tif, npy,
/// mrc, zarr, png), whatever the part.
///
/// # Errors
/// [`PipelineError`] if the part is missing, does not go into such a file, or cannot be written.
pub fn export(result: &Path, part: Part, output: &Path) -> Result<(), PipelineError> {
    crate::output::check(result, output)?;
    if is_volume(result)? {
        return volume(result, output);
    }
    let ending = output.extension().map_or_else(String::new, |e| e.to_string_lossy().to_lowercase());
    match ending.as_str() {
        "png" => png(result, part, output),
        "tif" | "tiff" => {
            let stored = StoredResult::open(result)?;
            let pixel: Option<Metres> = stored.image.pixel.map(|p| p.x);
            Ok(write_tiff(output, map(&stored, part)?.ok_or_else(|| unfit(part, "tif"))?.view(), pixel)?)
        }
        "npy" => npy(&StoredResult::open(result)?, part, output),
        "csv" => csv(&StoredResult::open(result)?, part, output),
        other => {
            Err(PipelineError::argument("output", other, "end the file name in .png, .tif, .npy or .csv"))
        }
    }
}

/// Writes a volume in another format; a PNG is the animation of the turning volume.
fn volume(result: &Path, output: &Path) -> Result<(), PipelineError> {
    if output.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png")) {
        let film = page::turning(&volume_input::load(result)?)?.ok_or_else(|| PipelineError::Unsuitable {
            file: result.display().to_string(),
            reason: "the volume has no surface to show; give one with matter in it".to_owned(),
        })?;
        return report::write_file(output, &film.to_apng()?);
    }
    Ok(write_volume(output, None, &volume_input::load(result)?)?)
}

fn unfit(part: Part, ending: &str) -> PipelineError {
    PipelineError::argument(
        "--what",
        part.name(),
        format!(
            "does not go into a .{ending} file; images go into .png, .tif and .npy, tables into .csv and .npy"
        ),
    )
}

fn missing(stored: &StoredResult, part: Part) -> PipelineError {
    stored.unsuitable(&format!("holds no {}", part.name()))
}

/// The part as a real image, if it is one.
fn map(stored: &StoredResult, part: Part) -> Result<Option<Array2<f32>>, PipelineError> {
    Ok(Some(match part {
        Part::Phase => stored.image.object.mapv(C32::arg),
        Part::Amplitude => stored.image.object.mapv(C32::norm),
        Part::Coverage => stored.image.coverage.clone(),
        Part::Background => stored.plane("/entry/background/data")?.ok_or_else(|| missing(stored, part))?,
        _ => return Ok(None),
    }))
}

fn png(result: &Path, part: Part, output: &Path) -> Result<(), PipelineError> {
    let prefix = match part {
        Part::Phase => "object_phase",
        Part::Amplitude => "object_amplitude",
        Part::Probe => "probe_mode_",
        Part::Background => "background",
        _ => return Err(unfit(part, "png")),
    };
    let figures = report::figures(result)?;
    let wanted: Vec<_> = figures.iter().filter(|figure| figure.name.starts_with(prefix)).collect();
    let several = wanted.len() > 1;
    for (index, figure) in wanted.iter().enumerate() {
        let numbered = output.with_extension(format!("{}.png", index + 1));
        let path = if several { numbered.as_path() } else { output };
        report::write_file(path, &figure.figure.to_png()?)?;
    }
    if wanted.is_empty() { Err(missing(&StoredResult::open(result)?, part)) } else { Ok(()) }
}

fn npy(stored: &StoredResult, part: Part, output: &Path) -> Result<(), PipelineError> {
    match part {
        Part::Object => write_npy(output, &stored.image.object)?,
        Part::Probe => write_npy(output, &stored.probe()?.ok_or_else(|| missing(stored, part))?)?,
        Part::Positions => {
            write_npy(output, &stored.positions("refined")?.ok_or_else(|| missing(stored, part))?.0)?;
        }
        Part::Loss => write_npy(output, &stored.numbers("/entry/loss/data")?)?,
        _ => write_npy(output, &map(stored, part)?.ok_or_else(|| unfit(part, "npy"))?)?,
    }
    Ok(())
}

fn csv(stored: &StoredResult, part: Part, output: &Path) -> Result<(), PipelineError> {
    let (columns, rows) = table(stored, part)?;
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    Ok(write_csv(output, &columns, rows.iter().map(Vec::as_slice))?)
}

/// Headings and rows of a part that is a table.
fn table(stored: &StoredResult, part: Part) -> Result<(Vec<String>, Vec<Vec<f64>>), PipelineError> {
    let names = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    let frequency = |per_metre: bool| if per_metre { "frequency_per_m" } else { "frequency_per_px" };
    match part {
        Part::Positions => {
            let (table, unit) = stored.positions("refined")?.ok_or_else(|| missing(stored, part))?;
            let rows = table.outer_iter().map(|row| row.to_vec()).collect();
            Ok((vec![format!("y_{unit}"), format!("x_{unit}")], rows))
        }
        Part::Loss => {
            let losses = stored.numbers("/entry/loss/data")?;
            let rows = losses.iter().enumerate().map(|(i, loss)| vec![(i + 1) as f64, *loss]).collect();
            Ok((names(&["iteration", "normalised_fourier_error"]), rows))
        }
        Part::Frc => {
            let curve = stored.curve("frc")?.ok_or_else(|| missing(stored, part))?;
            let (half, one) = (stored.numbers("/entry/frc/half_bit")?, stored.numbers("/entry/frc/one_bit")?);
            let rows = curve.frequency.iter().zip(&curve.values).zip(half.iter().zip(&one));
            let rows = rows.map(|((f, c), (h, o))| vec![*f, *c, *h, *o]).collect();
            Ok((names(&[frequency(curve.per_metre), "correlation", "half_bit", "one_bit"]), rows))
        }
        Part::Prtf => {
            let curve = stored.curve("prtf")?.ok_or_else(|| missing(stored, part))?;
            let rows = curve.frequency.iter().zip(&curve.values).map(|(f, v)| vec![*f, *v]).collect();
            Ok((names(&[frequency(curve.per_metre), "ratio"]), rows))
        }
        _ => Err(unfit(part, "csv")),
    }
}
