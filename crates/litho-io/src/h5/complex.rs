//! Complex arrays: the compound types of `h5py` ({r, i}) and MATLAB ({real, imag}).
#![expect(unsafe_code, reason = "HDF5 must be told the memory layout of MATLAB's complex compound")]

use super::file::H5File;
use super::spec::PathSpec;
use super::value::describe;
use crate::error::IoError;
use crate::memory::ensure_fits;
use hdf5::types::{CompoundField, CompoundType, TypeDescriptor};
use litho_types::C32;
use ndarray::ArrayD;
use std::path::Path;

/// MATLAB v7.3's complex number.
#[repr(C)]
struct RealImag {
    real: f32,
    imag: f32,
}

// SAFETY: the descriptor states the layout that `repr(C)` gives: two 4-byte
// floats at offsets 0 and 4 in 8 bytes, and every bit pattern is a valid value.
unsafe impl hdf5::H5Type for RealImag {
    fn type_descriptor() -> TypeDescriptor {
        TypeDescriptor::Compound(CompoundType {
            fields: vec![
                CompoundField::typed::<f32>("real", 0, 0),
                CompoundField::typed::<f32>("imag", 4, 1),
            ],
            size: size_of::<Self>(),
        })
    }
}

impl H5File {
    /// A complex array of any shape.
    ///
    /// The member names are checked first: HDF5 fills members it does not find with zeros.
    pub(crate) fn complex(&self, name: &str) -> Result<ArrayD<C32>, IoError> {
        let shape = self.shape(name)?;
        let dataset = self.dataset(name)?;
        let dtype = dataset.dtype().map_err(|e| self.hdf5("read the type of", name, &e))?;
        let members = match dtype.to_descriptor() {
            Ok(TypeDescriptor::Compound(compound)) => compound.fields.into_iter().map(|f| f.name).collect(),
            _ => Vec::new(),
        };
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        ensure_fits(self.path(), name, &shape, size_of::<C32>().max(dtype.size()))?;
        let fail = |e: hdf5::Error| self.hdf5("read", name, &e);
        let values = match members[..] {
            ["r", "i"] => dataset.read_raw::<C32>().map_err(fail)?,
            ["real", "imag"] => {
                let stored = dataset.read_raw::<RealImag>().map_err(fail)?;
                stored.into_iter().map(|v| C32::new(v.real, v.imag)).collect()
            }
            _ => {
                let expected = "complex: a compound {r, i} or {real, imag} of floats";
                return Err(self.wrong_type(name, &describe(&dtype), expected));
            }
        };
        self.shaped(name, shape, values)
    }
}

/// Reads a complex array of any shape from `FILE:/path`.
///
/// # Errors
/// [`IoError`] if the file or the dataset cannot be read, or is not a compound
/// {r, i} or {real, imag}.
pub fn read_complex(spec: &str) -> Result<ArrayD<C32>, IoError> {
    let spec = PathSpec::parse(spec);
    let file = H5File::open(Path::new(&spec.file))?;
    file.complex(&spec.dataset_in(&file)?)
}
