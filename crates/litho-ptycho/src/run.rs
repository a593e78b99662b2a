//! The loop around the engines.

use crate::difference_map::DifferenceMap;
use crate::engine::{Engine, Fields};
use crate::pie::Pie;
use litho_compute::Kernels;
use litho_types::C32;
use litho_types::observer::{CancelToken, Observer, Step};
use ndarray::{Array2, Array3, Array4};

/// An engine with its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Algorithm {
    /// ePIE and rPIE.
    Pie(Pie),
    /// Difference map.
    DifferenceMap(DifferenceMap),
}

impl Algorithm {
    fn engine<K: Kernels>(&self) -> &dyn Engine<K> {
        match self {
            Self::Pie(pie) => pie,
            Self::DifferenceMap(map) => map,
        }
    }

    /// True if the algorithm keeps the exit waves of all frames in memory.
    pub fn keeps_waves(&self) -> bool {
        matches!(self, Self::DifferenceMap(_))
    }
}

/// One algorithm for a number of iterations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    /// What runs.
    pub algorithm: Algorithm,
    /// For how many iterations.
    pub iterations: usize,
}

/// Everything a reconstruction needs to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Iterations done, over all stages.
    pub iteration: usize,
    /// Object `(y, x)`.
    pub object: Array2<C32>,
    /// Probe `(mode, y, x)`.
    pub probe: Array3<C32>,
    /// Exit waves `(frame, mode, y, x)` of the stage under way, if it keeps them.
    pub waves: Option<Array4<C32>>,
    /// Normalised Fourier error of every iteration done.
    pub losses: Vec<f64>,
}

impl State {
    /// The state before the first iteration.
    pub fn start(object: Array2<C32>, probe: Array3<C32>) -> Self {
        Self { iteration: 0, object, probe, waves: None, losses: Vec::new() }
    }
}

/// Why a reconstruction stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// All iterations are done.
    Finished,
    /// Somebody asked it to stop.
    Cancelled,
    /// The loss is no longer a number.
    Diverged,
}

/// What a reconstruction hands back.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The last state.
    pub state: State,
    /// Why it is the last.
    pub reason: StopReason,
}

/// Keeps states while a reconstruction runs.
pub trait Checkpoint {
    /// True if the state after `iteration` iterations is wanted.
    fn wants(&self, iteration: usize) -> bool;
    /// Takes the state.
    fn keep(&mut self, state: &State);
}

/// No checkpoints.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCheckpoint;

impl Checkpoint for NoCheckpoint {
    fn wants(&self, _iteration: usize) -> bool {
        false
    }
    fn keep(&mut self, _state: &State) {}
}

/// Who watches a run, who may stop it, and who keeps its states.
pub struct Control<'a> {
    /// What the observer is told is running.
    pub name: &'a str,
    /// Told about every iteration.
    pub observer: &'a mut dyn Observer,
    /// Looked at after every iteration.
    pub cancel: &'a CancelToken,
    /// Asked after every iteration.
    pub checkpoint: &'a mut dyn Checkpoint,
}

/// Runs `stages` from `state` to their end. A state that was stored and given
/// back continues with the same bits as a run that was never stopped.
pub fn reconstruct<K: Kernels>(kernels: &K, stages: &[Stage], state: State, control: Control<'_>) -> Outcome {
    let iterations: usize = stages.iter().map(|stage| stage.iterations).sum();
    let State { mut iteration, object, probe, waves, mut losses } = state;
    let mut fields = Fields::<K> {
        object: kernels.load_object(&object),
        probe: kernels.load_probe(&probe),
        waves: waves.map(|waves| kernels.load_waves(&waves)),
    };
    let mut reason = StopReason::Finished;
    control.observer.begin(control.name, iteration, iterations);
    let mut first = 0;
    for stage in stages {
        let last = first + stage.iterations;
        while iteration < last && reason == StopReason::Finished {
            if iteration == first {
                fields.waves = None;
            }
            let engine = stage.algorithm.engine::<K>();
            let error = engine.iterate(kernels, iteration - first, &mut fields);
            let loss = error / kernels.total_intensity();
            losses.push(loss);
            iteration += 1;
            control.observer.step(Step { iteration, iterations, loss });
            if !loss.is_finite() {
                reason = StopReason::Diverged;
            } else if control.cancel.is_cancelled() && iteration < iterations {
                reason = StopReason::Cancelled;
            } else if control.checkpoint.wants(iteration) {
                control.checkpoint.keep(&snapshot(kernels, &fields, iteration, &losses));
            }
        }
        first = last;
    }
    control.observer.end();
    Outcome { state: snapshot(kernels, &fields, iteration, &losses), reason }
}

fn snapshot<K: Kernels>(kernels: &K, fields: &Fields<K>, iteration: usize, losses: &[f64]) -> State {
    State {
        iteration,
        object: kernels.store_object(&fields.object),
        probe: kernels.store_probe(&fields.probe),
        waves: fields.waves.as_ref().map(|waves| kernels.store_waves(waves)),
        losses: losses.to_vec(),
    }
}
