//! Writes NeXus-shaped HDF5: `NXroot`, `NXentry`, and every array in an `NXdata` group.

use crate::error::IoError;
use crate::h5::{ArrayData, AttrValue, H5Writer};
use ndarray::ArrayViewD;
use std::path::Path;

/// One axis of an array: a name, and the coordinate of every index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis<'a> {
    name: &'a str,
    values: &'a [f64],
    unit: &'a str,
}

impl<'a> Axis<'a> {
    /// An axis called `name` with one coordinate per index, in `unit`.
    pub const fn new(name: &'a str, values: &'a [f64], unit: &'a str) -> Self {
        Self { name, values, unit }
    }

    /// An axis that only counts (`.` in NeXus).
    pub const fn index() -> Self {
        Self { name: ".", values: &[], unit: "" }
    }
}

/// A NeXus file under construction; it appears at its path when [`commit`](Self::commit)ted
/// and leaves nothing behind otherwise.
pub struct NexusWriter {
    file: H5Writer,
    has_default: bool,
}

impl NexusWriter {
    /// Begins the file `path`: `/` is an `NXroot` whose default is `/entry`, an `NXentry`.
    ///
    /// # Errors
    /// [`IoError`] if the folder does not exist or cannot be written to.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, IoError> {
        let file = H5Writer::create(path.as_ref())?;
        file.attr("/", "NX_class", "NXroot")?;
        file.attr("/", "default", "entry")?;
        file.group("/entry")?;
        file.attr("/entry", "NX_class", "NXentry")?;
        Ok(Self { file, has_default: false })
    }

    /// Makes the group `path` of the given NeXus class; missing groups above become `NXcollection`.
    ///
    /// # Errors
    /// [`IoError`] if HDF5 cannot write.
    pub fn group(&mut self, path: &str, nx_class: &str) -> Result<(), IoError> {
        self.parents_of(path)?;
        self.file.group(path)?;
        self.file.attr(path, "NX_class", nx_class)
    }

    /// Makes the `NXdata` group `path` holding `data` under the name `signal`, with one
    /// [`Axis`] per axis of the array. The first such group is the one a viewer opens.
    ///
    /// # Errors
    /// [`IoError`] if the axes do not fit the array, or HDF5 cannot write.
    pub fn data_group<'a>(
        &mut self,
        path: &str,
        signal: &str,
        axes: &[Axis<'_>],
        data: impl Into<ArrayData<'a>>,
        unit: &str,
        long_name: &str,
    ) -> Result<(), IoError> {
        let data = data.into();
        self.axes_of_group(path, signal, axes, data.shape())?;
        self.array(&format!("{path}/{signal}"), data, unit)?;
        self.signal_written(path, signal, long_name)
    }

    /// As [`data_group`](Self::data_group), uncompressed and in one piece, so that any rows of it are read fast.
    ///
    /// # Errors
    /// [`IoError`] if the axes do not fit the array, or HDF5 cannot write.
    pub fn plain_data_group<'a>(
        &mut self,
        path: &str,
        signal: &str,
        axes: &[Axis<'_>],
        data: impl Into<ArrayData<'a>>,
        unit: &str,
        long_name: &str,
    ) -> Result<(), IoError> {
        let data = data.into();
        self.axes_of_group(path, signal, axes, data.shape())?;
        let dataset = format!("{path}/{signal}");
        self.file.plain_array(&dataset, data)?;
        self.unit_of(&dataset, unit)?;
        self.signal_written(path, signal, long_name)
    }

    /// As [`plain_data_group`](Self::plain_data_group), for single-precision numbers that
    /// [`put_slab`](Self::put_slab) brings later.
    ///
    /// # Errors
    /// [`IoError`] if the axes do not fit the shape, or HDF5 cannot write.
    pub fn reserve_data_group(
        &mut self,
        path: &str,
        signal: &str,
        axes: &[Axis<'_>],
        shape: &[usize],
        unit: &str,
        long_name: &str,
    ) -> Result<(), IoError> {
        self.axes_of_group(path, signal, axes, shape)?;
        let dataset = format!("{path}/{signal}");
        self.file.reserve(&dataset, shape)?;
        self.unit_of(&dataset, unit)?;
        self.signal_written(path, signal, long_name)
    }

    /// Writes `slab` into a reserved array from index `start` of its first axis on.
    ///
    /// # Errors
    /// [`IoError`] if it does not fit there, or HDF5 cannot write.
    pub fn put_slab(&mut self, path: &str, start: usize, slab: ArrayViewD<'_, f32>) -> Result<(), IoError> {
        self.file.put_slab(path, start, slab)
    }

    fn axes_of_group(
        &mut self,
        path: &str,
        signal: &str,
        axes: &[Axis<'_>],
        shape: &[usize],
    ) -> Result<(), IoError> {
        self.check_axes(path, axes, shape)?;
        self.group(path, "NXdata")?;
        self.file.attr(path, "signal", signal)?;
        let names: Vec<&str> = axes.iter().map(|axis| axis.name).collect();
        self.file.attr(path, "axes", names.as_slice())?;
        for (index, axis) in axes.iter().enumerate().filter(|(_, axis)| axis.name != ".") {
            let dataset = format!("{path}/{}", axis.name);
            if !self.file.exists(&dataset) {
                self.file.array(&dataset, axis.values)?;
                self.file.attr(&dataset, "units", axis.unit)?;
            }
            self.file.attr(path, &format!("{}_indices", axis.name), index as i64)?;
        }
        Ok(())
    }

    fn signal_written(&mut self, path: &str, signal: &str, long_name: &str) -> Result<(), IoError> {
        self.file.attr(&format!("{path}/{signal}"), "long_name", long_name)?;
        if !self.has_default {
            self.file.attr("/entry", "default", path.trim_start_matches("/entry/"))?;
            self.has_default = true;
        }
        Ok(())
    }

    fn unit_of(&self, dataset: &str, unit: &str) -> Result<(), IoError> {
        if unit.is_empty() { Ok(()) } else { self.file.attr(dataset, "units", unit) }
    }

    /// Writes one more array, for instance a second signal of an `NXdata` group.
    ///
    /// # Errors
    /// [`IoError`] if HDF5 cannot write.
    pub fn array<'a>(
        &mut self,
        path: &str,
        data: impl Into<ArrayData<'a>>,
        unit: &str,
    ) -> Result<(), IoError> {
        self.parents_of(path)?;
        self.file.array(path, data)?;
        self.unit_of(path, unit)
    }

    /// Writes a number, a text or a short list as a dataset; `unit` may be empty.
    ///
    /// # Errors
    /// [`IoError`] if HDF5 cannot write.
    pub fn dataset(&mut self, path: &str, value: impl Into<AttrValue>, unit: &str) -> Result<(), IoError> {
        self.parents_of(path)?;
        self.file.value(path, value)?;
        self.unit_of(path, unit)
    }

    /// Sets an attribute of the group or dataset `object`.
    ///
    /// # Errors
    /// [`IoError`] if the object does not exist or HDF5 cannot write.
    pub fn attr(&mut self, object: &str, name: &str, value: impl Into<AttrValue>) -> Result<(), IoError> {
        self.file.attr(object, name, value)
    }

    /// Closes the file, flushes it to the disk and renames it into place.
    ///
    /// # Errors
    /// [`IoError`] if any of these fails; then nothing is left behind.
    pub fn commit(self) -> Result<(), IoError> {
        self.file.commit()
    }

    fn parents_of(&self, path: &str) -> Result<(), IoError> {
        for (at, _) in path.match_indices('/').filter(|(at, _)| *at > 0) {
            let parent = &path[..at];
            if !self.file.exists(parent) {
                self.file.group(parent)?;
                self.file.attr(parent, "NX_class", "NXcollection")?;
            }
        }
        Ok(())
    }

    fn check_axes(&self, path: &str, axes: &[Axis<'_>], shape: &[usize]) -> Result<(), IoError> {
        let fits = axes.len() == shape.len()
            && axes.iter().zip(shape).all(|(axis, &n)| axis.name == "." || axis.values.len() == n);
        if fits {
            return Ok(());
        }
        let lengths: Vec<String> =
            axes.iter().map(|axis| format!("{} ({})", axis.name, axis.values.len())).collect();
        let reason = format!("the axes {} do not fit an array of shape {shape:?}", lengths.join(", "));
        Err(IoError::write(self.file.path(), path, reason))
    }
}
