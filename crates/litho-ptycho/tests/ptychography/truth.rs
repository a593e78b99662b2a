//! Reconstructions of simulated scans against what was simulated.

use crate::engines::every_engine;
use crate::exact::{run, stage};
use litho_compute::Kernels;
use litho_compute::cpu::CpuKernels;
use litho_ptycho::{Algorithm, Decay, DifferenceMap, Pie, State, mean_frame_probe, prepare, scale_to_frames};
use litho_resolve::object_error::{ObjectErrorOptions, RampSearch, ShiftSearch, object_error};
use litho_sim::detector::Detector;
use litho_sim::example::{tiny_far_field, tiny_near_field};
use litho_sim::scan::{ScanSimulation, Truth};
use litho_types::C32;
use litho_types::orientation::Orientation;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use litho_types::scan::Scan;
use ndarray::{Array2, ArrayView2, Axis, s};

/// Pixels left out at each side of the object: what is left saw at least a quarter of the largest dose.
const MARGIN: usize = 30;
/// Iterations of a reconstruction.
const ITERATIONS: usize = 200;

/// The scan on the reconstruction's own grid: no sub-pixel positions, no finer samples, so that the truth is a
/// perfect model and only the photons' noise is left.
fn on_grid(description: ScanSimulation) -> (Scan, Truth) {
    let pixel = description.geometry.object_pixel(description.shape);
    let whole = |position: Metres, pixel: Metres| {
        Metres::new((position.value() / pixel.value()).round() * pixel.value())
    };
    let positions =
        description.positions.iter().map(|p| Point::new(whole(p.y, pixel.y), whole(p.x, pixel.x)));
    let positions = positions.collect();
    let description = ScanSimulation { positions, oversampling: 1, ..description };
    description.simulate().expect("the example is valid")
}

fn kernels(scan: &Scan) -> CpuKernels {
    CpuKernels::new(prepare(scan, Orientation::IDENTITY).expect("the scan's parts fit"))
}

/// `E(√n − √μ)²` for n of Poisson mean μ, by its sum.
fn noise_of_root(mean: f64) -> f64 {
    let (mut probability, mut sum) = ((-mean).exp(), 0.0);
    if mean > 200.0 {
        return 0.25; // the asymptotic value, good to 3/(8·200) of itself
    }
    for n in 0..600_u32 {
        sum += probability * (f64::from(n).sqrt() - mean.sqrt()).powi(2);
        probability *= mean / f64::from(n + 1);
    }
    sum
}

#[test]
fn the_truth_misses_simulated_frames_by_their_noise() {
    // Another crate's forward model, in both fields: what is left of √I is the noise of photons, summed here from the
    // Poisson distribution about the truth's own intensities. The square of a normal deviate spreads by √2 of its mean:
    // over 10⁵ pixels √2/√10⁵ = 0.45 %, and three of these are allowed.
    for description in [tiny_far_field(), tiny_near_field()] {
        let (scan, truth) = on_grid(description.expect("the example is valid"));
        let kernels = kernels(&scan);
        let waves = kernels.exit_waves(&kernels.model(&truth.object, &truth.probe));
        let propagator = kernels.measurement().propagator();
        let mut expected = 0.0;
        for frame in waves.outer_iter() {
            let mut field = propagator.wavefield(1);
            field.waves.iter_mut().zip(&frame).for_each(|(to, from)| *to = *from);
            propagator.to_detector(&mut field);
            expected += field.waves.iter().map(|f| noise_of_root(f64::from(f.norm_sqr()))).sum::<f64>();
        }
        let error: f64 =
            kernels.compare(&kernels.model(&truth.object, &truth.probe)).frame_error.iter().sum();
        assert!((error / expected - 1.0).abs() < 0.013, "{error} instead of {expected}");
    }
}

/// Wavefront curvature of the tiny far-field scan's beam 15 µm behind its focus, where frequency q has the phase
/// −πλzq²: in units of the frame's half width, c = −λz/(2Δ)².
fn curvature(scan: &Scan) -> f64 {
    let geometry = scan.geometry.expect("simulated scans have one");
    let pixel = geometry.object_pixel(scan.frames.shape());
    -geometry.wavelength().value() * 15e-6 / (2.0 * pixel.y.value()).powi(2)
}

/// An empty object and the beam that the mean frame and its wavefront give.
fn start(scan: &Scan, kernels: &CpuKernels) -> State {
    let mut probe = mean_frame_probe(kernels.measurement(), curvature(scan)).insert_axis(Axis(0));
    scale_to_frames(&mut probe, kernels.measurement());
    let object_shape = kernels.measurement().placement().object_shape;
    State::start(Array2::from_elem(object_shape, C32::new(1.0, 0.0)), probe)
}

fn distance(object: ArrayView2<'_, C32>, truth: &Truth) -> f64 {
    let options =
        ObjectErrorOptions { margin: MARGIN, shift: ShiftSearch::WholePixels, ramp: RampSearch::Fine };
    object_error(object, truth.object.view(), &options).expect("both are images").relative
}

