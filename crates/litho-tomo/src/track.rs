//! Residuals of iterations, when they end, and whom they tell.

use crate::batch::Batch;
use crate::error::TomoError;
use crate::settings::{OPERATION, Stop};
use crate::sums;
use litho_types::observer::{CancelToken, Observer, Step};

/// The iterations of one layer of slices.
pub(crate) struct Track<'a> {
    stop: Stop,
    done: usize,
    iterations: usize,
    total: usize,
    /// `‖W½ b‖²`.
    data: f64,
    /// `‖W½ (A x − b)‖²` after each iteration.
    squares: Vec<f64>,
    observer: &'a mut (dyn Observer + Send),
    cancel: &'a CancelToken,
}

impl<'a> Track<'a> {
    pub(crate) fn new(
        batch: &Batch,
        stop: Stop,
        layer: usize,
        layers: usize,
        iterations: usize,
        observer: &'a mut (dyn Observer + Send),
        cancel: &'a CancelToken,
    ) -> Self {
        let data = sums::total(&sums::weighted_squares(&batch.rays, batch.weights.as_ref()));
        let (done, total) = (layer * iterations, layers * iterations);
        Self { stop, done, iterations, total, data, squares: Vec::new(), observer, cancel }
    }

    /// Iterations asked for.
    pub(crate) fn iterations(&self) -> usize {
        self.iterations
    }

    /// Fails once somebody asked to stop.
    pub(crate) fn check(&self) -> Result<(), TomoError> {
        if self.cancel.is_cancelled() { Err(TomoError::Interrupted { operation: OPERATION }) } else { Ok(()) }
    }

    /// An iteration ended with this `‖W½ (A x − b)‖²`. True if it was the last.
    pub(crate) fn iteration(&mut self, square: f64) -> Result<bool, TomoError> {
        self.check()?;
        let before = self.squares.last().copied();
        self.squares.push(square);
        let loss = relative(square, self.data);
        let iteration = self.done + self.squares.len();
        self.observer.step(Step { iteration, iterations: self.total, loss });
        let (now, before) = (square.sqrt(), before.map(f64::sqrt));
        let risen = self.stop.rise && before.is_some_and(|before| now > before);
        let settled = match (self.stop.change, before) {
            (Some(change), Some(before)) => (before - now).abs() <= change * before,
            _ => false,
        };
        Ok(risen || settled || self.squares.len() == self.iterations)
    }

    /// A method without iterations ended.
    pub(crate) fn single(&mut self) -> Result<(), TomoError> {
        self.check()?;
        self.observer.step(Step { iteration: self.done + 1, iterations: self.total, loss: 0.0 });
        Ok(())
    }

    /// `‖b‖²` and `‖A x − b‖²` after each iteration.
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
