//! The size of a pixel on the sample: found in a file, checked, and written as axes.

use crate::error::IoError;
use crate::h5::{H5File, Located};
use crate::scan::{LengthUnit, length_unit_of};
use litho_types::point::Point;
use litho_types::quantity::Metres;
use std::path::Path;

/// Pixels in the wildest microscopes: from 0.1 nm to 1 mm.
const PIXEL_RANGE: std::ops::RangeInclusive<f64> = 1e-10..=1e-3;
/// How far steps of an axis may differ from their mean.
const UNEVEN: f64 = 0.01;

/// An error unless both edges are those of a microscope.
pub(crate) fn check_pixel(path: &Path, pixel: Point<Metres>, source: &str) -> Result<(), IoError> {
    if PIXEL_RANGE.contains(&pixel.y.value()) && PIXEL_RANGE.contains(&pixel.x.value()) {
        return Ok(());
    }
    Err(IoError::Implausible {
        path: path.to_owned(),
        dataset: source.to_owned(),
        quantity: "pixel",
        value: format!("{:e} × {:e} m, outside 1e-10 … 1e-3 m", pixel.y.value(), pixel.x.value()),
        slip: "pass --pixel in metres".to_owned(),
    })
}

/// The pixel from two axes of coordinates; `None` if one is missing or of a single point.
pub(crate) fn pixel_from_axes(
    file: &H5File,
    y: &str,
    x: &str,
    unstated: LengthUnit,
    warnings: &mut Vec<String>,
) -> Result<Option<(Point<Metres>, String)>, IoError> {
    let mut step = |name: &str| -> Result<Option<Metres>, IoError> {
        if !file.has_dataset(name) {
            return Ok(None);
        }
        let unit = length_unit_of(file.path(), name, file.attr_text(name, "units").as_deref())?;
        if unit == Some(LengthUnit::ObjectPixel) {
            return Ok(None);
        }
        let values: Vec<f64> = file.reals(name)?.into_iter().collect();
        let [first, .., last] = values[..] else { return Ok(None) };
        let step = (last - first) / (values.len() - 1) as f64;
        if !(step.is_finite() && step != 0.0) {
            return Ok(None);
        }
        if values.windows(2).any(|pair| ((pair[1] - pair[0]) / step - 1.0).abs() > UNEVEN) {
            warnings.push(format!("the steps of {name} differ by more than 1 %; their mean is taken"));
        }
        if unit.is_none() {
            warnings.push(format!("{name} states no unit and was read as {}", unstated.name()));
        }
        Ok(Some(Metres::new(step.abs() * unit.unwrap_or(unstated).metres())))
    };
    let (along_y, along_x) = (step(y)?, step(x)?);
    Ok(along_y.zip(along_x).map(|(y_step, x_step)| (Point::new(y_step, x_step), format!("{y}, {x}"))))
}

/// The pixel from a single stored length.
pub(crate) fn pixel_from_number(
    file: &H5File,
    found: Option<Located>,
) -> Result<Option<(Point<Metres>, String)>, IoError> {
    let Some(found) = found else { return Ok(None) };
    let unit =
        length_unit_of(file.path(), &found.dataset, found.unit.as_deref())?.unwrap_or(LengthUnit::Metre);
    let pixel = Metres::new(found.value * unit.metres());
    Ok(Some((Point::new(pixel, pixel), found.dataset)))
}

/// The pixel from two stored lengths; `None` if one is missing. Without a unit they are in metres.
pub(crate) fn pixel_from_two_numbers(
    file: &H5File,
    y: &str,
    x: &str,
) -> Result<Option<(Point<Metres>, String)>, IoError> {
    if !(file.has_dataset(y) && file.has_dataset(x)) {
        return Ok(None);
    }
    let along_y = pixel_from_number(file, Some(file.number(y)?))?;
    let along_x = pixel_from_number(file, Some(file.number(x)?))?;
    Ok(along_y
        .zip(along_x)
        .map(|((y_edge, _), (x_edge, _))| (Point::new(y_edge.y, x_edge.x), format!("{y}, {x}"))))
}

/// The pixel in metres from an attribute of the images.
pub(crate) fn pixel_from_attribute(
    file: &H5File,
    dataset: &str,
    attribute: &str,
) -> Option<(Point<Metres>, String)> {
    let found = file.attr_number(dataset, attribute)?;
    let pixel = Metres::new(found.value);
    Some((Point::new(pixel, pixel), found.dataset))
}

/// Coordinates of the rows and columns and their unit: metres, or pixels where the pixel is unknown.
pub(crate) fn image_axes(
    (ny, nx): (usize, usize),
    pixel: Option<Point<Metres>>,
) -> (&'static str, [Vec<f64>; 2]) {
    let steps = |n: usize, step: f64| (0..n).map(|i| i as f64 * step).collect();
    match pixel {
        Some(pixel) => ("m", [steps(ny, pixel.y.value()), steps(nx, pixel.x.value())]),
        None => ("px", [steps(ny, 1.0), steps(nx, 1.0)]),
    }
}
