//! The pixels of each particle, and the spectra of rectangles.

use super::config::RoiConfig;
use super::settings::XanesSettings;
use crate::error::PipelineError;
use litho_io::{Table, TableData, read_real};
use litho_spectro::fit::{Model, NoiseRule, Settings, fit};
use litho_spectro::spectra::{RegionSpectrum, mask_spectrum, rectangle_mask};
use litho_types::energy_stack::EnergyStack;
use ndarray::{Array1, Array2, Array3, Ix2};

/// Labels of the particles `(y, x)`: those of the settings, else 1 everywhere.
pub(super) fn labels(settings: &XanesSettings, stack: &EnergyStack) -> Result<Array2<u32>, PipelineError> {
    let Some(named) = &settings.regions else { return Ok(Array2::from_elem(stack.shape(), 1)) };
    let values = read_real(named)?;
    let refuse = |reason: String| PipelineError::argument("regions", named, reason);
    let values = values
        .into_dimensionality::<Ix2>()
        .map_err(|_| refuse("give an image (y, x) of labels".to_owned()))?;
    if values.dim() != stack.shape() {
        return Err(refuse(format!(
            "its shape is {:?}, that of the stack's images {:?}",
            values.dim(),
            stack.shape()
        )));
    }
    if let Some(bad) = values.iter().find(|value| !(**value >= 0.0 && value.fract() == 0.0 && **value < 1e9))
    {
        return Err(refuse(format!("one label is {bad}; labels are whole numbers from 0")));
    }
    Ok(values.mapv(|value| value as u32))
}

/// A rectangle's mean spectrum with its fit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Roi {
    /// Its name.
    pub name: String,
    /// The spectrum.
    pub spectrum: RegionSpectrum,
    /// Parameters and their standard deviations `(2, parameter)`.
    pub fitted: Array2<f64>,
}

/// The spectrum of a rectangle.
pub(super) fn roi(
    config: &RoiConfig,
    stack: &EnergyStack,
    model: &Model,
    settings: &Settings,
) -> Result<Roi, PipelineError> {
    let [y0, x0, y1, x1] = pixels(config, stack)?;
    let mask = rectangle_mask(stack.shape(), (y0, x0), (y1 - y0, x1 - x0))?;
    let spectrum = mask_spectrum(stack, mask.view())
        .map_err(|error| PipelineError::argument("roi", &config.name, error.to_string()))?;
    let density: Vec<f32> = spectrum.optical_density.iter().map(|&value| value as f32).collect();
    let count = density.len();
    let density = Array3::from_shape_vec((count, 1, 1), density).unwrap_or_default();
    let single = EnergyStack::new(stack.energies().clone(), density, None, None)?;
    // One spectrum: what is shared by pixels is its own, and there are no others to find priors from.
    let settings = Settings { noise: NoiseRule::None, polish: true, ..settings.clone() };
    let found = fit(model, &single, Array2::from_elem((1, 1), 1).view(), &settings)?;
    let parameters = found.names.len();
    let fitted = Array2::from_shape_fn((2, parameters), |(row, index)| match row {
        0 => found.parameters[[index, 0, 0]],
        _ => f64::from(found.sigma[[index, 0, 0]]),
    });
    Ok(Roi { name: config.name.clone(), spectrum, fitted })
}

/// The rectangle in pixels.
fn pixels(config: &RoiConfig, stack: &EnergyStack) -> Result<[usize; 4], PipelineError> {
    let (ny, nx) = stack.shape();
    let found = match (config.rectangle_px, config.rectangle_m) {
        (Some(pixels), _) => pixels,
        (None, Some(metres)) => {
            let Some(pixel) = stack.pixel() else {
                let reason = "the stack has no pixel size; give `rectangle_px`, or the pixel (--pixel)";
                return Err(PipelineError::argument("roi", &config.name, reason));
            };
            let [y, x] = [pixel.y.value(), pixel.x.value()];
            let first = |at: f64, step: f64| (at / step).round() as usize;
            // At least one pixel, however small the rectangle.
            let [y0, x0] = [first(metres[0], y), first(metres[1], x)];
            [y0, x0, first(metres[2], y).max(y0 + 1), first(metres[3], x).max(x0 + 1)]
        }
        (None, None) => [0, 0, ny, nx],
    };
    if found[2] > ny || found[3] > nx {
        let reason = format!("it ends at pixel ({}, {}), the image at ({ny}, {nx})", found[2], found[3]);
        return Err(PipelineError::argument("roi", &config.name, reason));
    }
    Ok(found)
}

impl Roi {
    /// Its tables, at `roi/NAME/…`.
    pub(super) fn tables(&self) -> Vec<Table> {
        let spectrum = &self.spectrum;
        let mut lists = vec![
            ("optical_density", &spectrum.optical_density, ""),
            ("optical_density_error", &spectrum.optical_density_error, ""),
        ];
        if !spectrum.phase.is_empty() {
            lists.push(("phase", &spectrum.phase, "rad"));
            lists.push(("phase_error", &spectrum.phase_error, "rad"));
        }
        let table = |part: &str, data: TableData, unit: &str| Table {
            path: format!("roi/{}/{part}", self.name),
            data,
            unit: unit.to_owned(),
        };
        let real = |values: &Vec<f64>| TableData::Real(Array1::from(values.clone()).into_dyn());
        let mut tables: Vec<Table> =
            lists.into_iter().map(|(part, values, unit)| table(part, real(values), unit)).collect();
        tables.push(table("parameters", TableData::Real(self.fitted.clone().into_dyn()), ""));
        tables.push(table(
            "pixels",
            TableData::Label(Array1::from(vec![spectrum.pixels as u32]).into_dyn()),
            "",
        ));
        tables
    }
}
