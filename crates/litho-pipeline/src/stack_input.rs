//! Reads an energy stack for the commands that work on one, with what its file says of noise and absorber.

use crate::config::{Allowed, Mistakes};
use crate::error::PipelineError;
use crate::provenance::{fingerprint, hash_of_text};
use crate::spectrum_scan::ExperimentConfig;
use litho_io::{
    AxisOrder, EnergySource, ImagesPlan, Incident, StackFormat, StackOptions, StackPlan, StackQuantity,
    plan_stack, read_result, read_stack,
};
use litho_resolve::align_stack::{StackAlignment, apply_shifts, find_shifts};
use litho_types::energy_stack::EnergyStack;
use litho_types::quantity::Metres;
use ndarray::Array3;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// How a stack is read; everything left out is taken from the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StackConfig {
    /// File format: "lithoscope", "nxstxm", "exchange", "hdf5", "tiff". Default: recognised.
    pub format: Option<String>,
    /// HDF5 dataset of the images.
    pub dataset: Option<String>,
    /// Energies in eV, in the order of the images, or where they are: a dataset, `FILE:/path` or a text table.
    pub energies: Option<EnergiesSetting>,
    /// Pixel on the sample, m.
    pub pixel_m: Option<f64>,
    /// What the numbers are: "optical-density", "transmission", "intensity", "complex". Default: what the file says.
    pub quantity: Option<String>,
    /// Incident intensity of "intensity": a dataset, `FILE:/path` or a text table.
    pub incident: Option<String>,
    /// Or a rectangle beside the sample, [y0, x0, y1, x1] in pixels, whose mean is the incident intensity.
    pub air_px: Option<[usize; 4]>,
    /// Order of the axes of a dataset: "eyx", "yxe", "xye".
    pub axes: Option<String>,
    /// Align the images to each other before use. Default false.
    pub align: Option<bool>,
    /// Compounds of different spectra in the sample, for the alignment. Default 2.
    pub align_components: Option<usize>,
}

/// Energies themselves, or where they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EnergiesSetting {
    /// In eV.
    Values(Vec<f64>),
    /// A dataset of the file, `FILE:/path`, or a text table.
    Named(String),
}

/// How a stack is read, checked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StackRequest {
    /// What is not taken from the file.
    pub options: StackOptions,
    /// How the images are aligned, if they are.
    pub alignment: Option<StackAlignment>,
}

/// A stack and what its file says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedStack {
    /// The stack.
    pub stack: EnergyStack,
    /// Symbol of the element whose edge was scanned.
    pub absorber: Option<String>,
    /// Standard deviation of the phase in air at each energy, rad.
    pub phase_noise: Option<Vec<f64>>,
    /// Standard deviation of the optical density in air at each energy.
    pub density_noise: Option<Vec<f64>>,
    /// Size of the file in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub hash: String,
    /// What a person should know.
    pub warnings: Vec<String>,
}

const QUANTITIES: [(&str, StackQuantity); 4] = [
    ("optical-density", StackQuantity::OpticalDensity),
    ("transmission", StackQuantity::Transmission),
    ("intensity", StackQuantity::Intensity),
    ("complex", StackQuantity::Complex),
];
const AXES: [(&str, AxisOrder); 3] =
    [("eyx", AxisOrder::EnergyYX), ("yxe", AxisOrder::YXEnergy), ("xye", AxisOrder::XYEnergy)];

impl StackConfig {
    /// This one where it says something, `other` elsewhere.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            format: self.format.or(other.format),
            dataset: self.dataset.or(other.dataset),
            energies: self.energies.or(other.energies),
            pixel_m: self.pixel_m.or(other.pixel_m),
            quantity: self.quantity.or(other.quantity),
            incident: self.incident.or(other.incident),
            air_px: self.air_px.or(other.air_px),
            axes: self.axes.or(other.axes),
            align: self.align.or(other.align),
            align_components: self.align_components.or(other.align_components),
        }
    }

    /// Completes and checks.
    pub(crate) fn resolve(&self, mistakes: &mut Mistakes) -> StackRequest {
        let formats = StackFormat::ALL.map(|format| (format.name(), format));
        let format = mistakes.choose("stack.format", self.format.as_ref(), &formats);
        let quantity = mistakes.choose("stack.quantity", self.quantity.as_ref(), &QUANTITIES);
        let axes = mistakes.choose("stack.axes", self.axes.as_ref(), &AXES);
        let pixel = mistakes.number("stack.pixel_m", self.pixel_m, Allowed::Positive);
        let mut alignment = StackAlignment::default();
        mistakes.count(
            "stack.align_components",
            self.align_components,
            (1, usize::MAX),
            &mut alignment.components,
        );
        let incident = match (&self.incident, self.air_px) {
            (Some(_), Some(air)) => {
                mistakes.add("stack.air_px", format!("{air:?}"), "give `incident` or `air_px`, not both");
                None
            }
            (Some(named), None) => Some(Incident::Named(named.clone())),
            (None, Some([y0, x0, y1, x1])) if y0 < y1 && x0 < x1 => {
                Some(Incident::Air { y: y0..y1, x: x0..x1 })
            }
            (None, Some(air)) => {
                let fix = "give [y0, x0, y1, x1] with y0 < y1 and x0 < x1";
                mistakes.add("stack.air_px", format!("{air:?}"), fix);
                None
            }
            (None, None) => None,
        };
        let energies = self.energies.clone().map(|energies| match energies {
            EnergiesSetting::Values(values) => EnergySource::Values(values),
            EnergiesSetting::Named(name) => EnergySource::Named(name),
        });
        StackRequest {
            options: StackOptions {
                format,
                dataset: self.dataset.clone(),
                energies,
                energy_unit: None,
                quantity,
                incident,
                pixel: pixel.map(Metres::new),
                axes,
            },
            alignment: self.align.unwrap_or(false).then_some(alignment),
        }
    }
}

