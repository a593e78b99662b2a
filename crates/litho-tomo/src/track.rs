//! Residuals of iterations, when they end, and whom they tell.

use crate::batch::Batch;
use crate::error::TomoError;
use crate::settings::{OPERATION, Stop};
use crate::sums;
use litho_types::observer::{CancelToken, Observer, Step};
use std::sync::{Mutex, PoisonError};

/// Tells an observer of the iterations of all layers; layers may be worked on side by side.
pub(crate) struct Teller<'a> {
    observer: Mutex<(&'a mut (dyn Observer + Send), usize)>,
    total: usize,
    cancel: &'a CancelToken,
}

impl<'a> Teller<'a> {
    /// For `total` iterations of all layers together.
    pub(crate) fn new(
        observer: &'a mut (dyn Observer + Send),
        total: usize,
        cancel: &'a CancelToken,
    ) -> Self {
        Self { observer: Mutex::new((observer, 0)), total, cancel }
    }

    /// `iterations` more are done, the last with this loss. Fails once somebody asked to stop.
    fn tell(&self, iterations: usize, loss: f64) -> Result<(), TomoError> {
        self.check()?;
        let mut held = self.observer.lock().unwrap_or_else(PoisonError::into_inner);
        held.1 += iterations;
        let step = Step { iteration: held.1, iterations: self.total, loss };
        held.0.step(step);
        Ok(())
    }

    /// Fails once somebody asked to stop.
    fn check(&self) -> Result<(), TomoError> {
        if self.cancel.is_cancelled() { Err(TomoError::Interrupted { operation: OPERATION }) } else { Ok(()) }
    }
}

/// The iterations of one layer of slices.
pub(crate) struct Track<'a, 'o> {
    stop: Stop,
    iterations: usize,
    /// `‖W½ b‖²`.
    data: f64,
    /// `‖W½ (A x − b)‖²` after each iteration.
    squares: Vec<f64>,
    teller: &'a Teller<'o>,
}

impl<'a, 'o> Track<'a, 'o> {
    pub(crate) fn new(batch: &Batch, stop: Stop, iterations: usize, teller: &'a Teller<'o>) -> Self {
        let data = sums::total(&sums::weighted_squares(&batch.rays, batch.weights.as_ref()));
        Self { stop, iterations, data, squares: Vec::new(), teller }
    }

    /// Fails once somebody asked to stop.
    pub(crate) fn check(&self) -> Result<(), TomoError> {
        self.teller.check()
    }

    /// An iteration ended with this `‖W½ (A x − b)‖²`. True if it was the last.
    pub(crate) fn iteration(&mut self, square: f64) -> Result<bool, TomoError> {
        let before = self.squares.last().map(|square| square.sqrt());
        let now = square.sqrt();
        self.squares.push(square);
        let risen = self.stop.rise && before.is_some_and(|before| now > before);
        let settled = match (self.stop.change, before) {
            (Some(change), Some(before)) => (before - now).abs() <= change * before,
            _ => false,
        };
        let last = risen || settled || self.squares.len() >= self.iterations;
        let done = if last { self.iterations - self.squares.len() + 1 } else { 1 };
        self.teller.tell(done, relative(square, self.data))?;
        Ok(last)
    }

    /// A method without iterations ended.
    pub(crate) fn single(&mut self) -> Result<(), TomoError> {
        self.teller.tell(self.iterations, 0.0)
    }

    /// `‖W½ b‖²` and `‖W½ (A x − b)‖²` after each iteration.
    pub(crate) fn into_squares(self) -> (f64, Vec<f64>) {
        (self.data, self.squares)
    }
}

/// The residuals of all layers.
#[derive(Debug, Default)]
pub(crate) struct Residuals {
    layers: Vec<(f64, Vec<f64>)>,
}

impl Residuals {
    /// Takes `‖b‖²` and the squares of a layer's residuals.
    pub(crate) fn add(&mut self, layer: (f64, Vec<f64>)) {
        self.layers.push(layer);
    }

    /// `‖A x − b‖/‖b‖` over all layers. A layer that ended early counts with its last residual.
    pub(crate) fn relative(&self) -> Vec<f64> {
        let data: f64 = self.layers.iter().map(|(data, _)| data).sum();
        let length = self.layers.iter().map(|(_, squares)| squares.len()).max().unwrap_or(0);
        (0..length)
            .map(|iteration| {
                let at = |squares: &Vec<f64>| squares.get(iteration).or(squares.last()).copied();
                relative(self.layers.iter().filter_map(|(_, squares)| at(squares)).sum(), data)
            })
            .collect()
    }
}

fn relative(square: f64, data: f64) -> f64 {
    if data > 0.0 { (square / data).sqrt() } else { 0.0 }
}
