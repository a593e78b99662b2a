//! The incident intensity I0 that intensities are divided by.

use super::assemble::{FoundImages, three_axes};
use super::options::{AxisOrder, Incident, StackOptions};
use super::plan::{ImagesPlan, IncidentPlan};
use crate::error::IoError;
use crate::h5::{H5File, Place, located};
use crate::numbers_table::NumbersTable;
use std::path::Path;

/// An I0 that a file brings along.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FoundIncident {
    /// A dataset of one number, one per image, or images.
    Dataset(String),
    /// One number per image with where they came from, in stored order.
    Values(Vec<f64>, String),
}

/// A checked I0.
pub(super) struct CheckedIncident {
    pub(super) plan: IncidentPlan,
    pub(super) value: String,
    pub(super) source: String,
    pub(super) warnings: Vec<String>,
}

/// The I0 that the options name, else the one found in the file, checked against the images.
pub(super) fn plan_incident(
    path: &Path,
    file: Option<&H5File>,
    images: &FoundImages,
    found: Option<FoundIncident>,
    options: &StackOptions,
) -> Result<Option<CheckedIncident>, IoError> {
    let checked = match (&options.incident, found, file) {
        (Some(Incident::Values(values)), ..) => values_of(path, values.clone(), "--i0".to_owned(), images)?,
        (Some(Incident::Air { y, x }), ..) => air(y, x, images)?,
        (Some(Incident::Named(name)), ..) => match located(file, name, "--i0")? {
            Place::Here(file) => dataset(file, name, images)?,
            Place::Hdf5(other, name) => dataset(&other, &name, images)?,
            Place::Text(table) => of_table(&table, images)?,
        },
        (None, Some(FoundIncident::Dataset(name)), Some(file)) => dataset(file, &name, images)?,
        (None, Some(FoundIncident::Values(values, source)), _) => values_of(path, values, source, images)?,
        (None, ..) => return Ok(None),
    };
    Ok(Some(checked))
}

fn values_of(
    path: &Path,
    mut values: Vec<f64>,
    source: String,
    images: &FoundImages,
) -> Result<CheckedIncident, IoError> {
    let count = images.shape[0];
    if values.len() == 1 {
        values = vec![values[0]; count];
    }
    if values.len() != count {
        return Err(IoError::WrongShape {
            path: path.to_owned(),
            dataset: source,
            found: vec![values.len()],
            expected: format!("one I0, one for each of the {count} images, or images of their shape"),
        });
    }
    let lost = values.iter().filter(|value| !(value.is_finite() && **value > 0.0)).count();
    if lost == count {
        return Err(IoError::BadValue {
            path: path.to_owned(),
            dataset: source,
            index: "every energy".to_owned(),
            value: format!("{}", values[0]),
            problem: "an incident intensity is positive; name another with --i0".to_owned(),
        });
    }
    let warnings = if lost > 0 {
        vec![format!("I0 is not positive at {lost} of {count} energies: their images are NaN")]
    } else {
        Vec::new()
    };
    let value = format!("{count} numbers");
    Ok(CheckedIncident { plan: IncidentPlan::Values(values), value, source, warnings })
}

fn dataset(file: &H5File, name: &str, images: &FoundImages) -> Result<CheckedIncident, IoError> {
    let shape = file.shape(name)?;
    let axes = match &images.images {
        ImagesPlan::Hdf5 { axes, .. } => *axes,
        ImagesPlan::Tiff(_) => AxisOrder::EnergyYX,
    };
    let same =
        three_axes(&shape).is_some_and(|shape| axes.places().map(|place| shape[place]) == images.shape);
    if !same {
        let values = file.reals(name)?.into_iter().collect();
        return values_of(file.path(), values, name.to_owned(), images);
    }
    Ok(CheckedIncident {
        plan: IncidentPlan::Images { file: file.path().to_owned(), dataset: name.to_owned() },
        value: format!("{shape:?}"),
        source: name.to_owned(),
        warnings: Vec::new(),
    })
}

fn of_table(path: &Path, images: &FoundImages) -> Result<CheckedIncident, IoError> {
    let table = NumbersTable::read(path)?;
    let column = table.named(&["i0", "i0_counts"]).unwrap_or(table.width().saturating_sub(1));
    let source = format!("column {} of {}", column + 1, path.display());
    values_of(path, table.column(column), source, images)
}

fn air(
    y: &std::ops::Range<usize>,
    x: &std::ops::Range<usize>,
    images: &FoundImages,
) -> Result<CheckedIncident, IoError> {
    let [_, ny, nx] = images.shape;
    let value = format!("rows {}..{}, columns {}..{}", y.start, y.end, x.start, x.end);
    if y.is_empty() || x.is_empty() || y.end > ny || x.end > nx {
        let reason = format!("is empty or reaches beyond the images of {ny} × {nx} pixels; choose it inside");
        return Err(IoError::argument("--i0", value, reason));
    }
    Ok(CheckedIncident {
        plan: IncidentPlan::Air { y: y.clone(), x: x.clone() },
        value,
        source: "the mean of a rectangle of each image".to_owned(),
        warnings: Vec::new(),
    })
}
