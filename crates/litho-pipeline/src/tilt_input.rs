//! Reads a tilt series for the commands that work on one.

use crate::config::{Allowed, Mistakes};
use crate::error::PipelineError;
use crate::provenance::{fingerprint, hash_of_text};
use litho_io::{
    AngleSource, AngleUnit, ProjectionsPlan, TiltAxes, TiltFormat, TiltOptions, TiltPlan, TiltQuantity,
    plan_tilts, read_tilts,
};
use litho_types::quantity::{ElectronVolts, Metres};
use litho_types::tilt_series::TiltSeries;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// How a tilt series is read; everything left out is taken from the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TiltsConfig {
    /// File format: "lithoscope", "nxtomo", "exchange", "hdf5", "tiff". Default: recognised.
    pub format: Option<String>,
    /// HDF5 dataset of the projections.
    pub dataset: Option<String>,
    /// Angles in the order of the projections, "first..last", or where they are: a dataset, `FILE:/path` or a text table.
    pub angles: Option<AnglesSetting>,
    /// Unit of the angles: "deg", "rad". Default: what the file says, else told from their size.
    pub angle_unit: Option<String>,
    /// Order of the axes of a dataset: "ayx" (angle, y, x), "yax" (sinograms), "yxa".
    pub axes: Option<String>,
    /// Pixel on the sample, m.
    pub pixel_m: Option<f64>,
    /// Photon energy, eV.
    pub energy_ev: Option<f64>,
    /// What the numbers are: "complex", "phase", "optical-density", "transmission", "intensity". Default: what the file says.
    pub quantity: Option<String>,
    /// Flat fields of "intensity": a dataset, `FILE:/path`, a TIFF file or folder.
    pub flat: Option<String>,
    /// Dark fields, likewise.
    pub dark: Option<String>,
}

/// Angles themselves, or where they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum AnglesSetting {
    /// In the order of the projections.
    Values(Vec<f64>),
    /// A dataset of the file, `FILE:/path`, or a text table.
    Named(String),
}

/// A tilt series and what its file says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedTilts {
    /// The series.
    pub series: TiltSeries,
    /// Size of the file in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub hash: String,
    /// What a person should know.
    pub warnings: Vec<String>,
}

const AXES: [(&str, TiltAxes); 3] =
    [("ayx", TiltAxes::AngleYX), ("yax", TiltAxes::YAngleX), ("yxa", TiltAxes::YXAngle)];
const UNITS: [(&str, AngleUnit); 2] = [("deg", AngleUnit::Degree), ("rad", AngleUnit::Radian)];

impl TiltsConfig {
    /// This one where it says something, `other` elsewhere.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            format: self.format.or(other.format),
            dataset: self.dataset.or(other.dataset),
            angles: self.angles.or(other.angles),
            angle_unit: self.angle_unit.or(other.angle_unit),
            axes: self.axes.or(other.axes),
            pixel_m: self.pixel_m.or(other.pixel_m),
            energy_ev: self.energy_ev.or(other.energy_ev),
            quantity: self.quantity.or(other.quantity),
            flat: self.flat.or(other.flat),
            dark: self.dark.or(other.dark),
        }
    }

    /// Completes and checks.
    pub(crate) fn resolve(&self, mistakes: &mut Mistakes) -> TiltOptions {
        let formats = TiltFormat::ALL.map(|format| (format.name(), format));
        let quantities = TiltQuantity::ALL.map(|quantity| (quantity.name(), quantity));
        TiltOptions {
            format: mistakes.choose("tilts.format", self.format.as_ref(), &formats),
            dataset: self.dataset.clone(),
            angles: self.angles.clone().map(|angles| match angles {
                AnglesSetting::Values(values) => AngleSource::Values(values),
                AnglesSetting::Named(name) => range_of(&name).unwrap_or(AngleSource::Named(name)),
            }),
            angle_unit: mistakes.choose("tilts.angle_unit", self.angle_unit.as_ref(), &UNITS),
            axes: mistakes.choose("tilts.axes", self.axes.as_ref(), &AXES),
            pixel: mistakes.number("tilts.pixel_m", self.pixel_m, Allowed::Positive).map(Metres::new),
            energy: mistakes
                .number("tilts.energy_ev", self.energy_ev, Allowed::Positive)
                .map(ElectronVolts::new),
            quantity: mistakes.choose("tilts.quantity", self.quantity.as_ref(), &quantities),
            flat: self.flat.clone(),
            dark: self.dark.clone(),
        }
    }
}

/// `first..last`, the angles between lying evenly.
fn range_of(text: &str) -> Option<AngleSource> {
    let (first, last) = text.split_once("..")?;
    Some(AngleSource::Range(first.trim().parse().ok()?, last.trim().parse().ok()?))
}

/// True if the file is recognised as a tilt series.
pub fn is_tilt_series(path: &Path) -> bool {
    plan_tilts(path, &TiltOptions::default()).is_ok()
}

/// Reads a whole tilt series.
///
/// # Errors
/// [`PipelineError::Io`] if it cannot be read.
pub fn load(path: &Path, options: &TiltOptions) -> Result<LoadedTilts, PipelineError> {
    let plan = plan_tilts(path, options)?;
    let reading = read_tilts(&plan)?;
    let (size, hash) = fingerprint_of(&plan)?;
    Ok(LoadedTilts { series: reading.series, size, hash, warnings: reading.warnings })
}

/// Size and hash of a file, or of all files of a TIFF series.
///
/// # Errors
/// [`PipelineError::Unsuitable`] if one cannot be read.
pub(crate) fn fingerprint_of(plan: &TiltPlan) -> Result<(u64, String), PipelineError> {
    let files = match &plan.projections {
        ProjectionsPlan::Hdf5 { .. } => return fingerprint(&plan.path),
        ProjectionsPlan::Tiff(files) => files,
    };
    if let [file] = files.as_slice() {
        return fingerprint(file);
    }
    let (mut size, mut hashes) = (0, String::new());
    for file in files {
        let (bytes, hash) = fingerprint(file)?;
        size += bytes;
        hashes.push_str(&hash);
    }
    Ok((size, hash_of_text(&hashes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evenly_spread_angles_need_two_numbers() {
        assert_eq!(range_of("-80..77"), Some(AngleSource::Range(-80.0, 77.0)));
        assert_eq!(range_of("../angles.txt"), None);
    }

    #[test]
    fn flags_win_over_the_file_and_all_mistakes_are_named() {
        let flags = TiltsConfig { pixel_m: Some(2e-8), ..TiltsConfig::default() };
        let file = TiltsConfig {
            pixel_m: Some(1e-8),
            energy_ev: Some(-1.0),
            quantity: Some("counts".to_owned()),
            ..TiltsConfig::default()
        };
        let mut mistakes = Mistakes::default();
        let options = flags.or(file).resolve(&mut mistakes);
        assert_eq!(options.pixel, Some(Metres::new(2e-8)));
        let said: Vec<String> = mistakes.0.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].starts_with("tilts.energy_ev = -1"), "{said:?}");
        assert!(said[1].starts_with("tilts.quantity = counts: choose one of complex"), "{said:?}");
    }
}
