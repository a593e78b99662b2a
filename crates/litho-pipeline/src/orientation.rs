//! Which of the eight ways the detector lies: scored, tried, reported.
//!
//! The curl of the centre-of-mass field names the pair of orientations, apart
//! by half a turn, in which the field is a gradient; a few iterations of each
//! decide between the two. In the far field these two are the same data up to
//! complex conjugation, `I(−q)` being the diffraction of `ψ*`: unless a known
//! probe breaks the tie, the sign of the phase does, because matter that
//! absorbs more also retards more. In the near field there is no
//! centre-of-mass field worth its name, and all eight are tried.

use crate::error::PipelineError;
use crate::probe::StartingProbe;
use litho_compute::cpu::CpuKernels;
use litho_compute::{Kernels, Measurement};
use litho_ptycho::{Algorithm, Control, NoCheckpoint, Pie, Plan, Stage, State, prepare, reconstruct};
use litho_resolve::centre_of_mass::centres_of_mass;
use litho_resolve::orientation::rank_orientations;
use litho_types::C32;
use litho_types::geometry::Propagation;
use litho_types::observer::{CancelToken, Silent};
use litho_types::orientation::Orientation;
use litho_types::point::Point;
use litho_types::scan::{Positions, Scan};
use ndarray::Array2;

/// How one orientation scored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// The orientation.
    pub orientation: Orientation,
    /// Curl of the centre-of-mass field relative to its other derivatives; `None` in the near field.
    pub curl: Option<f64>,
    /// Normalised Fourier error after a few iterations; `None` if it was not tried.
    pub error: Option<f64>,
}

