//! From a file to a [`Volume`](litho_types::volume::Volume), and back: options, plan, read, write, one file per format.

mod h5;
mod mrc;
mod npy;
mod options;
mod plan;
mod raw;
mod read;
mod tiff;
mod write;
mod zarr;

pub(crate) use h5::holds_volume;
pub use h5::{begin_volume, put_volume, put_volume_slab};
pub use options::{VolumeFormat, VolumeOptions};
pub(crate) use plan::detect;
pub use plan::{VolumePlan, plan_volume};
pub use read::{VolumeReading, read_volume, read_volume_slab};
pub use write::{VolumeWriter, write_volume};
