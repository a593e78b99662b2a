//! Numbers, arrays and text out of HDF5, checked before they are read.

use super::file::H5File;
use super::spec::PathSpec;
use crate::error::IoError;
use crate::memory::ensure_fits;
use hdf5::types::{FixedAscii, FixedUnicode, TypeDescriptor, VarLenAscii, VarLenUnicode};
use ndarray::{Array2, ArrayD};
use std::path::Path;

/// Longest fixed-length string read; longer ones are cut.
const FIXED_TEXT: usize = 4096;

/// A number and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Located {
    /// Path of the dataset or attribute.
    pub(crate) dataset: String,
    /// The number as stored.
    pub(crate) value: f64,
    /// Its `units` attribute.
    pub(crate) unit: Option<String>,
}

impl H5File {
    /// Shape of a dataset; `[]` for a scalar.
    pub(crate) fn shape(&self, name: &str) -> Result<Vec<usize>, IoError> {
        let dataset = self.dataset(name)?;
        let space = dataset.space().map_err(|e| self.hdf5("read the shape of", name, &e))?;
        if space.is_null() {
            return Err(self.wrong_type(name, "an empty (null) dataset", "an array or a number"));
        }
        Ok(space.shape())
    }

    /// Every element of a numeric dataset converted to `T`, in C order, and its shape.
    pub(crate) fn numbers<T: hdf5::H5Type>(&self, name: &str) -> Result<(Vec<usize>, Vec<T>), IoError> {
        let shape = self.shape(name)?;
        let dataset = self.dataset(name)?;
        let dtype = dataset.dtype().map_err(|e| self.hdf5("read the type of", name, &e))?;
        let numeric = dtype.conv_to::<f64>().is_some();
        if !numeric || dtype.conv_to::<T>().is_none() {
            return Err(self.wrong_type(name, &describe(&dtype), "real numbers"));
        }
        ensure_fits(self.path(), name, &shape, size_of::<T>().max(dtype.size()))?;
        let values = dataset.read_raw::<T>().map_err(|e| self.hdf5("read", name, &e))?;
        Ok((shape, values))
    }

    /// True if a dataset holds real numbers.
    pub(crate) fn is_numeric(&self, name: &str) -> Result<bool, IoError> {
        let dtype = self.dataset(name)?.dtype().map_err(|e| self.hdf5("read the type of", name, &e))?;
        Ok(dtype.conv_to::<f64>().is_some())
    }

    /// True if a dataset holds unsigned integers.
    pub(crate) fn is_unsigned(&self, name: &str) -> Result<bool, IoError> {
        let dtype = self.dataset(name)?.dtype().map_err(|e| self.hdf5("read the type of", name, &e))?;
        Ok(matches!(dtype.to_descriptor(), Ok(TypeDescriptor::Unsigned(_))))
    }

    /// A real array of any shape, as doubles.
    pub(crate) fn reals(&self, name: &str) -> Result<ArrayD<f64>, IoError> {
        let (shape, values) = self.numbers::<f64>(name)?;
        self.shaped(name, shape, values)
    }

    /// An array from its shape and its elements.
    pub(crate) fn shaped<T>(
        &self,
        name: &str,
        shape: Vec<usize>,
        values: Vec<T>,
    ) -> Result<ArrayD<T>, IoError> {
        let found = shape.clone();
        ArrayD::from_shape_vec(shape, values).map_err(|_| IoError::WrongShape {
            path: self.path().to_owned(),
            dataset: name.to_owned(),
            found,
            expected: "as many elements as it announces".to_owned(),
        })
    }

    /// A matrix of real numbers, as doubles; axes of length 1 in front are dropped.
    pub(crate) fn matrix(&self, name: &str) -> Result<Array2<f64>, IoError> {
        let array = self.reals(name)?;
        let mut shape = array.shape().to_vec();
        while shape.len() > 2 && shape[0] == 1 {
            shape.remove(0);
        }
        let found = array.shape().to_vec();
        let (values, _) = array.into_raw_vec_and_offset();
        match shape[..] {
            [rows, columns] => Array2::from_shape_vec((rows, columns), values).ok(),
            _ => None,
        }
        .ok_or_else(|| self.wrong_shape(name, found, "(rows, columns)"))
    }

    /// The number in a dataset of one element, or of many equal ones.
    pub(crate) fn number(&self, name: &str) -> Result<Located, IoError> {
        let (shape, values) = self.numbers::<f64>(name)?;
        let Some(&value) = values.first() else {
            return Err(self.wrong_shape(name, shape, "one number"));
        };
        if values.iter().any(|other| other.to_bits() != value.to_bits()) {
            return Err(self.wrong_shape(name, shape, "one number (its elements differ)"));
        }
        Ok(Located { dataset: name.to_owned(), value, unit: self.attr_text(name, "units") })
    }

