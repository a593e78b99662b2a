//! Data Exchange, as `TomoPy` and `TomoBank` have it: `/exchange/data` (theta, y, x), `data_white`, `data_dark`, `theta`.
//!
//! An attribute `axes` may name another order ("theta:y:x", "y:theta:x"). Without white fields the numbers are what the
//! caller says.

use crate::error::IoError;
use crate::h5::H5File;
use crate::sample_pixel::pixel_from_number;
use crate::tilts::angles::RawAngles;
use crate::tilts::assemble::{FoundTilts, h5_projections};
use crate::tilts::fields::field_dataset;
use crate::tilts::options::{TiltAxes, TiltFormat, TiltOptions, TiltQuantity};
use crate::tilts::plan::TiltPlan;

pub(crate) const DATA: &str = "/exchange/data";
pub(crate) const THETA: [&str; 3] = ["/exchange/theta", "/exchange/data_theta", "/exchange/angles"];
const WHITE: [&str; 2] = ["/exchange/data_white", "/exchange/white_data"];
const DARK: [&str; 2] = ["/exchange/data_dark", "/exchange/dark_data"];
/// Pixel on the sample, which is the detector's divided by the magnification.
const PIXEL: [&str; 1] = ["/measurement/instrument/detection_system/objective/resolution"];
const ENERGY: [&str; 1] = ["/measurement/instrument/monochromator/energy"];

/// The plan of a Data Exchange file.
pub(crate) fn plan(file: &H5File, options: &TiltOptions) -> Result<TiltPlan, IoError> {
    let dataset = options.dataset.as_deref().unwrap_or(DATA);
    let angles = RawAngles::find(file, &THETA, options)?;
    let axes = options.axes.or_else(|| named_axes(file, dataset));
    let with_axes = TiltOptions { axes, ..options.clone() };
    let (projections, warnings) = h5_projections(file, dataset, angles.count(), &with_axes)?;
    let field = |names: &[&str]| {
        let found = names.iter().find(|name| file.has_dataset(name));
        found.map(|name| field_dataset(file, name)).transpose()
    };
    let (flat, dark) = (field(&WHITE)?, field(&DARK)?);
    let with_unit = |names: &[&str]| -> Result<_, IoError> {
        let found = names.iter().find(|name| file.has_dataset(name));
        let found = found.map(|name| file.number(name)).transpose()?;
        Ok(found.filter(|found| found.unit.is_some()))
    };
    let pixel = if options.pixel.is_none() { pixel_from_number(file, with_unit(&PIXEL)?)? } else { None };
    let energy = if options.energy.is_none() { with_unit(&ENERGY)? } else { None };
    let has_flat = flat.is_some() || options.flat.is_some();
    FoundTilts {
        format: TiltFormat::DataExchange,
        projections,
        angles,
        quantity: has_flat.then_some(TiltQuantity::Intensity),
        usual: None,
        flat,
        dark,
        pixel,
        energy,
        warnings,
    }
    .finish(file.path(), Some(file), options)
}

/// The order that the attribute `axes` names, where it is one that is known.
fn named_axes(file: &H5File, dataset: &str) -> Option<TiltAxes> {
    let axes = file.attr_text(dataset, "axes")?;
    match axes.split(':').map(str::trim).collect::<Vec<_>>()[..] {
        ["theta" | "angle", "y", "x"] => Some(TiltAxes::AngleYX),
        ["y", "theta" | "angle", "x"] => Some(TiltAxes::YAngleX),
        ["y", "x", "theta" | "angle"] => Some(TiltAxes::YXAngle),
        _ => None,
    }
}
