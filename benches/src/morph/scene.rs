//! The volumes that everybody works on.

use crate::error::BenchError;
use crate::python::{Python, Script};
use ndarray::Array3;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Name of the environment: edt, connected-components-3d, scikit-image and scipy.
pub(super) const ENVIRONMENT: &str = "morph";
/// Makes the volumes and runs the peers.
pub(super) const SCRIPT: Script = Script { name: "morph.py", text: include_str!("../../peers/morph.py") };
const SIZE: usize = 256;

/// What the program prints in its last line.
#[derive(Debug, Deserialize)]
pub(super) struct Printed {
    pub(super) cpu: f64,
    pub(super) versions: BTreeMap<String, String>,
}

/// A porous field and a pack of spheres.
pub(super) struct Scene {
    pub(super) pores: Array3<bool>,
    pub(super) spheres: Array3<u32>,
    pub(super) solid: Array3<bool>,
}

impl Scene {
    /// Reads what the script made.
    pub(super) fn read(python: &Python) -> Result<Self, BenchError> {
        let pores = volume(python.read("porous.u8", |byte: [u8; 1]| byte[0] != 0)?)?;
        let spheres = volume(python.read("spheres.u32", u32::from_le_bytes)?)?;
        let solid = spheres.mapv(|label| label != 0);
        Ok(Self { pores, spheres, solid })
    }
}

/// Numbers as a volume.
pub(super) fn volume<T>(numbers: Vec<T>) -> Result<Array3<T>, BenchError> {
    Array3::from_shape_vec((SIZE, SIZE, SIZE), numbers).map_err(|_| BenchError::Script {
        script: SCRIPT.name,
        message: "it wrote another number of voxels".to_owned(),
    })
}
