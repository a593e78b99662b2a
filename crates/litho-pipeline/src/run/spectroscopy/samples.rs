//! The files of a sample, and what is read back from them.

use crate::error::PipelineError;
use litho_io::{MapSet, ResultFile, read_maps, read_result};
use litho_types::point::Point;
use litho_types::quantity::Metres;
use ndarray::{Array2, Array3, Ix2, Ix3};
use std::path::PathBuf;

/// Where the results of a sample lie.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SampleFiles {
    pub(super) name: String,
    pub(super) group: String,
    pub(super) folder: PathBuf,
    pub(super) stack: PathBuf,
    pub(super) maps: PathBuf,
}

/// A sample's results, read back.
pub(super) struct SampleData {
    pub(super) energies: Vec<f64>,
    /// `(energy, y, x)`.
    pub(super) optical_density: Array3<f32>,
    pub(super) phase: Option<Array3<f32>>,
    pub(super) kk_residual: Option<Array2<f32>>,
    /// Shifts of the energies `(energy, 2)`, m; empty for a stack from elsewhere.
    pub(super) shifts: Vec<[f64; 2]>,
    /// Beam position at pixel (0, 0), m.
    pub(super) origin: Option<Point<Metres>>,
    pub(super) pixel: Option<Point<Metres>>,
    pub(super) prtf: Option<TransferFunctions>,
    pub(super) maps: MapSet,
    pub(super) citations: Vec<String>,
}

/// Transfer functions of all energies.
pub(super) struct TransferFunctions {
    /// Cycles per metre.
    pub(super) frequency: Vec<f64>,
    /// `(energy, frequency)`.
    pub(super) ratio: Vec<Vec<f64>>,
    /// Over the energies.
    pub(super) mean: Vec<f64>,
}

impl SampleData {
    /// Reads the stack and the maps of a sample.
    ///
    /// # Errors
    /// [`PipelineError`] if a file cannot be read.
    pub(super) fn read(files: &SampleFiles) -> Result<Self, PipelineError> {
        let file = read_result(&files.stack)?;
        let maps = read_maps(&files.maps)?;
        let shifts = match optional(&file, "/entry/registration/shift")? {
            Some(table) => table.outer_iter().map(|row| [row[[0]], row[[1]]]).collect(),
            None => Vec::new(),
        };
        let origin = optional(&file, "/entry/registration/origin")?
            .map(|at| Point::new(Metres::new(at[[0]]), Metres::new(at[[1]])));
        let mut citations = Vec::new();
        for source in [&files.stack, &files.maps] {
            let file = read_result(source)?;
            if file.contains("/entry/process/citations") {
                citations.extend(file.texts("/entry/process/citations")?);
            }
        }
        Ok(Self {
            energies: file.real("/entry/energy")?.into_iter().collect(),
            optical_density: volume(&file, "/entry/optical_density/data")?
                .unwrap_or_else(|| Array3::zeros((0, 0, 0))),
            phase: volume(&file, "/entry/phase/data")?,
            kk_residual: image(&file, "/entry/kk_residual/data")?,
            shifts,
            origin,
            pixel: maps.pixel,
            prtf: transfer_functions(&file)?,
            maps,
            citations,
        })
    }
}

fn optional(file: &ResultFile, name: &str) -> Result<Option<ndarray::ArrayD<f64>>, PipelineError> {
    if file.contains(name) { Ok(Some(file.real(name)?)) } else { Ok(None) }
}

fn volume(file: &ResultFile, name: &str) -> Result<Option<Array3<f32>>, PipelineError> {
    if !file.contains(name) {
        return Ok(None);
    }
    Ok(file.real_f32(name)?.into_dimensionality::<Ix3>().ok())
}

fn image(file: &ResultFile, name: &str) -> Result<Option<Array2<f32>>, PipelineError> {
    if !file.contains(name) {
        return Ok(None);
    }
    Ok(file.real_f32(name)?.into_dimensionality::<Ix2>().ok())
}

fn transfer_functions(file: &ResultFile) -> Result<Option<TransferFunctions>, PipelineError> {
    let Some(ratio) = optional(file, "/entry/prtf/data")? else { return Ok(None) };
    let frequency: Vec<f64> = file.real("/entry/prtf/frequency")?.into_iter().collect();
    let Ok(ratio) = ratio.into_dimensionality::<Ix2>() else { return Ok(None) };
    let mean = ratio.columns().into_iter().map(|column| column.mean().unwrap_or(f64::NAN)).collect();
    Ok(Some(TransferFunctions {
        frequency,
        ratio: ratio.outer_iter().map(|row| row.to_vec()).collect(),
        mean,
    }))
}
