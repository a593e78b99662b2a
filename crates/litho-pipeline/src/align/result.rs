//! The file of aligned projections.

use super::run::Movements;
use crate::error::PipelineError;
use crate::provenance::Provenance;
use litho_io::{NexusWriter, put_tilts};
use litho_tomo::align::Placement;
use litho_types::tilt_series::TiltSeries;
use ndarray::{Array2, Array3};
use std::path::Path;

/// The dataset of weights, beside the projections.
pub(crate) const WEIGHTS: &str = "/entry/weights/data";

/// One row of the projections before they were moved, `(angle, x)`.
pub(crate) const BEFORE: &str = "/entry/alignment/sinogram_before";

/// Everything `align` leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub struct AlignedTilts {
    /// The moved projections.
    pub series: TiltSeries,
    /// Weights `(angle, y, x)` from 0 to 1; `None` if all are 1.
    pub weights: Option<Array3<f32>>,
    /// Where they were moved to, and how well they fit.
    pub alignment: Movements,
    /// The middle row before the movement `(angle, x)`.
    pub before: Array2<f32>,
    /// Angles of projections that were left out, degrees.
    pub left_out: Vec<f64>,
    /// Where it comes from.
    pub provenance: Provenance,
}

impl AlignedTilts {
    /// Writes the file, all or nothing.
    ///
    /// # Errors
    /// [`PipelineError::Io`] if it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), PipelineError> {
        let mut file = NexusWriter::create(path)?;
        put_tilts(&mut file, &self.series)?;
        if let Some(weights) = &self.weights {
            file.group("/entry/weights", "NXcollection")?;
            file.array(WEIGHTS, weights, "")?;
            file.attr(WEIGHTS, "note", "share of each projection pixel that was measured (angle, y, x)")?;
        }
        self.write_alignment(&mut file)?;
        self.provenance.write(&mut file)?;
        Ok(file.commit()?)
    }

    fn write_alignment(&self, file: &mut NexusWriter) -> Result<(), PipelineError> {
        let Movements { placements, axis, convergence, misfit, flagged } = &self.alignment;
        let at = |name: &str| format!("/entry/alignment/{name}");
        file.group("/entry/alignment", "NXcollection")?;
        let numbers: Vec<[f64; 4]> = placements.iter().map(Placement::numbers).collect();
        let shift = Array2::from_shape_fn((numbers.len(), 2), |(index, column)| numbers[index][column]);
        let column = |column: usize| numbers.iter().map(|row| row[column]).collect::<Vec<f64>>();
        file.array(&at("shift"), &shift, "px")?;
        file.attr(&at("shift"), "note", "where content of the raw projection was moved by, (y, x)")?;
        let degrees: Vec<f64> = column(2).into_iter().map(f64::to_degrees).collect();
        file.array(&at("rotation_deg"), &degrees, "deg")?;
        file.array(&at("scale"), &column(3), "")?;
        file.dataset(&at("axis"), *axis, "px")?;
        if !convergence.is_empty() {
            file.array(&at("convergence"), convergence, "px")?;
        }
        if !misfit.is_empty() {
            file.array(&at("misfit"), misfit, "")?;
            let flags: Vec<f64> = flagged.iter().map(|flagged| f64::from(u8::from(*flagged))).collect();
            file.array(&at("flagged"), &flags, "")?;
        }
        file.array(BEFORE, &self.before, "")?;
        if !self.left_out.is_empty() {
            file.array(&at("left_out"), &self.left_out, "deg")?;
        }
        Ok(())
    }
}
