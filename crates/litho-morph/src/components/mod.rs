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
use slab::Slab;

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
        .map(|part| {
            let slab = Slab::new(part);
            slab.forest(connectivity).map(|forest| (slab, forest))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let (slabs, forests): (Vec<_>, Vec<_>) = slabs.into_iter().unzip();
    let (numbers, count) = number(&slabs, &forests, connectivity)?;
    labels.axis_chunks_iter_mut(Axis(0), depth).into_par_iter().zip(&slabs).zip(numbers).for_each(
        |((mut labels, slab), numbers)| {
            if let Some(labels) = labels.as_slice_mut() {
                slab.write(&numbers, labels);
            }
        },
    );
    Ok(Components { labels, count })
}

/// The numbers of the runs of each slab, and how many components there are.
fn number<M: Copy + PartialEq + Send + Sync>(
    slabs: &[Slab<M>],
    forests: &[Forest],
    connectivity: Connectivity,
) -> Result<(Vec<Vec<u32>>, u32), MorphError> {
    let mut forest = Forest::default();
    for part in forests {
        forest.append(part)?;
    }
    let mut first = 0;
    for pair in slabs.windows(2) {
        pair[0].unite_seam(&pair[1], first, connectivity, &mut forest);
        first += pair[0].len();
    }
    let (numbers, count) = forest.numbers();
    let mut rest = numbers.as_slice();
    let parts = slabs.iter().map(|slab| {
        let (part, behind) = rest.split_at(slab.len());
        rest = behind;
        part.to_vec()
    });
    Ok((parts.collect(), count))
}
