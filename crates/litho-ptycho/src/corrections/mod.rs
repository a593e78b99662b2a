//! What is corrected between an engine's iterations: one correction, one file. All work with every engine.

mod affine;
mod annealing;
mod background;
mod intensities;
mod object_limits;
mod positions;
mod probe_limits;
mod smoothing;
mod variations;

pub use affine::AffineDrift;
pub use annealing::PositionAnnealing;
pub use background::BackgroundRetrieval;
pub use intensities::BeamIntensities;
pub use object_limits::{AmplitudeLimits, Smoothness, TotalVariation};
pub use positions::PositionGradient;
pub use probe_limits::{ProbePower, ProbeSupport};
pub use variations::ProbeVariations;

use crate::engine::Fields;
use litho_compute::Kernels;

/// One thing that is corrected, with its parameters. It owns no state: what it finds is in the [`Fields`].
pub(crate) trait Correct<K: Kernels> {
    /// Corrects the fields after iteration `iteration`, counted from 0 over all stages.
    fn correct(&self, kernels: &K, iteration: usize, fields: &mut Fields<K>);
}

/// A correction with its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Correction {
    /// Positions by least squares.
    PositionGradient(PositionGradient),
    /// Positions by trial.
    PositionAnnealing(PositionAnnealing),
    /// Positions held to an affine map of the measured ones.
    AffineDrift(AffineDrift),
    /// Incoherent background.
    Background(BackgroundRetrieval),
    /// Intensity of the beam in each frame.
    BeamIntensities(BeamIntensities),
    /// Variation of the probe from frame to frame.
    ProbeVariations(ProbeVariations),
    /// The probe is dark outside a disc.
    ProbeSupport(ProbeSupport),
    /// The probe has the power of the brightest frame.
    ProbePower(ProbePower),
    /// The object's amplitude stays within limits.
    AmplitudeLimits(AmplitudeLimits),
    /// The object is smooth.
    Smoothness(Smoothness),
    /// The object is piecewise constant.
    TotalVariation(TotalVariation),
}

impl Correction {
    fn correct<K: Kernels>(&self, kernels: &K, iteration: usize, fields: &mut Fields<K>) {
        let one: &dyn Correct<K> = match self {
            Self::PositionGradient(one) => one,
            Self::PositionAnnealing(one) => one,
            Self::AffineDrift(one) => one,
            Self::Background(one) => one,
            Self::BeamIntensities(one) => one,
            Self::ProbeVariations(one) => one,
            Self::ProbeSupport(one) => one,
            Self::ProbePower(one) => one,
            Self::AmplitudeLimits(one) => one,
            Self::Smoothness(one) => one,
            Self::TotalVariation(one) => one,
        };
        one.correct(kernels, iteration, fields);
    }
}

/// When a correction acts: after the iterations `start`, `start + every`, … (from 0, over all stages) before `end`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scheduled {
    /// What acts.
    pub correction: Correction,
    /// First iteration after which it acts.
    pub start: usize,
    /// Iterations from one time to the next, at least 1.
    pub every: usize,
    /// Iteration from which on it no longer acts.
    pub end: usize,
}

impl Scheduled {
    /// From iteration `start` on, every `every` iterations, to the end.
    pub fn new(correction: Correction, start: usize, every: usize) -> Self {
        Self { correction, start, every, end: usize::MAX }
    }

    /// Acts if it is its turn after iteration `iteration`.
    pub(crate) fn apply<K: Kernels>(&self, kernels: &K, iteration: usize, fields: &mut Fields<K>) {
        let due = iteration >= self.start
            && iteration < self.end
            && (iteration - self.start).is_multiple_of(self.every.max(1));
        if due {
            self.correction.correct(kernels, iteration, fields);
        }
    }
}