/// Reads a stack, aligned if asked for.
///
/// # Errors
/// [`PipelineError::Io`] if it cannot be read, [`PipelineError::Resolve`] if it cannot be aligned.
pub fn load(path: &Path, request: &StackRequest) -> Result<LoadedStack, PipelineError> {
    let plan = plan_stack(path, &request.options)?;
    let reading = read_stack(&plan)?;
    let mut warnings = reading.warnings;
    let stack = match &request.alignment {
        None => reading.stack,
        Some(settings) => aligned(&reading.stack, settings, &mut warnings)?,
    };
    let (size, hash) = fingerprint_of(&plan)?;
    let mut loaded =
        LoadedStack { stack, absorber: None, phase_noise: None, density_noise: None, size, hash, warnings };
    if plan.format == StackFormat::Lithoscope {
        loaded.read_own(path)?;
    }
    Ok(loaded)
}

impl LoadedStack {
    /// What a stack file of ours says besides.
    fn read_own(&mut self, path: &Path) -> Result<(), PipelineError> {
        let file = read_result(path)?;
        let energies = self.stack.energies().len();
        let noise = |name: &str| -> Result<Option<Vec<f64>>, PipelineError> {
            if !file.contains(name) {
                return Ok(None);
            }
            let values: Vec<f64> = file.real(name)?.into_iter().collect();
            Ok((values.len() == energies && values.iter().all(|value| *value > 0.0)).then_some(values))
        };
        self.phase_noise = noise("/entry/noise/phase")?;
        self.density_noise = noise("/entry/noise/optical_density")?;
        if file.contains("/entry/process/config") {
            let text = file.text("/entry/process/config")?;
            self.absorber =
                toml::from_str::<ExperimentConfig>(&text).ok().and_then(|config| config.sample.absorber);
        }
        Ok(())
    }
}

/// Moves the images onto the first one.
fn aligned(
    stack: &EnergyStack,
    settings: &StackAlignment,
    warnings: &mut Vec<String>,
) -> Result<EnergyStack, PipelineError> {
    let found = find_shifts(stack.optical_density().view(), settings)?;
    let largest = found.shifts.iter().map(|shift| shift.y.value().hypot(shift.x.value())).fold(0.0, f64::max);
    let outliers = match found.outliers.len() {
        0 => String::new(),
        count => format!("; {count} pairs of images do not fit the others, look at them"),
    };
    warnings.push(format!(
        "images were aligned, moved by up to {largest:.2} px, at rest to {:.3} px{outliers}",
        found.last_correction
    ));
    let moved = |images: &Array3<f32>| apply_shifts(images.view(), &found.shifts);
    let density = moved(stack.optical_density())?;
    let phase = stack.phase().map(moved).transpose()?;
    Ok(EnergyStack::new(stack.energies().clone(), density, phase, stack.pixel())?)
}

/// Size and hash of a file, or of all files of a TIFF series.
fn fingerprint_of(plan: &StackPlan) -> Result<(u64, String), PipelineError> {
    match &plan.images {
        ImagesPlan::Tiff(files) if files.len() != 1 => {
            let (mut size, mut hashes) = (0, String::new());
            for file in files {
                let (bytes, hash) = fingerprint(file)?;
                size += bytes;
                hashes.push_str(&hash);
            }
            Ok((size, hash_of_text(&hashes)))
        }
        ImagesPlan::Tiff(files) => fingerprint(&files[0]),
        ImagesPlan::Hdf5 { .. } => fingerprint(&plan.path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_all_mistakes_are_named() {
        let flags = StackConfig { pixel_m: Some(2e-8), ..StackConfig::default() };
        let file = StackConfig {
            pixel_m: Some(1e-8),
            quantity: Some("counts".to_owned()),
            air_px: Some([3, 0, 3, 4]),
            ..StackConfig::default()
        };
        let mut mistakes = Mistakes::default();
        let request = flags.or(file).resolve(&mut mistakes);
        assert_eq!(request.options.pixel, Some(Metres::new(2e-8)));
        let said: Vec<String> = mistakes.0.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].starts_with("stack.quantity = counts: choose one of optical-density"), "{said:?}");
        assert!(said[1].starts_with("stack.air_px = [3, 0, 3, 4]"), "{said:?}");
    }
}
