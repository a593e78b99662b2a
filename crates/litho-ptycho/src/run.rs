//! The loop around the engines.

use crate::corrections::Scheduled;
use crate::engine::{Fields, HostMemory, Memory};
use crate::engines::Algorithm;
use crate::stopping::{Stagnation, StopRule};
use litho_compute::{Kernels, Model, Views};
use litho_types::C32;
use litho_types::observer::{CancelToken, Observer, Step};
use ndarray::{Array2, Array3, Array4};

/// One algorithm for a number of iterations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    /// What runs.
    pub algorithm: Algorithm,
    /// For how many iterations.
    pub iterations: usize,
}

/// What a reconstruction does.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Engines in the order they run.
    pub stages: Vec<Stage>,
    /// What is corrected between their iterations.
    pub corrections: Vec<Scheduled>,
    /// When to stop before the last iteration.
    pub stop: StopRule,
}

impl Plan {
    /// Stages, and nothing between their iterations.
    pub fn of(stages: &[Stage]) -> Self {
        Self { stages: stages.to_vec(), ..Self::default() }
    }

    /// Iterations over all stages.
    pub fn iterations(&self) -> usize {
        self.stages.iter().map(|stage| stage.iterations).sum()
    }
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
    /// Directions `(variation, y, x)` in which the first mode varies from frame to frame.
    pub variations: Option<Array3<C32>>,
    /// Background in counts, `(y, x)` in kernel order.
    pub background: Option<Array2<f32>>,
    /// How each frame sees the object; `None` before the first iteration stands for the frames as they were measured.
    pub views: Option<Views>,
    /// Exit waves `(frame, wave, y, x)` of the stage under way, if it keeps them.
    pub waves: Option<Array4<C32>>,
    /// What else the stage under way carries from iteration to iteration.
    pub memory: HostMemory,
    /// Normalised Fourier error of every iteration done.
    pub losses: Vec<f64>,
}

impl State {
    /// The state before the first iteration.
    pub fn start(object: Array2<C32>, probe: Array3<C32>) -> Self {
        Self {
            iteration: 0,
            object,
            probe,
            variations: None,
            background: None,
            views: None,
            waves: None,
            memory: HostMemory::default(),
            losses: Vec::new(),
        }
    }

    /// The state's unknowns on a device.
    pub fn model<K: Kernels>(&self, kernels: &K) -> Model<K> {
        Model {
            object: kernels.load_object(&self.object),
            probe: kernels.load_probe(&self.probe),
            variations: self.variations.as_ref().map(|v| kernels.load_probe(v)),
            background: self.background.as_ref().map(|b| kernels.load_image(b)),
            views: self.views.clone().unwrap_or_else(|| kernels.views()),
        }
    }
}

/// Why a reconstruction stopped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StopReason {
    /// All iterations are done.
    Finished,
    /// The error no longer falls.
    Stagnated(Stagnation),
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

/// Runs the plan from `state` to its end. A state that was stored and given
/// back continues with the same bits as a run that was never stopped.
pub fn reconstruct<K: Kernels>(kernels: &K, plan: &Plan, state: State, control: Control<'_>) -> Outcome {
    let iterations = plan.iterations();
    let mut fields = Fields::<K> {
        model: state.model(kernels),
        waves: state.waves.as_ref().map(|waves| kernels.load_waves(waves)),
        memory: Memory::load(kernels, &state.memory),
    };
    let State { mut iteration, mut losses, .. } = state;
    let mut reason = StopReason::Finished;
    control.observer.begin(control.name, iteration, iterations);
    let mut first = 0;
    for stage in &plan.stages {
        let last = first + stage.iterations;
        while iteration < last && reason == StopReason::Finished {
            // Only of the last stage: its predecessors' successors may still get further. Judged before an iteration, so
            // that a run that is resumed where it stagnated stops there too.
            if last == iterations
                && let Some(stagnation) = plan.stop.judge(&losses[first..])
            {
                reason = StopReason::Stagnated(stagnation);
                break;
            }
            if iteration == first {
                fields.waves = None;
                fields.memory = Memory::default();
            }
            let engine = stage.algorithm.engine::<K>();
            let error = engine.iterate(kernels, iteration - first, &mut fields);
            plan.corrections.iter().for_each(|correction| correction.apply(kernels, iteration, &mut fields));
            let loss = error / kernels.total_intensity();
            losses.push(loss);
            iteration += 1;
            control.observer.step(Step { iteration, iterations, loss });
            if !loss.is_finite() {
                reason = StopReason::Diverged;
            } else if control.cancel.is_cancelled() && iteration < iterations {
                reason = StopReason::Cancelled;
            }
            if reason == StopReason::Finished && control.checkpoint.wants(iteration) {
                control.checkpoint.keep(&snapshot(kernels, &fields, iteration, &losses));
            }
        }
        first = last;
    }
    control.observer.end();
    Outcome { state: snapshot(kernels, &fields, iteration, &losses), reason }
}

fn snapshot<K: Kernels>(kernels: &K, fields: &Fields<K>, iteration: usize, losses: &[f64]) -> State {
    let model = &fields.model;
    State {
        iteration,
        object: kernels.store_object(&model.object),
        probe: kernels.store_probe(&model.probe),
        variations: model.variations.as_ref().map(|v| kernels.store_probe(v)),
        background: model.background.as_ref().map(|b| kernels.store_image(b)),
        views: Some(model.views.clone()),
        waves: fields.waves.as_ref().map(|waves| kernels.store_waves(waves)),
        memory: fields.memory.store(kernels),
        losses: losses.to_vec(),
    }
}
