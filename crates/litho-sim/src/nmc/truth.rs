//! What an analysis should find.

use super::particle::{Part, Particle};
use crate::tilts::Voxels;
use ndarray::Array3;

/// True volumes `(z, y, x)` on the voxels of the reconstruction.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// Edge of a voxel, metres.
    pub voxel: f64,
    /// Electrons per Å³, mean over the voxel.
    pub electron_density: Array3<f32>,
    /// The grain most of the voxel belongs to, from 1; 0 for none.
    pub grain: Array3<u32>,
    /// The pore (from 1) or the piece of a crack (after the pores) most of the voxel belongs to; 0 for none.
    pub pore: Array3<u32>,
    /// Distance of the voxel's middle from the particle's round surface, metres, inside; negative outside.
    pub depth: Array3<f32>,
}

impl Truth {
    /// The truth on `voxels`.
    pub(crate) fn new(particle: &Particle, voxels: &Voxels) -> Self {
        let filling = voxels.fill(particle.body());
        let [electron_density] = filling.amounts;
        let grain = filling.label.mapv(|label| match particle.part(label) {
            Part::Grain(index) => index as u32 + 1,
            _ => 0,
        });
        let pore = filling.label.mapv(|label| match particle.part(label) {
            Part::Pore(index) => index as u32 + 1,
            Part::Crack(index) => (particle.pores() + index) as u32 + 1,
            _ => 0,
        });
        let middle = |count: usize| 0.5 * (count as f64 - 1.0);
        let (cz, c) = (middle(voxels.slices), middle(voxels.size));
        let depth = Array3::from_shape_fn(filling.label.dim(), |(z, y, x)| {
            let r = (z as f64 - cz).hypot(y as f64 - c).hypot(x as f64 - c) * voxels.edge;
            (particle.radius() - r) as f32
        });
        Self { voxel: voxels.edge, electron_density, grain, pore: within(pore, &depth), depth }
    }
}

/// Cracks go on outside the particle, where they are air.
fn within(mut pore: Array3<u32>, depth: &Array3<f32>) -> Array3<u32> {
    pore.zip_mut_with(depth, |label, depth| {
        if *depth < 0.0 {
            *label = 0;
        }
    });
    pore
}
