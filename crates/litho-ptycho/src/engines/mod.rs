//! The engines: one algorithm, one file.

mod batch_pie;
mod difference_map;
mod lsq_ml;
mod maximum_likelihood;
mod pie;
mod raar;
mod wasp;

pub use batch_pie::BatchPie;
pub use difference_map::DifferenceMap;
pub use lsq_ml::LsqMl;
pub use maximum_likelihood::MaximumLikelihood;
pub use pie::{Decay, Momentum, Pie};
pub use raar::Raar;
pub use wasp::Wasp;

use crate::engine::Engine;
use litho_compute::Kernels;

/// An engine with its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Algorithm {
    /// ePIE, rPIE and mPIE.
    Pie(Pie),
    /// PIE over batches.
    BatchPie(BatchPie),
    /// Weighted average of sequential projections.
    Wasp(Wasp),
    /// Difference map.
    DifferenceMap(DifferenceMap),
    /// Relaxed averaged alternating reflections.
    Raar(Raar),
    /// Least-squares maximum likelihood.
    LsqMl(LsqMl),
    /// Maximum likelihood by conjugate gradients.
    MaximumLikelihood(MaximumLikelihood),
}

impl Algorithm {
    pub(crate) fn engine<K: Kernels>(&self) -> &dyn Engine<K> {
        match self {
            Self::Pie(engine) => engine,
            Self::BatchPie(engine) => engine,
            Self::Wasp(engine) => engine,
            Self::DifferenceMap(engine) => engine,
            Self::Raar(engine) => engine,
            Self::LsqMl(engine) => engine,
            Self::MaximumLikelihood(engine) => engine,
        }
    }

    /// True if the algorithm keeps the exit waves of all frames in memory.
    pub fn keeps_waves(&self) -> bool {
        matches!(self, Self::DifferenceMap(_) | Self::Raar(_))
    }
}
