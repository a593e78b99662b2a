//! Text files of simulated experiments.

use crate::error::PipelineError;
use std::io::Write as _;
use std::path::Path;

/// Writes a text file, which appears under its name when it is complete.
pub(super) fn write_text(path: &Path, text: &str, wrote: &mut dyn FnMut(&Path)) -> Result<(), PipelineError> {
    let folder = crate::output::folder_of(path);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| unwritable(path, &error))?;
    file.write_all(text.as_bytes()).map_err(|error| unwritable(path, &error))?;
    file.persist(path).map_err(|error| unwritable(path, &error.error))?;
    wrote(path);
    Ok(())
}

fn unwritable(path: &Path, error: &std::io::Error) -> PipelineError {
    PipelineError::Write { file: path.display().to_string(), reason: error.to_string() }
}
