//! NeXus `NXstxm`, sample image stacks: (energy, y, x) in an `NXdata` group, I0 in the monitor `control`.
//!
//! The group's name differs from instrument to instrument (`counter0`, `Counter1`, `default`), the data are called
//! `data` or `binned_values`, the energies `energy` or `photon_energy`, and the axes are linked by attributes `axis`
//! (1 to 3) or not at all. The definition gives (energy, y, x); sample positions are usually in µm.

use crate::error::IoError;
use crate::h5::H5File;
use crate::sample_pixel::pixel_from_axes;
use crate::scan::LengthUnit;
use crate::stack::RawEnergies;
use crate::stack::assemble::{FoundStack, h5_images};
use crate::stack::incident::FoundIncident;
use crate::stack::options::{AxisOrder, StackFormat, StackOptions};
use crate::stack::plan::StackPlan;

const DATA: [&str; 2] = ["data", "binned_values"];
const ENERGY: [&str; 2] = ["energy", "photon_energy"];

/// The entry that says it is an `NXstxm`, with its leading `/`.
pub(crate) fn entry(file: &H5File) -> Option<String> {
    file.children("/").into_iter().map(|name| format!("/{name}")).find(|entry| {
        let definition = format!("{entry}/definition");
        file.has_dataset(&definition)
            && file.texts(&definition).is_ok_and(|names| names.first().is_some_and(|name| name == "NXstxm"))
    })
}

/// The plan of an `NXstxm` file.
pub(crate) fn plan(file: &H5File, options: &StackOptions) -> Result<StackPlan, IoError> {
    let Some(entry) = entry(file) else { return Err(file.missing("/entry/definition")) };
    let mut warnings = Vec::new();
    let dataset = match &options.dataset {
        Some(dataset) => dataset.clone(),
        None => first_data(file, &entry, &mut warnings)?,
    };
    let group = dataset.rsplit_once('/').map_or("", |(group, _)| group);
    let names = ENERGY.map(|name| format!("{group}/{name}"));
    let energies = RawEnergies::find(file, &names.each_ref().map(String::as_str), options)?;
    let (images, noticed) = h5_images(file, &dataset, energies.values.len(), AxisOrder::EnergyYX, options)?;
    warnings.extend(noticed);
    let [y, x] = ["sample_y", "sample_x"].map(|axis| format!("{group}/{axis}"));
    let pixel = pixel_from_axes(file, &y, &x, LengthUnit::Micrometre, &mut warnings)?;
    let control = format!("{entry}/control/data");
    let incident = file.has_dataset(&control).then_some(FoundIncident::Dataset(control));
    if incident.is_some() && options.incident.is_none() {
        warnings.push(format!(
            "I0 is {entry}/control: where that is a ring current, optical densities have an unknown offset"
        ));
    }
    FoundStack {
        format: StackFormat::NxStxm,
        images,
        energies,
        quantity: None,
        phase: None,
        incident,
        pixel,
        warnings,
    }
    .finish(file.path(), Some(file), options)
}

/// The first group of the entry that holds both data and energies; the others are named in a warning.
fn first_data(file: &H5File, entry: &str, warnings: &mut Vec<String>) -> Result<String, IoError> {
    let mut found: Vec<String> = Vec::new();
    let preferred = file.attr_text(entry, "default");
    for group in file.children(entry).into_iter().map(|name| format!("{entry}/{name}")) {
        let energies = ENERGY.iter().any(|name| file.has_dataset(&format!("{group}/{name}")));
        let names = DATA.map(|name| format!("{group}/{name}"));
        if let Some(data) = names.into_iter().find(|name| energies && file.has_dataset(name)) {
            found.push(data);
        }
    }
    let chosen = found.iter().position(|data| {
        preferred.as_ref().is_some_and(|name| data.starts_with(&format!("{entry}/{name}/")))
    });
    if found.is_empty() {
        return Err(file.missing(&format!("{entry}/counter0/data")));
    }
    let data = found.remove(chosen.unwrap_or(0));
    if !found.is_empty() {
        warnings
            .push(format!("{data} was read; there are also {} (name one with --dataset)", found.join(", ")));
    }
    Ok(data)
}