/// Relative error that shot noise alone leaves on the compared region: n photons that meet a pixel tell amplitude and
/// phase to 1/(2√n) each, so the complex transmission to √(1/2n); root mean square over the region.
fn shot_noise(kernels: &CpuKernels, truth: &Truth) -> f64 {
    let mut dose = Array2::<f64>::zeros(truth.object.dim());
    for [cy, cx] in &kernels.measurement().placement().corners {
        for ((_, y, x), p) in truth.probe.indexed_iter() {
            dose[(cy + y, cx + x)] += f64::from(p.norm_sqr());
        }
    }
    let (rows, columns) = dose.dim();
    let inner = s![MARGIN..rows - MARGIN, MARGIN..columns - MARGIN];
    let noise: f64 = dose.slice(inner).iter().map(|n| 1.0 / (2.0 * n)).sum();
    let power: f64 = truth.object.slice(inner).iter().map(|o| f64::from(o.norm_sqr())).sum();
    (noise / power).sqrt()
}

fn epie() -> Algorithm {
    Algorithm::Pie(Pie::epie(1))
}

/// With the published, steady steps: noise, for which the default's shrink, is not always there.
fn rpie() -> Algorithm {
    Algorithm::Pie(Pie { decay: Decay::None, ..Pie::rpie(1) })
}

fn map() -> Algorithm {
    Algorithm::DifferenceMap(DifferenceMap::default())
}

#[test]
fn noise_free_frames_lead_every_engine_to_the_truth() {
    let description = tiny_far_field().expect("the example is valid");
    let (scan, truth) = on_grid(ScanSimulation { detector: Detector::NoiseFree, ..description });
    let kernels = kernels(&scan);
    // What the engine leaves must be less than what the noise of this scan's 10⁵ photons would: for ePIE, which is the
    // slowest, by any factor; for the other two, which converge faster, by ten.
    let floor = shot_noise(&kernels, &truth);
    for (name, engine, bound) in
        [("ePIE", epie(), floor), ("rPIE", rpie(), 0.1 * floor), ("DM", map(), 0.1 * floor)]
    {
        let state = run(&kernels, &[stage(engine, ITERATIONS)], start(&scan, &kernels)).state;
        let error = distance(state.object.view(), &truth);
        assert!(error < bound, "{name} ends {error} from the truth, more than {bound}");
        // Without noise there is nothing to lose sight of: every ten iterations bring the loss down.
        let tens: Vec<f64> = state.losses.chunks_exact(10).map(|ten| ten.iter().sum()).collect();
        assert!(tens.is_sorted_by(|a, b| a > b), "{name} does not descend: {tens:?}");
        // It ends in convergence proper, not beside it: the loss falls a hundredfold at least.
        assert!(tens[tens.len() - 1] < 0.01 * tens[0], "{name} stays at {tens:?}");
    }
}

#[test]
fn noisy_frames_are_explained_as_well_as_by_the_truth() {
    let (scan, truth) = on_grid(tiny_far_field().expect("the example is valid"));
    let kernels = kernels(&scan);
    let at_truth = kernels.compare(&kernels.model(&truth.object, &truth.probe)).error();
    // A step α remembers about (2 − α)/α = 3 of the 10 frames that share a pixel's light, (Σw)²/Σw², which raises shot
    // noise by √(10/3) = 1.8. The probe is unknown too, and where less than a photon falls √I tells less than the count
    // does: both together may double that.
    let bound = 3.6 * shot_noise(&kernels, &truth);
    let half = ITERATIONS / 2;
    for (name, stages) in [
        ("ePIE", vec![stage(epie(), ITERATIONS)]),
        ("rPIE", vec![stage(rpie(), ITERATIONS)]),
        ("DM, then rPIE", vec![stage(map(), half), stage(rpie(), half)]),
    ] {
        let state = run(&kernels, &stages, start(&scan, &kernels)).state;
        let error = distance(state.object.view(), &truth);
        assert!(error < bound, "{name} ends {error} from the truth, more than {bound}");
        // 2·(88² + 48²) unknowns fit a seventh of the noise of 64·48² pixels, so a converged object and probe explain
        // the noisy frames better than the truth does.
        let loss = kernels.compare(&state.model(&kernels)).error();
        assert!(loss < at_truth, "{name}: loss {loss}, but {at_truth} at the truth");
    }
}

#[test]
fn the_difference_map_stays_near_the_truth_in_noise() {
    // Noisy constraints have no common point, so the map does not settle: it wanders about the solution. It must stay
    // closer by far than an empty object, and explain the frames better by far than the start.
    let (scan, truth) = on_grid(tiny_far_field().expect("the example is valid"));
    let kernels = kernels(&scan);
    let begin = start(&scan, &kernels);
    let (empty, before) =
        (distance(begin.object.view(), &truth), kernels.compare(&begin.model(&kernels)).error());
    let state = run(&kernels, &[stage(map(), ITERATIONS)], begin).state;
    let (error, after) =
        (distance(state.object.view(), &truth), kernels.compare(&state.model(&kernels)).error());
    assert!(error < 0.25 * empty, "{error} of {empty}");
    assert!(after < 0.25 * before, "{after} of {before}");
}

#[test]
fn every_engine_works_in_the_near_field() {
    let description = tiny_near_field().expect("the example is valid");
    let (scan, _) = on_grid(ScanSimulation { detector: Detector::NoiseFree, ..description });
    let kernels = kernels(&scan);
    let begin = start(&scan, &kernels);
    let before = kernels.compare(&begin.model(&kernels)).error();
    for (name, engine) in every_engine() {
        let state = run(&kernels, &[stage(engine, 30)], begin.clone()).state;
        let after = kernels.compare(&state.model(&kernels)).error();
        // The beam's front is wrong at the start, and the slowest engine still works on it: half is well on the way.
        assert!(after < 0.5 * before, "{name}: {before:e} became {after:e}");
    }
}
