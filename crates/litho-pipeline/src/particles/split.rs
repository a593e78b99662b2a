//! Which voxels belong to which particle.

use super::input::Chemistry;
use super::settings::{ParticlesSettings, Split};
use crate::error::PipelineError;
use litho_morph::plates::{Plate, PlateSettings, plates};
use litho_morph::{Connectivity, Spacing, SplitSettings, components, renumber, split};
use litho_types::observer::CancelToken;
use litho_types::quantity::Metres;
use ndarray::Array3;

/// Standard deviations in a full width at half maximum.
const FWHM: f64 = 2.354_820_045;
/// Resolution where none is said, voxels: what volumes reach whose shells correlate up to the pixel limit.
const RESOLUTION: f64 = 1.2;
/// A plate must explain this share of the smallest particle's voxels.
const EXPLAINED: f64 = 0.5;

/// Particles and, if they were taken for plates, their cuboids in the order of the labels; lengths in voxels.
pub(super) struct Parts {
    pub(super) labels: Array3<u32>,
    pub(super) plates: Vec<Plate>,
}

/// Resolution, full width at half maximum, nm.
pub(crate) fn resolution_nm(voxel: Metres, settings: &ParticlesSettings) -> f64 {
    settings.resolution_nm.unwrap_or(RESOLUTION * voxel.value() * 1e9)
}

/// Tells the particles of a volume apart; those below the smallest size are left out.
pub(super) fn parts(
    chemistry: &Chemistry,
    settings: &ParticlesSettings,
    cancel: &CancelToken,
) -> Result<Parts, PipelineError> {
    let mask = chemistry.classes.mapv(|class| class > 0);
    match settings.split {
        Split::Plates => {
            let found = plates(
                chemistry.filling.view(),
                &PlateSettings {
                    width: resolution_nm(chemistry.voxel, settings) * 1e-9 / chemistry.voxel.value() / FWHM,
                    least: EXPLAINED * settings.smallest as f64,
                    ..PlateSettings::default()
                },
                cancel,
            )?;
            Ok(without_small(found.labels, found.plates, settings.smallest))
        }
        Split::Watershed => {
            let split = split(mask.view(), Spacing::UNIT, &SplitSettings::new(settings.dynamics))?;
            Ok(without_small(split.labels, Vec::new(), settings.smallest))
        }
        Split::Components => {
            let found = components(mask.view(), Connectivity::TwentySix)?;
            Ok(without_small(found.labels, Vec::new(), settings.smallest))
        }
    }
}

fn without_small(mut labels: Array3<u32>, plates: Vec<Plate>, smallest: usize) -> Parts {
    let most = labels.iter().copied().max().unwrap_or(0) as usize;
    let mut voxels = vec![0_usize; most + 1];
    labels.iter().for_each(|label| voxels[*label as usize] += 1);
    labels.mapv_inplace(|label| if voxels[label as usize] < smallest { 0 } else { label });
    let kept =
        plates.into_iter().zip(1..).filter(|(_, label)| voxels.get(*label).is_some_and(|v| *v >= smallest));
    let plates = kept.map(|(plate, _)| plate).collect();
    Parts { labels: renumber(labels).labels, plates }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_particles_leave_no_gap_in_the_numbers() {
        let mut labels = Array3::zeros((1, 1, 9));
        for (x, label) in [1, 1, 1, 2, 3, 3, 3, 3, 0].into_iter().enumerate() {
            labels[[0, 0, x]] = label;
        }
        let parts = without_small(labels, Vec::new(), 2);
        assert_eq!(parts.labels.into_raw_vec_and_offset().0, [1, 1, 1, 0, 2, 2, 2, 2, 0]);
    }
}
