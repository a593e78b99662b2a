//! The Python side: makes the data and runs the peers' programs, in one environment and in one thread.

use crate::error::BenchError;
use serde::de::DeserializeOwned;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A program of `benches/peers`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// The environments, and a folder of its own in which programs leave their files.
#[derive(Debug)]
pub(crate) struct Python<'a> {
    environments: &'a Path,
    /// Name of the environment, `bench-…` in the folder of environments.
    environment: &'static str,
    folder: TempDir,
}

impl<'a> Python<'a> {
    /// With an empty folder.
    pub(crate) fn new(environments: &'a Path, environment: &'static str) -> Result<Self, BenchError> {
        Ok(Self { environments, environment, folder: tempfile::tempdir()? })
    }

    /// What the script prints; its first argument is the folder.
    pub(crate) fn call(&self, script: Script, arguments: &[&str]) -> Result<String, BenchError> {
        let file = self.folder.path().join(script.name);
        std::fs::write(&file, script.text)?;
        let python = self.environments.join(format!("bench-{}", self.environment)).join("bin").join("python");
        let mut command = Command::new(&python);
        command.arg(file).arg(self.folder.path()).args(arguments);
        for threads in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
            command.env(threads, "1");
        }
        let output = command.output().map_err(|source| BenchError::NotInstalled {
            environment: self.environment,
            reason: format!("{}: {source}", python.display()),
        })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let message = stderr.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no message");
        Err(BenchError::Script { script: script.name, message: message.to_owned() })
    }

    /// What a peer's program prints in its last line.
    pub(crate) fn measure<T: DeserializeOwned>(
        &self,
        script: Script,
        arguments: &[&str],
    ) -> Result<T, BenchError> {
        let text = self.call(script, arguments)?;
        let last = text.trim_end().lines().next_back().unwrap_or_default();
        serde_json::from_str(last).map_err(|source| BenchError::ScriptOutput { script: script.name, source })
    }

    /// Leaves bytes in a file.
    pub(crate) fn write(&self, name: &str, bytes: impl Iterator<Item = u8>) -> Result<(), BenchError> {
        Ok(std::fs::write(self.folder.path().join(name), bytes.collect::<Vec<_>>())?)
    }

    /// The little-endian numbers of a file without header.
    pub(crate) fn read<const BYTES: usize, T>(
        &self,
        name: &str,
        from: fn([u8; BYTES]) -> T,
    ) -> Result<Vec<T>, BenchError> {
        let bytes = std::fs::read(self.folder.path().join(name))?;
        Ok(bytes.as_chunks::<BYTES>().0.iter().map(|&chunk| from(chunk)).collect())
    }
}
