//! The steps from recorded projections to aligned ones, in order.

use super::config::AlignConfig;
use super::placements::read_placements;
use super::prepared::Prepared;
use super::result::AlignedTilts;
use super::settings::{AlignSettings, Channel, Movement};
use crate::citations::{JOINT_REPROJECTION, MASS_FLUCTUATION};
use crate::error::PipelineError;
use crate::output;
use crate::provenance::Provenance;
use crate::reconstruct::Status;
use crate::threads::in_pool;
use crate::tilt_input::load;
use litho_tomo::align::{self, Alignment, Placement};
use litho_tomo::phase::consistent::{Baseline, ConsistentSettings, make_consistent};
use litho_tomo::{Geometry, TomoError};
use litho_types::observer::{CancelToken, Observer};
use litho_types::tilt::TiltAngles;
use litho_types::tilt_series::{Projections, TiltSeries};
use ndarray::{Array2, Array3, Axis};
use std::path::PathBuf;
use std::time::Instant;

/// What to align and where to put it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The tilt series.
    pub tilts: PathBuf,
    /// The file of aligned projections.
    pub output: PathBuf,
    /// Settings.
    pub config: AlignConfig,
}

/// What a person is told at the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// How it ended.
    pub status: Status,
    /// The file that was written; none if it was interrupted.
    pub output: Option<PathBuf>,
    /// Lines of results.
    pub lines: Vec<String>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

impl Summary {
    /// What is told of work that may have been interrupted before anything was written.
    pub(crate) fn of(done: Result<Self, PipelineError>) -> Result<Self, PipelineError> {
        match done {
            Err(PipelineError::Tomo(TomoError::Interrupted { .. })) => {
                let (lines, warnings) = (Vec::new(), Vec::new());
                Ok(Self { status: Status::Interrupted, output: None, lines, warnings })
            }
            done => done,
        }
    }
}

