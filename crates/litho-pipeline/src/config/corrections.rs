//! From the tables of a configuration to what is corrected between iterations.

use super::correction_tables::{
    BackgroundConfig, FlyScanConfig, IntensitiesConfig, ObjectLimitsConfig, PositionsConfig,
    ProbeLimitsConfig, StopConfig, VariationsConfig,
};
use super::mistakes::{Allowed, Mistakes};
use super::raw::ReconstructConfig;
use litho_ptycho::{
    AffineDrift, AmplitudeLimits, BackgroundRetrieval, BeamIntensities, Correction, PositionAnnealing,
    PositionGradient, ProbePower, ProbeSupport, ProbeVariations, Scheduled, Smoothness, StopRule,
    TotalVariation,
};

/// What is corrected, and the room that it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Corrections {
    /// In the order they act.
    scheduled: Vec<Scheduled>,
    /// Spare object pixels around the scan.
    pub margin: usize,
}

/// Spare object pixels where positions stay: rounding and the shift of a probe by half a pixel.
const MARGIN: usize = 2;
/// Spare object pixels where positions move: several times the error that refinement finds its way back from, and little
/// beside a frame.
const REFINING_MARGIN: usize = 16;
/// Largest such margin: a quarter of a large frame.
const LARGEST_MARGIN: usize = 512;
/// Most waves of a frame's sweep, trials and directions: each costs a transform per frame.
const MOST_EXPOSURES: usize = 32;
const MOST_TRIALS: usize = 64;
const MOST_VARIATIONS: usize = 16;

impl Corrections {
    /// What acts, for frames of which the brightest has so many counts.
    pub fn for_frames(&self, brightest: f64) -> Vec<Scheduled> {
        let with_counts = |scheduled: &Scheduled| match scheduled.correction {
            Correction::ProbePower(_) => {
                let correction = Correction::ProbePower(ProbePower { counts: brightest });
                Scheduled { correction, ..*scheduled }
            }
            _ => *scheduled,
        };
        self.scheduled.iter().map(with_counts).collect()
    }

    /// The same without what moves positions.
    #[must_use]
    pub fn without_positions(&self) -> Self {
        let moves = |scheduled: &&Scheduled| !moves_positions(&scheduled.correction);
        Self { scheduled: self.scheduled.iter().filter(moves).copied().collect(), ..*self }
    }

    /// What acts, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Correction> {
        self.scheduled.iter().map(|scheduled| &scheduled.correction)
    }

    /// True if positions move.
    pub fn refine_positions(&self) -> bool {
        self.iter().any(moves_positions)
    }
}

fn moves_positions(correction: &Correction) -> bool {
    matches!(
        correction,
        Correction::PositionGradient(_) | Correction::PositionAnnealing(_) | Correction::AffineDrift(_)
    )
}

/// A beam that moves during every exposure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlyScan {
    /// Incoherent sub-exposures.
    pub exposures: usize,
    /// How far the beam moves.
    pub sweep: Sweep,
}

/// A vector (y, x) on the object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sweep {
    /// In metres.
    Metres([f64; 2]),
    /// In object pixels.
    Pixels([f64; 2]),
}

/// When a correction acts; see [`Scheduled`].
#[derive(Debug, Clone, Copy)]
struct Turns {
    start: usize,
    every: usize,
    end: usize,
}

impl Turns {
    fn of(self, correction: Correction) -> Scheduled {
        Scheduled { correction, start: self.start, every: self.every, end: self.end }
    }
}

/// Resolves `start`, `every` and `end` of a table.
macro_rules! turns {
    ($table:literal, $config:expr, $default:expr, $iterations:expr, $mistakes:expr) => {{
        let keys = [concat!($table, ".start"), concat!($table, ".every"), concat!($table, ".end")];
        turns(keys, [$config.start, $config.every, $config.end], $default, $iterations, $mistakes)
    }};
}

