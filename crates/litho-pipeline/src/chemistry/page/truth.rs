//! The known truth of a simulated sample, on the voxels of the result.

use super::stored::{Stored, class_shares};
use crate::error::PipelineError;
use crate::particles::volume;
use crate::volume_input::fitted;
use litho_io::read_result;
use litho_resolve::volume_register::{
    VolumeMotion, VolumePlacement, VolumeSettings, apply_volume, register_volumes,
};
use ndarray::{Array3, Zip};
use std::path::Path;

/// What is truly there, moved to where the reconstruction lies: a tilt series does not tell where its sample is.
#[derive(Debug)]
pub(crate) struct Truth {
    /// Fraction of the second phase; NaN in air.
    pub(crate) composition: Array3<f32>,
    /// Share of each voxel that is matter.
    pub(crate) amount: Array3<f32>,
    /// Number of each voxel's particle.
    pub(crate) labels: Array3<u32>,
    /// Share of the second phase in all matter.
    pub(crate) state_of_charge: Option<f64>,
    /// Thickness of every particle, m, by its number from 1.
    pub(crate) thickness: Vec<f64>,
    /// Fraction of every particle.
    pub(crate) fraction: Vec<f64>,
}

/// A voxel is air below this share of matter.
const AIR: f32 = 0.5;

impl Truth {
    /// The truth of an experiment with particles, if the file holds one.
    ///
    /// # Errors
    /// [`PipelineError`] if a file cannot be read.
    pub(crate) fn read(truth: &Path, chemistry: &Path) -> Result<Option<Self>, PipelineError> {
        let file = read_result(truth)?;
        let names = ["/entry/chemistry/lfp", "/entry/chemistry/fp", "/entry/particles/label"];
        if names.iter().any(|name| !file.contains(name)) {
            return Ok(None);
        }
        let stored = Stored::read(chemistry)?;
        let shape = stored.density[0].dim();
        let of = |name: &str| Ok::<_, PipelineError>(fitted(shape, volume(&file, truth, name)?.view()));
        let (lfp, fp) = (of(names[0])?, of(names[1])?);
        // Densities of the first energy from the amounts, as the references have them.
        let [first, second] = stored.phases().references.map(|phase| phase[0] as f32);
        let known = Zip::from(&lfp).and(&fp).map_collect(|lfp, fp| first * lfp + second * fp);
        let settings = VolumeSettings { motion: VolumeMotion::Similarity, ..VolumeSettings::default() };
        let placement = register_volumes(stored.density[0].view(), known.view(), &settings)?.placement;
        let moved = |map: &Array3<f32>| apply_volume(map.view(), &placement);
        let (lfp, fp) = (moved(&lfp)?, moved(&fp)?);
        let labels = volume(&file, truth, names[2])?.mapv(|label| label as u32);
        let column = |name: &str| -> Result<Vec<f64>, PipelineError> {
            Ok(file.real(&format!("/entry/particles/table/{name}"))?.into_iter().collect())
        };
        Ok(Some(Self {
            composition: Zip::from(&lfp).and(&fp).map_collect(|lfp, fp| {
                if lfp + fp > AIR { (fp / (lfp + fp)).clamp(0.0, 1.0) } else { f32::NAN }
            }),
            amount: lfp + fp,
            labels: moved_labels(&fitted(shape, labels.view()), &placement),
            state_of_charge: file.number("/entry/summary/state_of_charge").ok(),
            thickness: column("thickness_m")?,
            fraction: column("fraction")?,
        }))
    }

    /// Shares of the classes in the voxels of matter.
    pub(super) fn class_shares(&self, [low, high]: [f64; 2]) -> [f64; 3] {
        class_shares(&self.composition.mapv(|composition| match f64::from(composition) {
            c if c.is_nan() => 0,
            c if c < low => 1,
            c if c <= high => 2,
            _ => 3,
        }))
    }
}

/// Each voxel takes the label of the nearest voxel it comes from.
fn moved_labels(labels: &Array3<u32>, placement: &VolumePlacement) -> Array3<u32> {
    let (shape, back) = (labels.dim(), placement.inverse());
    Array3::from_shape_fn(shape, |(z, y, x)| {
        let from = back.target([z as f64, y as f64, x as f64], shape).map(f64::round);
        if from.iter().any(|place| *place < 0.0) {
            return 0;
        }
        labels.get(from.map(|place| place as usize)).copied().unwrap_or(0)
    })
}
