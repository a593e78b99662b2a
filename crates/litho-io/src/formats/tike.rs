//! The layout of tike's test data: `data` (or `frames`), `scan` in object pixels
//! (row, column), `probe` (or `probe_guess`). Neither energy nor distance.

use crate::error::IoError;
use crate::h5::{H5File, H5Writer};
use crate::scan::{
    Draft, LengthUnit, MaskPlan, ProbePlan, RawPositions, ReadOptions, columns, inspect_frames,
};
use litho_types::mask::MaskPolarity;
use litho_types::scan::Scan;

/// What a tike file holds.
pub(crate) fn draft(file: &H5File, options: &ReadOptions) -> Result<Draft, IoError> {
    let keys = &options.keys;
    let frames = keys.frames.as_deref().or_else(|| file.first_of(&["/frames", "/data"])).unwrap_or("/data");
    let mut draft = Draft::new(inspect_frames(file, frames)?);
    if options.positions.is_none() {
        let source = keys.positions.as_deref().unwrap_or("/scan");
        draft.positions = Some(RawPositions {
            values: columns(file, source)?,
            unit: keys.position_unit.unwrap_or(LengthUnit::ObjectPixel),
            source: source.to_owned(),
            meaning: "beam (row, column)".to_owned(),
            object_pixel: None,
        });
    }
    draft.probe = file
        .first_of(&["/probe_guess", "/probe"])
        .map(|name| ProbePlan { file: file.path().to_owned(), dataset: name.to_owned() });
    draft.mask = file.first_of(&["/mask"]).map(|name| MaskPlan {
        file: file.path().to_owned(),
        datasets: vec![name.to_owned()],
        polarity: MaskPolarity::CxiBits,
    });
    Ok(draft)
}

/// Writes a scan in pixels.
pub(super) fn write(writer: &H5Writer, scan: &Scan) -> Result<(), IoError> {
    super::write::frames(writer, "/data", scan)?;
    let pixels = super::write::in_pixels(scan);
    let scan_array = super::write::pairs(pixels.iter().map(|p| (p.y.value(), p.x.value())));
    writer.array("/scan", &scan_array)?;
    writer.array("/mask", scan.mask.bits())?;
    if let Some(probe) = &scan.probe {
        writer.array("/probe", probe)?;
    }
    Ok(())
}
