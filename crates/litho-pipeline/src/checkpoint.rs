//! States of a reconstruction on disk.

use crate::error::PipelineError;
use crate::streaming::FrameSource;
use litho_compute::{Sampling, Views};
use litho_io::{Axis, NexusWriter, ResultFile, read_result};
use litho_ptycho::{Checkpoint, HostMemory, State};
use litho_types::C32;
use ndarray::{Array, Array1, Array2, ArrayD, Dimension, Ix2};
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
    if let Some(variations) = &state.variations {
        file.data_group(
            "/entry/variations",
            "data",
            &counted[..3],
            variations,
            "",
            "variations of the probe",
        )?;
    }
    if let Some(background) = &state.background {
        file.data_group("/entry/background", "data", &counted[..2], background, "", "background")?;
    }
    if let Some(views) = &state.views {
        write_views(&mut file, views)?;
    }
    if let Some(waves) = &state.waves {
        file.data_group("/entry/waves", "data", &counted, waves, "", "exit waves")?;
    }
    write_memory(&mut file, &state.memory)?;
    Ok(file.commit()?)
}

fn write_views(file: &mut NexusWriter, views: &Views) -> Result<(), PipelineError> {
    let frames = views.places.len();
    let places = Array2::from_shape_fn((frames, 2), |(frame, axis)| views.places[frame][axis]);
    file.array(&in_views("places"), &places, "px")?;
    file.dataset(&in_views("sub_pixel"), i64::from(views.sampling == Sampling::SubPixel), "")?;
    file.array(&in_views("amplitudes"), &Array1::from(views.amplitudes.clone()), "")?;
    file.dataset(&in_views("exposures"), views.exposures as i64, "")?;
    // HDF5 files hold no arrays of nothing.
    if !views.coefficients.is_empty() {
        file.array(&in_views("coefficients"), &views.coefficients, "")?;
    }
    if !views.sweeps.is_empty() {
        let sweeps =
            Array2::from_shape_fn((views.sweeps.len(), 2), |(frame, axis)| views.sweeps[frame][axis]);
        file.array(&in_views("sweeps"), &sweeps, "px")?;
    }
    Ok(())
}

fn in_views(name: &str) -> String {
    format!("/entry/views/{name}")
}

fn write_memory(file: &mut NexusWriter, memory: &HostMemory) -> Result<(), PipelineError> {
    file.dataset(&in_memory("objects"), memory.objects.len() as i64, "")?;
    file.dataset(&in_memory("probes"), memory.probes.len() as i64, "")?;
    for (index, object) in memory.objects.iter().enumerate() {
        file.array(&in_memory(&format!("object_{index}")), object, "")?;
    }
    for (index, probe) in memory.probes.iter().enumerate() {
        file.array(&in_memory(&format!("probe_{index}")), probe, "")?;
    }
    if !memory.numbers.is_empty() {
        file.array(&in_memory("numbers"), &memory.numbers, "")?;
    }
    Ok(())
}

fn in_memory(name: &str) -> String {
    format!("/entry/memory/{name}")
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
    let file = Stored { file: read_result(path)?, path };
    if file.file.text("/entry/identity")? != identity {
        return Err(unsuitable(
            path,
            "belongs to a run with another input or other settings; repeat the original command, \
             or delete the checkpoint to start anew",
        ));
    }
    Ok(State {
        iteration: file.count("/entry/iteration")?,
        object: file.complex("/entry/object/data")?,
        probe: file.complex("/entry/probe/data")?,
        variations: file.if_there("/entry/variations/data", Stored::complex)?,
        background: file.if_there("/entry/background/data", Stored::real)?,
        views: if file.file.contains("/entry/views") { Some(file.views()?) } else { None },
        waves: file.if_there("/entry/waves/data", Stored::complex)?,
        memory: file.memory()?,
        losses: file.file.real("/entry/loss")?.into_iter().collect(),
    })
}

/// A checkpoint open for reading.
struct Stored<'a> {
    file: ResultFile,
    path: &'a Path,
}

