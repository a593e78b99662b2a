//! `NXcxi_ptycho` (NeXus contributed definition): CXI's layout with NeXus' units.
//!
//! The photon energy is in `beam_1`, with a unit; `source_1/energy` is that of the
//! storage ring. Positions are a `translation` as in CXI, or motor readings
//! `sample_1/transformations/{x, y}` (or `data_1/{x, y}`), a list or the axes of a raster.

use super::cxi;
use crate::error::IoError;
use crate::h5::{H5File, H5Writer};
use crate::scan::{
    Draft, EnergyUnit, LengthUnit, PositionSense, RawEnergy, RawPositions, ReadOptions, energy_unit_of,
    length_unit_of,
};
use litho_types::point::Point;
use litho_types::scan::Scan;

const BEAM: &str = "/entry_1/instrument_1/beam_1";
const MOTORS: [&str; 2] = ["/entry_1/sample_1/transformations", "/entry_1/data_1"];

/// What an NXcxi_ptycho file holds.
pub(crate) fn draft(file: &H5File, options: &ReadOptions) -> Result<Draft, IoError> {
    let mut draft = cxi::detector_draft(file, options)?;
    let names =
        [format!("{BEAM}/energy"), format!("{BEAM}/incident_beam_energy"), format!("{BEAM}/incident_energy")];
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    draft.energy = match file.number_at(&names)? {
        Some(stored) => {
            let stated = energy_unit_of(file.path(), &stored.dataset, stored.unit.as_deref())?;
            if stated.is_none() {
                draft
                    .warnings
                    .push(format!("{} states no unit; it was taken in J as CXI has it", stored.dataset));
            }
            Some(RawEnergy { stored, unit: stated.unwrap_or(EnergyUnit::Joule) })
        }
        None => None,
    };
    if options.positions.is_none() {
        draft.positions = match cxi::translation(file, options)? {
            Some(positions) => Some(positions),
            None => motors(file, draft.frames.count, options)?,
        };
    }
    Ok(draft)
}

/// Motor readings of the sample: one per frame, or one per row and one per column of a raster.
fn motors(file: &H5File, frames: usize, options: &ReadOptions) -> Result<Option<RawPositions>, IoError> {
    let Some(group) = MOTORS.into_iter().find(|group| file.link_exists(&format!("{group}/x"))) else {
        return Ok(None);
    };
    let (x, unit_x) = readings(file, &format!("{group}/x"))?;
    let (y, unit_y) = readings(file, &format!("{group}/y"))?;
    if unit_x != unit_y {
        return Err(file.wrong_type(&format!("{group}/y"), "in another unit than x", "in the same unit"));
    }
    let sample: Vec<(f64, f64)> = if x.len() == y.len() && x.len() == frames {
        y.into_iter().zip(x).collect()
    } else if x.len().checked_mul(y.len()) == Some(frames) {
        y.iter().flat_map(|&y| x.iter().map(move |&x| (y, x))).collect()
    } else {
        let expected = format!("one reading per frame ({frames}), or the axes of a raster");
        return Err(file.wrong_shape(group, vec![y.len(), x.len()], &expected));
    };
    // As for CXI's translation with the default basis vectors: (row, column) = (+t_y, +t_x).
    let sign = if options.position_sense == Some(PositionSense::Beam) { -1.0 } else { 1.0 };
    Ok(Some(RawPositions {
        values: sample.into_iter().map(|(y, x)| Point::new(sign * y, sign * x)).collect(),
        unit: options.keys.position_unit.or(unit_x).unwrap_or(LengthUnit::Metre),
        source: format!("{group}/{{y, x}}"),
        meaning: "motor readings of the sample".to_owned(),
        object_pixel: None,
    }))
}

fn readings(file: &H5File, name: &str) -> Result<(Vec<f64>, Option<LengthUnit>), IoError> {
    let unit = length_unit_of(file.path(), name, file.attr_text(name, "units").as_deref())?;
    Ok((file.numbers::<f64>(name)?.1, unit))
}

/// Writes a scan as NXcxi_ptycho, all units SI and stated.
pub(super) fn write(writer: &H5Writer, scan: &Scan) -> Result<(), IoError> {
    let (geometry, beam) = super::write::in_metres(scan, writer.path())?;
    writer.value("/cxi_version", 160_i64)?;
    writer.value("/entry_1/definition", "NXcxi_ptycho")?;
    writer.value(&format!("{BEAM}/energy"), super::write::joules(geometry.energy))?;
    writer.attr(&format!("{BEAM}/energy"), "units", "J")?;
    cxi::write_common(writer, scan, &geometry, beam)?;
    for (object, class) in [
        ("/", "NXroot"),
        ("/entry_1", "NXentry"),
        ("/entry_1/instrument_1", "NXinstrument"),
        (BEAM, "NXbeam"),
        (cxi::DETECTOR, "NXdetector"),
        ("/entry_1/sample_1", "NXsample"),
        (cxi::DATA, "NXdata"),
    ] {
        writer.attr(object, "NX_class", class)?;
    }
    for name in ["distance", "x_pixel_size", "y_pixel_size", "basis_vectors"] {
        writer.attr(&format!("{}/{name}", cxi::DETECTOR), "units", "m")?;
    }
    writer.attr(cxi::TRANSLATION, "units", "m")?;
    writer.attr(cxi::TRANSLATION, "interpretation", "image")?;
    writer.attr(cxi::DATA, "signal", "data")
}