fn turns(
    [start_key, every_key, end_key]: [&'static str; 3],
    [start, every, end]: [Option<usize>; 3],
    (default_start, default_every): (usize, usize),
    iterations: usize,
    mistakes: &mut Mistakes,
) -> Turns {
    let start = start.unwrap_or(default_start);
    if start >= iterations {
        let reason = format!(
            "it would never act, for the run has {iterations} iterations; give less, or more --iterations"
        );
        mistakes.add(start_key, start, reason);
    }
    let mut found = Turns { start, every: default_every, end: usize::MAX };
    mistakes.count(every_key, every, (1, usize::MAX), &mut found.every);
    if let Some(end) = end {
        found.end = end;
        if end <= start {
            mistakes.add(end_key, end, format!("it would never act; give more than the start, {start}"));
        }
    }
    found
}

/// Every correction that has a table, in the order they act: the views of the frames, then the detector, then beam and
/// object.
pub(super) fn corrections(
    config: &ReconstructConfig,
    seed: u64,
    iterations: usize,
    mistakes: &mut Mistakes,
) -> Corrections {
    let mut found = Corrections { scheduled: Vec::new(), margin: MARGIN };
    if let Some(table) = &config.positions {
        found.margin = REFINING_MARGIN;
        mistakes.count("positions.margin_px", table.margin_px, (MARGIN, LARGEST_MARGIN), &mut found.margin);
        found.scheduled.extend(positions(table, seed, iterations, mistakes));
    }
    if let Some(table) = &config.background {
        found.scheduled.push(background(table, iterations, mistakes));
    }
    if let Some(table) = &config.intensities {
        found.scheduled.push(intensities(table, iterations, mistakes));
    }
    if let Some(table) = &config.variations {
        found.scheduled.push(variations(table, seed, iterations, mistakes));
    }
    if let Some(table) = &config.probe_limits {
        found.scheduled.extend(probe_limits(table, iterations, mistakes));
    }
    if let Some(table) = &config.object_limits {
        found.scheduled.extend(object_limits(table, iterations, mistakes));
    }
    found
}

fn positions(
    config: &PositionsConfig,
    seed: u64,
    iterations: usize,
    mistakes: &mut Mistakes,
) -> Vec<Scheduled> {
    let methods = [("gradient", (true, false)), ("annealing", (false, true)), ("both", (true, true))];
    let chosen = mistakes.choose("positions.method", config.method.as_ref(), &methods);
    let (by_gradient, by_annealing) = chosen.unwrap_or((true, false));
    let turns = turns!("positions", config, (3, 1), iterations, mistakes);
    let mut gradient = PositionGradient::default();
    mistakes.set("positions.step", config.step, Allowed::UpTo(4.0), &mut gradient.step);
    mistakes.set("positions.longest_px", config.longest_px, Allowed::Positive, &mut gradient.longest);
    let mut annealing = PositionAnnealing::new(seed);
    mistakes.count("positions.trials", config.trials, (1, MOST_TRIALS), &mut annealing.trials);
    mistakes.set("positions.radius_px", config.radius_px, Allowed::Positive, &mut annealing.radius);
    mistakes.set("positions.shrink", config.shrink, Allowed::UpTo(1.0), &mut annealing.shrink);
    mistakes.set("positions.smallest_px", config.smallest_px, Allowed::Positive, &mut annealing.smallest);
    let mut scheduled = Vec::new();
    if by_annealing {
        let mut turns = turns;
        if by_gradient {
            turns.end = turns.end.min(handover(&annealing, &gradient));
        }
        scheduled.push(turns.of(Correction::PositionAnnealing(annealing)));
    }
    if by_gradient {
        scheduled.push(turns.of(Correction::PositionGradient(gradient)));
    }
    if let Some(freedom) = mistakes.number("positions.freedom", config.freedom, Allowed::Between(0.0, 1.0)) {
        scheduled.push(turns.of(Correction::AffineDrift(AffineDrift { freedom })));
    }
    scheduled
}

/// The iteration from which on trials would reach no farther than a least-squares step.
fn handover(annealing: &PositionAnnealing, gradient: &PositionGradient) -> usize {
    // radius · shrinkⁱ = longest
    let iteration = (gradient.longest / annealing.radius).ln() / annealing.shrink.ln();
    if iteration.is_nan() { usize::MAX } else { iteration.max(0.0).ceil() as usize }
}

fn background(config: &BackgroundConfig, iterations: usize, mistakes: &mut Mistakes) -> Scheduled {
    let mut retrieval = BackgroundRetrieval::default();
    let smoothness = config.smoothness;
    mistakes.set("background.smoothness", smoothness, Allowed::NotNegative, &mut retrieval.smoothness);
    turns!("background", config, (10, 2), iterations, mistakes).of(Correction::Background(retrieval))
}

fn intensities(config: &IntensitiesConfig, iterations: usize, mistakes: &mut Mistakes) -> Scheduled {
    let mut beam = BeamIntensities::default();
    mistakes.set("intensities.step", config.step, Allowed::UpTo(1.0), &mut beam.step);
    turns!("intensities", config, (5, 2), iterations, mistakes).of(Correction::BeamIntensities(beam))
}

fn variations(config: &VariationsConfig, seed: u64, iterations: usize, mistakes: &mut Mistakes) -> Scheduled {
    let mut variations = ProbeVariations::new(1, seed);
    mistakes.count("variations.count", config.count, (1, MOST_VARIATIONS), &mut variations.count);
    mistakes.set("variations.step", config.step, Allowed::UpTo(1.0), &mut variations.step);
    turns!("variations", config, (10, 1), iterations, mistakes).of(Correction::ProbeVariations(variations))
}

fn probe_limits(config: &ProbeLimitsConfig, iterations: usize, mistakes: &mut Mistakes) -> Vec<Scheduled> {
    let turns = turns!("probe_limits", config, (0, 1), iterations, mistakes);
    let support = mistakes.number("probe_limits.support", config.support, Allowed::UpTo(1.5));
    let support = support.map(|diameter| Correction::ProbeSupport(ProbeSupport { diameter }));
    // Its counts are those of the frames, which nobody knows yet.
    let power =
        config.keep_power.unwrap_or(false).then_some(Correction::ProbePower(ProbePower { counts: 0.0 }));
    support.into_iter().chain(power).map(|correction| turns.of(correction)).collect()
}

fn object_limits(config: &ObjectLimitsConfig, iterations: usize, mistakes: &mut Mistakes) -> Vec<Scheduled> {
    let turns = turns!("object_limits", config, (0, 1), iterations, mistakes);
    let mut found = Vec::new();
    if let Some(strength) = mistakes.number("object_limits.smoothness", config.smoothness, Allowed::UpTo(1.0))
    {
        found.push(Correction::Smoothness(Smoothness { strength }));
    }
    let mut contrast = 0.05;
    mistakes.set("object_limits.contrast", config.contrast, Allowed::Positive, &mut contrast);
    let variation = config.total_variation;
    if let Some(strength) = mistakes.number("object_limits.total_variation", variation, Allowed::Positive) {
        found.push(Correction::TotalVariation(TotalVariation { strength, contrast }));
    }
    let phase_only = config.phase_only.unwrap_or(false);
    let free = AmplitudeLimits { smallest: 0.0, largest: f32::MAX };
    let mut limits = free;
    mistakes.set("object_limits.smallest", config.smallest, Allowed::NotNegative, &mut limits.smallest);
    mistakes.set("object_limits.largest", config.largest, Allowed::Positive, &mut limits.largest);
    if phase_only && limits != free {
        let reason = "it sets the amplitude to 1; leave out smallest and largest, or phase_only";
        mistakes.add("object_limits.phase_only", phase_only, reason);
    }
    if limits.smallest > limits.largest {
        let reason = format!("the largest amplitude, {}, is less; give less", limits.largest);
        mistakes.add("object_limits.smallest", limits.smallest, reason);
    }
    if phase_only {
        limits = AmplitudeLimits { smallest: 1.0, largest: 1.0 };
    }
    if limits != free {
        found.push(Correction::AmplitudeLimits(limits));
    }
    found.into_iter().map(|correction| turns.of(correction)).collect()
}

pub(super) fn fly_scan(config: Option<&FlyScanConfig>, mistakes: &mut Mistakes) -> Option<FlyScan> {
    let config = config?;
    let mut exposures = 5;
    mistakes.count("fly_scan.exposures", config.exposures, (2, MOST_EXPOSURES), &mut exposures);
    let finite = |sweep: &[f64; 2]| sweep.iter().all(|v| v.is_finite()) && sweep.iter().any(|v| *v != 0.0);
    let written = |sweep: [f64; 2]| format!("[{}, {}]", sweep[0], sweep[1]);
    let (key, sweep) = match (config.sweep_m, config.sweep_px) {
        (Some(sweep), None) => ("fly_scan.sweep_m", Sweep::Metres(sweep)),
        (None, Some(sweep)) => ("fly_scan.sweep_px", Sweep::Pixels(sweep)),
        (Some(sweep), Some(_)) => {
            mistakes.add("fly_scan.sweep_m", written(sweep), "give it, or sweep_px, not both");
            return None;
        }
        (None, None) => {
            let reason = "is missing; give how far the beam moves during an exposure as [y, x], or sweep_px";
            mistakes.add("fly_scan.sweep_m", "", reason);
            return None;
        }
    };
    let (Sweep::Metres(vector) | Sweep::Pixels(vector)) = sweep;
    if !finite(&vector) {
        mistakes.add(key, written(vector), "give two finite numbers, (y, x), not both 0");
        return None;
    }
    Some(FlyScan { exposures, sweep })
}

pub(super) fn stop(config: Option<&StopConfig>, mistakes: &mut Mistakes) -> StopRule {
    let Some(config) = config else { return StopRule::Never };
    let (mut window, mut tolerance) = (10, 1e-3);
    mistakes.count("stop.window", config.window, (1, usize::MAX / 2), &mut window);
    mistakes.set("stop.tolerance", config.tolerance, Allowed::Below(1.0), &mut tolerance);
    StopRule::Stagnation { window, tolerance }
}
