//! The Python side: makes the data and runs the peers' programs.

use super::Kept;
use super::peers::{COMMON, MAKE_DATA, NUMPY_ENVIRONMENT, PEERS, Peer, Script};
use super::scene::read_object;
use crate::clock::Cost;
use crate::error::BenchError;
use litho_types::C32;
use ndarray::Array2;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The environments and the folder in which their programs work.
#[derive(Debug)]
pub(super) struct Python<'a> {
    environments: &'a Path,
    folder: &'a Path,
}

/// What a peer did.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Turn {
    /// The cost of each iteration.
    pub(super) costs: Vec<Cost>,
    /// The objects on the way, none for the transforms alone.
    pub(super) objects: Vec<(usize, Array2<C32>)>,
    /// What it computed with, package and version.
    pub(super) versions: BTreeMap<String, String>,
}

/// What a program prints in its last line; seconds of each iteration.
#[derive(Debug, Deserialize)]
struct Printed {
    cpu: Vec<f64>,
    wall: Vec<f64>,
    versions: BTreeMap<String, String>,
}

impl<'a> Python<'a> {
    /// Writes the programs into `folder`; they run in the environments in `environments`.
    pub(super) fn new(environments: &'a Path, folder: &'a Path) -> Result<Self, BenchError> {
        let peers = PEERS.iter().map(|peer| peer.program.script);
        for script in peers.chain([MAKE_DATA, COMMON]) {
            std::fs::write(folder.join(script.name), script.text)?;
        }
        Ok(Self { environments, folder })
    }

    /// The file with the simulated scan.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("scan.h5")
    }

    /// Writes the simulated scan.
    pub(super) fn make_data(&self) -> Result<(), BenchError> {
        self.call(NUMPY_ENVIRONMENT, &MAKE_DATA, &[self.data().into_os_string()]).map(drop)
    }

    /// One run of `peer`.
    pub(super) fn run(&self, peer: &Peer) -> Result<Turn, BenchError> {
        let (script, iterations) = (&peer.program.script, peer.iterations);
        let out = self.folder.join("out.h5");
        let kept = Kept::of(iterations);
        let arguments: [OsString; 5] = [
            self.data().into(),
            peer.engine.into(),
            iterations.to_string().into(),
            out.clone().into(),
            kept.list().into(),
        ];
        let printed = self.call(peer.program.environment, script, &arguments)?;
        let last = printed.trim_end().lines().next_back().unwrap_or_default();
        let printed: Printed = serde_json::from_str(last)
            .map_err(|source| BenchError::ScriptOutput { script: script.name, source })?;
        let costs: Vec<Cost> =
            printed.cpu.into_iter().zip(printed.wall).map(|(cpu, wall)| Cost { cpu, wall }).collect();
        if costs.len() != iterations {
            return Err(BenchError::Iterations { script: script.name, found: costs.len(), iterations });
        }
        let mut objects = Vec::new();
        if peer.reconstructs() {
            for iteration in kept.iterations() {
                objects.push((iteration, read_object(&out, iteration)?));
            }
        }
        Ok(Turn { costs, objects, versions: printed.versions })
    }

    /// What the script prints.
    fn call(
        &self,
        environment: &'static str,
        script: &Script,
        arguments: &[OsString],
    ) -> Result<String, BenchError> {
        let python = self.environments.join(format!("bench-{environment}")).join("bin").join("python");
        let mut command = Command::new(&python);
        command.arg(self.folder.join(script.name)).args(arguments);
        for threads in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
            command.env(threads, OsStr::new("1"));
        }
        let missing =
            |reason: String| BenchError::NotInstalled { environment, reason: self.why(environment, reason) };
        let output = command.output().map_err(|source| missing(format!("{}: {source}", python.display())))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let last = last_line(&stderr).unwrap_or("no message").to_owned();
        if last.starts_with("ModuleNotFoundError") || last.starts_with("ImportError") {
            return Err(missing(last));
        }
        Err(BenchError::Script { script: script.name, message: last })
    }

    /// The last line of the log that a failed installation left, `otherwise` if there is none.
    fn why(&self, environment: &str, otherwise: String) -> String {
        let log = self.environments.join(format!("bench-{environment}.log"));
        let log = std::fs::read_to_string(log).unwrap_or_default();
        last_line(&log).map_or(otherwise, str::to_owned)
    }
}

fn last_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).rfind(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_that_is_not_there_is_reported_with_its_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let python = Python::new(folder.path(), folder.path()).expect("the programs are written");
        let reason = |python: &Python<'_>| match python.run(&PEERS[0]) {
            Err(BenchError::NotInstalled { reason, .. }) => reason,
            other => panic!("{other:?}"),
        };
        assert!(reason(&python).contains("bench-numpy"), "names the interpreter that is missing");
        let log = folder.path().join("bench-numpy.log");
        std::fs::write(log, "Collecting numpy\nERROR: no network\n\n").expect("a log");
        assert_eq!(reason(&python), "ERROR: no network");
    }
}
