//! The file of a volume.

use super::halves::{Halves, fsc_lines};
use super::quantity::Written;
use crate::error::PipelineError;
use crate::provenance::Provenance;
use litho_io::{Axis, IoError, NexusWriter, VolumeFormat, VolumeWriter, begin_volume, put_volume_slab};
use litho_resolve::fsc::Fsc;
use litho_tomo::TomoError;
use litho_tomo::stream::Slices;
use litho_types::quantity::{ElectronVolts, Metres};
use ndarray::ArrayView3;
use std::ops::Range;
use std::path::Path;

/// What is known of a volume beside its voxels.
pub(super) struct Found<'a> {
    /// Angles of the projections, degrees.
    pub(super) angles: &'a [f64],
    pub(super) energy: Option<ElectronVolts>,
    /// Column of the rotation axis.
    pub(super) axis: f64,
    /// What a reconstructed voxel was multiplied by.
    pub(super) factor: f64,
    /// After each iteration.
    pub(super) residual: &'a [f64],
    pub(super) halves: Option<&'a Halves>,
    pub(super) provenance: &'a Provenance,
}

/// A volume on its way into a file, slice by slice.
pub(super) enum Output {
    /// Ours, which takes everything else that is known, too.
    Hdf5 { file: Box<NexusWriter>, unit: &'static str, next: usize },
    /// A format for volumes alone.
    Other(VolumeWriter),
}

impl Output {
    /// Begins the file, in the format of its extension.
    ///
    /// # Errors
    /// [`PipelineError::Io`] if the extension is of no format, or the folder cannot be written to.
    pub(super) fn create(
        path: &Path,
        written: &Written,
        voxel: Option<Metres>,
        shape: [usize; 3],
    ) -> Result<Self, PipelineError> {
        if VolumeFormat::of_path(path) != Some(VolumeFormat::Hdf5) {
            return Ok(Self::Other(VolumeWriter::create(path, None, shape, written.quantity, voxel)?));
        }
        let mut file = NexusWriter::create(path)?;
        begin_volume(&mut file, shape, written.quantity, voxel)?;
        Ok(Self::Hdf5 { file: Box::new(file), unit: written.quantity.unit(), next: 0 })
    }

    fn put(&mut self, slices: ArrayView3<f32>) -> Result<(), IoError> {
        match self {
            Self::Other(writer) => writer.put(slices),
            Self::Hdf5 { file, next, .. } => {
                put_volume_slab(file, *next, slices)?;
                *next += slices.dim().0;
                Ok(())
            }
        }
    }

    /// Adds what is known besides, where the format has a place for it, and completes the file.
    ///
    /// # Errors
    /// [`PipelineError::Io`] if it cannot be written.
    pub(super) fn commit(self, found: &Found<'_>) -> Result<(), PipelineError> {
        match self {
            Self::Other(writer) => Ok(writer.commit()?),
            Self::Hdf5 { mut file, unit, .. } => {
                found.put(&mut file, unit)?;
                Ok(file.commit()?)
            }
        }
    }
}

impl Slices for Output {
    fn write(&mut self, _: Range<usize>, slices: ArrayView3<f32>) -> Result<(), TomoError> {
        self.put(slices).map_err(|error| TomoError::Slices { message: error.to_string() })
    }
}

impl Found<'_> {
    fn put(&self, file: &mut NexusWriter, unit: &str) -> Result<(), PipelineError> {
        file.array("/entry/angle", self.angles, "deg")?;
        if let Some(energy) = self.energy {
            file.dataset("/entry/energy", energy.value(), "eV")?;
        }
        file.dataset("/entry/axis", self.axis, "px")?;
        file.dataset("/entry/factor", self.factor, "")?;
        file.attr("/entry/factor", "note", "what a voxel of the projections' unit was multiplied by")?;
        if !self.residual.is_empty() {
            let iteration: Vec<f64> = (1..=self.residual.len()).map(|i| i as f64).collect();
            let axis = [Axis::new("iteration", &iteration, "")];
            file.data_group("/entry/residual", "data", &axis, self.residual, "", "relative residual")?;
        }
        if let Some(halves) = self.halves {
            let axes = [Axis::index(), Axis::index(), Axis::index()];
            file.data_group("/entry/sigma", "data", &axes, &halves.sigma, unit, "standard deviation")?;
            put_fsc(file, &halves.fsc)?;
            file.group("/entry/summary", "NXcollection")?;
            file.dataset("/entry/summary/resolution", fsc_lines(&halves.fsc), "")?;
            file.dataset("/entry/summary/sigma", halves.typical_sigma, unit)?;
        }
        self.provenance.write(file)
    }
}

/// Writes `/entry/fsc`: correlation, thresholds, and one curve per direction.
pub(crate) fn put_fsc(file: &mut NexusWriter, fsc: &Fsc) -> Result<(), PipelineError> {
    let per_metre = fsc.frequency_per_metre();
    let (frequency, unit) = match &per_metre {
        Some(frequency) => (frequency, "1/m"),
        None => (&fsc.frequency, "1/px"),
    };
    let axes = [Axis::new("frequency", frequency, unit)];
    let whole = &fsc.whole;
    file.data_group("/entry/fsc", "data", &axes, &whole.correlation, "", "Fourier shell correlation")?;
    file.array("/entry/fsc/half_bit", &whole.half_bit, "")?;
    file.array("/entry/fsc/one_bit", &whole.one_bit, "")?;
    for (direction, curve) in &fsc.directions {
        let name = direction.name.replace([' ', '/'], "_");
        file.array(&format!("/entry/fsc/{name}"), &curve.correlation, "")?;
        file.array(&format!("/entry/fsc/{name}_half_bit"), &curve.half_bit, "")?;
    }
    Ok(())
}