impl Stored<'_> {
    fn complex<D: Dimension>(&self, name: &str) -> Result<Array<C32, D>, PipelineError> {
        self.shaped(self.file.complex(name)?)
    }

    fn real<D: Dimension>(&self, name: &str) -> Result<Array<f32, D>, PipelineError> {
        self.shaped(self.file.real_f32(name)?)
    }

    fn shaped<T, D: Dimension>(&self, array: ArrayD<T>) -> Result<Array<T, D>, PipelineError> {
        with_dimension(array)
            .ok_or_else(|| unsuitable(self.path, "holds arrays of the wrong shape; delete it to start anew"))
    }

    fn count(&self, name: &str) -> Result<usize, PipelineError> {
        Ok(self.file.number(name)? as usize)
    }

    /// What `get` makes of the dataset, if it is there.
    fn if_there<T>(
        &self,
        name: &str,
        get: impl FnOnce(&Self, &str) -> Result<T, PipelineError>,
    ) -> Result<Option<T>, PipelineError> {
        if self.file.contains(name) { get(self, name).map(Some) } else { Ok(None) }
    }

    fn views(&self) -> Result<Views, PipelineError> {
        let places: Array2<f64> = self.shaped(self.file.real(&in_views("places"))?)?;
        let sub_pixel = self.count(&in_views("sub_pixel"))? != 0;
        let coefficients = self.if_there(&in_views("coefficients"), Self::real::<Ix2>)?;
        let sweeps = self.if_there(&in_views("sweeps"), Self::real::<Ix2>)?;
        let frames = places.dim().0;
        let views = Views {
            places: places.outer_iter().map(|p| [p[0], p[p.len() - 1]]).collect(),
            sampling: if sub_pixel { Sampling::SubPixel } else { Sampling::WholePixels },
            amplitudes: self.file.real_f32(&in_views("amplitudes"))?.into_iter().collect(),
            coefficients: coefficients.unwrap_or_else(|| Array2::zeros((frames, 0))),
            sweeps: sweeps.iter().flat_map(|all| all.outer_iter()).map(|s| [s[0], s[s.len() - 1]]).collect(),
            exposures: self.count(&in_views("exposures"))?,
        };
        Ok(views)
    }

    fn memory(&self) -> Result<HostMemory, PipelineError> {
        let (objects, probes) = (self.count(&in_memory("objects"))?, self.count(&in_memory("probes"))?);
        let numbers = in_memory("numbers");
        Ok(HostMemory {
            objects: (0..objects)
                .map(|index| self.complex(&in_memory(&format!("object_{index}"))))
                .collect::<Result<_, _>>()?,
            probes: (0..probes)
                .map(|index| self.complex(&in_memory(&format!("probe_{index}"))))
                .collect::<Result<_, _>>()?,
            numbers: if self.file.contains(&numbers) {
                self.file.real(&numbers)?.into_iter().collect()
            } else {
                Vec::new()
            },
        })
    }
}

/// The array with a fixed number of axes, if it has that many.
pub(crate) fn with_dimension<T, D: Dimension>(array: ArrayD<T>) -> Option<Array<T, D>> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array3, Array4};

    #[test]
    fn a_state_comes_back_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state.h5");
        let value = |i: usize| C32::new(i as f32 / 3.0, -(i as f32) / 7.0);
        let object = Array2::from_shape_fn((3, 4), |(y, x)| value(4 * y + x));
        let probe = Array3::from_shape_fn((2, 2, 3), |(m, y, x)| value(9 * m + 3 * y + x));
        let bare = State::start(object.clone(), probe.clone());
        let full = State {
            iteration: 7,
            variations: Some(probe.mapv(|p| p * 2.0)),
            background: Some(object.mapv(|o| o.re)),
            views: Some(Views {
                places: vec![[0.1, 2.0 / 3.0], [1e-9, 5.0]],
                sampling: Sampling::SubPixel,
                amplitudes: vec![0.9, 1.1],
                coefficients: ndarray::arr2(&[[0.5, -0.25, 0.1], [1.0, 2.0, 0.3]]),
                sweeps: vec![[0.5, 0.1], [0.25, -0.1]],
                exposures: 3,
            }),
            waves: Some(Array4::from_elem((2, 2, 2, 3), value(5))),
            memory: HostMemory {
                objects: vec![object.clone(), object.mapv(|o| -o)],
                probes: vec![probe],
                numbers: vec![1.0 / 3.0, f64::INFINITY],
            },
            losses: vec![0.5, 0.25],
            object,
            ..bare.clone()
        };
        for state in [bare, full] {
            write(&path, &State { losses: vec![1.0], ..state.clone() }, "run").expect("written");
            assert_eq!(read(&path, "run").expect("read"), State { losses: vec![1.0], ..state });
        }
        assert!(read(&path, "another run").is_err());
    }
}
