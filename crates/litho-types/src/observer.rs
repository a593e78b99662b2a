//! How a long computation tells its story, and how it is asked to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What happened in one iteration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Iterations done so far, counted from 1.
    pub iteration: usize,
    /// Iterations asked for.
    pub iterations: usize,
    /// The loss of this iteration (normalised Fourier error for the ptychography engines).
    pub loss: f64,
}

/// Listens to an iterative computation. Libraries never print; they call this.
pub trait Observer {
    /// A stage called `name` of `iterations` steps begins, `done` of them already taken.
    fn begin(&mut self, name: &str, done: usize, iterations: usize) {
        let _ = (name, done, iterations);
    }
    /// One step is done.
    fn step(&mut self, step: Step) {
        let _ = step;
    }
    /// The stage is over.
    fn end(&mut self) {}
}

/// An observer that does not listen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {}

/// A shared flag by which a running computation is asked to stop at the next safe point.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token nobody has cancelled yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks every holder of this token to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// True once somebody asked.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
