//! What is done already: a file counts if the key beside it is the hash of what it should be made of.

use crate::error::PipelineError;
use crate::provenance::{VERSION, hash_of_text};
use std::path::{Path, PathBuf};

/// The hash of everything a file depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::run) struct Key(String);

impl Key {
    /// Of a stage's name, its resolved settings, and the keys or hashes of its inputs. A new version of the program makes
    /// everything anew.
    pub(in crate::run) fn of(stage: &str, settings: &str, inputs: &[&str]) -> Self {
        Self(hash_of_text(&format!("{VERSION}\n{stage}\n{settings}\n{}", inputs.join("\n"))))
    }

    /// For the keys of what is made from the file.
    pub(in crate::run) fn text(&self) -> &str {
        &self.0
    }

    /// True if `file` is there and made of what this key says.
    pub(in crate::run) fn holds(&self, file: &Path) -> bool {
        file.exists() && std::fs::read_to_string(beside(file)).is_ok_and(|found| found.trim() == self.0)
    }

    /// Says that `file` is made of this.
    ///
    /// # Errors
    /// [`PipelineError::Write`] if it cannot be written.
    pub(in crate::run) fn keep(&self, file: &Path) -> Result<(), PipelineError> {
        let path = beside(file);
        std::fs::write(&path, format!("{}\n", self.0)).map_err(|error| PipelineError::Write {
            file: path.display().to_string(),
            reason: error.to_string(),
        })
    }
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_only_with_the_key_of_its_own_settings() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("maps.h5");
        let key = Key::of("xanes", "factor = 3", &["abc"]);
        assert!(!key.holds(&file));
        key.keep(&file).unwrap();
        assert!(!key.holds(&file), "a key alone is no file");
        std::fs::write(&file, "maps").unwrap();
        assert!(key.holds(&file));
        for other in [
            Key::of("xanes", "factor = 4", &["abc"]),
            Key::of("xanes", "factor = 3", &["abd"]),
            Key::of("cluster", "factor = 3", &["abc"]),
        ] {
            assert!(!other.holds(&file));
        }
    }
}
