//! What ours costs: the transforms alone and the engines.

use super::scene::Scene;
use super::{Subject, Turn};
use crate::clock::{Cost, Stopwatch};
use crate::error::BenchError;
use litho_compute::PieWeights;
use litho_compute::cpu::CpuKernels;
use litho_compute::fft::{ColumnOp, ColumnTile, Fft2, LANES, WaveBuffer};
use litho_ptycho::{
    Algorithm, Control, DifferenceMap, NoCheckpoint, Pie, Stage, State, StopReason, prepare, reconstruct,
};
use litho_types::C32;
use litho_types::observer::{CancelToken, Observer};
use litho_types::orientation::Orientation;
use ndarray::Array2;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Seed of the order in which ePIE visits the frames.
const ORDER_SEED: u64 = 0;
/// Iterations of the transforms alone: about a second, as long as a reconstruction is timed. The minimum over
/// rounds of a shorter time would find quieter moments than a reconstruction can.
const FLOOR_REPEATS: usize = 50;

/// A scan ready to be reconstructed again and again.
pub(super) struct Ours {
    kernels: CpuKernels,
    start: State,
    iterations: usize,
    fft: Fft2,
    one_thread: ThreadPool,
    two_threads: ThreadPool,
}

impl Ours {
    /// Prepares the scene for runs of `iterations` iterations.
    pub(super) fn new(scene: &Scene, iterations: usize) -> Result<Self, BenchError> {
        let measurement = prepare(&scene.scan, Orientation::IDENTITY)?;
        let (ny, nx) = measurement.frame_shape();
        let object = Array2::from_elem(measurement.placement().object_shape, C32::new(1.0, 0.0));
        Ok(Self {
            kernels: CpuKernels::new(measurement),
            start: State::start(object, scene.probe.clone()),
            iterations,
            fft: Fft2::new(ny, nx)?,
            one_thread: ThreadPoolBuilder::new().num_threads(1).build()?,
            two_threads: ThreadPoolBuilder::new().num_threads(2).build()?,
        })
    }

    /// Everything of ours once.
    pub(super) fn measure(&self) -> Result<Vec<Turn>, BenchError> {
        let epie = Algorithm::Pie(Pie::epie(ORDER_SEED));
        let published = Algorithm::Pie(Pie {
            weights: PieWeights { object_step: 1.0, probe_step: 1.0, object_gamma: 1.0, probe_gamma: 1.0 },
            probe_start: 2,
            seed: ORDER_SEED,
        });
        let map = Algorithm::DifferenceMap(DifferenceMap::default());
        let frames = self.frame_count();
        Ok(vec![
            (Subject::Floor, self.floor(1, frames), None),
            (Subject::FloorInMemory, self.floor(frames, frames), None),
            self.reconstruct(Subject::Epie, epie, &self.one_thread)?,
            self.reconstruct(Subject::EpiePublished, published, &self.one_thread)?,
            self.reconstruct(Subject::DifferenceMap, map, &self.one_thread)?,
            self.reconstruct(Subject::DifferenceMapTwoThreads, map, &self.two_threads)?,
        ])
    }

    fn frame_count(&self) -> usize {
        self.kernels.measurement().frames().len()
    }

    /// A forward and an inverse transform for each of `frames` frames, taking turns in `buffers` buffers.
    fn floor(&self, buffers: usize, frames: usize) -> Cost {
        let probe: Vec<C32> = self.start.probe.iter().copied().collect();
        let mut waves = WaveBuffer::zeros(buffers * probe.len());
        waves.chunks_exact_mut(probe.len()).for_each(|wave| wave.copy_from_slice(&probe));
        let mut scratch = self.fft.scratch(1);
        let mut normalise = Scale(self.fft.unitary_scale().powi(2));
        let watch = Stopwatch::start();
        for _ in 0..FLOOR_REPEATS {
            for frame in 0..frames {
                let at = frame % buffers * probe.len();
                self.fft.filter(&mut waves[at..at + probe.len()], &mut normalise, &mut scratch);
            }
        }
        watch.per_iteration(FLOOR_REPEATS)
    }

    fn reconstruct(
        &self,
        subject: Subject,
        algorithm: Algorithm,
        threads: &ThreadPool,
    ) -> Result<Turn, BenchError> {
        let stages = [Stage { algorithm, iterations: self.iterations }];
        let (outcome, cost) = threads.install(|| {
            let mut clock = IterationClock { iterations: self.iterations, watch: None, cost: None };
            let control = Control {
                name: subject.name(),
                observer: &mut clock,
                cancel: &CancelToken::new(),
                checkpoint: &mut NoCheckpoint,
            };
            (reconstruct(&self.kernels, &stages, self.start.clone(), control), clock.cost)
        });
        match (outcome.reason, cost) {
            (StopReason::Finished, Some(cost)) => Ok((subject, cost, Some(outcome.state.object))),
            _ => Err(BenchError::Diverged { name: subject.name() }),
        }
    }
}

/// Multiplies the spectrum by a number: the cheapest thing to do with it.
struct Scale(f32);

impl ColumnOp for Scale {
    #[expect(clippy::inline_always, reason = "compiled for the instruction set of the caller")]
    #[inline(always)]
    fn apply(&mut self, mut tile: ColumnTile<'_>) {
        for row in tile.mode(0) {
            for lane in 0..LANES {
                row.re[lane] *= self.0;
                row.im[lane] *= self.0;
            }
        }
    }
}

/// Times the iterations alone, without the copies of the state before and after them.
struct IterationClock {
    iterations: usize,
    watch: Option<Stopwatch>,
    cost: Option<Cost>,
}

impl Observer for IterationClock {
    fn begin(&mut self, _name: &str, _done: usize, _iterations: usize) {
        self.watch = Some(Stopwatch::start());
    }

    fn end(&mut self) {
        self.cost = self.watch.map(|watch| watch.per_iteration(self.iterations));
    }
}
