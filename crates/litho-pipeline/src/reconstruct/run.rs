//! The steps of a reconstruction, in order.

use super::result::{Ending, Reconstruction, oriented_geometry};
use super::{ending, views};
use crate::checkpoint;
use crate::citations::{self, Feature};
use crate::config::{Corrections, DEFAULT_ITERATIONS, OrientationSetting, ReconstructConfig, Settings};
use crate::dataset;
use crate::error::PipelineError;
use crate::orientation::{self, OrientationChoice};
use crate::output;
use crate::probe::StartingProbe;
use crate::provenance::{Provenance, fingerprint};
use crate::raster;
use crate::resolution;
use crate::split;
use crate::streaming::{self, FrameSource, Stopper};
use crate::threads::in_pool;
use litho_compute::cpu::CpuKernels;
use litho_compute::{Kernels, Measurement};
use litho_ptycho::{
    Checkpoint, Control, NoCheckpoint, Outcome, Plan, State, StopReason, modes, prepare_with_margin,
};
use litho_resolve::frc::Frc;
use litho_types::C32;
use litho_types::geometry::Propagation;
use litho_types::observer::{CancelToken, Observer};
use litho_types::orientation::Orientation;
use litho_types::placement::Placement;
use litho_types::scan::Scan;
use ndarray::Array2;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What to reconstruct, how, and where to put it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Dataset: a file or `example:NAME`.
    pub dataset: String,
    /// The configuration, flags included.
    pub config: ReconstructConfig,
    /// The result file to write.
    pub output: PathBuf,
    /// Whether to go on from a checkpoint.
    pub resume: Resume,
}

/// Whether to go on from a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// Start anew.
    No,
    /// Go on from the checkpoint beside the output; it must be there.
    FromCheckpoint,
}

/// How a reconstruction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// All iterations done, the error fell.
    Done,
    /// All iterations done, or stopped, without convergence. The result is written and flagged.
    NotConverged,
    /// Interrupted; a checkpoint is written instead of a result.
    Interrupted,
}

/// What a person is told at the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// How it ended.
    pub status: Status,
    /// The file written: the result, or the checkpoint of an interrupted run.
    pub output: PathBuf,
    /// Normalised Fourier error `Σ(|F| − √I)²/ΣI` of the final object and probe.
    pub error: f64,
    /// Iterations done.
    pub iterations: usize,
    /// Why it stopped, in words with numbers.
    pub stop_reason: String,
    /// The orientation and why.
    pub orientation: OrientationChoice,
    /// One line per resolution measure.
    pub resolution: Vec<String>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// Who watches and who may stop a run.
pub(crate) struct Watch<'a> {
    pub(crate) observer: &'a mut dyn Observer,
    pub(crate) cancel: &'a CancelToken,
}

/// Reconstructs a scan and writes the result file.
///
/// # Errors
/// [`PipelineError`] for a bad configuration, bad data or a file that cannot be written.
pub fn reconstruct(
    request: &Request,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Summary, PipelineError> {
    let settings = Settings::resolve(&request.config).map_err(PipelineError::Config)?;
    in_pool(settings.threads, || run(request, &settings, &mut Watch { observer, cancel }))
}

fn run(request: &Request, settings: &Settings, watch: &mut Watch<'_>) -> Result<Summary, PipelineError> {
    let started = Instant::now();
    let path = dataset::locate(&request.dataset)?;
    output::check(&path, &request.output)?;
    let plan = dataset::plan_scan(&path, &settings.read)?;
    let decision = settings.streaming.decide(&plan.frames, settings.split);
    let (scan, source) = streaming::read_scan(&plan, decision, output::folder_of(&request.output))?;
    source.explain(run_on(request, settings, watch, &Input { path, scan, source: &source, started }))
}

/// A scan that was read.
struct Input<'a> {
    path: PathBuf,
    scan: Scan,
    source: &'a FrameSource,
    /// When the run began.
    started: Instant,
}

