//! What is corrected between iterations, on small exact scans with one thing wrong.

use crate::exact::{Exact, MARGIN, SIDE, STEP, diffraction, reconstruct_plan, stage};
use litho_compute::cpu::CpuKernels;
use litho_compute::{Kernels, Sampling, Views};
use litho_ptycho::{
    AffineDrift, Algorithm, AmplitudeLimits, BeamIntensities, Correction, Pie, Plan, PositionAnnealing,
    ProbePower, ProbeSupport, ProbeVariations, Scheduled, Smoothness, State, TotalVariation, modes, prepare,
    prepare_with_margin,
};
use litho_testkit::Lcg;
use litho_types::C32;
use litho_types::frames::Frames;
use litho_types::orientation::Orientation;
use litho_types::point::Point;
use litho_types::quantity::Pixels;
use litho_types::scan::{Positions, Scan};
use ndarray::{Array2, Array3, Axis, s};

const SHAPE: (usize, usize) = (24, 20);
const FRAMES: usize = SIDE * SIDE;

/// The exact scan with the frames that `intensity` makes of the object under each.
fn scan_with(exact: &Exact, intensity: impl Fn(usize, Array2<C32>) -> Array2<f64>) -> Scan {
    let mut frames = Array3::<f32>::zeros((FRAMES, SHAPE.0, SHAPE.1));
    for (j, mut frame) in frames.axis_iter_mut(Axis(0)).enumerate() {
        let [y, x] = [MARGIN + j / SIDE * STEP, MARGIN + j % SIDE * STEP];
        let patch = exact.object.slice(s![y..y + SHAPE.0, x..x + SHAPE.1]).to_owned();
        frame.assign(&intensity(j, patch).mapv(|i| i as f32));
    }
    Scan { frames: Frames::F32(frames), ..exact.scan.clone() }
}

fn kernels(scan: &Scan) -> CpuKernels {
    CpuKernels::new(prepare(scan, Orientation::IDENTITY).expect("the scan's parts fit"))
}

/// Runs ePIE with the corrections and returns the state and its error, as compared at the end.
fn corrected(
    kernels: &CpuKernels,
    corrections: &[Scheduled],
    iterations: usize,
    start: State,
) -> (State, f64) {
    let epie = Algorithm::Pie(Pie::epie(3));
    let plan =
        Plan { stages: vec![stage(epie, iterations)], corrections: corrections.to_vec(), ..Plan::default() };
    let state = reconstruct_plan(kernels, &plan, start).state;
    let error = kernels.compare(&state.model(kernels)).error();
    (state, error)
}

/// Uniform numbers in [−1, 1].
fn deviates(seed: u64, count: usize) -> Vec<f64> {
    Lcg::new(seed).complex_noise((count, 1), 1.0).iter().map(|z| f64::from(z.re).clamp(-1.0, 1.0)).collect()
}

#[test]
fn the_beam_of_each_frame_finds_its_intensity() {
    let exact = Exact::new(SHAPE, 1);
    let factors: Vec<f64> = deviates(11, FRAMES).iter().map(|d| 1.0 + 0.2 * d).collect();
    let scan = scan_with(&exact, |j, patch| diffraction(&(&exact.probe * &patch)) * factors[j]);
    let kernels = kernels(&scan);
    let correction = Scheduled::new(Correction::BeamIntensities(BeamIntensities::default()), 5, 1);
    let (_, steady) = corrected(&kernels, &[], 60, exact.truth());
    let (state, error) = corrected(&kernels, &[correction], 60, exact.truth());
    // A beam that is steady cannot explain 10 % rms; one that is free can, but for what is left to converge.
    assert!(error < 0.05 * steady, "{steady:e} became {error:e}");
    let found: Vec<f64> = state
        .views
        .expect("a run leaves its views")
        .amplitudes
        .iter()
        .map(|&c| f64::from(c).powi(2))
        .collect();
    let scale = factors.iter().sum::<f64>() / found.iter().sum::<f64>();
    let mut misses: Vec<f64> =
        found.iter().zip(&factors).map(|(found, expected)| found * scale - expected).collect();
    // A slow change over the raster may as well be the object's: what goes with row and column is left out.
    for along in [|j: usize| (j / SIDE) as f64 - 2.0, |j: usize| (j % SIDE) as f64 - 2.0] {
        let slope = (0..FRAMES).map(|j| along(j) * misses[j]).sum::<f64>()
            / (0..FRAMES).map(|j| along(j).powi(2)).sum::<f64>();
        misses.iter_mut().enumerate().for_each(|(j, miss)| *miss -= slope * along(j));
    }
    let rms = (misses.iter().map(|miss| miss * miss).sum::<f64>() / FRAMES as f64).sqrt();
    // A fifth of the fluctuation.
    assert!(rms < 0.02, "{rms} off");
}

