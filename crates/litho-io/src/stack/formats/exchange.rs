//! Data Exchange as Mantis writes it: `/exchange/data` (x, y, energy), `/exchange/energy`, and I0 as
//! `/spectromicroscopy/normalization/white_spectrum` or `/exchange/white_data`.
//!
//! An attribute `axes` ("x:y:z", "energy:y:x") may name another order. A single `theta` is ignored; more make it a
//! tilt series, which this is not.

use crate::error::IoError;
use crate::h5::H5File;
use crate::sample_pixel::pixel_from_axes;
use crate::scan::{EnergyUnit, LengthUnit};
use crate::stack::RawEnergies;
use crate::stack::assemble::{FoundStack, h5_images};
use crate::stack::incident::FoundIncident;
use crate::stack::options::{AxisOrder, StackFormat, StackOptions, StackQuantity};
use crate::stack::plan::StackPlan;

const DATA: &str = "/exchange/data";
const THETA: &str = "/exchange/theta";
const WHITE_SPECTRUM: &str = "/spectromicroscopy/normalization/white_spectrum";
const WHITE_ENERGY: &str = "/spectromicroscopy/normalization/white_spectrum_energy";
const WHITE: &str = "/exchange/white_data";
const DARK: &str = "/exchange/dark_data";

/// The plan of a Data Exchange file.
pub(crate) fn plan(file: &H5File, options: &StackOptions) -> Result<StackPlan, IoError> {
    if file.has_dataset(THETA) {
        let shape = file.shape(THETA)?;
        if shape.iter().product::<usize>() > 1 {
            let expected = "one angle: this is a tilt series; take the stack of one angle out of it";
            return Err(file.wrong_shape(THETA, shape, expected));
        }
    }
    let energies = RawEnergies::find(file, &["/exchange/energy"], options)?;
    let usual = named_axes(file)?.unwrap_or(AxisOrder::XYEnergy);
    let (images, mut warnings) = h5_images(file, DATA, energies.values.len(), usual, options)?;
    let pixel = pixel_from_axes(file, "/exchange/y", "/exchange/x", LengthUnit::Micrometre, &mut warnings)?;
    let incident = incident(file, &energies, options, &mut warnings)?;
    let stated = ["description", "units"].map(|name| file.attr_text(DATA, name).unwrap_or_default());
    let is_density = stated.iter().any(|text| text.to_lowercase().contains("optical density"));
    if file.has_dataset(DARK) {
        warnings.push(format!("{DARK} is not subtracted; subtract it from data and I0 where it matters"));
    }
    FoundStack {
        format: StackFormat::Exchange,
        images,
        energies,
        quantity: is_density.then_some(StackQuantity::OpticalDensity),
        phase: None,
        incident,
        pixel,
        warnings,
    }
    .finish(file.path(), Some(file), options)
}

/// The order that the attribute `axes` names.
fn named_axes(file: &H5File) -> Result<Option<AxisOrder>, IoError> {
    let Some(axes) = file.attr_text(DATA, "axes") else { return Ok(None) };
    let names: Vec<&str> = axes.split(':').collect();
    match names.get(..3).unwrap_or(&names[..]) {
        ["x", "y", "z" | "energy"] | ["x", "y"] => Ok(Some(AxisOrder::XYEnergy)),
        ["y", "x", "z" | "energy"] => Ok(Some(AxisOrder::YXEnergy)),
        ["energy" | "z", "y", "x"] => Ok(Some(AxisOrder::EnergyYX)),
        _ => Err(IoError::BadValue {
            path: file.path().to_owned(),
            dataset: DATA.to_owned(),
            index: "the attribute axes".to_owned(),
            value: format!("`{axes}`"),
            problem: "not an order of x, y and energy that is known; pass --axes".to_owned(),
        }),
    }
}

fn incident(
    file: &H5File,
    energies: &RawEnergies,
    options: &StackOptions,
    warnings: &mut Vec<String>,
) -> Result<Option<FoundIncident>, IoError> {
    if options.incident.is_some() {
        return Ok(None);
    }
    if !file.has_dataset(WHITE_SPECTRUM) {
        return Ok(file.has_dataset(WHITE).then(|| FoundIncident::Dataset(WHITE.to_owned())));
    }
    let values: Vec<f64> = file.reals(WHITE_SPECTRUM)?.into_iter().collect();
    if !file.has_dataset(WHITE_ENERGY) {
        return Ok(Some(FoundIncident::Values(values, WHITE_SPECTRUM.to_owned())));
    }
    let at: Vec<f64> = file.reals(WHITE_ENERGY)?.into_iter().collect();
    if at == energies.values {
        return Ok(Some(FoundIncident::Values(values, WHITE_SPECTRUM.to_owned())));
    }
    if energies.unit.is_some_and(|unit| unit != EnergyUnit::ElectronVolt) || options.energies.is_some() {
        let expected = "the energies of the images, in their unit; pass --i0 with one number per image";
        return Err(file.wrong_shape(WHITE_ENERGY, vec![at.len()], expected));
    }
    warnings.push(format!(
        "{WHITE_SPECTRUM} has energies of its own and was interpolated to those of the images"
    ));
    let interpolated = energies.values.iter().map(|&energy| interpolated(&at, &values, energy)).collect();
    let source = format!("{WHITE_SPECTRUM}, interpolated");
    Ok(Some(FoundIncident::Values(interpolated, source)))
}

/// Linear interpolation between ascending abscissae; NaN beyond them.
fn interpolated(at: &[f64], values: &[f64], wanted: f64) -> f64 {
    let pairs = at.windows(2).zip(values.windows(2));
    for (e, v) in pairs {
        if wanted >= e[0] && wanted <= e[1] && e[1] > e[0] {
            return v[0] + (v[1] - v[0]) * (wanted - e[0]) / (e[1] - e[0]);
        }
    }
    f64::NAN
}
