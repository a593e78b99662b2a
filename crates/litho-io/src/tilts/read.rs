//! Carries a plan out: projections by ascending angle.

use super::options::TiltQuantity;
use super::plan::{ProjectionsPlan, TiltPlan};
use super::rows::{Block, as_line_integrals, gather, read_block, stored_rows};
use crate::error::IoError;
use crate::h5::H5File;
use crate::memory::ensure_fits;
use litho_types::C32;
use litho_types::tilt_series::{Projections, TiltSeries};
use ndarray::Array3;

/// A tilt series and what a person should know about it.
#[derive(Debug, Clone, PartialEq)]
pub struct TiltReading {
    /// The series, by ascending angle.
    pub series: TiltSeries,
    /// The plan's warnings and those of reading.
    pub warnings: Vec<String>,
}

/// Reads a series as planned. Counts become `−ln((I − d)/(f − d))` with the means of flats f and darks d, transmissions
/// `−ln T`; complex transmissions and phases stay as they are. Where there is no logarithm the pixel is NaN, and a
/// warning counts such pixels.
///
/// # Errors
/// [`IoError`] if a projection cannot be read, has changed its shape since it was planned, or exceeds the memory.
pub fn read_tilts(plan: &TiltPlan) -> Result<TiltReading, IoError> {
    let mut warnings = plan.warnings.clone();
    let projections = match plan.quantity {
        TiltQuantity::Complex => {
            let images = complex_projections(plan)?;
            let missing = images.iter().filter(|t| !(t.re.is_finite() && t.im.is_finite())).count();
            warnings.extend(missing_in_file(missing, images.len()));
            Projections::Transmission(images)
        }
        quantity => {
            let rows = 0..plan.shape.0;
            let mut images = stored_rows(plan, rows.clone())?;
            let before = missing(&images);
            as_line_integrals(plan, &rows, &mut images)?;
            let lost = missing(&images).saturating_sub(before);
            if lost > 0 {
                warnings.push(format!(
                    "{lost} of {} pixels have no logarithm, because counts or flat fields do not exceed the dark \
                     field, and are NaN",
                    images.len()
                ));
            }
            warnings.extend(missing_in_file(before, images.len()));
            if quantity == TiltQuantity::Phase {
                Projections::Phase(images)
            } else {
                Projections::OpticalDensity(images)
            }
        }
    };
    let series = TiltSeries::new(plan.angles.clone(), projections, plan.pixel, plan.energy)
        .map_err(|e| IoError::argument("tilt series", plan.path.display(), e.to_string()))?;
    Ok(TiltReading { series, warnings })
}

fn missing(images: &Array3<f32>) -> usize {
    images.iter().filter(|value| !value.is_finite()).count()
}

fn missing_in_file(missing: usize, all: usize) -> Option<String> {
    (missing > 0).then(|| format!("{missing} of {all} pixels are NaN or infinite in the file and stay so"))
}

fn complex_projections(plan: &TiltPlan) -> Result<Array3<C32>, IoError> {
    let ProjectionsPlan::Hdf5 { dataset, stored, axes } = &plan.projections else {
        return Err(IoError::argument("--quantity", "complex", "TIFF holds no complex numbers; use HDF5"));
    };
    let file = H5File::open(&plan.path)?;
    let (count, (ny, nx)) = (plan.places.len(), plan.shape);
    ensure_fits(file.path(), dataset, &[count, ny, nx], size_of::<C32>())?;
    let within = Block { dataset, stored, axes: *axes, rows: 0..ny, nx };
    let mut all = Array3::zeros((count, ny, nx));
    gather(&plan.places, &within, &mut all, |range| {
        read_block(&file, &within, range, |dataset, ranges| file.complex_region(dataset, ranges))
    })?;
    Ok(all)
}
