//! The voxels around one plate, and those of them that lie under its facet.

use super::facet::Facet;
use super::neighbours::smeared;
use super::settings::ThicknessSettings;
use crate::error::MorphError;
use crate::particles::Particle;
use crate::small::dot;
use crate::spacing::Spacing;
use ndarray::{Array3, ArrayView3};

/// Whose a voxel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The plate's.
    Plate,
    /// Nobody's.
    Nobody,
    /// Another particle's.
    Other,
}

/// A voxel of the surroundings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Voxel {
    /// Its middle `(z, y, x)`.
    pub(super) place: [f64; 3],
    /// The amount in it.
    pub(super) value: f64,
    /// What neighbours would put there at amplitude 1.
    pub(super) other: f64,
    pub(super) owner: Owner,
}

/// A plate and what is around it.
pub(super) struct Scene {
    pub(super) voxels: Vec<Voxel>,
    /// Edges of a voxel.
    pub(super) edges: [f64; 3],
}

/// A voxel under the facet, in the plate's frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    /// Along the normal, from the facet's centre.
    pub(super) along: f64,
    /// Along the two axes in the facet.
    pub(super) aside: [f64; 2],
    pub(super) value: f64,
    pub(super) other: f64,
}

/// Voxels under a facet, and the standard deviation with which they see along its normal.
pub(super) struct Samples {
    pub(super) list: Vec<Sample>,
    pub(super) sigma: f64,
}

impl Scene {
    /// The voxels of the particle's box and as far beyond as the window reaches.
    pub(super) fn new(
        volume: ArrayView3<'_, f32>,
        labels: ArrayView3<'_, u32>,
        spacing: Spacing,
        particle: &Particle,
        settings: &ThicknessSettings,
    ) -> Result<Self, MorphError> {
        let edges = spacing.edges();
        // The neighbours' matter is followed one window further than the voxels that are used.
        let pads = edges.map(|edge| (2.0 * settings.window * settings.resolution / edge).ceil() as usize + 1);
        let shape = labels.shape();
        let low: [usize; 3] =
            std::array::from_fn(|i| particle.bounds.low[i].saturating_sub(pads[i]).min(shape[i]));
        let high: [usize; 3] = std::array::from_fn(|i| {
            particle.bounds.high[i].saturating_add(pads[i]).min(shape[i]).max(low[i])
        });
        let owner = |label: u32| match label {
            0 => Owner::Nobody,
            label if label == particle.id => Owner::Plate,
            _ => Owner::Other,
        };
        let size: [usize; 3] = std::array::from_fn(|i| high[i] - low[i]);
        let at = |(z, y, x): (usize, usize, usize)| [low[0] + z, low[1] + y, low[2] + x];
        let others = Array3::from_shape_fn(size, |index| {
            f64::from(u8::from(owner(labels[at(index)]) == Owner::Other))
        });
        let others = smeared(&others, edges, settings.sigma());
        let mut voxels = Vec::with_capacity(others.len());
        for (index, other) in others.indexed_iter() {
            let voxel = at(index);
            let value = f64::from(volume[voxel]);
            if !value.is_finite() {
                return Err(MorphError::NotFinite { operation: "thickness", voxel, value });
            }
            let place = std::array::from_fn(|i| voxel[i] as f64 * edges[i]);
            voxels.push(Voxel { place, value, other: *other, owner: owner(labels[voxel]) });
        }
        Ok(Self { voxels, edges })
    }

    /// The voxels in the columns of a facet, without those of others.
    pub(super) fn under(&self, facet: &Facet) -> Samples {
        let list = self.voxels.iter().filter(|voxel| voxel.owner != Owner::Other).filter_map(|voxel| {
            let [u, v, along] = facet.local(voxel.place);
            (along.abs() <= facet.reach && facet.uses([u, v])).then_some(Sample {
                along,
                aside: [u, v],
                value: voxel.value,
                other: voxel.other,
            })
        });
        // The average over a voxel adds Σ n² h²/12 along the normal n.
        let normal = facet.axes[2];
        let spread: [f64; 3] = std::array::from_fn(|i| normal[i] * self.edges[i]);
        let sigma = (facet.sigma * facet.sigma + dot(spread, spread) / 12.0).sqrt();
        Samples { list: list.collect(), sigma }
    }
}