/// Prepares and aligns a tilt series and writes the aligned projections.
///
/// # Errors
/// [`PipelineError`] for bad settings, a bad series or a file that cannot be written.
pub fn align(
    request: &Request,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Summary, PipelineError> {
    let settings = AlignSettings::resolve(request.config.clone()).map_err(PipelineError::Config)?;
    output::check(&request.tilts, &request.output)?;
    Summary::of(in_pool(settings.threads, || run(request, &settings, observer, cancel)))
}

fn run(
    request: &Request,
    settings: &AlignSettings,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<Summary, PipelineError> {
    let started = Instant::now();
    let loaded = load(&request.tilts, &settings.tilts)?;
    let mut warnings = loaded.warnings;
    let (pixel, energy) = (loaded.series.pixel, loaded.series.energy);
    let (angles, projections) = loaded.series.into_parts();
    let complex = matches!(projections, Projections::Transmission(_));
    let prepared = Prepared::of(projections, settings, observer, cancel)?;
    warnings.extend(prepared.warnings.iter().cloned());
    let mut moved = Moved::find(prepared, &angles, settings, observer, cancel)?;
    let rounds = settings.consistent_rounds.unwrap_or(if complex { CONSISTENT_ROUNDS } else { 0 });
    moved.make_consistent(rounds, observer, cancel)?;
    warnings.extend(moved.warnings.iter().cloned());
    let projections = match moved.channel {
        Channel::Phase => Projections::Phase(moved.values),
        Channel::OpticalDensity => Projections::OpticalDensity(moved.values),
    };
    let lines = moved.alignment.lines(moved.angles.len());
    let aligned = AlignedTilts {
        series: TiltSeries::new(moved.angles, projections, pixel, energy)?,
        weights: moved.weights,
        alignment: moved.alignment,
        before: moved.before,
        left_out: moved.left_out,
        provenance: Provenance {
            input: request.tilts.display().to_string(),
            input_size: loaded.size,
            input_hash: loaded.hash,
            config: toml::to_string(&settings.config)
                .unwrap_or_else(|error| format!("# not representable: {error}")),
            seed: 0,
            threads: rayon::current_num_threads(),
            wall_seconds: started.elapsed().as_secs_f64(),
            citations: [JOINT_REPROJECTION, MASS_FLUCTUATION].map(str::to_owned).to_vec(),
            warnings: warnings.clone(),
        },
    };
    aligned.write(&request.output)?;
    Ok(Summary { status: Status::Done, output: Some(request.output.clone()), lines, warnings })
}

/// Rounds in which ramps and offsets of complex projections are made consistent, unless the settings say otherwise.
const CONSISTENT_ROUNDS: usize = 3;

/// What is known of the movement of the projections that are kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Movements {
    /// Where the content of each raw projection was moved to.
    pub placements: Vec<Placement>,
    /// Column of the rotation axis after the movement.
    pub axis: f64,
    /// Largest step of each iteration, px; empty if nothing was searched.
    pub convergence: Vec<f64>,
    /// How badly each projection fits the volume of all, relative; empty if nothing was searched.
    pub misfit: Vec<f64>,
    /// Projections that fit far worse than the others; empty if nothing was searched.
    pub flagged: Vec<bool>,
}

impl Movements {
    fn still(count: usize, width: usize) -> Self {
        Self::of(vec![Placement::default(); count], (width as f64 - 1.0) / 2.0)
    }

    fn of(placements: Vec<Placement>, axis: f64) -> Self {
        Self { placements, axis, convergence: Vec::new(), misfit: Vec::new(), flagged: Vec::new() }
    }

    fn found(alignment: Alignment) -> Self {
        let Alignment { placements, axis, convergence, misfit, flagged } = alignment;
        Self { placements, axis, convergence, misfit, flagged }
    }

    /// Those of some projections.
    fn select(&mut self, places: &[usize]) {
        fn chosen<T: Clone>(all: &[T], places: &[usize]) -> Vec<T> {
            places.iter().filter_map(|place| all.get(*place).cloned()).collect()
        }
        self.placements = chosen(&self.placements, places);
        self.misfit = chosen(&self.misfit, places);
        self.flagged = chosen(&self.flagged, places);
    }

    fn lines(&self, count: usize) -> Vec<String> {
        let largest = |of: fn(&Placement) -> f64| {
            self.placements.iter().map(|placement| of(placement).abs()).fold(0.0, f64::max)
        };
        let mut lines = vec![format!(
            "{count} projections moved by up to {:.2} px along y and {:.2} px along x",
            largest(|placement| placement.shift.y.value()),
            largest(|placement| placement.shift.x.value())
        )];
        if self.placements.iter().any(|placement| !placement.is_shift()) {
            lines.push(format!(
                "rotated by up to {:.3}°, scaled by up to {:.3} %",
                largest(|placement| placement.rotation.value()).to_degrees(),
                100.0 * largest(|placement| placement.scale - 1.0)
            ));
        }
        if let Some(step) = self.convergence.last() {
            lines.push(format!("largest last step {step:.4} px after {} iterations", self.convergence.len()));
        }
        lines
    }
}

/// Projections moved onto one geometry.
struct Moved {
    angles: TiltAngles,
    values: Array3<f32>,
    weights: Option<Array3<f32>>,
    channel: Channel,
    alignment: Movements,
    /// The middle row before the movement `(angle, x)`.
    before: Array2<f32>,
    /// Angles of projections that were left out, degrees.
    left_out: Vec<f64>,
    warnings: Vec<String>,
}

impl Moved {
    /// Finds where projections belong and moves each of them once.
    fn find(
        mut prepared: Prepared,
        angles: &TiltAngles,
        settings: &AlignSettings,
        observer: &mut (dyn Observer + Send),
        cancel: &CancelToken,
    ) -> Result<Self, PipelineError> {
        let (count, _, width) = prepared.values.dim();
        let mut warnings = Vec::new();
        let (mut kept, mut movements) = match &settings.movement {
            Movement::None => ((0..count).collect(), Movements::still(count, width)),
            Movement::Of(path) => {
                let known = read_placements(path)?;
                let (kept, placements) = known.of(angles)?;
                (kept, Movements::of(placements, known.axis))
            }
            Movement::Found(how) => {
                let alignment = align::align(prepared.values.view(), angles, how, observer, cancel)?;
                ((0..count).collect::<Vec<usize>>(), Movements::found(alignment))
            }
        };
        if settings.leave_out_flagged && movements.flagged.contains(&true) {
            let good: Vec<usize> = (0..kept.len()).filter(|index| !movements.flagged[*index]).collect();
            movements.select(&good);
            kept = good.iter().map(|index| kept[*index]).collect();
        }
        let degrees = angles.degrees();
        let left_out: Vec<f64> =
            (0..count).filter(|index| !kept.contains(index)).map(|index| degrees[index]).collect();
        if !left_out.is_empty() {
            let listed: Vec<String> = left_out.iter().map(|degrees| format!("{degrees:.1}°")).collect();
            warnings.push(format!("{} projections are left out: {}", left_out.len(), listed.join(", ")));
            prepared.values = prepared.values.select(Axis(0), &kept);
            prepared.weights = prepared.weights.map(|weights| weights.select(Axis(0), &kept));
        }
        let flagged = movements.flagged.iter().filter(|flagged| **flagged).count();
        if flagged > 0 {
            warnings.push(format!(
                "{flagged} projections fit far worse than the others; look at them, or leave them out (leave_out = \"flagged\")"
            ));
        }
        let before = prepared.values.index_axis(Axis(1), prepared.values.dim().1 / 2).to_owned();
        let values = align::apply(prepared.values.view(), &movements.placements)?;
        let weights = weights_of(&prepared, &movements.placements)?;
        Ok(Self {
            angles: angles.select(&kept)?,
            values,
            weights,
            channel: prepared.channel,
            alignment: movements,
            before,
            left_out,
            warnings,
        })
    }
}

impl Moved {
    /// Takes off each projection the ramp, or of optical densities the offset, that it has where the volume has no matter.
    fn make_consistent(
        &mut self,
        rounds: usize,
        observer: &mut (dyn Observer + Send),
        cancel: &CancelToken,
    ) -> Result<(), PipelineError> {
        if rounds == 0 {
            return Ok(());
        }
        let baseline = match self.channel {
            Channel::Phase => Baseline::Ramp,
            Channel::OpticalDensity => Baseline::Offset,
        };
        let settings = ConsistentSettings { rounds, baseline, ..ConsistentSettings::default() };
        let geometry =
            Geometry::centred(&self.angles, self.values.dim().2)?.with_axis(self.alignment.axis)?;
        let weights = self.weights.as_ref().map(|weights| weights.view());
        make_consistent(&mut self.values, weights, &geometry, &settings, observer, cancel)?;
        Ok(())
    }
}

/// The weights moved along; a pixel that the moved projection does not cover has none. `None` if all are 1.
fn weights_of(prepared: &Prepared, placements: &[Placement]) -> Result<Option<Array3<f32>>, PipelineError> {
    let (count, ny, nx) = prepared.values.dim();
    let mut covered = Array3::ones((count, ny, nx));
    for (mut image, placement) in covered.axis_iter_mut(Axis(0)).zip(placements) {
        image.assign(&align::coverage(placement, (ny, nx)));
    }
    if let Some(weights) = &prepared.weights {
        let moved = align::apply(weights.view(), placements)?;
        covered.zip_mut_with(&moved, |covered, weight| *covered *= weight.clamp(0.0, 1.0));
    }
    Ok(covered.iter().any(|weight| *weight < 1.0).then_some(covered))
}
