//! ASTRA on some slices of the scene.

use super::Scene;
use super::phantom::SIZE;
use super::rows::Row;
use crate::error::BenchError;
use crate::python::{Python, Script};
use ndarray::{Array3, s};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Name of the environment: numpy and astra-toolbox.
pub(super) const ENVIRONMENT: &str = "tomo";
const SCRIPT: Script = Script { name: "tomo_astra.py", text: include_str!("../../peers/tomo_astra.py") };

/// What the program prints in its last line.
#[derive(Debug, Deserialize)]
struct Printed {
    cpu: f64,
    versions: BTreeMap<String, String>,
}

/// What ASTRA took for some slices, and what it found.
pub(super) struct Peer {
    pub(super) cpu: f64,
    pub(super) found: Array3<f32>,
    pub(super) versions: String,
}

impl Peer {
    pub(super) fn measure(
        python: &Python,
        scene: &Scene,
        row: &Row,
        slices: usize,
    ) -> Result<Self, BenchError> {
        let first = (SIZE - slices) / 2;
        let rays = scene.projections.slice(s![.., first..first + slices, ..]);
        python.write("rays.f32", rays.iter().flat_map(|ray| ray.to_le_bytes()))?;
        python.write("angles.f64", scene.geometry.angles().iter().flat_map(|angle| angle.to_le_bytes()))?;
        let printed: Printed = python.measure(SCRIPT, &[row.key(), &slices.to_string()])?;
        let numbers = python.read("found.f32", f32::from_le_bytes)?;
        let found =
            Array3::from_shape_vec((slices, SIZE, SIZE), numbers).map_err(|_| BenchError::Script {
                script: SCRIPT.name,
                message: "it wrote another number of voxels".to_owned(),
            })?;
        let versions = printed.versions.iter().map(|(package, version)| format!("{package} {version}"));
        Ok(Self { cpu: printed.cpu, found, versions: versions.collect::<Vec<_>>().join(", ") })
    }
}
