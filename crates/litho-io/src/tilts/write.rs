//! Lithoscope's own tilt series: an `NXdata` group over (angle, y, x) in `/entry`.

use crate::error::IoError;
use crate::h5::ArrayData;
use crate::nexus::{Axis, NexusWriter};
use crate::sample_pixel::image_axes;
use litho_types::point::Point;
use litho_types::tilt::TiltAngles;
use litho_types::tilt_series::{Projections, TiltSeries};
use std::path::Path;

/// Puts a tilt series into a result file: `/entry/projections`, `/entry/angle`, and `/entry/energy` if it is known. The
/// caller adds what else belongs there (`/entry/alignment`, `/entry/process`) and commits.
///
/// # Errors
/// [`IoError`] if HDF5 cannot write.
pub fn put_tilts(file: &mut NexusWriter, series: &TiltSeries) -> Result<(), IoError> {
    let projections = series.projections();
    let (_, ny, nx) = projections.dim();
    let degrees = exact_degrees(series.angles());
    let (unit, [y, x]) = image_axes((ny, nx), series.pixel.map(|pixel| Point::new(pixel, pixel)));
    let axes = [Axis::new("angle", &degrees, "deg"), Axis::new("y", &y, unit), Axis::new("x", &x, unit)];
    let (data, unit): (ArrayData<'_>, _) = match projections {
        Projections::Transmission(images) => (images.into(), ""),
        Projections::Phase(images) => (images.into(), "rad"),
        Projections::OpticalDensity(images) => (images.into(), ""),
    };
    file.plain_data_group("/entry/projections", "data", &axes, data, unit, projections.name())?;
    let dataset = "/entry/projections/data";
    file.attr(dataset, "quantity", projections.name())?;
    if let Some(pixel) = series.pixel {
        file.attr(dataset, "pixel", pixel.value())?;
    }
    file.array("/entry/angle", &degrees, "deg")?;
    match series.energy {
        Some(energy) => file.dataset("/entry/energy", energy.value(), "eV"),
        None => Ok(()),
    }
}

/// Writes a tilt series with nothing else in the file.
///
/// # Errors
/// As [`put_tilts`].
pub fn write_tilts(path: &Path, series: &TiltSeries) -> Result<(), IoError> {
    let mut file = NexusWriter::create(path)?;
    put_tilts(&mut file, series)?;
    file.commit()
}

/// Degrees that become the same radians again, bit for bit: those the angles were made from, or a neighbour of them.
fn exact_degrees(angles: &TiltAngles) -> Vec<f64> {
    let exact = |radians: f64| {
        let near = radians.to_degrees();
        let neighbours =
            [near, near.next_up(), near.next_down(), near.next_up().next_up(), near.next_down().next_down()];
        neighbours
            .into_iter()
            .find(|degrees| degrees.to_radians().to_bits() == radians.to_bits())
            .unwrap_or(near)
    };
    angles.radians().into_iter().map(exact).collect()
}
