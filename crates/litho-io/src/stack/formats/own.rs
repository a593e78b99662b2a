//! Lithoscope's own stack, as `spectrum-scan` writes it.

use crate::error::IoError;
use crate::h5::H5File;
use crate::sample_pixel::pixel_from_axes;
use crate::scan::LengthUnit;
use crate::stack::RawEnergies;
use crate::stack::assemble::{FoundStack, h5_images};
use crate::stack::options::{AxisOrder, StackFormat, StackOptions, StackQuantity};
use crate::stack::plan::StackPlan;

const DENSITY: &str = "/entry/optical_density/data";
const PHASE: &str = "/entry/phase/data";
const OBJECT: &str = "/entry/object/data";

/// The plan of a stack with `/entry/energy` and an optical density or complex objects.
pub(crate) fn plan(file: &H5File, options: &StackOptions) -> Result<StackPlan, IoError> {
    let energies = RawEnergies::find(file, &["/entry/energy"], options)?;
    let wants_object = options.quantity == Some(StackQuantity::Complex);
    let from_object = wants_object || !file.link_exists(DENSITY);
    let (dataset, quantity) =
        if from_object { (OBJECT, StackQuantity::Complex) } else { (DENSITY, StackQuantity::OpticalDensity) };
    let usual = AxisOrder::EnergyYX;
    let (images, mut warnings) = h5_images(file, dataset, energies.values.len(), usual, options)?;
    let group = dataset.trim_end_matches("/data");
    let [y, x] = ["y", "x"].map(|axis| format!("{group}/{axis}"));
    let pixel = pixel_from_axes(file, &y, &x, LengthUnit::Metre, &mut warnings)?;
    let phase = (!from_object && file.link_exists(PHASE)).then(|| PHASE.to_owned());
    FoundStack {
        format: StackFormat::Lithoscope,
        images,
        energies,
        quantity: Some(quantity),
        phase,
        incident: None,
        pixel,
        warnings,
    }
    .finish(file.path(), Some(file), options)
}
