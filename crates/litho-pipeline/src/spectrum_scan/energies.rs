//! The reconstructions of all energies, side by side.

use super::experiment::Experiment;
use super::images::{Raster, Seen};
use super::series::Series;
use crate::checkpoint;
use crate::config::Settings;
use crate::error::PipelineError;
use crate::orientation::OrientationChoice;
use crate::probe::StartingProbe;
use crate::reconstruct::{Job, Watch, coverage, oriented_geometry, start_and_orientation, transfer_function};
use crate::streaming::FrameSource;
use litho_compute::Kernels;
use litho_ptycho::{NoCheckpoint, Stage, State};
use litho_resolve::prtf::Prtf;
use litho_types::C32;
use litho_types::observer::{CancelToken, Observer, Silent, Step};
use litho_types::point::Point;
use litho_types::quantity::Metres;
use ndarray::Array2;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// What all energies start from.
pub(super) struct Starts {
    pub(super) orientation: OrientationChoice,
    /// One per energy.
    probes: Vec<StartingProbe>,
}

/// Tells one observer of many reconstructions at a time.
pub(super) struct Progress<'a> {
    observer: Mutex<&'a mut (dyn Observer + Send)>,
    cancel: &'a CancelToken,
    /// Iterations of all energies together, done and asked for.
    done: AtomicUsize,
    iterations: usize,
}

/// The reconstructions under way.
pub(super) struct Energies<'a> {
    series: &'a Series,
    starts: &'a Starts,
    all: Vec<Energy>,
    seen: Vec<Seen>,
}

/// One energy's reconstruction.
#[derive(Default)]
struct Energy {
    state: Option<State>,
    seen: Option<Seen>,
    /// Of the last object.
    prtf: Option<Prtf>,
}

impl Starts {
    /// The orientation, found from the reference energy if it is not given; and the probes: of the reference after some
    /// iterations, or each energy's own.
    pub(super) fn find(
        experiment: &Experiment,
        series: &Series,
        progress: &Progress<'_>,
    ) -> Result<Self, PipelineError> {
        let reference = series.reference;
        let scan = series.read(reference)?;
        let settings = &series.scans[reference].settings;
        let (probe, orientation) = start_and_orientation(&scan, settings)?;
        let mut starts = Self { orientation, probes: vec![probe.clone(); series.scans.len()] };
        for (index, own) in starts.probes.iter_mut().enumerate() {
            if index != reference {
                let scan = series.read(index)?;
                *own = match StartingProbe::from_source(&series.scans[index].settings.probe, &scan)? {
                    // Its curvature is that of the reference.
                    StartingProbe::MeanFrame { .. } => match probe {
                        StartingProbe::MeanFrame { curvature } => StartingProbe::MeanFrame { curvature },
                        _ => StartingProbe::MeanFrame { curvature: 0.0 },
                    },
                    own => own,
                };
            }
        }
        let iterations = experiment.warm_start.min(experiment.settings.iterations());
        if iterations > 0 {
            progress.lock().begin("probe of the reference energy", 0, iterations);
            let warm = starts.advance(series, reference, None, iterations, progress)?;
            progress.lock().end();
            if let Some(state) = warm.state {
                starts.probes.fill(StartingProbe::Modelled(state.probe));
            }
        }
        Ok(starts)
    }

    /// One energy from `state` to iteration `until`.
    fn advance(
        &self,
        series: &Series,
        index: usize,
        state: Option<State>,
        until: usize,
        progress: &Progress<'_>,
    ) -> Result<Energy, PipelineError> {
        let scan = series.read(index)?;
        let settings = Settings {
            stages: stages_until(&series.scans[index].settings.stages, until),
            ..series.scans[index].settings.clone()
        };
        let job = Job {
            scan: &scan,
            source: &FrameSource::MEMORY,
            settings: &settings,
            corrections: &settings.corrections,
            start: &self.probes[index],
            orientation: self.orientation.chosen,
            found: None,
        };
        let mut watch = Watch { observer: &mut Silent, cancel: progress.cancel };
        let (kernels, outcome) = job.run("energy", state, &mut watch, &mut NoCheckpoint)?;
        let measurement = kernels.measurement();
        let geometry =
            oriented_geometry(&scan, self.orientation.chosen).unwrap_or(series.scans[index].geometry);
        let pixel = geometry.object_pixel(measurement.frame_shape());
        let placement = measurement.placement();
        let seen = Seen {
            raster: Raster::of_object(pixel, placement.origin, placement.object_shape),
            coverage: coverage(measurement, &outcome.state),
        };
        let last =
            until == series.scans[index].settings.iterations() && measurement.propagator().is_far_field();
        let prtf = if last {
            let comparison = kernels.compare(&outcome.state.model(&kernels));
            Some(transfer_function(&comparison, measurement, Some(pixel))?)
        } else {
            None
        };
        Ok(Energy { state: Some(outcome.state), seen: Some(seen), prtf })
    }
}

/// The stages up to iteration `until`.
fn stages_until(stages: &[Stage], until: usize) -> Vec<Stage> {
    let mut left = until;
    let cut = |stage: &Stage| {
        let iterations = stage.iterations.min(left);
        left -= iterations;
        Stage { iterations, ..*stage }
    };
    stages.iter().map(cut).filter(|stage| stage.iterations > 0).collect()
}

impl<'a> Energies<'a> {
    pub(super) fn new(series: &'a Series, starts: &'a Starts) -> Self {
        let all = series.scans.iter().map(|_| Energy::default()).collect();
        Self { series, starts, all, seen: Vec::new() }
    }

