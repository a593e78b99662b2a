//! The voxels of each plate.

use super::rows::Row;
use super::shape::Plate;
use super::soft::filled;
use super::{PlateSettings, Plates};
use ndarray::{Array3, ArrayView3};

/// Matter further than this from every plate belongs to none, voxels.
const FAR: f64 = 1.5;

/// Gives every voxel to the plate that fills it most, or, if it is matter by measurement, to the nearest.
pub(super) fn label(filling: ArrayView3<f32>, plates: Vec<Plate>, settings: &PlateSettings) -> Plates {
    let mut owner = Array3::<u32>::zeros(filling.dim());
    let mut best = Array3::from_elem(filling.dim(), 0.0_f32);
    for (index, plate) in plates.iter().enumerate() {
        let packed = filled(plate, settings.width, filling.dim());
        let mut at = 0;
        for Row { z, y, xs, .. } in &packed.rows {
            for x in xs.clone() {
                let (voxel, fill) = ([*z, *y, x], packed.fill[at]);
                let own = std::array::from_fn(|axis| f64::from(packed.own[axis][at]));
                let measured = filling[voxel] > settings.matter && plate.distance(own) < FAR;
                if (fill > settings.matter || measured) && fill > best[voxel] {
                    (owner[voxel], best[voxel]) = (index as u32 + 1, fill);
                }
                at += 1;
            }
        }
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
