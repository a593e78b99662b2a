//! States of a reconstruction on disk.

use crate::error::PipelineError;
use crate::streaming::FrameSource;
use litho_io::{Axis, NexusWriter, read_result};
use litho_ptycho::{Checkpoint, State};
use ndarray::{ArrayD, Dimension, Ix2, Ix3, Ix4};
use std::path::{Path, PathBuf};

/// Where the checkpoint of a result is kept: beside it, with `.checkpoint` before the ending.
pub fn path_for(output: &Path) -> PathBuf {
    output.with_extension("checkpoint.h5")
}

/// Stores `state`; `identity` says what run it belongs to.
///
/// # Errors
/// [`PipelineError::Io`] if the file cannot be written.
pub fn write(path: &Path, state: &State, identity: &str) -> Result<(), PipelineError> {
    let mut file = NexusWriter::create(path)?;
    file.dataset("/entry/identity", identity, "")?;
    file.dataset("/entry/iteration", state.iteration as i64, "")?;
    file.array("/entry/loss", &state.losses, "")?;
    let counted = [Axis::index(); 4];
    file.data_group("/entry/object", "data", &counted[..2], &state.object, "", "object")?;
    file.data_group("/entry/probe", "data", &counted[..3], &state.probe, "", "probe")?;
    if let Some(waves) = &state.waves {
        file.data_group("/entry/waves", "data", &counted, waves, "", "exit waves")?;
    }
    Ok(file.commit()?)
}

/// Reads a state back and checks that it belongs to the run `identity`.
///
/// # Errors
/// [`PipelineError::Unsuitable`] if it belongs to another run; [`PipelineError::Io`] if it cannot be read.
pub fn read(path: &Path, identity: &str) -> Result<State, PipelineError> {
    if !path.exists() {
        return Err(PipelineError::argument(
            "--resume",
            path.display(),
            "there is no such checkpoint; leave out --resume to start anew",
        ));
    }
    let file = read_result(path)?;
    if file.text("/entry/identity")? != identity {
        return Err(unsuitable(
            path,
            "belongs to a run with another input or other settings; repeat the original command, \
             or delete the checkpoint to start anew",
        ));
    }
    let shaped = "holds arrays of the wrong shape; delete it to start anew";
    Ok(State {
        iteration: file.number("/entry/iteration")? as usize,
        object: with_dimension::<_, Ix2>(file.complex("/entry/object/data")?)
            .ok_or_else(|| unsuitable(path, shaped))?,
        probe: with_dimension::<_, Ix3>(file.complex("/entry/probe/data")?)
            .ok_or_else(|| unsuitable(path, shaped))?,
        waves: if file.contains("/entry/waves/data") {
            let waves = with_dimension::<_, Ix4>(file.complex("/entry/waves/data")?);
            Some(waves.ok_or_else(|| unsuitable(path, shaped))?)
        } else {
            None
        },
        losses: file.real("/entry/loss")?.into_iter().collect(),
    })
}

/// The array with a fixed number of axes, if it has that many.
pub(crate) fn with_dimension<T, D: Dimension>(array: ArrayD<T>) -> Option<ndarray::Array<T, D>> {
    array.into_dimensionality().ok()
}

fn unsuitable(path: &Path, reason: &str) -> PipelineError {
    PipelineError::Unsuitable { file: path.display().to_string(), reason: reason.to_owned() }
}

/// Stores a state every so many iterations. A checkpoint that cannot be
/// written does not stop the run; the error is kept for a warning.
pub(crate) struct Periodic<'a> {
    pub(crate) path: &'a Path,
    pub(crate) identity: &'a str,
    /// Iterations between checkpoints; 0 for none.
    pub(crate) every: usize,
    pub(crate) failure: Option<PipelineError>,
    /// What the state was computed from; nothing is stored once it failed.
    pub(crate) source: &'a FrameSource,
}

impl Checkpoint for Periodic<'_> {
    fn wants(&self, iteration: usize) -> bool {
        self.every > 0 && iteration.is_multiple_of(self.every) && self.source.check().is_ok()
    }

    fn keep(&mut self, state: &State) {
        if let Err(error) = write(self.path, state, self.identity) {
            self.failure = Some(error);
        }
    }
}