/// All scores and the choice.
#[derive(Debug, Clone, PartialEq)]
pub struct OrientationChoice {
    /// The orientation to use.
    pub chosen: Orientation,
    /// Why it was chosen, in words.
    pub reason: String,
    /// Scores, best first; empty if the orientation was given.
    pub scores: Vec<Score>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// Frames that a trial uses, from the middle of the scan.
const TRIAL_FRAMES: usize = 240;
/// Iterations of a trial.
const TRIAL_ITERATIONS: usize = 5;
/// Iterations for each curvature tried.
const CURVATURE_ITERATIONS: usize = 3;
/// Iterations of the trial that reads the sign of the phase.
const TWIN_ITERATIONS: usize = 40;
/// Pairs whose curl is within this factor of the best are tried too.
const CURL_MARGIN: f64 = 1.5;
/// Errors closer than this, relatively, do not tell two orientations apart.
const ERROR_MARGIN: f64 = 0.05;
/// Correlation of phase with log amplitude below which it says nothing.
const MATTER_MARGIN: f64 = 0.1;

impl OrientationChoice {
    /// The caller's own choice.
    pub fn given(orientation: Orientation) -> Self {
        Self { chosen: orientation, reason: "given".to_owned(), scores: Vec::new(), warnings: Vec::new() }
    }
}

/// Scores all eight orientations and chooses one; also settles the wavefront
/// curvature of a starting probe made of the mean frame.
///
/// # Errors
/// [`PipelineError`] if the scan cannot be prepared at all.
pub fn choose(
    scan: &Scan,
    probe: &StartingProbe,
) -> Result<(OrientationChoice, StartingProbe), PipelineError> {
    let near_field = is_near_field(scan);
    let mut warnings = Vec::new();
    let mut scores: Vec<Score> = Orientation::ALL.into_iter().map(untried).collect();
    if !near_field && let Err(reason) = add_curls(scan, &mut scores) {
        warnings.push(format!(
            "the centre-of-mass field could not be scored ({reason}); all orientations were tried"
        ));
    }
    let trial_scan = middle_of(scan);
    let base = lower_of_pair(scores[0].orientation);
    let starts = TwinStarts { base, probe: with_curvature(&trial_scan, base, probe)? };
    let limit = scores[0].curl.map_or(f64::INFINITY, |best| best * CURL_MARGIN);
    for (index, score) in scores.iter_mut().enumerate() {
        if index < 2 || score.curl.is_none_or(|curl| curl <= limit) {
            let (error, _) =
                run_trial(&trial_scan, &starts.of(score.orientation), score.orientation, TRIAL_ITERATIONS)?;
            score.error = Some(error);
        }
    }
    let key = |score: &Score| score.error.unwrap_or(f64::INFINITY);
    scores.sort_by(|a, b| key(a).total_cmp(&key(b)));
    let chosen = match tied_twins(&scores).filter(|_| !near_field) {
        None => (scores[0].orientation, "smallest error after a few iterations".to_owned()),
        Some(plain) => {
            let matter = run_trial(&trial_scan, &starts.of(plain), plain, TWIN_ITERATIONS)?.1;
            decide_twins(plain, matter, &mut warnings)
        }
    };
    let choice = OrientationChoice { chosen: chosen.0, reason: chosen.1, scores, warnings };
    Ok((choice, starts.of(chosen.0)))
}

/// The starting probe for an orientation that was given: the mean frame gets its curvature.
///
/// # Errors
/// [`PipelineError`] if the scan cannot be prepared.
pub fn start_for(
    scan: &Scan,
    orientation: Orientation,
    probe: &StartingProbe,
) -> Result<StartingProbe, PipelineError> {
    with_curvature(&middle_of(scan), orientation, probe)
}

/// The start of one orientation; its twin sees the complex conjugate.
struct TwinStarts {
    base: Orientation,
    probe: StartingProbe,
}

impl TwinStarts {
    fn of(&self, orientation: Orientation) -> StartingProbe {
        match self.probe {
            StartingProbe::MeanFrame { curvature } if orientation == self.base.rotated_half_turn() => {
                StartingProbe::MeanFrame { curvature: -curvature }
            }
            _ => self.probe.clone(),
        }
    }
}

fn lower_of_pair(orientation: Orientation) -> Orientation {
    let twin = orientation.rotated_half_turn();
    if orientation.index() < twin.index() { orientation } else { twin }
}

fn is_near_field(scan: &Scan) -> bool {
    scan.geometry.is_some_and(|g| g.propagation != Propagation::FarField)
}

fn untried(orientation: Orientation) -> Score {
    Score { orientation, curl: None, error: None }
}

/// Fills in the curls and sorts by them.
fn add_curls(scan: &Scan, scores: &mut [Score]) -> Result<(), String> {
    let good = scan.mask.good();
    let centres = centres_of_mass(&scan.frames, good.view(), scan.origin).map_err(|e| e.to_string())?;
    let places: Vec<Point<f64>> = match &scan.positions {
        Positions::Metres(all) => all.iter().map(|p| p.map(litho_types::quantity::Metres::value)).collect(),
        Positions::Pixels(all) => all.iter().map(|p| p.map(litho_types::quantity::Pixels::value)).collect(),
    };
    let ranking = rank_orientations(&places, &centres).map_err(|e| e.to_string())?;
    for (score, ranked) in scores.iter_mut().zip(ranking.scores) {
        *score = Score { curl: Some(ranked.curl), ..untried(ranked.orientation) };
    }
    Ok(())
}

/// The lower of the two best orientations if they are twins that fit equally well.
fn tied_twins(scores: &[Score]) -> Option<Orientation> {
    let best = scores[0];
    let twin = best.orientation.rotated_half_turn();
    let rival = scores.iter().find(|score| score.orientation == twin)?;
    let tied = rival.error? < best.error? * (1.0 + ERROR_MARGIN);
    tied.then(|| lower_of_pair(best.orientation))
}

/// Of twins, the one in which absorbing matter retards; `matter` is the sign seen in `plain`.
fn decide_twins(plain: Orientation, matter: f64, warnings: &mut Vec<String>) -> (Orientation, String) {
    let turned = plain.rotated_half_turn();
    if matter.abs() > MATTER_MARGIN {
        let chosen = if matter > 0.0 { plain } else { turned };
        let other = chosen.rotated_half_turn().index();
        return (
            chosen,
            format!(
                "smallest error; unlike in its twin {other}, what absorbs also retards (correlation {:.2})",
                matter.abs()
            ),
        );
    }
    warnings.push(format!(
        "orientations {} and {} fit equally well (they are complex conjugates) and phase and absorption do not tell \
         them apart (correlation {matter:.2}); if the object's phase comes out positive, pass --orientation {}",
        plain.index(),
        turned.index(),
        turned.index()
    ));
    (plain, "smallest error; its twin fits as well".to_owned())
}

/// Normalised error and matter sign of one orientation after a few iterations from an empty object.
fn run_trial(
    scan: &Scan,
    probe: &StartingProbe,
    orientation: Orientation,
    iterations: usize,
) -> Result<(f64, f64), PipelineError> {
    let measurement = prepare(scan, orientation)?;
    let probe = probe.fitted(&measurement, orientation, Some(1));
    let kernels = CpuKernels::new(measurement);
    let object = Array2::from_elem(kernels.measurement().placement().object_shape, C32::new(1.0, 0.0));
    let stage = Stage { algorithm: Algorithm::Pie(Pie::epie(0)), iterations };
    let control = Control {
        name: "trial",
        observer: &mut Silent,
        cancel: &CancelToken::new(),
        checkpoint: &mut NoCheckpoint,
    };
    let state = reconstruct(&kernels, &Plan::of(&[stage]), State::start(object, probe), control).state;
    let error = kernels.compare(&state.model(&kernels)).error();
    Ok((error, matter_sign(&state.object, kernels.measurement().frame_shape())))
}

/// Correlation of differences of phase with those of log amplitude over a few
/// pixels, inside the margin of half a frame: free of offsets and wraps, hardly
/// touched by ramps and pixel noise. Thickness `t` gives `ln|T| = −μt/2` and
/// `φ = −kδt`, so it is positive for matter, negative for its conjugate.
fn matter_sign(object: &Array2<C32>, frame: (usize, usize)) -> f64 {
    /// Distance of the pixels compared: beyond the noise of one pixel, within a feature.
    const LAG: usize = 8;
    /// Power below which a pixel has no phase worth reading.
    const DARK: f32 = 1e-6;
    let (ny, nx) = object.dim();
    let (my, mx) = (frame.0 / 2, frame.1 / 2);
    let (mut pp, mut aa, mut pa) = (0.0_f64, 0.0_f64, 0.0_f64);
    for y in my..ny.saturating_sub(my + LAG) {
        for x in mx..nx.saturating_sub(mx + LAG) {
            let here = object[(y, x)];
            for there in [object[(y + LAG, x)], object[(y, x + LAG)]] {
                let phase = f64::from((there * here.conj()).arg());
                let amplitude = 0.5 * f64::from(there.norm_sqr().max(DARK) / here.norm_sqr().max(DARK)).ln();
                pp += phase * phase;
                aa += amplitude * amplitude;
                pa += phase * amplitude;
            }
        }
    }
    pa / (pp * aa).sqrt().max(f64::MIN_POSITIVE)
}

/// A far-field mean-frame start gets the curvature with which a few iterations fit best; other starts stay.
fn with_curvature(
    trial_scan: &Scan,
    orientation: Orientation,
    probe: &StartingProbe,
) -> Result<StartingProbe, PipelineError> {
    if is_near_field(trial_scan) || !matches!(probe, StartingProbe::MeanFrame { .. }) {
        return Ok(probe.clone());
    }
    let mut best = (f64::INFINITY, 0.0);
    for curvature in curvatures(&prepare(trial_scan, orientation)?) {
        let start = StartingProbe::MeanFrame { curvature };
        let (error, _) = run_trial(trial_scan, &start, orientation, CURVATURE_ITERATIONS)?;
        if error < best.0 {
            best = (error, curvature);
        }
    }
    Ok(StartingProbe::MeanFrame { curvature: best.1 })
}

/// Curvatures worth trying: none, and those of either sign that spread the beam
/// to radii from a few pixels to most of the frame. A phase `πc|u|²`, `u = 2ν`, moves frequency
/// `ν` (cycles per pixel) by `4cν` pixels; `ν` is where half the mean frame's power lies within.
fn curvatures(measurement: &Measurement) -> Vec<f64> {
    let per_radius = 1.0 / (4.0 * half_power_frequency(measurement));
    let spread = radii(measurement.frame_shape()).flat_map(|radius| {
        let curvature = radius * per_radius;
        [curvature, -curvature]
    });
    std::iter::once(0.0).chain(spread).collect()
}

/// Radii, in pixels, to which a beam may have spread in a frame of this shape.
fn radii((ny, nx): (usize, usize)) -> impl Iterator<Item = f64> {
    /// Ratio of neighbouring radii; a start within a fifth of the true one converges in two iterations.
    const RATIO: f64 = 1.3;
    const SMALLEST_RADIUS: f64 = 2.0;
    /// Largest radius as a share of the frame.
    const LARGEST_SHARE: f64 = 0.35;
    let largest = LARGEST_SHARE * ny.min(nx) as f64;
    std::iter::successors(Some(SMALLEST_RADIUS), |radius| Some(radius * RATIO))
        .take_while(move |radius| *radius < largest)
}

/// Most visits to frames that finding the orientation of a scan takes.
pub(crate) fn orientation_visits(frames: usize) -> usize {
    frames.min(TRIAL_FRAMES) * (Orientation::ALL.len() * TRIAL_ITERATIONS + TWIN_ITERATIONS)
}

/// Visits to frames of this shape that finding the curvature of a start from the mean frame takes.
pub(crate) fn curvature_visits(frames: usize, shape: (usize, usize)) -> usize {
    frames.min(TRIAL_FRAMES) * (1 + 2 * radii(shape).count()) * CURVATURE_ITERATIONS
}

/// Frequency, cycles per pixel, within which half the power of the mean frame lies.
fn half_power_frequency(measurement: &Measurement) -> f64 {
    let mean = measurement.frames().mean();
    let (ny, nx) = mean.dim();
    let frequency = |i: usize, n: usize| if 2 * i < n { i as f64 } else { i as f64 - n as f64 } / n as f64;
    let mut power: Vec<(f64, f64)> = mean
        .indexed_iter()
        .filter(|(pixel, value)| measurement.good()[*pixel] && **value > 0.0)
        .map(|((y, x), value)| (frequency(y, ny).hypot(frequency(x, nx)), *value))
        .collect();
    power.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = power.iter().map(|(_, value)| value).sum::<f64>() / 2.0;
    let mut within = 0.0;
    let median = power.iter().find(|(_, value)| {
        within += value;
        within >= half
    });
    // At least one pixel of the frame, so that a bare direct beam does not divide by zero.
    median.map_or(0.0, |(frequency, _)| *frequency).max(1.0 / ny.max(nx) as f64)
}

/// The frames nearest to the middle of the scan: neighbours, so that they overlap.
fn middle_of(scan: &Scan) -> Scan {
    let places: Vec<(f64, f64)> = match &scan.positions {
        Positions::Metres(all) => all.iter().map(|p| (p.y.value(), p.x.value())).collect(),
        Positions::Pixels(all) => all.iter().map(|p| (p.y.value(), p.x.value())).collect(),
    };
    let count = places.len() as f64;
    let (sy, sx) = places.iter().fold((0.0, 0.0), |(sy, sx), (y, x)| (sy + y, sx + x));
    let distance = |i: usize| (places[i].0 - sy / count).hypot(places[i].1 - sx / count);
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|&a, &b| distance(a).total_cmp(&distance(b)));
    order.truncate(TRIAL_FRAMES);
    order.sort_unstable();
    scan.select(&order)
}
