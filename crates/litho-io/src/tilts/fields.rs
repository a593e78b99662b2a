//! Flat and dark fields: where they are, and their mean over some rows.

use super::assemble::{line, three_places};
use super::options::TiltOptions;
use super::plan::{FieldPlan, FieldsPlan, ProjectionsPlan, TiltPlan};
use super::rows::{Block, dataset_block};
use crate::error::IoError;
use crate::h5::{H5File, Place, located};
use crate::image_files::{is_tiff, read_tiff_rows, tiff_files, tiff_files_shape};
use crate::scan::Ingredient;
use ndarray::{Array2, Axis};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Checked fields.
pub(super) struct CheckedFields {
    pub(super) plan: FieldsPlan,
    pub(super) ingredients: Vec<Ingredient>,
    pub(super) warnings: Vec<String>,
}

/// The fields that the options name, else those found in the file, checked against the shape of the projections.
pub(super) fn plan_fields(
    path: &Path,
    file: Option<&H5File>,
    shape: (usize, usize),
    (flat, dark): (Option<FieldPlan>, Option<FieldPlan>),
    options: &TiltOptions,
) -> Result<CheckedFields, IoError> {
    let named = |name: &Option<String>, option| {
        name.as_deref().map(|name| field_named(file, name, option)).transpose()
    };
    let flat = named(&options.flat, "--flat")?.or(flat);
    let dark = named(&options.dark, "--dark")?.or(dark);
    let Some(flat) = flat else {
        return Err(IoError::Incomplete {
            path: path.to_owned(),
            what: "its flat fields, by which counts are divided".to_owned(),
            fix: "pass --flat with a dataset, FILE:/path or TIFF files, or say with --quantity what the numbers are"
                .to_owned(),
        });
    };
    let mut ingredients = vec![described("flat fields", path, &flat, shape)?];
    let mut warnings = Vec::new();
    match &dark {
        Some(dark) => ingredients.push(described("dark fields", path, dark, shape)?),
        None => warnings.push("there are no dark fields: nothing is taken off the counts".to_owned()),
    }
    Ok(CheckedFields { plan: FieldsPlan { flat, dark }, ingredients, warnings })
}

/// Fields in a dataset of `file`, (y, x) or (image, y, x).
pub(super) fn field_dataset(file: &H5File, dataset: &str) -> Result<FieldPlan, IoError> {
    let stored = file.shape(dataset)?;
    let shape = match stored[..] {
        [ny, nx] => Some([1, ny, nx]),
        _ => three_places(&stored).map(|places| places.map(|place| stored[place])),
    };
    let Some(shape) = shape.filter(|shape| shape[0] > 0) else {
        return Err(file.wrong_shape(dataset, stored, "fields (y, x) or (image, y, x)"));
    };
    Ok(FieldPlan::Hdf5 { file: file.path().to_owned(), dataset: dataset.to_owned(), shape })
}

fn field_named(file: Option<&H5File>, name: &str, option: &'static str) -> Result<FieldPlan, IoError> {
    let path = PathBuf::from(name);
    if path.exists() && is_tiff(&path)? {
        return Ok(FieldPlan::Tiff(tiff_files(&path)?));
    }
    match located(file, name, option)? {
        Place::Here(file) => field_dataset(file, name),
        Place::Hdf5(file, dataset) => field_dataset(&file, &dataset),
        Place::Text(_) => {
            let reason = "is no image; name a dataset, FILE:/path, or a TIFF file or folder";
            Err(IoError::argument(option, name, reason))
        }
    }
}

fn described(
    name: &'static str,
    path: &Path,
    field: &FieldPlan,
    (ny, nx): (usize, usize),
) -> Result<Ingredient, IoError> {
    let (count, found, source) = match field {
        FieldPlan::Among(places) => (places.len(), (ny, nx), "among the projections".to_owned()),
        FieldPlan::Hdf5 { dataset, shape: [count, y, x], .. } => (*count, (*y, *x), dataset.clone()),
        FieldPlan::Tiff(files) => {
            let (count, y, x) = tiff_files_shape(files)?;
            let source = files.first().map_or_else(String::new, |first| first.display().to_string());
            (count, (y, x), source)
        }
    };
    if found != (ny, nx) {
        return Err(IoError::WrongShape {
            path: path.to_owned(),
            dataset: source,
            found: vec![count, found.0, found.1],
            expected: format!("{name} of {ny} × {nx} pixels, as the projections are"),
        });
    }
    Ok(line(name, format!("{count} images"), source, "their mean"))
}

/// Mean of the fields over these rows, in double precision.
pub(super) fn mean_rows(
    plan: &TiltPlan,
    field: &FieldPlan,
    rows: &Range<usize>,
) -> Result<Array2<f64>, IoError> {
    let mut sum = Array2::<f64>::zeros((rows.len(), plan.shape.1));
    let mut count = 0_usize;
    let mut add = |block: &ndarray::Array3<f32>| {
        for image in block.outer_iter() {
            sum.zip_mut_with(&image, |sum, &value| *sum += f64::from(value));
            count += 1;
        }
    };
    match (field, &plan.projections) {
        (FieldPlan::Among(places), ProjectionsPlan::Hdf5 { dataset, stored, axes }) => {
            let file = H5File::open(&plan.path)?;
            let within = Block { dataset, stored, axes: *axes, rows: rows.clone(), nx: plan.shape.1 };
            for &place in places {
                add(&dataset_block::<f32>(&file, &within, place..place + 1)?);
            }
        }
        (FieldPlan::Among(_), ProjectionsPlan::Tiff(_)) => {
            return Err(IoError::argument(
                "flat fields",
                plan.path.display(),
                "TIFF files hold none among them",
            ));
        }
        (FieldPlan::Hdf5 { file, dataset, .. }, _) => {
            let file = H5File::open(file)?;
            let stored = file.shape(dataset)?;
            if let [_, _] = stored[..] {
                let image = file.region::<f32>(dataset, &[rows.clone(), 0..plan.shape.1])?;
                let image = image.insert_axis(Axis(0)).into_dimensionality();
                add(&image.map_err(|_| file.wrong_shape(dataset, stored, "fields (y, x)"))?);
            } else if let Some(axes) = three_places(&stored) {
                let within = Block { dataset, stored: &stored, axes, rows: rows.clone(), nx: plan.shape.1 };
                for place in 0..stored[axes[0]] {
                    add(&dataset_block::<f32>(&file, &within, place..place + 1)?);
                }
            } else {
                return Err(file.wrong_shape(dataset, stored, "fields (y, x) or (image, y, x)"));
            }
        }
        (FieldPlan::Tiff(files), _) => {
            for file in files {
                add(&read_tiff_rows(file, rows.clone())?);
            }
        }
    }
    let count = count.max(1) as f64;
    Ok(sum / count)
}
