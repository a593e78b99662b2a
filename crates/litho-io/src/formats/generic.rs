//! Any HDF5 file, its datasets named by the caller.

use crate::error::IoError;
use crate::h5::{H5File, H5Writer};
use crate::scan::{
    Draft, EnergyUnit, LengthUnit, PositionSense, RawEnergy, RawLength, RawPositions, ReadOptions, columns,
    energy_unit_of, inspect_frames, length_unit_of,
};
use litho_types::point::Point;
use litho_types::scan::Scan;

/// What the named datasets hold. Energy is in eV and lengths in metres unless a `units` attribute says otherwise.
pub(crate) fn draft(file: &H5File, options: &ReadOptions) -> Result<Draft, IoError> {
    let keys = &options.keys;
    let Some(frames) = &keys.frames else {
        let reason = "needs the name of the dataset that holds the frames";
        return Err(IoError::argument("format", "hdf5", reason));
    };
    let mut draft = Draft::new(inspect_frames(file, frames)?);
    if let Some(name) = &keys.energy {
        let stored = file.number(name)?;
        let unit =
            energy_unit_of(file.path(), name, stored.unit.as_deref())?.unwrap_or(EnergyUnit::ElectronVolt);
        draft.energy = Some(RawEnergy { stored, unit });
    }
    let length = |name: &Option<String>| -> Result<Option<RawLength>, IoError> {
        let Some(name) = name else { return Ok(None) };
        let stored = file.number(name)?;
        let unit = length_unit_of(file.path(), name, stored.unit.as_deref())?.unwrap_or(LengthUnit::Metre);
        Ok(Some(RawLength { stored, unit }))
    };
    draft.distance = length(&keys.distance)?;
    draft.pixel = length(&keys.pixel)?.map(|side| Point::new(side.clone(), side));
    if options.positions.is_none() {
        draft.positions = positions(file, options)?;
    }
    Ok(draft)
}

fn positions(file: &H5File, options: &ReadOptions) -> Result<Option<RawPositions>, IoError> {
    let keys = &options.keys;
    let Some(name) = &keys.positions else { return Ok(None) };
    let unit = length_unit_of(file.path(), name, file.attr_text(name, "units").as_deref())?;
    let values = match &keys.positions_x {
        None => columns(file, name)?,
        Some(name_x) => {
            let (shape, y) = file.numbers::<f64>(name)?;
            let (_, x) = file.numbers::<f64>(name_x)?;
            if y.len() != x.len() {
                return Err(file.wrong_shape(name, shape, &format!("({}), as many as {name_x}", x.len())));
            }
            y.into_iter().zip(x).map(|(y, x)| Point::new(y, x)).collect()
        }
    };
    let sense = options.position_sense.unwrap_or(PositionSense::Beam);
    let sign = if sense == PositionSense::Sample { -1.0 } else { 1.0 };
    Ok(Some(RawPositions {
        values: values.into_iter().map(|p| p.map(|v| sign * v)).collect(),
        unit: keys.position_unit.or(unit).unwrap_or(LengthUnit::Metre),
        source: name.clone(),
        meaning: format!("{sense:?} (y, x)").to_lowercase(),
        object_pixel: None,
    }))
}

/// Writes `/frames`, `/positions`, `/mask`, `/energy`, `/distance`, `/pixel` and `/probe`, units stated.
pub(super) fn write(writer: &H5Writer, scan: &Scan) -> Result<(), IoError> {
    let (geometry, beam) = super::write::in_far_field(scan, writer.path())?;
    if geometry.detector_pixel.y != geometry.detector_pixel.x {
        let reason = "this layout knows square detector pixels only: write CXI";
        return Err(IoError::write(writer.path(), "/pixel", reason));
    }
    super::write::frames(writer, "/frames", scan)?;
    writer.array("/positions", &super::write::pairs(beam.iter().map(|p| (p.y.value(), p.x.value()))))?;
    writer.array("/mask", scan.mask.bits())?;
    writer.value("/energy", geometry.energy.value())?;
    writer.value("/distance", geometry.distance.value())?;
    writer.value("/pixel", geometry.detector_pixel.y.value())?;
    if let Some(probe) = &scan.probe {
        writer.array("/probe", probe)?;
    }
    for (name, unit) in [("/positions", "m"), ("/energy", "eV"), ("/distance", "m"), ("/pixel", "m")] {
        writer.attr(name, "units", unit)?;
    }
    Ok(())
}
