//! The voxels of each plate.

use super::shape::{Plate, Soft, for_voxels};
use super::{PlateSettings, Plates};
use ndarray::{Array3, ArrayView3};

/// Matter further than this from every plate belongs to none, voxels.
const FAR: f64 = 1.5;

/// Gives every voxel to the plate that fills it most, or, if it is matter by measurement, to the nearest.
pub(super) fn label(filling: ArrayView3<f32>, plates: Vec<Plate>, settings: &PlateSettings) -> Plates {
    let mut owner = Array3::<u32>::zeros(filling.dim());
    let mut best = Array3::from_elem(filling.dim(), 0.0_f32);
    for (index, plate) in plates.iter().enumerate() {
        let soft = Soft::new(*plate, settings.width);
        for_voxels(&soft, filling.dim(), |voxel, own| {
            let fill = soft.fill(own) as f32;
            let measured = filling[voxel] > settings.matter && plate.distance(own) < FAR;
            if (fill > settings.matter || measured) && fill > best[voxel] {
                (owner[voxel], best[voxel]) = (index as u32 + 1, fill);
            }
        });
    }
    numbered(owner, &plates)
}

/// Plates that own a voxel, numbered by the first.
fn numbered(mut labels: Array3<u32>, plates: &[Plate]) -> Plates {
    let mut number = vec![0_u32; plates.len() + 1];
    let mut kept = Vec::new();
    for label in &mut labels {
        let old = *label as usize;
        if old > 0 {
            if number[old] == 0 {
                kept.push(plates[old - 1].sorted());
                number[old] = kept.len() as u32;
            }
            *label = number[old];
        }
    }
    Plates { plates: kept, labels }
}
