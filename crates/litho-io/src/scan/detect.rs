//! Tells a file's format from what it holds, never from its name.

use super::options::{Format, ReadOptions};
use crate::error::IoError;
use crate::h5::H5File;

/// The format of a file.
///
/// # Errors
/// [`IoError::UnknownFormat`] with the top-level contents if nothing fits.
pub(super) fn detect_format(file: &H5File, options: &ReadOptions) -> Result<Format, IoError> {
    if options.keys.frames.is_some() {
        return Ok(Format::Generic);
    }
    let dataset = |name: &str| file.link_exists(name);
    let definition = file.has_dataset("/entry_1/definition").then(|| file.texts("/entry_1/definition"));
    if matches!(definition, Some(Ok(names)) if names.first().is_some_and(|name| name == "NXcxi_ptycho")) {
        return Ok(Format::NxCxiPtycho);
    }
    if dataset("/cxi_version")
        || dataset("/entry_1/instrument_1/detector_1")
        || dataset("/entry_1/data_1/data")
    {
        return Ok(Format::Cxi);
    }
    if file.has_group("/chunks") && file.has_group("/meta") {
        return Ok(Format::Ptyd);
    }
    if dataset("/ptychogram") {
        return Ok(Format::PtyLab);
    }
    if dataset("/dp") {
        return Ok(Format::Ptychodus);
    }
    let numbered = || file.children("/entry/data").iter().any(|name| name.starts_with("data_"));
    if file.has_group("/entry/instrument/detector/detectorSpecific") || numbered() {
        return Ok(Format::Eiger);
    }
    if dataset("/scan") && (dataset("/frames") || dataset("/data")) {
        return Ok(Format::Tike);
    }
    let mut contents = file.children("/");
    contents.truncate(12);
    let contents = if contents.is_empty() { "nothing".to_owned() } else { contents.join(", ") };
    Err(IoError::UnknownFormat { path: file.path().to_owned(), contents })
}
