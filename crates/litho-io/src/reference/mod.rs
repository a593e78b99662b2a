//! Reference spectra of known compounds: XDI, columns of text, Athena projects.

mod athena;
mod columns;
mod spectrum;
mod xdi;

pub use spectrum::{ReferenceFormat, ReferenceOptions, ReferenceSpectrum};

use crate::error::IoError;
use std::io::Read;
use std::path::Path;

/// The first bytes of a gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Reads one spectrum. The format is told from the contents: gzip is an Athena project, a first line with `XDI` a
/// XDI file, everything else columns of text.
///
/// # Errors
/// [`IoError`] if the file cannot be read; if energy or absorption cannot be told, or are in an implausible unit; if
/// the group asked for is not in the project; or if fewer than two points are left.
pub fn read_reference(path: &Path, options: &ReferenceOptions) -> Result<ReferenceSpectrum, IoError> {
    let file = std::fs::File::open(path).map_err(|e| IoError::file("open", path, &e))?;
    let mut head = Vec::new();
    file.take(512).read_to_end(&mut head).map_err(|e| IoError::file("read", path, &e))?;
    let first_line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
    if head.starts_with(&GZIP) || first_line.contains("Athena project file") {
        athena::read(path, options)
    } else if first_line.starts_with('#') && first_line.contains("XDI/") {
        xdi::read(path, options)
    } else {
        columns::read(path, options)
    }
}
