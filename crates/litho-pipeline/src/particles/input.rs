//! What `chemistry` found, read back.

use crate::error::PipelineError;
use litho_io::{ResultFile, read_result};
use litho_types::quantity::Metres;
use ndarray::{Array3, Ix3};
use std::path::Path;

/// Maps of a result of `chemistry`, `(z, y, x)`.
#[derive(Debug)]
pub(crate) struct Chemistry {
    /// Names of the phases.
    pub(crate) phases: Vec<String>,
    /// Energies, eV.
    pub(crate) energies: Vec<f64>,
    /// Edge of a voxel.
    pub(crate) voxel: Metres,
    /// Share of each voxel that is matter.
    pub(crate) filling: Array3<f32>,
    /// Fraction of the second phase, NaN in air.
    pub(crate) fraction: Array3<f32>,
    /// Its standard deviation, if the noise was known.
    pub(crate) sigma: Option<Array3<f32>>,
    /// 0 for air, 1 to 3 from the first to the second phase.
    pub(crate) classes: Array3<u8>,
}

impl Chemistry {
    /// Reads a result of `chemistry` of two phases.
    ///
    /// # Errors
    /// [`PipelineError`] if the file cannot be read or holds no such result.
    pub(crate) fn read(path: &Path) -> Result<Self, PipelineError> {
        let file = read_result(path)?;
        if !file.contains("/entry/fraction/data") {
            return Err(PipelineError::Unsuitable {
                file: path.display().to_string(),
                reason: "holds no /entry/fraction/data: give a result of `lithoscope chemistry` with two references"
                    .to_owned(),
            });
        }
        let sigma = "/entry/fraction/sigma";
        Ok(Self {
            phases: file.texts("/entry/references/name")?,
            energies: file.real("/entry/references/energy")?.into_iter().collect(),
            voxel: Metres::new(file.number("/entry/fraction/voxel_size")?),
            filling: volume(&file, path, "/entry/filling")?,
            fraction: volume(&file, path, "/entry/fraction/data")?,
            sigma: if file.contains(sigma) { Some(volume(&file, path, sigma)?) } else { None },
            classes: volume(&file, path, "/entry/class")?.mapv(|class| class as u8),
        })
    }
}

/// A volume `(z, y, x)` of a file.
pub(crate) fn volume(file: &ResultFile, path: &Path, name: &str) -> Result<Array3<f32>, PipelineError> {
    file.real_f32(name)?.into_dimensionality::<Ix3>().map_err(|error| PipelineError::Unsuitable {
        file: path.display().to_string(),
        reason: format!("{name} is not (z, y, x): {error}"),
    })
}