fn run_on(
    request: &Request,
    settings: &Settings,
    watch: &mut Watch<'_>,
    input: &Input<'_>,
) -> Result<Summary, PipelineError> {
    let Input { path, scan, source, started } = input;
    let (input_size, input_hash) = fingerprint(path)?;
    let (start, orientation) = start_and_orientation(scan, settings)?;
    source.check()?;
    let mut warnings: Vec<String> = scan.warnings.iter().chain(&orientation.warnings).cloned().collect();
    warnings.extend(raster::warning(&scan.positions));
    let config = completed(&request.config, settings, orientation.chosen);
    let identity = format!("{input_hash}\n{config}");
    let (corrections, chosen) = (&settings.corrections, orientation.chosen);
    let job = Job { scan, source, settings, corrections, start: &start, orientation: chosen, found: None };
    let checkpoint = checkpoint::path_for(&request.output);
    let state = match request.resume {
        Resume::No => None,
        Resume::FromCheckpoint => Some(checkpoint::read(&checkpoint, &identity)?),
    };
    let mut keeper = checkpoint::Periodic {
        path: &checkpoint,
        identity: &identity,
        every: settings.checkpoint_every,
        failure: None,
        source,
    };
    let (kernels, outcome) = job.run("reconstruct", state, watch, &mut keeper)?;
    warnings.extend(keeper.failure.iter().map(|error| format!("a checkpoint could not be written: {error}")));
    let halves = match outcome.reason {
        StopReason::Finished | StopReason::Stagnated(_) if settings.split => {
            Some(correlate_halves(&job, &outcome.state, kernels.measurement().placement(), watch)?)
        }
        _ => None,
    };
    if outcome.reason == StopReason::Cancelled || watch.cancel.is_cancelled() {
        let told = ending::words(StopReason::Cancelled, outcome.state.iteration, settings.iterations());
        return interrupted(&checkpoint, &outcome.state, &identity, (told, orientation), warnings);
    }
    let state = with_orthogonal_modes(outcome.state);
    let comparison = kernels.compare(&state.model(&kernels));
    source.check()?;
    let status = ending::judge(outcome.reason, &comparison, &state.losses, &mut warnings);
    let stop_reason = ending::words(outcome.reason, state.iteration, settings.iterations());
    let provenance = Provenance {
        input: request.dataset.clone(),
        input_size,
        input_hash,
        config,
        seed: settings.seed,
        threads: rayon::current_num_threads(),
        wall_seconds: started.elapsed().as_secs_f64(),
        citations: citations::of_reconstruction(
            &settings.stages,
            settings.corrections.iter(),
            &features(scan, settings, state.probe.dim().0),
        ),
        warnings,
    };
    let result = Reconstruction::assemble(
        scan,
        kernels.measurement(),
        state,
        Ending { comparison, stop_reason },
        orientation,
        halves,
        provenance,
    )?;
    result.write(&request.output, status)?;
    // The result is safe; a stale checkpoint would only mislead.
    let _ = std::fs::remove_file(&checkpoint);
    Ok(result.summary(status, &request.output))
}

/// Variations belong to the first mode as it is: another basis of the modes would lose them, so then they stay.
fn with_orthogonal_modes(mut state: State) -> State {
    if state.variations.is_none() {
        modes::orthogonalise(&mut state.probe);
    }
    state
}

/// The starting probe and the orientation, each given or found.
pub(crate) fn start_and_orientation(
    scan: &Scan,
    settings: &Settings,
) -> Result<(StartingProbe, OrientationChoice), PipelineError> {
    let start = StartingProbe::from_source(&settings.probe, scan)?;
    if let Some(given) = settings.orientation {
        return Ok((orientation::start_for(scan, given, &start)?, OrientationChoice::given(given)));
    }
    let (choice, start) = orientation::choose(scan, &start)?;
    Ok((start, choice))
}

/// What one reconstruction of (part of) a scan needs.
pub(crate) struct Job<'a> {
    pub(crate) scan: &'a Scan,
    pub(crate) source: &'a FrameSource,
    pub(crate) settings: &'a Settings,
    pub(crate) corrections: &'a Corrections,
    pub(crate) start: &'a StartingProbe,
    pub(crate) orientation: Orientation,
    /// What is known from the whole scan, if this is a part.
    pub(crate) found: Option<Found<'a>>,
}

/// What was found from the whole scan, for a part of its frames.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    state: &'a State,
    placement: &'a Placement,
    frames: &'a [usize],
}

