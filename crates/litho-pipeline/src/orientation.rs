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
use litho_compute::Kernels;
use litho_compute::cpu::CpuKernels;
use litho_ptycho::{Algorithm, Control, NoCheckpoint, Pie, Stage, State, prepare, reconstruct};
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
    /// Correlation of phase with log amplitude in that trial; positive for matter.
    pub matter: Option<f64>,
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
const TRIAL_FRAMES: usize = 150;
/// Iterations of a trial.
const TRIAL_ITERATIONS: usize = 5;
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

/// Scores all eight orientations and chooses one.
///
/// # Errors
/// [`PipelineError`] if the scan cannot be prepared at all.
pub fn choose(scan: &Scan, probe: &StartingProbe) -> Result<OrientationChoice, PipelineError> {
    let near_field = scan.geometry.is_some_and(|g| g.propagation != Propagation::FarField);
    let mut warnings = Vec::new();
    let mut scores: Vec<Score> = Orientation::ALL.into_iter().map(untried).collect();
    if !near_field {
        if let Err(reason) = add_curls(scan, &mut scores) {
            warnings.push(format!(
                "the centre-of-mass field could not be scored ({reason}); all orientations were tried"
            ));
        }
    }
    let trial_scan = middle_of(scan);
    let limit = scores[0].curl.map_or(f64::INFINITY, |best| best * CURL_MARGIN);
    for (index, score) in scores.iter_mut().enumerate() {
        if index < 2 || score.curl.is_none_or(|curl| curl <= limit) {
            let trial = try_orientation(&trial_scan, probe, score.orientation)?;
            score.error = Some(trial.0);
            score.matter = Some(trial.1);
        }
    }
    let key = |score: &Score| score.error.unwrap_or(f64::INFINITY);
    scores.sort_by(|a, b| key(a).total_cmp(&key(b)));
    let (chosen, reason) = decide(&scores, near_field, &mut warnings);
    Ok(OrientationChoice { chosen, reason, scores, warnings })
}

fn untried(orientation: Orientation) -> Score {
    Score { orientation, curl: None, error: None, matter: None }
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

fn decide(scores: &[Score], near_field: bool, warnings: &mut Vec<String>) -> (Orientation, String) {
    let best = scores[0];
    let twin = best.orientation.rotated_half_turn();
    let rival = scores.iter().find(|score| score.orientation == twin && score.error.is_some());
    let (Some(best_error), Some(rival)) = (best.error, rival) else {
        return (best.orientation, "smallest error".to_owned());
    };
    let tie = rival.error.is_some_and(|error| error < best_error * (1.0 + ERROR_MARGIN));
    if near_field || !tie {
        return (best.orientation, "smallest error after a few iterations".to_owned());
    }
    let [plain, turned] =
        if best.orientation.index() < twin.index() { [&best, rival] } else { [rival, &best] };
    match (plain.matter, turned.matter) {
        (Some(p), Some(t)) if (p - t).abs() > MATTER_MARGIN => {
            let chosen = if p > t { plain } else { turned };
            (
                chosen.orientation,
                "smallest error; of the two twins the one in which absorbing matter retards".to_owned(),
            )
        }
        _ => {
            warnings.push(format!(
                "orientations {} and {} fit equally well (they are complex conjugates) and the sign of the phase does \
                 not tell them apart; if the object's phase comes out positive, pass --orientation {}",
                plain.orientation.index(),
                turned.orientation.index(),
                turned.orientation.index()
            ));
            (plain.orientation, "smallest error; its twin fits as well".to_owned())
        }
    }
}

/// Error and matter sign after a few iterations.
fn try_orientation(
    scan: &Scan,
    probe: &StartingProbe,
    orientation: Orientation,
) -> Result<(f64, f64), PipelineError> {
    let measurement = prepare(scan, orientation)?;
    let probe = probe.fitted(&measurement, orientation, Some(1));
    Ok(trial(CpuKernels::new(measurement), probe))
}

/// A short reconstruction from an empty object: normalised error and matter sign.
fn trial(kernels: CpuKernels, probe: ndarray::Array3<C32>) -> (f64, f64) {
    let object = Array2::from_elem(kernels.measurement().placement().object_shape, C32::new(1.0, 0.0));
    let stage = Stage { algorithm: Algorithm::Pie(Pie::epie(0)), iterations: TRIAL_ITERATIONS };
    let control = Control {
        name: "trial",
        observer: &mut Silent,
        cancel: &CancelToken::new(),
        checkpoint: &mut NoCheckpoint,
    };
    let state = reconstruct(&kernels, &[stage], State::start(object, probe), control).state;
    let error = kernels.compare(&state.object, &state.probe).error();
    (error, matter_sign(&state.object, kernels.measurement().frame_shape()))
}

/// Correlation of local differences of phase with those of log amplitude, inside
/// the margin of half a frame: free of offsets, ramps and wraps. Thickness `t`
/// gives `ln|T| = −μt/2` and `φ = −kδt`, so it is positive for matter.
fn matter_sign(object: &Array2<C32>, frame: (usize, usize)) -> f64 {
    let (ny, nx) = object.dim();
    let (my, mx) = (frame.0 / 2, frame.1 / 2);
    let (mut pp, mut aa, mut pa) = (0.0_f64, 0.0_f64, 0.0_f64);
    for y in my..ny.saturating_sub(my + 1) {
        for x in mx..nx.saturating_sub(mx + 1) {
            let here = object[(y, x)];
            for next in [object[(y + 1, x)], object[(y, x + 1)]] {
                let phase = f64::from((next * here.conj()).arg());
                let amplitude = 0.5 * f64::from(next.norm_sqr().max(1e-6) / here.norm_sqr().max(1e-6)).ln();
                pp += phase * phase;
                aa += amplitude * amplitude;
                pa += phase * amplitude;
            }
        }
    }
    pa / (pp * aa).sqrt().max(f64::MIN_POSITIVE)
}

/// Wavefront curvatures tried for a probe made of the mean frame.
const CURVATURES: [f64; 13] = [0.0, 2.0, -2.0, 4.0, -4.0, 8.0, -8.0, 12.0, -12.0, 18.0, -18.0, 26.0, -26.0];

/// The curvature of the mean frame's wavefront with which a few iterations fit best.
///
/// # Errors
/// [`PipelineError`] if the scan cannot be prepared.
pub fn choose_curvature(scan: &Scan, orientation: Orientation) -> Result<f64, PipelineError> {
    let trial_scan = middle_of(scan);
    let mut best = (f64::INFINITY, 0.0);
    for curvature in CURVATURES {
        let measurement = prepare(&trial_scan, orientation)?;
        let probe = StartingProbe::MeanFrame { curvature }.fitted(&measurement, orientation, Some(1));
        let (error, _) = trial(CpuKernels::new(measurement), probe);
        if error < best.0 {
            best = (error, curvature);
        }
    }
    Ok(best.1)
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
