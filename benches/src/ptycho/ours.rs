//! What ours costs: the transforms alone and the engines.

use super::Kept;
use super::engines::{Engine, Floor};
use super::scene::Scene;
use crate::clock::{Cost, Stopwatch};
use crate::error::BenchError;
use litho_compute::cpu::CpuKernels;
use litho_compute::fft::{ColumnOp, ColumnTile, Fft2, Lanes, Split, WaveBuffer};
use litho_ptycho::{Checkpoint, Control, NoCheckpoint, Plan, State, StopReason, prepare, reconstruct};
use litho_types::C32;
use litho_types::observer::{CancelToken, Observer, Step};
use litho_types::orientation::Orientation;
use ndarray::Array2;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Iterations of the transforms alone: about a second, as long as a reconstruction is timed. The minimum over
/// rounds of a shorter time would find quieter moments than a reconstruction can.
const FLOOR_REPEATS: usize = 50;

/// How many threads an engine runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Threads {
    One,
    Two,
}

/// A scan ready to be reconstructed again and again.
pub(super) struct Ours {
    kernels: CpuKernels,
    start: State,
    fft: Fft2,
    one_thread: ThreadPool,
    two_threads: ThreadPool,
}

impl Ours {
    /// Prepares the scene.
    pub(super) fn new(scene: &Scene) -> Result<Self, BenchError> {
        let measurement = prepare(&scene.scan, Orientation::IDENTITY)?;
        let (ny, nx) = measurement.frame_shape();
        let object = Array2::from_elem(measurement.placement().object_shape, C32::new(1.0, 0.0));
        Ok(Self {
            kernels: CpuKernels::new(measurement),
            start: State::start(object, scene.probe.clone()),
            fft: Fft2::new(ny, nx)?,
            one_thread: ThreadPoolBuilder::new().num_threads(1).build()?,
            two_threads: ThreadPoolBuilder::new().num_threads(2).build()?,
        })
    }

    /// The mean cost of a forward and an inverse transform for each frame.
    pub(super) fn floor(&self, floor: Floor) -> Cost {
        let frames = self.kernels.measurement().frames().len();
        let buffers = match floor {
            Floor::InCache => 1,
            Floor::InMemory => frames,
        };
        let watch = Stopwatch::start();
        self.transform(frames, buffers);
        mean(watch.elapsed())
    }

    /// The same in cache on two threads, each with half of the frames and a buffer of its own: they share nothing, so that
    /// what they gain is what the machine has to give.
    pub(super) fn floor_on_two_threads(&self) -> Cost {
        let frames = self.kernels.measurement().frames().len();
        let watch = Stopwatch::start();
        self.two_threads.install(|| {
            rayon::join(|| self.transform(frames / 2, 1), || self.transform(frames - frames / 2, 1))
        });
        mean(watch.elapsed())
    }

    /// A forward and an inverse transform of `frames` frames that take turns in `buffers`, again and again.
    fn transform(&self, frames: usize, buffers: usize) {
        let probe: Vec<C32> = self.start.probe.iter().copied().collect();
        let mut waves = WaveBuffer::zeros(buffers * probe.len());
        waves.chunks_exact_mut(probe.len()).for_each(|wave| wave.copy_from_slice(&probe));
        let mut scratch = self.fft.scratch(1);
        let mut normalise = Scale(self.fft.unitary_scale().powi(2));
        for _ in 0..FLOOR_REPEATS {
            for frame in 0..frames {
                let at = frame % buffers * probe.len();
                self.fft.filter(&mut waves[at..at + probe.len()], &mut normalise, &mut scratch);
            }
        }
    }

    /// The cost of each iteration of `engine`, and the object it came to.
    pub(super) fn time(
        &self,
        engine: &Engine,
        threads: Threads,
    ) -> Result<(Vec<Cost>, Array2<C32>), BenchError> {
        let mut clock = IterationClock::default();
        let object = self.run(engine, threads, &mut clock, &mut NoCheckpoint)?;
        Ok((clock.costs, object))
    }

    /// The objects that `engine` passes through, not timed.
    pub(super) fn trace(&self, engine: &Engine) -> Result<Vec<(usize, Array2<C32>)>, BenchError> {
        let mut keeper = Keeper { kept: Kept::of(engine.iterations()), objects: Vec::new() };
        let last = self.run(engine, Threads::One, &mut IterationClock::default(), &mut keeper)?;
        let mut objects = keeper.objects;
        objects.retain(|(iteration, _)| *iteration < engine.iterations());
        objects.push((engine.iterations(), last));
        Ok(objects)
    }

    fn run(
        &self,
        engine: &Engine,
        threads: Threads,
        observer: &mut IterationClock,
        checkpoint: &mut (dyn Checkpoint + Send),
    ) -> Result<Array2<C32>, BenchError> {
        let pool = match threads {
            Threads::One => &self.one_thread,
            Threads::Two => &self.two_threads,
        };
        let outcome = pool.install(|| {
            let control = Control { name: engine.name, observer, cancel: &CancelToken::new(), checkpoint };
            reconstruct(&self.kernels, &Plan::of(&engine.stages), self.start.clone(), control)
        });
        match outcome.reason {
            StopReason::Finished | StopReason::Stagnated(_) => Ok(outcome.state.object),
            StopReason::Cancelled | StopReason::Diverged => Err(BenchError::Diverged { name: engine.name }),
        }
    }
}

/// The cost of one of the repeats.
fn mean(Cost { cpu, wall }: Cost) -> Cost {
    Cost { cpu: cpu / FLOOR_REPEATS as f64, wall: wall / FLOOR_REPEATS as f64 }
}

/// Multiplies the spectrum by a number: the cheapest thing to do with it.
struct Scale(f32);

impl ColumnOp for Scale {
    #[expect(clippy::inline_always, reason = "compiled for the instruction set of the caller")]
    #[inline(always)]
    fn apply<L: Lanes>(&mut self, mut tile: ColumnTile<'_>) {
        let factor = L::splat(self.0);
        for row in tile.mode(0) {
            let value = row.load::<L>();
            row.store(Split { re: value.re.mul(factor), im: value.im.mul(factor) });
        }
    }
}

/// Times the iterations alone, without the copies of the state before and after them.
#[derive(Default)]
struct IterationClock {
    watch: Option<Stopwatch>,
    costs: Vec<Cost>,
}

impl Observer for IterationClock {
    fn begin(&mut self, _name: &str, _done: usize, _iterations: usize) {
        self.watch = Some(Stopwatch::start());
    }

    fn step(&mut self, _step: Step) {
        if let Some(watch) = self.watch.replace(Stopwatch::start()) {
            self.costs.push(watch.elapsed());
        }
    }
}

/// Keeps the objects on the way.
struct Keeper {
    kept: Kept,
    objects: Vec<(usize, Array2<C32>)>,
}

impl Checkpoint for Keeper {
    fn wants(&self, iteration: usize) -> bool {
        self.kept.contains(iteration)
    }

    fn keep(&mut self, state: &State) {
        self.objects.push((state.iteration, state.object.clone()));
    }
}
