//! Lithoscope's own tilt series, as `align` and `simulate` write it.

use crate::error::IoError;
use crate::h5::H5File;
use crate::sample_pixel::{pixel_from_attribute, pixel_from_axes};
use crate::scan::LengthUnit;
use crate::tilts::angles::RawAngles;
use crate::tilts::assemble::{FoundTilts, h5_projections};
use crate::tilts::options::{TiltFormat, TiltOptions, TiltQuantity};
use crate::tilts::plan::TiltPlan;

pub(crate) const DATA: &str = "/entry/projections/data";
const ANGLES: [&str; 2] = ["/entry/angle", "/entry/projections/angle"];

/// The plan of a series with `/entry/projections` and `/entry/angle`.
pub(crate) fn plan(file: &H5File, options: &TiltOptions) -> Result<TiltPlan, IoError> {
    let dataset = options.dataset.as_deref().unwrap_or(DATA);
    let angles = RawAngles::find(file, &ANGLES, options)?;
    let (projections, mut warnings) = h5_projections(file, dataset, angles.count(), options)?;
    let pixel = if let Some(pixel) = pixel_from_attribute(file, dataset, "pixel") {
        Some(pixel)
    } else {
        let [y, x] = ["/entry/projections/y", "/entry/projections/x"];
        pixel_from_axes(file, y, x, LengthUnit::Metre, &mut warnings)?
    };
    let quantity = file.attr_text(dataset, "quantity");
    let quantity = match (quantity.as_deref(), file.attr_text(dataset, "units").as_deref()) {
        (Some("phase"), _) | (None, Some("rad" | "radian" | "radians")) => Some(TiltQuantity::Phase),
        (Some("optical density" | "optical-density"), _) => Some(TiltQuantity::OpticalDensity),
        _ => None,
    };
    FoundTilts {
        format: TiltFormat::Lithoscope,
        projections,
        angles,
        quantity,
        usual: Some(TiltQuantity::OpticalDensity),
        flat: None,
        dark: None,
        pixel,
        energy: file.number_at(&["/entry/energy"])?,
        warnings,
    }
    .finish(file.path(), Some(file), options)
}
