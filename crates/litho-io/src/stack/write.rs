//! Lithoscope's own stack file: `NXdata` groups over (energy, y, x) in `/entry`.

use crate::error::IoError;
use crate::h5::ArrayData;
use crate::nexus::{Axis, NexusWriter};
use crate::sample_pixel::image_axes;
use litho_types::C32;
use litho_types::energy_stack::EnergyStack;
use ndarray::{ArrayView2, ArrayView3};
use std::path::Path;

/// What a stack file holds.
#[derive(Debug, Clone, Copy)]
pub struct StackContents<'a> {
    /// Optical density and phase.
    pub stack: &'a EnergyStack,
    /// The complex transmissions `(energy, y, x)` they came from.
    pub objects: Option<ArrayView3<'a, C32>>,
    /// Root-mean-square misfit `(y, x)` of the Kramers–Kronig relation, in standard deviations of the noise.
    pub kk_residual: Option<ArrayView2<'a, f32>>,
}

/// Puts a stack into a result file: `/entry/energy`, `/entry/optical_density`, `/entry/phase`, `/entry/object`,
/// `/entry/kk_residual`. The caller adds what else belongs there (`/entry/process`) and commits.
///
/// # Errors
/// [`IoError`] if objects or residual have another shape than the stack, or HDF5 cannot write.
pub fn put_stack(file: &mut NexusWriter, contents: &StackContents<'_>) -> Result<(), IoError> {
    let stack = contents.stack;
    let energies = stack.energies().electron_volts();
    let (ny, nx) = stack.shape();
    let (unit, [y, x]) = image_axes((ny, nx), stack.pixel());
    let [y, x] = [Axis::new("y", &y, unit), Axis::new("x", &x, unit)];
    let axes = [Axis::new("energy", &energies, "eV"), y, x];
    let mut group = |path: &str, axes: &[Axis<'_>], data: ArrayData<'_>, unit: &str, name: &str| {
        file.data_group(path, "data", axes, data, unit, name)
    };
    group("/entry/optical_density", &axes, stack.optical_density().into(), "", "optical density μt")?;
    if let Some(phase) = stack.phase() {
        group("/entry/phase", &axes, phase.into(), "rad", "phase of the transmission")?;
    }
    if let Some(objects) = contents.objects {
        group("/entry/object", &axes, objects.into(), "", "complex transmission")?;
    }
    if let Some(residual) = contents.kk_residual {
        group(
            "/entry/kk_residual",
            &axes[1..],
            residual.into(),
            "",
            "Kramers–Kronig misfit in standard deviations",
        )?;
    }
    file.array("/entry/energy", &energies, "eV")
}

/// Writes a stack file with nothing else in it.
///
/// # Errors
/// As [`put_stack`].
pub fn write_stack(path: &Path, contents: &StackContents<'_>) -> Result<(), IoError> {
    let mut file = NexusWriter::create(path)?;
    put_stack(&mut file, contents)?;
    file.commit()
}
