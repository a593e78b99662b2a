//! TIFF: one file of several pages, or a folder with a file (or several pages) per energy, and a list of energies.

use crate::error::IoError;
use crate::image_files::{tiff_files, tiff_files_shape};
use crate::stack::RawEnergies;
use crate::stack::assemble::{FoundImages, FoundStack};
use crate::stack::options::{StackFormat, StackOptions};
use crate::stack::plan::{ImagesPlan, StackPlan};
use std::path::Path;

/// The plan of a TIFF file, or of all TIFF files in a folder, by name with numbers in numerical order.
pub(crate) fn plan(path: &Path, options: &StackOptions) -> Result<StackPlan, IoError> {
    let files = tiff_files(path)?;
    let Some(source) = &options.energies else { return Err(RawEnergies::missing(path)) };
    let energies = RawEnergies::of_source(path, None, source)?;
    let (count, ny, nx) = tiff_files_shape(&files)?;
    let source = match &files[..] {
        [one] => one.display().to_string(),
        many => format!("{} TIFF files in {}", many.len(), path.display()),
    };
    let images = FoundImages { images: ImagesPlan::Tiff(files), shape: [count, ny, nx], source };
    FoundStack {
        format: StackFormat::Tiff,
        images,
        energies,
        quantity: None,
        phase: None,
        incident: None,
        pixel: None,
        warnings: Vec::new(),
    }
    .finish(path, None, options)
}
