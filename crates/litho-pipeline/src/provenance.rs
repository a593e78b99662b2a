//! Where a result comes from.

use crate::error::PipelineError;
use litho_io::NexusWriter;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Version of the program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Commit the program was built from.
pub const COMMIT: &str = env!("LITHOSCOPE_COMMIT");

/// Everything needed to make a result again.
#[derive(Debug, Clone, PartialEq)]
pub struct Provenance {
    /// The input as it was named.
    pub input: String,
    /// Its size in bytes.
    pub input_size: u64,
    /// Its SHA-256, hexadecimal.
    pub input_hash: String,
    /// The resolved configuration, TOML.
    pub config: String,
    /// Seed of everything random.
    pub seed: u64,
    /// Threads used.
    pub threads: usize,
    /// Wall-clock time, s.
    pub wall_seconds: f64,
    /// Papers to cite.
    pub citations: Vec<String>,
    /// What a person should know before trusting the result.
    pub warnings: Vec<String>,
}

impl Provenance {
    /// Writes `/entry/process`.
    pub(crate) fn write(&self, file: &mut NexusWriter) -> Result<(), PipelineError> {
        file.group("/entry/process", "NXprocess")?;
        file.dataset("/entry/process/program", "lithoscope", "")?;
        file.dataset("/entry/process/version", format!("{VERSION} ({COMMIT})"), "")?;
        file.dataset("/entry/process/config", self.config.as_str(), "")?;
        file.group("/entry/process/input", "NXcollection")?;
        file.dataset("/entry/process/input/path", self.input.as_str(), "")?;
        file.dataset("/entry/process/input/size", self.input_size as i64, "bytes")?;
        file.dataset("/entry/process/input/sha256", self.input_hash.as_str(), "")?;
        file.dataset("/entry/process/seed", self.seed as i64, "")?;
        file.dataset("/entry/process/device", "cpu", "")?;
        file.dataset("/entry/process/threads", self.threads as i64, "")?;
        file.dataset("/entry/process/wall_s", self.wall_seconds, "s")?;
        file.dataset("/entry/process/citations", self.citations.clone(), "")?;
        Ok(file.dataset("/entry/process/warnings", self.warnings.clone(), "")?)
    }
}

/// Size in bytes and SHA-256 of a file.
///
/// # Errors
/// [`PipelineError::Unsuitable`] if it cannot be read.
pub fn fingerprint(path: &Path) -> Result<(u64, String), PipelineError> {
    const BLOCK: usize = 1 << 20;
    let unreadable = |error: std::io::Error| PipelineError::Unsuitable {
        file: path.display().to_string(),
        reason: format!("cannot be read: {error}; check the path and its permissions"),
    };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut hash = Sha256::new();
    let mut block = vec![0; BLOCK];
    let mut size = 0;
    loop {
        let count = file.read(&mut block).map_err(unreadable)?;
        if count == 0 {
            return Ok((size, hexadecimal(&hash.finalize())));
        }
        size += count as u64;
        hash.update(&block[..count]);
    }
}

/// SHA-256 of a text, hexadecimal.
pub(crate) fn hash_of_text(text: &str) -> String {
    hexadecimal(&Sha256::digest(text))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_sha256() {
        // FIPS 180-2, appendix B.1: SHA-256 of "abc".
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        let (size, hash) = fingerprint(&path).unwrap();
        assert_eq!(size, 3);
        assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
