//! Volumes in `truth.h5`.

use crate::error::PipelineError;
use litho_io::{Axis, NexusWriter};
use ndarray::Array3;

/// Writes a volume `(z, y, x)` as `GROUP/data`, its axes in metres from the middle, with its voxel size as a result has it.
pub(super) fn put_volume(
    file: &mut NexusWriter,
    group: &str,
    volume: &Array3<f32>,
    voxel: f64,
    unit: &str,
    name: &str,
) -> Result<(), PipelineError> {
    let along = |count: usize| -> Vec<f64> {
        (0..count).map(|index| (index as f64 - 0.5 * (count as f64 - 1.0)) * voxel).collect()
    };
    let (nz, ny, nx) = volume.dim();
    let (z, y, x) = (along(nz), along(ny), along(nx));
    let axes = [Axis::new("z", &z, "m"), Axis::new("y", &y, "m"), Axis::new("x", &x, "m")];
    file.data_group(group, "data", &axes, volume, unit, name)?;
    file.dataset(&format!("{group}/voxel_size"), voxel, "m")?;
    Ok(())
}
