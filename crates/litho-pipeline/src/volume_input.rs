//! Reads a volume in any format.

use crate::error::PipelineError;
use litho_io::{VolumeOptions, plan_volume, read_volume};
use litho_types::volume::Volume;
use std::path::Path;

/// The volume of a file.
///
/// # Errors
/// [`PipelineError::Io`] if it cannot be read.
pub(crate) fn load(path: &Path) -> Result<Volume, PipelineError> {
    Ok(read_volume(&plan_volume(path, &VolumeOptions::default())?)?.volume)
}