#[test]
fn a_probe_that_varies_is_followed() {
    let exact = Exact::new(SHAPE, 1);
    // Orthogonal to the probe: its second starting mode, with the probe's own power.
    let pair = modes::starting_modes(exact.probe.index_axis(Axis(0), 0), 2);
    let direction = pair.slice(s![1..2, .., ..]).mapv(|u| u * (0.95_f32 / 0.05).sqrt());
    let amounts: Vec<f64> = deviates(5, FRAMES).iter().map(|d| 0.3 * d).collect();
    let scan = scan_with(&exact, |j, patch| {
        let varied = &exact.probe + &direction.mapv(|u| u * amounts[j] as f32);
        diffraction(&(&varied * &patch))
    });
    let kernels = kernels(&scan);
    let correction = Scheduled::new(Correction::ProbeVariations(ProbeVariations::new(1, 7)), 10, 1);
    let (_, steady) = corrected(&kernels, &[], 150, exact.guess());
    let (state, error) = corrected(&kernels, &[correction], 150, exact.guess());
    assert!(error < 0.1 * steady, "{steady:e} became {error:e}");
    let found = state.views.expect("a run leaves its views").coefficients.column(0).to_owned();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let found: Vec<f64> = found.iter().map(|&a| f64::from(a)).collect();
    let (fm, am) = (mean(&found), mean(&amounts));
    let dot = |a: &[f64], am: f64, b: &[f64], bm: f64| {
        a.iter().zip(b).map(|(a, b)| (a - am) * (b - bm)).sum::<f64>()
    };
    let correlation = dot(&found, fm, &amounts, am)
        / (dot(&found, fm, &found, fm) * dot(&amounts, am, &amounts, am)).sqrt();
    // One direction explains all there is; 2 % of the variance may be left to converge.
    assert!(correlation.abs() > 0.99, "correlation {correlation}");
}

#[test]
fn a_fly_scan_is_explained_by_its_exposures() {
    let exact = Exact::new(SHAPE, 1);
    // The beam moves 2 px along x: five incoherent shifts of the object under it by whole pixels, which is the probe
    // moving the other way by as much.
    let padded = |x: usize, y: usize, shift: i64| {
        let at = (x as i64 + shift) as usize;
        exact.object.slice(s![y..y + SHAPE.0, at..at + SHAPE.1]).to_owned()
    };
    let scan = scan_with(&exact, |j, _| {
        let [y, x] = [MARGIN + j / SIDE * STEP, MARGIN + j % SIDE * STEP];
        let sum = [-1, 0, 1].map(|shift| diffraction(&(&exact.probe * &padded(x, y, shift))));
        (&sum[0] + &sum[1] + &sum[2]) / 3.0
    });
    let kernels = kernels(&scan);
    let views = Views::steady(kernels.measurement(), Sampling::WholePixels);
    // Three exposures at −1, 0 and 1 px are thirds of a sweep of 3 px.
    let flying = State {
        views: Some(Views { sweeps: vec![[0.0, 3.0]; FRAMES], exposures: 3, ..views }),
        ..exact.truth()
    };
    let [still, moving] =
        [exact.truth(), flying.clone()].map(|s| kernels.compare(&s.model(&kernels)).error());
    // At the frame's edge the probe's intensity has fallen to e^(−2·25/4) = 4e-6 of its middle; that much comes in again on
    // the other side when a shift by phases moves it.
    assert!(moving < 4e-6, "{moving:e}");
    assert!(still > 100.0 * moving, "without its motion the scan must not be explained: {still:e}");
    // And the engine stays there.
    let (_, after) = corrected(&kernels, &[], 5, flying);
    assert!(after < 0.01 * still, "{still:e} without motion, {after:e} with it");
}

