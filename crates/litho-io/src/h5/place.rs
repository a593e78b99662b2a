//! Where a name given by the caller leads: into the data file itself, into another, or to a text file.

use super::file::H5File;
use super::spec::PathSpec;
use crate::error::IoError;
use std::path::PathBuf;

/// Where a name given by the caller leads.
pub(crate) enum Place<'a> {
    /// To a dataset of the data file itself.
    Here(&'a H5File),
    /// To a dataset of another file.
    Hdf5(H5File, String),
    /// To a text file.
    Text(PathBuf),
}

/// Finds what `name` leads to: a dataset of `file`, `FILE:/path`, or a text file.
pub(crate) fn located<'a>(
    file: Option<&'a H5File>,
    name: &str,
    option: &'static str,
) -> Result<Place<'a>, IoError> {
    if let Some(file) = file.filter(|file| file.has_dataset(name)) {
        return Ok(Place::Here(file));
    }
    let spec = PathSpec::parse(name);
    if let Some(dataset) = spec.dataset {
        return Ok(Place::Hdf5(H5File::open(&spec.file)?, dataset));
    }
    match file {
        _ if spec.file.is_file() => Ok(Place::Text(spec.file)),
        Some(file) if name.starts_with('/') => Err(file.missing(name)),
        _ => {
            let reason =
                "is neither a dataset of the data file, nor FILE:/path, nor a text file; check the name";
            Err(IoError::argument(option, name, reason))
        }
    }
}
