//! Where results may be written.

use crate::error::PipelineError;
use std::path::Path;

/// Refuses an output that would replace the input, is a folder, or lies in none: before the work, not after it.
pub(crate) fn check(input: &Path, output: &Path) -> Result<(), PipelineError> {
    let refuse = |reason: &str| Err(PipelineError::argument("--output", output.display(), reason));
    let folder = folder_of(output);
    if !folder.is_dir() {
        return refuse("its folder does not exist; make it first");
    }
    if output.is_dir() {
        return refuse("is a folder; give the name of a file");
    }
    match (input.canonicalize(), output.canonicalize()) {
        (Ok(input), Ok(output)) if input == output => refuse("is the input itself; give another name"),
        _ => Ok(()),
    }
}

/// Makes a folder, and those it lies in.
///
/// # Errors
/// [`PipelineError::Write`] if it cannot be made.
pub(crate) fn make_folder(folder: &Path) -> Result<(), PipelineError> {
    std::fs::create_dir_all(folder).map_err(|error| PipelineError::Write {
        file: folder.display().to_string(),
        reason: error.to_string(),
    })
}

/// The folder a file lies in.
pub(crate) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_a_folder_and_nowhere_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("scan.cxi");
        std::fs::write(&input, "frames").unwrap();
        assert!(check(&input, &folder.path().join("result.h5")).is_ok());
        assert!(check(&input, &folder.path().join(".").join("scan.cxi")).is_err());
        assert!(check(&input, folder.path()).is_err());
        assert!(check(&input, &folder.path().join("missing").join("result.h5")).is_err());
    }
}
