//! Reads a volume in any format, and brings volumes to one shape.

use crate::error::PipelineError;
use litho_io::{VolumeOptions, plan_volume, read_volume};
use litho_types::volume::Volume;
use ndarray::{Array3, ArrayView3, Axis, s};
use std::path::Path;

/// The volume of a file.
///
/// # Errors
/// [`PipelineError::Io`] if it cannot be read.
pub(crate) fn load(path: &Path) -> Result<Volume, PipelineError> {
    Ok(read_volume(&plan_volume(path, &VolumeOptions::default())?)?.volume)
}

/// A volume of this shape with the middle of another in its middle, and a default where that ends.
pub(crate) fn fitted<T: Clone + Default>(
    shape: (usize, usize, usize),
    volume: ArrayView3<'_, T>,
) -> Array3<T> {
    let (a, b) = (shape, volume.dim());
    let inner = middle(volume, [a.0.min(b.0), a.1.min(b.1), a.2.min(b.2)]);
    let mut whole = Array3::default(shape);
    let begin = |outer: usize, inner: usize| (outer - inner) / 2;
    let (nz, ny, nx) = inner.dim();
    let (z, y, x) = (begin(shape.0, nz), begin(shape.1, ny), begin(shape.2, nx));
    whole.slice_mut(s![z..z + nz, y..y + ny, x..x + nx]).assign(&inner);
    whole
}

/// The middle of a volume, of a shape not larger than it.
pub(crate) fn middle<T>(volume: ArrayView3<'_, T>, shape: [usize; 3]) -> ArrayView3<'_, T> {
    let begin = |axis: usize| (volume.len_of(Axis(axis)) - shape[axis]) / 2;
    let [z, y, x] = [0, 1, 2].map(|axis| begin(axis)..begin(axis) + shape[axis]);
    volume.slice_move(s![z, y, x])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_stays_in_the_middle() {
        let volume = Array3::from_shape_fn((4, 5, 6), |(z, y, x)| (100 * z + 10 * y + x + 1) as u32);
        let larger = fitted((6, 5, 4), volume.view());
        assert_eq!(larger[[1, 0, 0]], volume[[0, 0, 1]]);
        assert_eq!(larger[[0, 2, 2]], 0);
        assert_eq!(fitted((4, 5, 6), larger.view())[[2, 3, 1]], volume[[2, 3, 1]]);
    }
}