#[test]
fn annealing_brings_positions_nearer() {
    let exact = Exact::new(SHAPE, 1);
    let wrong = deviates(3, 2 * FRAMES);
    let Positions::Pixels(true_positions) = &exact.scan.positions else { panic!("the scan is in pixels") };
    let moved = true_positions.iter().enumerate().map(|(j, p)| {
        Point::new(
            Pixels::new(p.y.value() + 1.5 * wrong[2 * j]),
            Pixels::new(p.x.value() + 1.5 * wrong[2 * j + 1]),
        )
    });
    let scan = Scan { positions: Positions::Pixels(moved.collect()), ..exact.scan.clone() };
    let kernels =
        CpuKernels::new(prepare_with_margin(&scan, Orientation::IDENTITY, 6).expect("the parts fit"));
    let object = Array2::from_elem(kernels.measurement().placement().object_shape, C32::new(1.0, 0.0));
    let start = State::start(object, exact.guess().probe);
    let (_, unmoved) = corrected(&kernels, &[], 80, start.clone());
    let annealing =
        Correction::PositionAnnealing(PositionAnnealing { radius: 1.5, ..PositionAnnealing::new(2) });
    let (state, error) = corrected(&kernels, &[Scheduled::new(annealing, 3, 1)], 80, start.clone());
    assert!(error < 0.3 * unmoved, "{unmoved:e} became {error:e}");
    // Held to an affine map of the wrong positions it cannot follow errors of single frames.
    let held = [
        Scheduled::new(annealing, 3, 1),
        Scheduled::new(Correction::AffineDrift(AffineDrift { freedom: 0.0 }), 3, 1),
    ];
    let (held_state, _) = corrected(&kernels, &held, 20, start);
    let spread = |state: &State| -> f64 {
        let places = &state.views.as_ref().expect("a run leaves its views").places;
        let measured = &kernels.measurement().placement().places;
        places.iter().zip(measured).map(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1])).fold(0.0, f64::max)
    };
    assert!(spread(&held_state) < spread(&state), "single frames moved although they were held");
}

#[test]
fn limits_hold() {
    let exact = Exact::new(SHAPE, 1);
    let kernels = exact.kernels();
    let run = |correction| corrected(&kernels, &[Scheduled::new(correction, 0, 1)], 3, exact.guess()).0;
    let state = run(Correction::AmplitudeLimits(AmplitudeLimits { smallest: 1.0, largest: 1.0 }));
    assert!(state.object.iter().all(|o| (o.norm() - 1.0).abs() < 4.0 * f32::EPSILON));
    let state = run(Correction::ProbeSupport(ProbeSupport { diameter: 0.5 }));
    let dark =
        state.probe.indexed_iter().filter(|((_, y, x), _)| (*y as f64 - 12.0).hypot(*x as f64 - 10.0) > 5.0);
    assert!(dark.clone().count() > 0 && dark.into_iter().all(|(_, p)| *p == C32::default()));
    let state = run(Correction::ProbePower(ProbePower { counts: 5e5 }));
    let power: f64 = state.probe.iter().map(|p| f64::from(p.norm_sqr())).sum();
    assert!((power / 5e5 - 1.0).abs() < 1e-5, "{power}");
}

#[test]
fn smoothing_takes_its_step_and_total_variation_falls() {
    let exact = Exact::new(SHAPE, 1);
    let kernels = exact.kernels();
    // Both act after the last iteration only: what they did is the difference from a run without them.
    let object = |corrections: &[Scheduled]| corrected(&kernels, corrections, 3, exact.guess()).0.object;
    let plain = object(&[]);
    let strength = 0.5;
    let smooth = object(&[Scheduled::new(Correction::Smoothness(Smoothness { strength }), 2, 1)]);
    let (ny, nx) = plain.dim();
    for y in 1..ny - 1 {
        for x in 1..nx - 1 {
            let neighbours = plain[(y - 1, x)] + plain[(y + 1, x)] + plain[(y, x - 1)] + plain[(y, x + 1)];
            let expected = plain[(y, x)] + (neighbours - plain[(y, x)] * 4.0) * (strength / 4.0);
            // Ten operations on numbers of order one.
            assert!((smooth[(y, x)] - expected).norm() < 10.0 * f32::EPSILON, "at ({y}, {x})");
        }
    }
    let variation = |o: &Array2<C32>| -> f64 {
        o.windows((2, 2))
            .into_iter()
            .map(|w| f64::from((w[(1, 0)] - w[(0, 0)]).norm().hypot((w[(0, 1)] - w[(0, 0)]).norm())))
            .sum()
    };
    let tv = Correction::TotalVariation(TotalVariation { strength: 0.02, contrast: 0.1 });
    let flat = object(&[Scheduled::new(tv, 2, 1)]);
    assert!(variation(&flat) < variation(&plain), "{} from {}", variation(&flat), variation(&plain));
}

#[test]
fn a_correction_acts_when_it_is_due() {
    // ProbePower leaves a mark that the next iteration keeps nearly: it is due after iterations 2 and 4, not after 5.
    let exact = Exact::new(SHAPE, 1);
    let kernels = exact.kernels();
    let correction = Correction::ProbePower(ProbePower { counts: 1e4 });
    let power_after = |iterations| {
        let due = Scheduled { correction, start: 2, every: 2, end: 5 };
        let state = corrected(&kernels, &[due], iterations, exact.guess()).0;
        state.probe.iter().map(|p| f64::from(p.norm_sqr())).sum::<f64>()
    };
    let exactly = |power: f64| (power / 1e4 - 1.0).abs() < 1e-5;
    let met: Vec<bool> = (1..=7).map(|iterations| exactly(power_after(iterations))).collect();
    assert_eq!(met, [false, false, true, false, true, false, false]);
}
