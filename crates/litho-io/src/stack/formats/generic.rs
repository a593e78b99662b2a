//! Any HDF5 file whose dataset of images is named; energies, pixel and I0 come from options, or from datasets beside
//! it with the usual names.

use crate::error::IoError;
use crate::h5::H5File;
use crate::sample_pixel::pixel_from_number;
use crate::stack::RawEnergies;
use crate::stack::assemble::{FoundStack, h5_images};
use crate::stack::options::{AxisOrder, StackFormat, StackOptions};
use crate::stack::plan::StackPlan;

const ENERGIES: [&str; 3] = ["energy", "energies", "photon_energy"];
const PIXEL: [&str; 2] = ["pixel_size", "pixel"];

/// The plan of a stack whose dataset the options name.
pub(crate) fn plan(file: &H5File, options: &StackOptions) -> Result<StackPlan, IoError> {
    let Some(dataset) = &options.dataset else {
        return Err(IoError::Incomplete {
            path: file.path().to_owned(),
            what: "which of its datasets holds the images".to_owned(),
            fix: "pass --dataset /path".to_owned(),
        });
    };
    let group = dataset.rsplit_once('/').map_or("", |(group, _)| group);
    let beside = |names: &[&str]| -> Vec<String> {
        let groups = [group, ""];
        groups.iter().flat_map(|group| names.iter().map(move |name| format!("{group}/{name}"))).collect()
    };
    let names = beside(&ENERGIES);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let energies = RawEnergies::find(file, &names, options)?;
    let (images, warnings) = h5_images(file, dataset, energies.values.len(), AxisOrder::EnergyYX, options)?;
    let names = beside(&PIXEL);
    let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| file.has_dataset(name)).collect();
    // A pixel without a unit is no pixel: too many units are in use.
    let found = if options.pixel.is_none() { file.number_at(&names)? } else { None };
    let pixel = pixel_from_number(file, found.filter(|found| found.unit.is_some()))?;
    FoundStack {
        format: StackFormat::Hdf5,
        images,
        energies,
        quantity: None,
        phase: None,
        incident: None,
        pixel,
        warnings,
    }
    .finish(file.path(), Some(file), options)
}
