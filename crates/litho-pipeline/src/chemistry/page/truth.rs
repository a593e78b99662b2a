//! The known truth of a simulated sample, on the voxels of the result.

use super::stored::{Stored, class_shares};
use crate::error::PipelineError;
use crate::particles::volume;
use crate::volume_input::fitted;
use litho_io::{ResultFile, read_result};
use litho_morph::plates::Plate;
use litho_resolve::volume_register::{
    VolumeMotion, VolumePlacement, VolumeSettings, apply_volume, register_volumes,
};
use ndarray::{Array3, Zip};
use std::ops::Range;
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

type Shape = (usize, usize, usize);

/// A voxel is air below this share of matter.
const AIR: f32 = 0.5;

impl Truth {
    /// The truth of an experiment with particles, if the file holds one.
    ///
    /// # Errors
    /// [`PipelineError`] if a file cannot be read.
    pub(crate) fn read(truth: &Path, chemistry: &Path) -> Result<Option<Self>, PipelineError> {
        let file = read_result(truth)?;
        let names = ["/entry/chemistry/lfp", "/entry/chemistry/fp", "/entry/particles/table/axes"];
        if names.iter().any(|name| !file.contains(name)) {
            return Ok(None);
        }
        let stored = Stored::read(chemistry)?;
        let shape = stored.density[0].dim();
        let (lfp, fp) = (volume(&file, truth, names[0])?, volume(&file, truth, names[1])?);
        let own_shape = lfp.dim();
        let (lfp, fp) = (fitted(shape, lfp.view()), fitted(shape, fp.view()));
        // Densities of the first energy from the amounts, as the references have them.
        let [first, second] = stored.phases().references.map(|phase| phase[0] as f32);
        let known = Zip::from(&lfp).and(&fp).map_collect(|lfp, fp| first * lfp + second * fp);
        let settings = VolumeSettings { motion: VolumeMotion::Similarity, ..VolumeSettings::default() };
        let placement = register_volumes(stored.density[0].view(), known.view(), &settings)?.placement;
        let moved = |map: &Array3<f32>| apply_volume(map.view(), &placement);
        let (lfp, fp) = (moved(&lfp)?, moved(&fp)?);
        let voxel = file.number("/entry/chemistry/voxel_size")?;
        let plates = moved_plates(&file, (shape, own_shape), voxel, &placement)?;
        let column = |name: &str| -> Result<Vec<f64>, PipelineError> {
            Ok(file.real(&format!("/entry/particles/table/{name}"))?.into_iter().collect())
        };
        Ok(Some(Self {
            composition: Zip::from(&lfp).and(&fp).map_collect(|lfp, fp| {
                if lfp + fp > AIR { (fp / (lfp + fp)).clamp(0.0, 1.0) } else { f32::NAN }
            }),
            amount: lfp + fp,
            labels: labels(&plates, shape),
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

/// The cuboids of the truth, in voxels of its volume, moved to where the reconstruction lies.
///
/// Labels themselves would be rounded to whole voxels, which a plate three voxels thick does not bear.
fn moved_plates(
    file: &ResultFile,
    (found, known): (Shape, Shape),
    voxel: f64,
    placement: &VolumePlacement,
) -> Result<Vec<Plate>, PipelineError> {
    let numbers = |name: &str| -> Result<Vec<f64>, PipelineError> {
        Ok(file.real(&format!("/entry/particles/table/{name}"))?.into_iter().collect())
    };
    let (centroids, axes) = (numbers("centroid")?, numbers("axes")?);
    let edges = [numbers("length_m")?, numbers("width_m")?, numbers("thickness_m")?];
    let [found_sides, known_sides] = [found, known].map(|(z, y, x)| [z, y, x]);
    // As `fitted` lays the middle of one volume into that of another.
    let begin = |axis: usize| {
        let (outer, inner) = (found_sides[axis] as isize, known_sides[axis] as isize);
        if outer >= inner { (outer - inner) / 2 } else { -((inner - outer) / 2) }
    };
    let count = centroids.len() / 3;
    Ok((0..count)
        .map(|index| {
            let middle: [f64; 3] = std::array::from_fn(|axis| {
                let own = centroids[3 * index + axis] / voxel + 0.5 * (known_sides[axis] as f64 - 1.0);
                own + begin(axis) as f64
            });
            let centre = placement.target(middle, found);
            let turned = |which: usize| {
                let tip = std::array::from_fn(|axis| middle[axis] + axes[9 * index + 3 * which + axis]);
                let tip = placement.target(tip, found);
                std::array::from_fn(|axis| (tip[axis] - centre[axis]) / placement.scale)
            };
            Plate {
                centre,
                axes: std::array::from_fn(turned),
                half: std::array::from_fn(|which| 0.5 * edges[which][index] / voxel * placement.scale),
            }
        })
        .collect())
}

/// The number of the plate in which the middle of each voxel lies, 0 outside.
fn labels(plates: &[Plate], shape: Shape) -> Array3<u32> {
    let mut labels = Array3::zeros(shape);
    let sides = [shape.0, shape.1, shape.2];
    for (plate, number) in plates.iter().zip(1..) {
        let reach = plate.half.iter().map(|half| half * half).sum::<f64>().sqrt();
        let [zs, ys, xs]: [Range<usize>; 3] = std::array::from_fn(|axis| {
            let (low, high) = (plate.centre[axis] - reach, plate.centre[axis] + reach);
            low.max(0.0) as usize..(high.max(0.0) as usize + 2).min(sides[axis])
        });
        for z in zs {
            for y in ys.clone() {
                for x in xs.clone() {
                    if plate.distance(plate.inside([z as f64, y as f64, x as f64])) <= 0.0 {
                        labels[[z, y, x]] = number;
                    }
                }
            }
        }
    }
    labels
}
