//! One stream of random numbers for each purpose, so that nothing depends on what else is simulated.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What random numbers are for. The numbers count energies or scans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The sample.
    Sample,
    /// How it strays at an energy.
    Motion(usize),
    /// Gauges of the series at an energy.
    Gauge(usize),
    /// Noise of the series at an energy.
    SeriesNoise(usize),
    /// Stage jitter of a scan.
    Positions(usize),
    /// Noise of the frames of a scan.
    FrameNoise(usize),
}

/// The generator of one purpose.
pub(crate) fn generator(seed: u64, purpose: Purpose) -> ChaCha8Rng {
    let (kind, index) = match purpose {
        Purpose::Sample => (0, 0),
        Purpose::Motion(index) => (1, index),
        Purpose::Gauge(index) => (2, index),
        Purpose::SeriesNoise(index) => (3, index),
        Purpose::Positions(index) => (4, index),
        Purpose::FrameNoise(index) => (5, index),
    };
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream((kind << 32) | index as u64);
    rng
}

/// The seed of one purpose.
pub(crate) fn derived(seed: u64, purpose: Purpose) -> u64 {
    generator(seed, purpose).next_u64()
}
