//! Calls the Python programs of the spectroscopic peers and reads the raw arrays that they share with us.

use crate::error::BenchError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Name of the Python environment with NumPy, SciPy and scikit-learn.
const ENVIRONMENT: &str = "sklearn";

/// A Python program that is part of this one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Script {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

/// What a program prints in its last line.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Printed {
    pub(super) cpu: f64,
    pub(super) wall: f64,
    #[serde(default)]
    pub(super) wcss: f64,
    #[serde(default)]
    pub(super) ari: f64,
    #[serde(default)]
    pub(super) iterations: usize,
    pub(super) versions: BTreeMap<String, String>,
}

impl Script {
    /// Runs the program in `folder`, in one thread; what it prints.
    pub(super) fn call(
        self,
        environments: &Path,
        folder: &Path,
        arguments: &[&str],
    ) -> Result<String, BenchError> {
        let file = folder.join(self.name);
        std::fs::write(&file, self.text)?;
        let python = environments.join(format!("bench-{ENVIRONMENT}")).join("bin").join("python");
        let mut command = Command::new(&python);
        command.arg(file).arg(arguments[0]).arg(folder).args(&arguments[1..]);
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
        let message = stderr.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("no message").to_owned();
        Err(BenchError::Script { script: self.name, message })
    }

    /// Runs the program and reads its last line.
    pub(super) fn measure(
        self,
        environments: &Path,
        folder: &Path,
        arguments: &[&str],
    ) -> Result<Printed, BenchError> {
        let text = self.call(environments, folder, arguments)?;
        let last = text.trim_end().lines().next_back().unwrap_or_default();
        serde_json::from_str(last).map_err(|source| BenchError::ScriptOutput { script: self.name, source })
    }
}

/// The little-endian numbers of a file.
pub(super) fn read<const BYTES: usize, T>(
    file: &Path,
    from: fn([u8; BYTES]) -> T,
) -> Result<Vec<T>, BenchError> {
    let bytes = std::fs::read(file)?;
    Ok(bytes.as_chunks::<BYTES>().0.iter().map(|&chunk| from(chunk)).collect())
}

/// Package and version of each, with commas between them.
pub(super) fn versions(printed: &[&Printed]) -> String {
    let all: BTreeMap<&String, &String> = printed.iter().flat_map(|printed| &printed.versions).collect();
    all.iter().map(|(package, version)| format!("{package} {version}")).collect::<Vec<_>>().join(", ")
}
