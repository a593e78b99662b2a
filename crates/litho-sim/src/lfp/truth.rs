//! What an analysis should find.

use super::optics::PhaseOptics;
use super::plate::Plate;
use crate::tilts::{Body, Voxels};
use ndarray::{Array3, Zip};

/// True volumes `(z, y, x)` on the voxels of the reconstruction.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// Edge of a voxel, metres.
    pub voxel: f64,
    /// Optical density of a voxel at each energy, `μd`.
    pub optical_density: [Array3<f32>; 2],
    /// Phase of a voxel at each energy, radians.
    pub phase: [Array3<f32>; 2],
    /// Volume of LFP and FP in a voxel, as a share of it.
    pub volume: [Array3<f32>; 2],
    /// Volume fraction of FP in what is not air; NaN in air.
    pub fraction: Array3<f32>,
    /// The plate most of the voxel belongs to, from 1; 0 is air.
    pub label: Array3<u32>,
}

impl Truth {
    /// The truth on `voxels`.
    pub(crate) fn new(body: &Body<2>, voxels: &Voxels, optics: &[PhaseOptics; 2]) -> Self {
        let filling = voxels.fill(body);
        let [lfp, fp] = filling.amounts;
        let edge = voxels.edge;
        let per_voxel = |of: &dyn Fn(&PhaseOptics) -> f64| {
            let (a, b) = ((of(&optics[0]) * edge) as f32, (of(&optics[1]) * edge) as f32);
            Zip::from(&lfp).and(&fp).map_collect(|lfp, fp| a * lfp + b * fp)
        };
        Self {
            voxel: edge,
            optical_density: [0, 1].map(|energy| per_voxel(&|o| o.absorption[energy])),
            phase: [0, 1].map(|energy| per_voxel(&|o| o.phase[energy])),
            fraction: Zip::from(&lfp).and(&fp).map_collect(|lfp, fp| fp / (lfp + fp)),
            label: filling.label,
            volume: [lfp, fp],
        }
    }
}

/// Volume fraction of FP in all plates: the state of charge.
pub fn state_of_charge(plates: &[Plate]) -> f64 {
    let reacted: f64 = plates.iter().map(|plate| plate.fraction() * plate.volume()).sum();
    reacted / plates.iter().map(Plate::volume).sum::<f64>()
}
