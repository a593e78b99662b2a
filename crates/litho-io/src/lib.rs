//! Readers and writers, one file per format; a plan before any read.
//!
//! - Scans: [`plan`] opens a file, recognises its [`Format`] and decides what is
//!   read from where, in which unit; [`read`] carries the [`ScanPlan`] out, and
//!   [`read_streamed`] does so for scans larger than the memory.
//!   [`write_scan`] writes any of the formats.
//! - Results: [`NexusWriter`] writes NeXus-shaped HDF5, [`read_result`] reads it back.
//! - Energy stacks: [`plan_stack`] and [`read_stack`] do the same for images at many
//!   photon energies; [`write_stack`] writes them.
//! - Tilt series: [`plan_tilts`] and [`read_tilts`] for projections at many angles, [`read_tilt_rows`] for those that
//!   exceed the memory; [`write_tilts`] writes them.
//! - Volumes: [`plan_volume`], [`read_volume`] and [`write_volume`] for HDF5, TIFF, NPY, MRC and Zarr;
//!   [`VolumeWriter`] and [`begin_volume`] take them slab by slab.
//! - Spectra of known compounds: [`read_reference`].
//! - Maps with uncertainties, a status and tables: [`write_maps`], [`read_maps`].
//! - [`describe`] tells what tilt series or volume a file is.
//! - Single arrays: [`read_complex`] and [`read_real`] take `FILE:/path`;
//!   [`write_tiff`], [`write_npy`] and [`write_csv`] are for other programs.
//!
//! Compressed frames are decoded on all cores by [`chunks`].
//! Every file is written beside its place and renamed into it, so that a file
//! that exists is complete.

mod atomic;
pub mod chunks;
mod describe;
mod error;
mod formats;
mod h5;
mod image_files;
mod maps;
mod memory;
mod nexus;
mod numbers_table;
mod positioned;
mod reference;
mod sample_pixel;
mod scan;
mod stack;
mod table;
mod tilts;
mod volume;

pub use describe::{Description, describe};
pub use error::{ErrorClass, IoError};
pub use formats::{write_cxi, write_scan};
pub use h5::{ArrayData, AttrValue, PathSpec, read_complex, read_real};
pub use image_files::{write_npy, write_tiff, write_tiff_stack};
pub use maps::{Map, MapSet, StatusMap, Table, TableData, put_maps, read_maps, write_maps};
pub use memory::available_memory;
pub use nexus::{Axis, NexusWriter, ResultFile, read_result};
pub use reference::{ReferenceFormat, ReferenceOptions, ReferenceSpectrum, read_reference};
pub use scan::{
    BadCounts, EnergyUnit, Format, FramePart, FramesPlan, Ingredient, KeyNames, LengthUnit, MaskPlan,
    OriginPlan, PositionSense, ProbePlan, ReadOptions, Regime, ScanPlan, ScratchHealth, StoredType, plan,
    probe_modes, read, read_streamed,
};
pub use stack::{
    AxisOrder, EnergySource, ImagesPlan, Incident, IncidentPlan, StackContents, StackFormat, StackOptions,
    StackPlan, StackQuantity, StackReading, plan_stack, put_stack, read_stack, write_stack,
};
pub use table::write_csv;
pub use tilts::{
    AngleSource, AngleUnit, FieldPlan, FieldsPlan, ProjectionsPlan, TiltAxes, TiltFormat, TiltOptions,
    TiltPlan, TiltQuantity, TiltReading, plan_tilts, put_tilts, read_tilt_rows, read_tilts, write_tilts,
};
pub use volume::{
    VolumeFormat, VolumeOptions, VolumePlan, VolumeReading, VolumeWriter, begin_volume, plan_volume,
    put_volume, put_volume_slab, read_volume, read_volume_slab, write_volume,
};