    /// The reconstructions where an interrupted run left them in `folder`.
    ///
    /// # Errors
    /// [`PipelineError`] if a checkpoint is missing or of another run.
    pub(super) fn resumed(
        series: &'a Series,
        starts: &'a Starts,
        folder: &Path,
        identity: &str,
    ) -> Result<Self, PipelineError> {
        let mut kept = Self::new(series, starts);
        for (index, energy) in kept.all.iter_mut().enumerate() {
            energy.state = Some(checkpoint::read(&checkpoint_of(folder, index), identity)?);
        }
        Ok(kept)
    }

    /// Stores the reconstructions as they are.
    ///
    /// # Errors
    /// [`PipelineError`] if a file cannot be written.
    pub(super) fn keep(&self, folder: &Path, identity: &str) -> Result<(), PipelineError> {
        for (index, state) in self.states().enumerate() {
            checkpoint::write(&checkpoint_of(folder, index), state, identity)?;
        }
        Ok(())
    }

    /// True if [`keep`](Self::keep) has left states of this run in `folder`.
    pub(super) fn were_kept(folder: &Path, identity: &str) -> bool {
        checkpoint::read(&checkpoint_of(folder, 0), identity).is_ok()
    }

    /// Removes what [`keep`](Self::keep) stored: with the result there it would only mislead.
    pub(super) fn forget(&self, folder: &Path) {
        for index in 0..self.all.len() {
            let _ = std::fs::remove_file(checkpoint_of(folder, index));
        }
    }

    /// Iterations that every energy has done.
    pub(super) fn iteration(&self) -> usize {
        let done = |energy: &Energy| energy.state.as_ref().map_or(0, |state| state.iteration);
        self.all.iter().map(done).min().unwrap_or(0)
    }

    /// Takes every energy to iteration `until`, as many at a time as there are threads.
    ///
    /// # Errors
    /// [`PipelineError`] of the first energy that cannot go on.
    pub(super) fn advance(&mut self, until: usize, progress: &Progress<'_>) -> Result<(), PipelineError> {
        let (series, starts) = (self.series, self.starts);
        let advance = |(index, energy): (usize, &mut Energy)| -> Result<(), PipelineError> {
            let before = energy.state.as_ref().map_or(0, |state| state.iteration);
            *energy = starts.advance(series, index, energy.state.take(), until, progress)?;
            progress.tell(before, energy);
            Ok(())
        };
        self.all.par_iter_mut().enumerate().map(advance).collect::<Result<(), PipelineError>>()?;
        self.seen = self.all.iter().filter_map(|energy| energy.seen.clone()).collect();
        Ok(())
    }

    fn states(&self) -> impl Iterator<Item = &State> {
        self.all.iter().filter_map(|energy| energy.state.as_ref())
    }

    pub(super) fn objects(&self) -> Vec<&Array2<C32>> {
        self.states().map(|state| &state.object).collect()
    }

    pub(super) fn objects_mut(&mut self) -> Vec<&mut Array2<C32>> {
        self.all.iter_mut().filter_map(|energy| Some(&mut energy.state.as_mut()?.object)).collect()
    }

    /// What is known of the images, one per energy.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.clone()
    }

    pub(super) fn largest_pixel(&self) -> Point<Metres> {
        let larger = |a: Metres, b: Metres| if a > b { a } else { b };
        let pixels = self.seen.iter().map(|seen| seen.raster.pixel);
        pixels
            .reduce(|a, b| Point::new(larger(a.y, b.y), larger(a.x, b.x)))
            .unwrap_or(Point::new(Metres::new(1.0), Metres::new(1.0)))
    }

    /// The reference energy's probe, `(mode, y, x)`.
    pub(super) fn probe(&self) -> Option<&ndarray::Array3<C32>> {
        Some(&self.all[self.series.reference].state.as_ref()?.probe)
    }

    /// Normalised Fourier error of each energy's iterations.
    pub(super) fn losses(&self) -> Vec<&[f64]> {
        self.states().map(|state| state.losses.as_slice()).collect()
    }

    /// Transfer functions of the final images.
    pub(super) fn prtfs(&self) -> Vec<&Prtf> {
        self.all.iter().filter_map(|energy| energy.prtf.as_ref()).collect()
    }
}

fn checkpoint_of(folder: &Path, index: usize) -> PathBuf {
    folder.join(format!("e{index:03}.checkpoint.h5"))
}

impl<'a> Progress<'a> {
    pub(super) fn new(
        observer: &'a mut (dyn Observer + Send),
        cancel: &'a CancelToken,
        energies: usize,
        iterations: usize,
    ) -> Self {
        Self {
            observer: Mutex::new(observer),
            cancel,
            done: AtomicUsize::new(0),
            iterations: energies * iterations,
        }
    }

    /// Says that the energies go on from where they are.
    pub(super) fn begin(&self, energies: &Energies<'_>) {
        let done = energies.states().map(|state| state.iteration).sum();
        self.done.store(done, Ordering::Relaxed);
        self.lock().begin("energies", done, self.iterations);
    }

    /// Says how far an energy has come.
    fn tell(&self, before: usize, energy: &Energy) {
        let Some(state) = &energy.state else { return };
        let loss = state.losses.last().copied().unwrap_or(f64::NAN);
        let done =
            self.done.fetch_add(state.iteration - before, Ordering::Relaxed) + state.iteration - before;
        self.lock().step(Step { iteration: done, iterations: self.iterations, loss });
    }

    pub(super) fn end(&self) {
        self.lock().end();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, &'a mut (dyn Observer + Send)> {
        self.observer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
