//! The Python side: makes the data and runs the peers' programs, in one environment and in one thread.

use crate::error::BenchError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Name of the environment, `bench-…` in the folder of environments: numpy, scipy, lmfit and scikit-learn.
const ENVIRONMENT: &str = "spectro";

/// A program of `benches/peers`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Script {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

/// What a peer's program prints in its last line.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Printed {
    /// CPU seconds.
    pub(super) cpu: f64,
    /// Seconds on the clock on the wall.
    pub(super) wall: f64,
    #[serde(default)]
    pub(super) wcss: f64,
    #[serde(default)]
    pub(super) ari: f64,
    #[serde(default)]
    pub(super) iterations: usize,
    /// What it computed with, package and version.
    pub(super) versions: BTreeMap<String, String>,
}

/// The environments, and a folder of its own in which programs leave their files.
#[derive(Debug)]
pub(super) struct Python<'a> {
    environments: &'a Path,
    folder: TempDir,
}

impl<'a> Python<'a> {
    /// With an empty folder.
    pub(super) fn new(environments: &'a Path) -> Result<Self, BenchError> {
        Ok(Self { environments, folder: tempfile::tempdir()? })
    }

    /// What the script prints; its first argument is the folder.
    pub(super) fn call(&self, script: Script, arguments: &[&str]) -> Result<String, BenchError> {
        let file = self.folder.path().join(script.name);
        std::fs::write(&file, script.text)?;
        let python = self.environments.join(format!("bench-{ENVIRONMENT}")).join("bin").join("python");
        let mut command = Command::new(&python);
        command.arg(file).arg(self.folder.path()).args(arguments);
        for threads in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
            command.env(threads, "1");
        }
        let output = command.output().map_err(|source| BenchError::NotInstalled {
            environment: ENVIRONMENT,
            reason: format!("{}: {source}", python.display()),
        })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let message = stderr.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no message");
        Err(BenchError::Script { script: script.name, message: message.to_owned() })
    }

    /// The costs that a peer's program prints.
    pub(super) fn measure(&self, script: Script, arguments: &[&str]) -> Result<Printed, BenchError> {
        let text = self.call(script, arguments)?;
        let last = text.trim_end().lines().next_back().unwrap_or_default();
        serde_json::from_str(last).map_err(|source| BenchError::ScriptOutput { script: script.name, source })
    }

    /// The little-endian numbers of a file without header.
    pub(super) fn read<const BYTES: usize, T>(
        &self,
        name: &str,
        from: fn([u8; BYTES]) -> T,
    ) -> Result<Vec<T>, BenchError> {
        let bytes = std::fs::read(self.folder.path().join(name))?;
        Ok(bytes.as_chunks::<BYTES>().0.iter().map(|&chunk| from(chunk)).collect())
    }
}

/// Package and version of each, with commas between them.
pub(super) fn versions<'a>(printed: impl IntoIterator<Item = &'a Printed>) -> String {
    let all: BTreeMap<&String, &String> = printed.into_iter().flat_map(|printed| &printed.versions).collect();
    all.iter().map(|(package, version)| format!("{package} {version}")).collect::<Vec<_>>().join(", ")
}
