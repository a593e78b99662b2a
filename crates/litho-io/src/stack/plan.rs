//! What will be read from where: decided and checked before any image is read.

use super::formats;
use super::options::{AxisOrder, StackFormat, StackOptions, StackQuantity};
use crate::error::IoError;
use crate::h5::H5File;
use crate::image_files::is_tiff;
use crate::scan::Ingredient;
use litho_types::energies::Energies;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Where the images are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImagesPlan {
    /// One dataset of three axes; axes of length 1 besides are dropped.
    Hdf5 {
        /// The dataset.
        dataset: String,
        /// Order of its axes.
        axes: AxisOrder,
    },
    /// TIFF files, in the order of the energies as listed; the pages of each in turn.
    Tiff(Vec<PathBuf>),
}

/// Where the incident intensity comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum IncidentPlan {
    /// One number per image, in stored order.
    Values(Vec<f64>),
    /// A dataset with the shape and the axes of the images.
    Images {
        /// The file.
        file: PathBuf,
        /// The dataset.
        dataset: String,
    },
    /// The mean of each image over a rectangle.
    Air {
        /// Rows.
        y: Range<usize>,
        /// Columns.
        x: Range<usize>,
    },
}

/// Everything decided about an energy stack; nothing of it is an image.
#[derive(Debug, Clone, PartialEq)]
pub struct StackPlan {
    /// The format.
    pub format: StackFormat,
    /// The file, or the folder of TIFF files.
    pub path: PathBuf,
    /// Where the images are.
    pub images: ImagesPlan,
    /// Shape `(ny, nx)` of an image.
    pub shape: (usize, usize),
    /// What the stored numbers are.
    pub quantity: StackQuantity,
    /// Dataset of the phase in radians, `(energy, y, x)`, if there is one.
    pub phase: Option<String>,
    /// Incident intensity; with [`StackQuantity::Intensity`] alone.
    pub incident: Option<IncidentPlan>,
    /// The energies, ascending.
    pub energies: Energies,
    /// `order[k]` is the stored place of the image of the k-th lowest energy.
    pub order: Vec<usize>,
    /// Pixel on the sample.
    pub pixel: Option<Point<Metres>>,
    /// Where everything came from.
    pub ingredients: Vec<Ingredient>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// Opens an energy stack, recognises its format and decides what to read from where. Energies, I0 and pixel are
/// read and checked; images are not.
///
/// # Errors
/// [`IoError`] if the file cannot be opened or recognised; if an ingredient is missing, of the wrong shape or in an
/// implausible unit; if energies are NaN or given twice, or their number is not that of the images.
pub fn plan_stack(path: &Path, options: &StackOptions) -> Result<StackPlan, IoError> {
    if options.format == Some(StackFormat::Tiff) || (options.format.is_none() && is_tiff(path)?) {
        return formats::tiff::plan(path, options);
    }
    let file = H5File::open(path)?;
    let format = match options.format {
        Some(format) => format,
        None => detect(&file, options)?,
    };
    match format {
        StackFormat::Lithoscope => formats::own::plan(&file, options),
        StackFormat::NxStxm => formats::nxstxm::plan(&file, options),
        StackFormat::Exchange => formats::exchange::plan(&file, options),
        StackFormat::Hdf5 | StackFormat::Tiff => formats::generic::plan(&file, options),
    }
}

/// The format of an HDF5 file, from what it holds.
fn detect(file: &H5File, options: &StackOptions) -> Result<StackFormat, IoError> {
    if options.dataset.is_some() {
        return Ok(StackFormat::Hdf5);
    }
    let holds = |name: &str| file.link_exists(name);
    if holds("/entry/energy") && (holds("/entry/optical_density/data") || holds("/entry/object/data")) {
        return Ok(StackFormat::Lithoscope);
    }
    if formats::nxstxm::entry(file).is_some() {
        return Ok(StackFormat::NxStxm);
    }
    if holds("/exchange/data") {
        return Ok(StackFormat::Exchange);
    }
    let mut near = file.datasets();
    near.truncate(12);
    let contents = if near.is_empty() { "no dataset".to_owned() } else { near.join(", ") };
    Err(IoError::Incomplete {
        path: file.path().to_owned(),
        what: format!("which of its datasets is the energy stack (it holds {contents})"),
        fix: "name it: --dataset /path --energies /path or a list".to_owned(),
    })
}