impl Job<'_> {
    /// Runs from `state`, or from the start, to the end of the settings' stages.
    ///
    /// # Errors
    /// [`PipelineError`] if the scan does not fit together or a frame cannot be read.
    pub(crate) fn run(
        &self,
        name: &str,
        state: Option<State>,
        watch: &mut Watch<'_>,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<(CpuKernels, Outcome), PipelineError> {
        let measurement = prepare_with_margin(self.scan, self.orientation, self.corrections.margin)?;
        let measurement = match self.settings.saturation {
            Some(counts) => measurement.with_saturation(counts),
            None => measurement,
        };
        let state = match state {
            Some(state) => state,
            None => self.first_state(&measurement)?,
        };
        let totals = measurement.frames().totals(measurement.good().view());
        let plan = Plan {
            stages: self.settings.stages.clone(),
            corrections: self.corrections.for_frames(totals.into_iter().fold(0.0, f64::max)),
            stop: self.settings.stop,
        };
        let kernels = CpuKernels::new(measurement);
        let stop = CancelToken::new();
        let mut stopper = Stopper {
            observer: watch.observer,
            asked: watch.cancel,
            source: self.source,
            stop: stop.clone(),
        };
        let control = Control { name, observer: &mut stopper, cancel: &stop, checkpoint };
        let outcome = litho_ptycho::reconstruct(&kernels, &plan, state, control);
        self.source.check()?;
        Ok((kernels, outcome))
    }

    /// An empty object, the starting probe, and what is known of views, background and variations.
    fn first_state(&self, measurement: &Measurement) -> Result<State, PipelineError> {
        let object = Array2::from_elem(measurement.placement().object_shape, C32::new(1.0, 0.0));
        let probe = self.start.fitted(measurement, self.orientation, self.settings.modes);
        let mut state = State::start(object, probe);
        let Some(Found { state: whole, placement, frames }) = self.found else {
            let geometry = oriented_geometry(self.scan, self.orientation);
            let pixel = geometry.map(|g| g.object_pixel(measurement.frame_shape()));
            state.views = Some(views::first(self.settings, measurement, pixel)?);
            return Ok(state);
        };
        let of_part = |all| views::of_part(all, frames, placement, measurement.placement());
        state.views = whole.views.as_ref().map(of_part);
        state.background.clone_from(&whole.background);
        // Variations keep their share of the probe, which was scaled to the part's brightest frame.
        let power = |probe: &ndarray::Array3<C32>| probe.iter().map(|p| f64::from(p.norm_sqr())).sum::<f64>();
        let scale = (power(&state.probe) / power(&whole.probe).max(f64::MIN_POSITIVE)).sqrt() as f32;
        state.variations = whole.variations.as_ref().map(|all| all.mapv(|u| u * scale));
        Ok(state)
    }
}

/// Reconstructs two halves of the scan and correlates them. Each starts from an
/// empty object and the probe of the whole scan: half a scan seldom overlaps
/// enough to find the probe anew, and the objects share nothing but that start
/// and what was found of views, background and variations of the whole. Positions stay there.
fn correlate_halves(
    job: &Job<'_>,
    whole: &State,
    placement: &Placement,
    watch: &mut Watch<'_>,
) -> Result<Frc, PipelineError> {
    let start = StartingProbe::Modelled(whole.probe.clone());
    let corrections = job.corrections.without_positions();
    let mut image = |name: &str, frames: &[usize]| -> Result<resolution::Image, PipelineError> {
        let scan = job.scan.select(frames);
        let found = Some(Found { state: whole, placement, frames });
        let half = Job { scan: &scan, start: &start, corrections: &corrections, found, ..*job };
        let (kernels, outcome) = half.run(name, None, watch, &mut NoCheckpoint)?;
        let measurement = kernels.measurement();
        Ok(resolution::Image {
            coverage: views::coverage(measurement, &outcome.state),
            object: outcome.state.object,
            origin: measurement.placement().origin,
            pixel: oriented_geometry(&scan, job.orientation)
                .map(|g| g.object_pixel(measurement.frame_shape())),
        })
    };
    let [first, second] = split::halves(&job.scan.positions, job.settings.seed);
    resolution::correlate(&image("first half", &first)?, &image("second half", &second)?)
}

fn features(scan: &Scan, settings: &Settings, modes: usize) -> Vec<Feature> {
    let near_field = scan.geometry.is_some_and(|g| g.propagation != Propagation::FarField);
    let mut features = Vec::new();
    if modes > 1 {
        features.push(Feature::Modes);
    }
    if settings.fly_scan.is_some() {
        features.push(Feature::FlyScan);
    }
    if near_field {
        features.push(Feature::NearField);
    }
    if settings.split {
        features.push(Feature::RingCorrelation);
    }
    features
}

fn interrupted(
    checkpoint: &Path,
    state: &State,
    identity: &str,
    (stop_reason, orientation): (String, OrientationChoice),
    warnings: Vec<String>,
) -> Result<Summary, PipelineError> {
    checkpoint::write(checkpoint, state, identity)?;
    Ok(Summary {
        status: Status::Interrupted,
        output: checkpoint.to_owned(),
        error: state.losses.last().copied().unwrap_or(f64::NAN),
        iterations: state.iteration,
        stop_reason,
        orientation,
        resolution: Vec::new(),
        warnings,
    })
}

/// The configuration as TOML with every choice filled in: running it again gives the same result.
fn completed(config: &ReconstructConfig, settings: &Settings, orientation: Orientation) -> String {
    let complete = ReconstructConfig {
        engine: Some(config.engine.clone().unwrap_or_else(|| "epie".to_owned())),
        iterations: Some(config.iterations.unwrap_or(DEFAULT_ITERATIONS)),
        seed: Some(settings.seed),
        threads: None,
        orientation: Some(OrientationSetting::Index(orientation.index())),
        probe: Some(config.probe.clone().unwrap_or_else(|| "auto".to_owned())),
        split: Some(settings.split),
        checkpoint_every: None,
        stream: None,
        memory_limit_mb: None,
        ..config.clone()
    };
    toml::to_string(&complete).unwrap_or_else(|error| format!("# not representable as TOML: {error}"))
}
