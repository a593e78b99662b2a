//! `FILE:/path`: a dataset inside a file, in one word.

use super::file::H5File;
use crate::error::IoError;
use std::path::PathBuf;

/// A file and, optionally, a dataset in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathSpec {
    /// The file.
    pub file: PathBuf,
    /// Path of the dataset, beginning with `/`.
    pub dataset: Option<String>,
}

impl PathSpec {
    /// Splits `FILE:/path` at its last `:/`; without one, the whole text is the file.
    pub fn parse(spec: &str) -> Self {
        match spec.rfind(":/") {
            Some(at) if at > 0 => {
                Self { file: PathBuf::from(&spec[..at]), dataset: Some(spec[at + 1..].to_owned()) }
            }
            _ => Self { file: PathBuf::from(spec), dataset: None },
        }
    }

    /// The dataset named, or the only one the file holds.
    pub(crate) fn dataset_in(&self, file: &H5File) -> Result<String, IoError> {
        if let Some(name) = &self.dataset {
            return Ok(name.clone());
        }
        let mut all = file.datasets();
        if all.len() == 1 {
            return Ok(all.remove(0));
        }
        all.truncate(8);
        let reason = format!("name one of its datasets as FILE:/path; it has {}", all.join(", "));
        Err(IoError::argument("dataset", self.file.display(), reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_colon_slash_splits() {
        let spec = PathSpec::parse("a/b.h5:/entry/data");
        assert_eq!((spec.file, spec.dataset), (PathBuf::from("a/b.h5"), Some("/entry/data".to_owned())));
        assert_eq!(PathSpec::parse("positions.csv").dataset, None);
    }
}
