//! Connected components, numbered in the order in which memory meets them.
//!
//! Rows become runs of voxels of one kind; runs that touch are united, first within slabs of the volume side by side, then
//! across their seams. The root of a set is its first run, so numbers do not depend on how the volume was cut.

mod forest;
mod renumber;
mod runs;
mod slab;
#[cfg(test)]
mod tests;
mod touch;

use crate::connectivity::Connectivity;
use crate::error::MorphError;
use forest::Forest;
use ndarray::{Array3, ArrayView3, Axis};
use rayon::prelude::*;
pub use renumber::renumber;
use runs::Kind;
pub(crate) use slab::Slab;

/// What belongs together, numbered from 1 by the first voxel in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Components {
    /// The number of each voxel's component, 0 outside.
    pub labels: Array3<u32>,
    /// How many there are.
    pub count: u32,
}

/// Voxels of a slab: large enough that its seam is a small part of the work, small enough to share slabs evenly.
const SLAB: usize = 1 << 18;

/// The connected components of a mask.
///
/// # Errors
/// More than 2³² − 2 runs of voxels along x.
pub fn components(mask: ArrayView3<bool>, connectivity: Connectivity) -> Result<Components, MorphError> {
    components_of(mask, connectivity)
}

/// The connected components of every label: voxels belong together if they touch and have the same label, not 0.
///
/// # Errors
/// As [`components`].
pub fn components_of_labels(
    labels: ArrayView3<u32>,
    connectivity: Connectivity,
) -> Result<Components, MorphError> {
    components_of(labels, connectivity)
}

fn components_of<K: Kind>(
    volume: ArrayView3<K>,
    connectivity: Connectivity,
) -> Result<Components, MorphError> {
    let volume = volume.as_standard_layout();
    let (_, ny, nx) = volume.dim();
    let mut labels = Array3::zeros(volume.dim());
    if volume.is_empty() {
        return Ok(Components { labels, count: 0 });
    }
    let depth = SLAB.div_ceil(ny * nx);
    let slabs = volume
        .axis_chunks_iter(Axis(0), depth)
        .into_par_iter()
        .map(|part| Slab::new(part, connectivity))
        .collect::<Result<Vec<_>, _>>()?;
    let mut seams = Seams::default();
    let mut before = None;
    for slab in &slabs {
        seams.add(before, slab, connectivity)?;
        before = Some(slab);
    }
    let (numbers, count) = seams.numbers();
    labels.axis_chunks_iter_mut(Axis(0), depth).into_par_iter().zip(&slabs).zip(numbers).for_each(
        |((mut labels, slab), numbers)| {
            if let Some(labels) = labels.as_slice_mut() {
                slab.write(&numbers, labels);
            }
        },
    );
    Ok(Components { labels, count })
}

/// The sets of all slabs, united over the seams between them.
#[derive(Default)]
pub(crate) struct Seams {
    forest: Forest,
    /// Where the sets of each slab begin, and their number.
    parts: Vec<(usize, usize)>,
}

impl Seams {
    /// Takes one more slab, which follows the one `before` it.
    ///
    /// # Errors
    /// More sets than can be numbered.
    pub(crate) fn add<M: Copy + PartialEq + Send + Sync>(
        &mut self,
        before: Option<&Slab<M>>,
        slab: &Slab<M>,
        connectivity: Connectivity,
    ) -> Result<(), MorphError> {
        let first = self.forest.grow(slab.count)?;
        if let (Some(before), Some(&(start, _))) = (before, self.parts.last()) {
            before.over_seam(slab, connectivity, |a, b| self.forest.unite(start + a, first + b));
        }
        self.parts.push((first, slab.count as usize));
        Ok(())
    }

    /// The numbers of the sets of each slab, and how many components there are.
    pub(crate) fn numbers(self) -> (Vec<Vec<u32>>, u32) {
        let (numbers, count) = self.forest.numbers();
        let parts = self.parts.into_iter().map(|(first, len)| numbers[first..first + len].to_vec());
        (parts.collect(), count)
    }
}
