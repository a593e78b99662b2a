//! The Python side: makes the data, runs plain NumPy ePIE and SciPy's transforms.

use super::scene::read_object;
use super::{Subject, Turn};
use crate::clock::Cost;
use crate::error::BenchError;
use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

const MAKE_DATA: Script =
    Script { name: "make_ptycho_data.py", text: include_str!("../../peers/make_ptycho_data.py") };
const EPIE: Script = Script { name: "numpy_epie.py", text: include_str!("../../peers/numpy_epie.py") };

/// A Python program that is part of this one.
struct Script {
    name: &'static str,
    text: &'static str,
}

/// A Python interpreter and the folder in which it works.
#[derive(Debug)]
pub(super) struct Numpy<'a> {
    python: &'a Path,
    folder: &'a Path,
}

/// What Python computed with.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Versions {
    /// Version of NumPy.
    pub(super) numpy: String,
    /// Version of SciPy.
    pub(super) scipy: String,
}

impl<'a> Numpy<'a> {
    /// Runs `python` with its files in `folder`.
    pub(super) fn new(python: &'a Path, folder: &'a Path) -> Self {
        Self { python, folder }
    }

    /// The file with the simulated scan.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("scan.h5")
    }

    /// Writes the simulated scan.
    pub(super) fn make_data(&self) -> Result<(), BenchError> {
        self.run(&MAKE_DATA, &[self.data().as_os_str()]).map(drop)
    }

    /// ePIE and the transforms alone, once.
    pub(super) fn measure(&self, iterations: usize) -> Result<(Vec<Turn>, Versions), BenchError> {
        let object = self.folder.join("numpy_object.h5");
        let count = iterations.to_string();
        let printed = self.run(&EPIE, &[self.data().as_os_str(), OsStr::new(&count), object.as_os_str()])?;
        let wrong = |source| BenchError::ScriptOutput { script: EPIE.name, source };
        let printed: Value = serde_json::from_slice(&printed).map_err(wrong)?;
        let cost = |key: &str| {
            let second = |clock: &str| number(&printed, key, clock).map_err(wrong);
            Ok::<_, BenchError>(Cost { cpu: second("cpu")?, wall: second("wall")? })
        };
        let version = |name: &str| printed["versions"][name].as_str().unwrap_or("unknown").to_owned();
        let turns = vec![
            (Subject::NumpyEpie, cost("epie")?, Some(read_object(&object)?)),
            (Subject::ScipyFloor, cost("fft_single")?, None),
            (Subject::ScipyFloorInMemory, cost("fft_stack")?, None),
        ];
        Ok((turns, Versions { numpy: version("numpy"), scipy: version("scipy") }))
    }

    /// What the script prints.
    fn run(&self, script: &Script, arguments: &[&OsStr]) -> Result<Vec<u8>, BenchError> {
        let mut command = Command::new(self.python);
        command.arg("-c").arg(script.text).args(arguments);
        for threads in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
            command.env(threads, "1");
        }
        let output = command
            .output()
            .map_err(|source| BenchError::NoPython { python: self.python.to_owned(), source })?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(BenchError::Script { script: script.name, stderr })
    }
}

/// The number at `key.clock`.
fn number(printed: &Value, key: &str, clock: &str) -> Result<f64, serde_json::Error> {
    serde_json::from_value(printed[key][clock].clone())
}
