//! What will be read from where: decided and checked before any projection is read.

use super::formats;
use super::options::{TiltFormat, TiltOptions, TiltQuantity};
use crate::error::IoError;
use crate::h5::H5File;
use crate::image_files::is_tiff;
use crate::scan::Ingredient;
use litho_types::quantity::{ElectronVolts, Metres};
use litho_types::tilt::TiltAngles;
use std::path::{Path, PathBuf};

/// Where the projections are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProjectionsPlan {
    /// One dataset of three axes; axes of length 1 besides are dropped.
    Hdf5 {
        /// The dataset.
        dataset: String,
        /// Its shape as stored.
        stored: Vec<usize>,
        /// Which of its axes are angle, y and x.
        axes: [usize; 3],
    },
    /// TIFF files, the pages of each in turn.
    Tiff(Vec<PathBuf>),
}

/// Where fields without a sample come from; their mean is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldPlan {
    /// Images at these places of the dataset of projections.
    Among(Vec<usize>),
    /// A dataset (y, x) or (image, y, x).
    Hdf5 {
        /// The file.
        file: PathBuf,
        /// The dataset.
        dataset: String,
        /// Its shape, (image, y, x).
        shape: [usize; 3],
    },
    /// TIFF files.
    Tiff(Vec<PathBuf>),
}

/// Flat fields, and dark fields if there are any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldsPlan {
    /// The beam without a sample.
    pub flat: FieldPlan,
    /// The detector without a beam; zero if `None`.
    pub dark: Option<FieldPlan>,
}

/// Everything decided about a tilt series; nothing of it is a projection.
#[derive(Debug, Clone, PartialEq)]
pub struct TiltPlan {
    /// The format.
    pub format: TiltFormat,
    /// The file, or the folder of TIFF files.
    pub path: PathBuf,
    /// Where the projections are.
    pub projections: ProjectionsPlan,
    /// Shape `(ny, nx)` of a projection.
    pub shape: (usize, usize),
    /// What the stored numbers are.
    pub quantity: TiltQuantity,
    /// The number type they are stored in, in words.
    pub stored_type: String,
    /// The angles, ascending.
    pub angles: TiltAngles,
    /// `places[k]` is the stored place of the projection at the k-th smallest angle.
    pub places: Vec<usize>,
    /// Flat and dark fields; with [`TiltQuantity::Intensity`] alone.
    pub fields: Option<FieldsPlan>,
    /// Pixel on the sample.
    pub pixel: Option<Metres>,
    /// Photon energy.
    pub energy: Option<ElectronVolts>,
    /// Where everything came from.
    pub ingredients: Vec<Ingredient>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// Opens a tilt series, recognises its format and decides what to read from where. Angles, energy and pixel are read
/// and checked; projections are not.
///
/// # Errors
/// [`IoError`] if the file cannot be opened or recognised; if an ingredient is missing, of the wrong shape or in an
/// implausible unit; if there is not one finite angle per projection, or fewer than two differ.
pub fn plan_tilts(path: &Path, options: &TiltOptions) -> Result<TiltPlan, IoError> {
    if options.format == Some(TiltFormat::Tiff) || (options.format.is_none() && is_tiff(path)?) {
        return formats::tiff::plan(path, options);
    }
    let file = H5File::open(path)?;
    let format = match options.format {
        Some(format) => format,
        None => detect(&file, options)?,
    };
    match format {
        TiltFormat::Lithoscope => formats::own::plan(&file, options),
        TiltFormat::NxTomo => formats::nxtomo::plan(&file, options),
        TiltFormat::DataExchange => formats::exchange::plan(&file, options),
        TiltFormat::Hdf5 | TiltFormat::Tiff => formats::generic::plan(&file, options),
    }
}

/// The format of an HDF5 file, from what it holds.
fn detect(file: &H5File, options: &TiltOptions) -> Result<TiltFormat, IoError> {
    if options.dataset.is_some() {
        return Ok(TiltFormat::Hdf5);
    }
    if let Some(format) = known_format(file) {
        return Ok(format);
    }
    let mut near = file.datasets();
    near.truncate(12);
    let contents = if near.is_empty() { "no dataset".to_owned() } else { near.join(", ") };
    Err(IoError::Incomplete {
        path: file.path().to_owned(),
        what: format!("which of its datasets is the tilt series (it holds {contents})"),
        fix: "name it: --dataset /path --angles /path, a list in degrees or first..last".to_owned(),
    })
}

fn known_format(file: &H5File) -> Option<TiltFormat> {
    if file.link_exists(formats::own::DATA) {
        Some(TiltFormat::Lithoscope)
    } else if formats::nxtomo::entry(file).is_some() {
        Some(TiltFormat::NxTomo)
    } else {
        file.link_exists(formats::exchange::DATA).then_some(TiltFormat::DataExchange)
    }
}

/// True of an HDF5 file that says of itself that it is a tilt series; Data Exchange says so by its angles.
pub(crate) fn holds_tilts(file: &H5File) -> bool {
    match known_format(file) {
        Some(TiltFormat::DataExchange) => formats::exchange::THETA.iter().any(|name| {
            file.has_dataset(name) && file.shape(name).is_ok_and(|shape| shape.iter().product::<usize>() > 1)
        }),
        format => format.is_some(),
    }
}
