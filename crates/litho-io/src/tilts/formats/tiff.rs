//! TIFF: one file of several pages, or a folder with a file (or several pages) per angle, and a list of angles.

use crate::error::IoError;
use crate::image_files::{tiff_files, tiff_files_shape};
use crate::tilts::angles::RawAngles;
use crate::tilts::assemble::{FoundProjections, FoundTilts};
use crate::tilts::options::{TiltFormat, TiltOptions, TiltQuantity};
use crate::tilts::plan::{ProjectionsPlan, TiltPlan};
use std::path::Path;

/// The plan of a TIFF file, or of all TIFF files in a folder, by name with numbers in numerical order.
pub(crate) fn plan(path: &Path, options: &TiltOptions) -> Result<TiltPlan, IoError> {
    let files = tiff_files(path)?;
    let Some(source) = &options.angles else { return Err(RawAngles::missing(path)) };
    let angles = RawAngles::of_source(path, None, source)?;
    let (count, ny, nx) = tiff_files_shape(&files)?;
    let source = match &files[..] {
        [one] => one.display().to_string(),
        many => format!("{} TIFF files in {}", many.len(), path.display()),
    };
    FoundTilts {
        format: TiltFormat::Tiff,
        projections: FoundProjections {
            projections: ProjectionsPlan::Tiff(files),
            shape: [count, ny, nx],
            places: None,
            source,
            stored_type: "grey values".to_owned(),
            complex: false,
        },
        angles,
        quantity: options.flat.is_some().then_some(TiltQuantity::Intensity),
        usual: None,
        flat: None,
        dark: None,
        pixel: None,
        energy: None,
        warnings: Vec::new(),
    }
    .finish(path, None, options)
}
