//! A result file read back for drawing and export.

use crate::checkpoint::with_dimension;
use crate::error::PipelineError;
use crate::resolution::{Image, read_image};
use litho_io::{ResultFile, read_result};
use litho_types::C32;
use ndarray::{Array2, Array3, Ix2, Ix3};
use std::path::Path;

/// A curve over spatial frequency.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Curve {
    pub(crate) frequency: Vec<f64>,
    /// True if the frequency is in 1/m, false for 1/px.
    pub(crate) per_metre: bool,
    pub(crate) values: Vec<f64>,
}

/// A result of `reconstruct`, open for reading.
pub(crate) struct StoredResult {
    file: ResultFile,
    name: String,
    /// The object with its coverage and grid.
    pub(crate) image: Image,
}

impl StoredResult {
    pub(crate) fn open(path: &Path) -> Result<Self, PipelineError> {
        Ok(Self { file: read_result(path)?, name: path.display().to_string(), image: read_image(path)? })
    }

    /// Probe modes `(mode, y, x)`, if the file has them.
    pub(crate) fn probe(&self) -> Result<Option<Array3<C32>>, PipelineError> {
        if !self.file.contains("/entry/probe/data") {
            return Ok(None);
        }
        let probe = with_dimension::<_, Ix3>(self.file.complex("/entry/probe/data")?);
        probe.map(Some).ok_or_else(|| self.unsuitable("/entry/probe/data is not (mode, y, x)"))
    }

    /// A real image `(y, x)`, if the file has it.
    pub(crate) fn plane(&self, dataset: &str) -> Result<Option<Array2<f32>>, PipelineError> {
        if !self.file.contains(dataset) {
            return Ok(None);
        }
        let plane = with_dimension::<_, Ix2>(self.file.real_f32(dataset)?);
        plane.map(Some).ok_or_else(|| self.unsuitable(&format!("{dataset} is not (y, x)")))
    }

    /// Beam positions `(N, 2)`, "initial" or "refined", in the unit that comes with them, if the file has them.
    pub(crate) fn positions(&self, which: &str) -> Result<Option<(Array2<f64>, String)>, PipelineError> {
        let name = format!("/entry/positions/{which}");
        if !self.file.contains(&name) {
            return Ok(None);
        }
        let table = with_dimension::<_, Ix2>(self.file.real(&name)?)
            .filter(|table| table.dim().1 == 2)
            .ok_or_else(|| self.unsuitable(&format!("{name} is not (N, 2)")))?;
        Ok(Some((table, self.file.unit(&name).unwrap_or_default())))
    }

    /// Numbers in a row; empty if the file has them not.
    pub(crate) fn numbers(&self, dataset: &str) -> Result<Vec<f64>, PipelineError> {
        if self.file.contains(dataset) {
            Ok(self.file.real(dataset)?.into_iter().collect())
        } else {
            Ok(Vec::new())
        }
    }

    /// One number, if the file has it.
    pub(crate) fn number(&self, dataset: &str) -> Result<Option<f64>, PipelineError> {
        if self.file.contains(dataset) { Ok(Some(self.file.number(dataset)?)) } else { Ok(None) }
    }

    /// A text; empty if the file has it not.
    pub(crate) fn text(&self, dataset: &str) -> Result<String, PipelineError> {
        if self.file.contains(dataset) { Ok(self.file.text(dataset)?) } else { Ok(String::new()) }
    }

    /// A list of texts; empty if the file has it not.
    pub(crate) fn texts(&self, dataset: &str) -> Result<Vec<String>, PipelineError> {
        if self.file.contains(dataset) { Ok(self.file.texts(dataset)?) } else { Ok(Vec::new()) }
    }

    /// The curve in the data group `/entry/GROUP`, if the file has it.
    pub(crate) fn curve(&self, group: &str) -> Result<Option<Curve>, PipelineError> {
        let frequency = format!("/entry/{group}/frequency");
        if !self.file.contains(&frequency) {
            return Ok(None);
        }
        Ok(Some(Curve {
            per_metre: self.file.unit(&frequency).as_deref() == Some("1/m"),
            frequency: self.numbers(&frequency)?,
            values: self.numbers(&format!("/entry/{group}/data"))?,
        }))
    }

    /// Crossings stored as (first, last), each once, without those that do not exist.
    pub(crate) fn crossings(&self, dataset: &str) -> Result<Vec<f64>, PipelineError> {
        let mut found: Vec<f64> = self.numbers(dataset)?.into_iter().filter(|f| f.is_finite()).collect();
        found.dedup();
        Ok(found)
    }

    pub(crate) fn unsuitable(&self, reason: &str) -> PipelineError {
        PipelineError::Unsuitable {
            file: self.name.clone(),
            reason: format!("{reason}; give a result of `lithoscope reconstruct`"),
        }
    }
}
