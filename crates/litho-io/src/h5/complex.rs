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
#[derive(Clone)]
#[repr(C)]
pub(super) struct RealImag {
    pub(super) real: f32,
    pub(super) imag: f32,
}

/// What the members of a complex compound are called.
pub(super) enum ComplexMembers {
    /// {r, i}, as `h5py` has them.
    Short,
    /// {real, imag}, as MATLAB has them.
    Long,
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
    pub(crate) fn complex(&self, name: &str) -> Result<ArrayD<C32>, IoError> {
        let shape = self.shape(name)?;
        let members = self.complex_members(name)?;
        let dataset = self.dataset(name)?;
        ensure_fits(
            self.path(),
            name,
            &shape,
            size_of::<C32>().max(dataset.dtype().map_or(0, |t| t.size())),
        )?;
        let fail = |e: hdf5::Error| self.hdf5("read", name, &e);
        let values = match members {
            ComplexMembers::Short => dataset.read_raw::<C32>().map_err(fail)?,
            ComplexMembers::Long => {
                let stored = dataset.read_raw::<RealImag>().map_err(fail)?;
                stored.into_iter().map(|v| C32::new(v.real, v.imag)).collect()
            }
        };
        self.shaped(name, shape, values)
    }

    /// How a complex dataset names its members. They are looked at before any read: HDF5 fills members it does not find
    /// with zeros.
    pub(super) fn complex_members(&self, name: &str) -> Result<ComplexMembers, IoError> {
        let dtype = self.dataset(name)?.dtype().map_err(|e| self.hdf5("read the type of", name, &e))?;
        complex_members_of(&dtype).ok_or_else(|| {
            self.wrong_type(name, &describe(&dtype), "complex: a compound {r, i} or {real, imag} of floats")
        })
    }

    /// The number type of a dataset in words, and whether it is complex.
    pub(crate) fn number_type(&self, name: &str) -> Result<(String, bool), IoError> {
        let dtype = self.dataset(name)?.dtype().map_err(|e| self.hdf5("read the type of", name, &e))?;
        Ok((describe(&dtype), complex_members_of(&dtype).is_some()))
    }
}

fn complex_members_of(dtype: &hdf5::Datatype) -> Option<ComplexMembers> {
    let Ok(TypeDescriptor::Compound(compound)) = dtype.to_descriptor() else { return None };
    let names: Vec<&str> = compound.fields.iter().map(|field| field.name.as_str()).collect();
    match names[..] {
        ["r", "i"] => Some(ComplexMembers::Short),
        ["real", "imag"] => Some(ComplexMembers::Long),
        _ => None,
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
