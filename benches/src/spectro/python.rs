//! The Python side: makes the data and runs the peers' programs.

use crate::error::BenchError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

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
    /// What it computed with, package and version.
    pub(super) versions: BTreeMap<String, String>,
}

/// The environments, and the folder in which programs work.
#[derive(Debug)]
pub(super) struct Python<'a> {
    pub(super) environments: &'a Path,
    pub(super) folder: &'a Path,
}

impl Python<'_> {
    /// What the script prints; its first argument is the folder.
    pub(super) fn call(&self, script: &Script, arguments: &[&str]) -> Result<String, BenchError> {
        let environment = "spectro";
        let file = self.folder.join(script.name);
        std::fs::write(&file, script.text)?;
        let python = self.environments.join("bench-spectro").join("bin").join("python");
        let mut command = Command::new(&python);
        command.arg(file).arg(self.folder).args(arguments);
        for threads in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
            command.env(threads, "1");
        }
        let missing = |source| BenchError::NotInstalled {
            environment,
            reason: format!("{}: {source}", python.display()),
        };
        let output = command.output().map_err(missing)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let message = stderr.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no message");
        Err(BenchError::Script { script: script.name, message: message.to_owned() })
    }

    /// The costs that a peer's program prints.
    pub(super) fn measure(&self, script: &Script, arguments: &[&str]) -> Result<Printed, BenchError> {
        let printed = self.call(script, arguments)?;
        let last = printed.trim_end().lines().next_back().unwrap_or_default();
        serde_json::from_str(last).map_err(|source| BenchError::ScriptOutput { script: script.name, source })
    }

    /// The numbers of a file without header.
    pub(super) fn f64s(&self, name: &str) -> Result<Vec<f64>, BenchError> {
        let bytes = std::fs::read(self.folder.join(name))?;
        Ok(bytes.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect())
    }

    /// The same in single precision.
    pub(super) fn f32s(&self, name: &str) -> Result<Vec<f32>, BenchError> {
        let bytes = std::fs::read(self.folder.join(name))?;
        Ok(bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }
}
