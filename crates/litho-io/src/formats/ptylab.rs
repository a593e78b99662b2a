//! `PtyLab`: `ptychogram`, `wavelength`, `encoder`, `dxd` and `zo` at the root, in metres.
//!
//! `encoder` (N, 2) is (row, column) of the beam on the object.

use crate::error::IoError;
use crate::h5::{H5File, H5Writer};
use crate::scan::{
    Draft, EnergyUnit, LengthUnit, MaskPlan, ProbePlan, RawEnergy, RawLength, RawPositions, ReadOptions,
    columns, inspect_frames,
};
use litho_types::mask::MaskPolarity;
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres};
use litho_types::scan::Scan;

/// What a PtyLab file holds.
pub(crate) fn draft(file: &H5File, options: &ReadOptions) -> Result<Draft, IoError> {
    let mut draft = Draft::new(inspect_frames(file, "/ptychogram")?);
    draft.energy = file
        .number_at(&["/wavelength"])?
        .map(|stored| RawEnergy { stored, unit: EnergyUnit::WavelengthMetre });
    draft.distance = file.number_at(&["/zo"])?.map(RawLength::in_metres);
    let side = file.number_at(&["/dxd"])?.map(RawLength::in_metres);
    draft.pixel = side.map(|side| Point::new(side.clone(), side));
    if options.positions.is_none() {
        draft.positions = Some(RawPositions {
            values: columns(file, "/encoder")?,
            unit: options.keys.position_unit.unwrap_or(LengthUnit::Metre),
            source: "/encoder".to_owned(),
            meaning: "beam (row, column)".to_owned(),
            object_pixel: None,
        });
    }
    let own = |name: &str| file.has_dataset(name).then(|| name.to_owned());
    draft.probe = own("/probe").map(|dataset| ProbePlan { file: file.path().to_owned(), dataset });
    draft.mask = own("/mask").map(|dataset| MaskPlan {
        file: file.path().to_owned(),
        datasets: vec![dataset],
        polarity: MaskPolarity::CxiBits,
    });
    Ok(draft)
}

/// Writes a scan; PtyLab's detector pixels are square.
pub(super) fn write(writer: &H5Writer, scan: &Scan) -> Result<(), IoError> {
    let (geometry, beam) = super::write::in_far_field(scan, writer.path())?;
    if geometry.detector_pixel.y != geometry.detector_pixel.x {
        let reason = "PtyLab knows square detector pixels only: write CXI";
        return Err(IoError::write(writer.path(), "/dxd", reason));
    }
    super::write::frames(writer, "/ptychogram", scan)?;
    let decode = |stored| ElectronVolts::from_wavelength(Metres::new(stored)).value();
    let wavelength = super::write::storable(geometry.wavelength().value(), geometry.energy.value(), decode);
    writer.value("/wavelength", wavelength)?;
    writer.value("/zo", geometry.distance.value())?;
    writer.value("/dxd", geometry.detector_pixel.y.value())?;
    let encoder = super::write::pairs(beam.iter().map(|p| (p.y.value(), p.x.value())));
    writer.array("/encoder", &encoder)?;
    writer.array("/mask", scan.mask.bits())?;
    if let Some(probe) = &scan.probe {
        writer.array("/probe", probe)?;
    }
    Ok(())
}