    /// The first of several datasets that exists, as a number; `None` if none does.
    pub(crate) fn number_at(&self, names: &[&str]) -> Result<Option<Located>, IoError> {
        self.first_of(names).map(|name| self.number(name)).transpose()
    }

    /// A numeric attribute; `None` if it is not there or is no number.
    pub(crate) fn attr_number(&self, object: &str, attribute: &str) -> Option<Located> {
        let attr = self.attribute(object, attribute)?;
        if attr.space().ok()?.is_null() || attr.space().ok()?.size() != 1 {
            return None;
        }
        let value = *attr.read_raw::<f64>().ok()?.first()?;
        Some(Located { dataset: format!("{object}@{attribute}"), value, unit: None })
    }

    /// A text attribute; `None` if it is not there or is no text.
    pub(crate) fn attr_text(&self, object: &str, attribute: &str) -> Option<String> {
        let attr = self.attribute(object, attribute)?;
        read_texts(&attr).ok()?.into_iter().next()
    }

    fn attribute(&self, object: &str, attribute: &str) -> Option<hdf5::Attribute> {
        if self.has_dataset(object) {
            self.root().dataset(object).ok()?.attr(attribute).ok()
        } else {
            self.root().group(object).ok()?.attr(attribute).ok()
        }
    }

    /// The texts of a string dataset.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, IoError> {
        let dataset = self.dataset(name)?;
        read_texts(&dataset).map_err(|found| self.wrong_type(name, &found, "text"))
    }

    pub(crate) fn wrong_type(&self, name: &str, found: &str, expected: &str) -> IoError {
        IoError::WrongType {
            path: self.path().to_owned(),
            dataset: name.to_owned(),
            found: found.to_owned(),
            expected: expected.to_owned(),
        }
    }

    pub(crate) fn wrong_shape(&self, name: &str, found: Vec<usize>, expected: &str) -> IoError {
        IoError::WrongShape {
            path: self.path().to_owned(),
            dataset: name.to_owned(),
            found,
            expected: expected.to_owned(),
        }
    }
}

/// A stored type in words.
pub(crate) fn describe(dtype: &hdf5::Datatype) -> String {
    dtype.to_descriptor().map_or_else(
        |_| "of a type without a name here".to_owned(),
        |descriptor| match descriptor {
            TypeDescriptor::Compound(compound) => {
                let names: Vec<_> = compound.fields.iter().map(|field| field.name.as_str()).collect();
                format!("compound {{{}}}", names.join(", "))
            }
            other => other.to_string(),
        },
    )
}

/// All texts of a string dataset or attribute; the error is what it is instead.
fn read_texts(container: &hdf5::Container) -> Result<Vec<String>, String> {
    let readable = |e: hdf5::Error| e.to_string();
    if container.space().map_err(readable)?.is_null() {
        return Err("empty (null)".to_owned());
    }
    let dtype = container.dtype().map_err(readable)?;
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches(['\0', ' ']).to_owned();
    // Bytes, not `as_str`: nothing guarantees that a file's text is UTF-8.
    match dtype.to_descriptor().map_err(readable)? {
        TypeDescriptor::VarLenUnicode => {
            let all = container.read_raw::<VarLenUnicode>().map_err(readable)?;
            Ok(all.iter().map(|text| lossy(text.as_bytes())).collect())
        }
        TypeDescriptor::VarLenAscii => {
            let all = container.read_raw::<VarLenAscii>().map_err(readable)?;
            Ok(all.iter().map(|text| lossy(text.as_bytes())).collect())
        }
        TypeDescriptor::FixedAscii(_) => {
            let all = container.read_raw::<FixedAscii<FIXED_TEXT>>().map_err(readable)?;
            Ok(all.iter().map(|text| lossy(text.as_bytes())).collect())
        }
        TypeDescriptor::FixedUnicode(_) => {
            let all = container.read_raw::<FixedUnicode<FIXED_TEXT>>().map_err(readable)?;
            Ok(all.iter().map(|text| lossy(text.as_bytes())).collect())
        }
        _ => Err(describe(&dtype)),
    }
}

/// Reads a real array of any shape from `FILE:/path`, as doubles.
///
/// # Errors
/// [`IoError`] if the file or the dataset cannot be read, or holds no real numbers.
pub fn read_real(spec: &str) -> Result<ArrayD<f64>, IoError> {
    let spec = PathSpec::parse(spec);
    let file = H5File::open(Path::new(&spec.file))?;
    file.reals(&spec.dataset_in(&file)?)
}
