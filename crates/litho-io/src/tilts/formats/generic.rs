//! Any HDF5 file whose dataset of projections is named; angles, energy and pixel come from options, or from datasets
//! beside it with the usual names.

use crate::error::IoError;
use crate::h5::H5File;
use crate::sample_pixel::pixel_from_number;
use crate::tilts::angles::RawAngles;
use crate::tilts::assemble::{FoundTilts, h5_projections};
use crate::tilts::options::{TiltFormat, TiltOptions, TiltQuantity};
use crate::tilts::plan::TiltPlan;

const ANGLES: [&str; 5] = ["angle", "angles", "theta", "rotation_angle", "tilt"];
const PIXEL: [&str; 2] = ["pixel_size", "pixel"];
const ENERGY: [&str; 2] = ["energy", "photon_energy"];

/// The plan of a series whose dataset the options name.
pub(crate) fn plan(file: &H5File, options: &TiltOptions) -> Result<TiltPlan, IoError> {
    let Some(dataset) = &options.dataset else {
        return Err(IoError::Incomplete {
            path: file.path().to_owned(),
            what: "which of its datasets holds the projections".to_owned(),
            fix: "pass --dataset /path".to_owned(),
        });
    };
    let group = dataset.rsplit_once('/').map_or("", |(group, _)| group);
    let beside = |names: &[&str]| -> Vec<String> {
        let groups = [group, ""];
        let paths = groups.iter().flat_map(|group| names.iter().map(move |name| format!("{group}/{name}")));
        paths.filter(|path| file.has_dataset(path)).collect()
    };
    let first = |names: &[&str]| beside(names).into_iter().next();
    let found = first(&ANGLES);
    let angles = RawAngles::find(file, &found.as_deref().into_iter().collect::<Vec<_>>(), options)?;
    let (projections, warnings) = h5_projections(file, dataset, angles.count(), options)?;
    // A pixel or an energy without a unit is none: too many units are in use.
    let with_unit = |names: &[&str]| -> Result<_, IoError> {
        let found = first(names).map(|name| file.number(&name)).transpose()?;
        Ok(found.filter(|found| found.unit.is_some()))
    };
    let pixel = if options.pixel.is_none() { pixel_from_number(file, with_unit(&PIXEL)?)? } else { None };
    let energy = if options.energy.is_none() { with_unit(&ENERGY)? } else { None };
    FoundTilts {
        format: TiltFormat::Hdf5,
        projections,
        angles,
        quantity: options.flat.is_some().then_some(TiltQuantity::Intensity),
        usual: None,
        flat: None,
        dark: None,
        pixel,
        energy,
        warnings,
    }
    .finish(file.path(), Some(file), options)
}
