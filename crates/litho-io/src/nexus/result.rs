//! Reads result files: typed getters whose errors list what the file holds.

use crate::error::IoError;
use crate::h5::H5File;
use litho_types::C32;
use ndarray::ArrayD;
use std::path::Path;

/// A result file (or any HDF5 file) open for reading.
pub struct ResultFile {
    file: H5File,
}

/// Opens a result file.
///
/// # Errors
/// [`IoError`] if it is missing, empty, truncated or no HDF5 file.
pub fn read_result(path: impl AsRef<Path>) -> Result<ResultFile, IoError> {
    Ok(ResultFile { file: H5File::open(path.as_ref())? })
}

impl ResultFile {
    /// True if there is a dataset or group of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.file.kind(name).is_some()
    }

    /// Paths of the datasets in the file (at most a few hundred).
    pub fn datasets(&self) -> Vec<String> {
        self.file.datasets()
    }

    /// Names of the members of a group, in alphabetical order; empty if it is no group.
    pub fn members(&self, group: &str) -> Vec<String> {
        self.file.children(group)
    }

    /// Shape of a dataset; `[]` for a scalar.
    ///
    /// # Errors
    /// [`IoError`] if the dataset is missing.
    pub fn shape(&self, name: &str) -> Result<Vec<usize>, IoError> {
        self.file.shape(name)
    }

    /// A complex array.
    ///
    /// # Errors
    /// [`IoError`] if it is missing, not a compound {r, i} or {real, imag}, or larger than memory.
    pub fn complex(&self, name: &str) -> Result<ArrayD<C32>, IoError> {
        self.file.complex(name)
    }

    /// A real or integer array as doubles.
    ///
    /// # Errors
    /// [`IoError`] if it is missing, holds no real numbers, or is larger than memory.
    pub fn real(&self, name: &str) -> Result<ArrayD<f64>, IoError> {
        self.file.reals(name)
    }

    /// A real array in single precision.
    ///
    /// # Errors
    /// [`IoError`] if it is missing, holds no real numbers, or is larger than memory.
    pub fn real_f32(&self, name: &str) -> Result<ArrayD<f32>, IoError> {
        let (shape, values) = self.file.numbers(name)?;
        self.file.shaped(name, shape, values)
    }

    /// An array of labels or flags; HDF5 clips what 32 unsigned bits cannot hold.
    ///
    /// # Errors
    /// [`IoError`] if it is missing, holds no real numbers, or is larger than memory.
    pub fn labels(&self, name: &str) -> Result<ArrayD<u32>, IoError> {
        let (shape, values) = self.file.numbers(name)?;
        self.file.shaped(name, shape, values)
    }

    /// A single number.
    ///
    /// # Errors
    /// [`IoError`] if it is missing or not one number.
    pub fn number(&self, name: &str) -> Result<f64, IoError> {
        Ok(self.file.number(name)?.value)
    }

    /// A text.
    ///
    /// # Errors
    /// [`IoError`] if it is missing or no text.
    pub fn text(&self, name: &str) -> Result<String, IoError> {
        Ok(self.file.texts(name)?.into_iter().next().unwrap_or_default())
    }

    /// A list of texts.
    ///
    /// # Errors
    /// [`IoError`] if it is missing or no text.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, IoError> {
        self.file.texts(name)
    }

    /// The unit of a dataset, if it states one.
    pub fn unit(&self, name: &str) -> Option<String> {
        self.attr_text(name, "units")
    }

    /// A text attribute of a group or dataset, if it is there.
    pub fn attr_text(&self, object: &str, attribute: &str) -> Option<String> {
        self.file.attr_text(object, attribute)
    }

    /// A numeric attribute of a group or dataset, if it is there.
    pub fn attr_number(&self, object: &str, attribute: &str) -> Option<f64> {
        self.file.attr_number(object, attribute).map(|found| found.value)
    }
}
