//! Corrections and modes on simulated scans of realistic size: what is found against what was simulated.

use crate::exact::{reconstruct_plan, stage};
use litho_compute::cpu::CpuKernels;
use litho_compute::{Likelihood, Sampling, Views};
use litho_ptycho::{
    Algorithm, BackgroundRetrieval, Correction, Pie, Plan, PositionGradient, Scheduled, State, modes,
    prepare, prepare_with_margin, scale_to_frames,
};
use litho_resolve::object_error::{ObjectErrorOptions, RampSearch, ShiftSearch, object_error};
use litho_sim::background::Background;
use litho_sim::example::{GOLD_2000_EV, example_siemens};
use litho_sim::grains::BatteryGrains;
use litho_sim::phantom::Object;
use litho_sim::scan::{Illumination, ScanSimulation, Truth};
use litho_types::C32;
use litho_types::orientation::Orientation;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use litho_types::scan::{Positions, Scan};
use ndarray::{Array2, ArrayView2, Axis};
use num_complex::Complex64;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};

fn simulation() -> ScanSimulation {
    example_siemens().expect("the example is valid")
}

/// An empty object and the true probe, with fractions of positions.
fn start(kernels: &CpuKernels, truth: &Truth) -> State {
    let mut probe = truth.probe.clone();
    scale_to_frames(&mut probe, kernels.measurement());
    let shape = kernels.measurement().placement().object_shape;
    let mut state = State::start(Array2::from_elem(shape, C32::new(1.0, 0.0)), probe);
    state.views = Some(Views::steady(kernels.measurement(), Sampling::SubPixel));
    state
}

fn plan(pie: Pie, iterations: usize, corrections: Vec<Scheduled>) -> Plan {
    Plan { stages: vec![stage(Algorithm::Pie(pie), iterations)], corrections, ..Plan::default() }
}

/// Root mean square distance of `found` from the affine map of `from` that fits it best, over both axes.
fn affine_residual(from: &[[f64; 2]], found: &[[f64; 2]]) -> f64 {
    let rows = from.len();
    let design = Array2::from_shape_fn((rows, 3), |(i, j)| if j < 2 { from[i][j] } else { 1.0 });
    let mut total = 0.0;
    for along in [|place: &[f64; 2]| place[0], |place: &[f64; 2]| place[1]] {
        let right: ndarray::Array1<f64> = found.iter().map(along).collect();
        let (normal, image) = (design.t().dot(&design), design.t().dot(&right));
        let solution = solve(&normal, &image.to_vec());
        let fitted = design.dot(&ndarray::Array1::from(solution.to_vec()));
        total += (&right - &fitted).mapv(|d| d * d).sum();
    }
    (total / rows as f64).sqrt()
}

/// Cramer's rule for three equations.
fn solve(m: &Array2<f64>, r: &[f64]) -> [f64; 3] {
    let determinant = |m: &Array2<f64>| {
        m[(0, 0)] * (m[(1, 1)] * m[(2, 2)] - m[(1, 2)] * m[(2, 1)])
            - m[(0, 1)] * (m[(1, 0)] * m[(2, 2)] - m[(1, 2)] * m[(2, 0)])
            + m[(0, 2)] * (m[(1, 0)] * m[(2, 1)] - m[(1, 1)] * m[(2, 0)])
    };
    let whole = determinant(m);
    [0, 1, 2].map(|column| {
        let mut replaced = m.clone();
        (0..3).for_each(|row| replaced[(row, column)] = r[row]);
        determinant(&replaced) / whole
    })
}

#[test]
fn positions_that_are_two_pixels_wrong_are_found_to_a_tenth() {
    // Grains everywhere, so that every frame tells where it is; 2 px rms along each axis.
    let grains = BatteryGrains {
        material: GOLD_2000_EV,
        thickness: Metres::from_nanometres(200.0),
        grain_size: Metres::from_nanometres(120.0),
        particle_radius: Metres::from_micrometres(4.0),
        porosity: 0.15,
        seed: 23,
    };
    let (scan, truth) = ScanSimulation { object: Object::Grains(grains), ..simulation() }
        .simulate()
        .expect("the numbers fit");
    let Positions::Metres(measured) = &scan.positions else { panic!("simulated scans are in metres") };
    let pixel = truth.pixel;
    let in_pixels: Vec<[f64; 2]> = measured.iter().map(|p| [p.y / pixel.y, p.x / pixel.x]).collect();
    let (mut random, normal) = (ChaCha8Rng::seed_from_u64(5), Normal::new(0.0, 2.0).expect("a width of 2"));
    let mut wrong =
        |at: Metres, pixel: Metres| Metres::new(at.value() + normal.sample(&mut random) * pixel.value());
    let moved = measured.iter().map(|p| Point::new(wrong(p.y, pixel.y), wrong(p.x, pixel.x))).collect();
    let scan = Scan { positions: Positions::Metres(moved), ..scan };
    let measurement = prepare_with_margin(&scan, Orientation::IDENTITY, 16).expect("the scan's parts fit");
    let kernels = CpuKernels::new(measurement);
    let before = affine_residual(&in_pixels, &kernels.measurement().placement().places);
    let correction = Scheduled::new(Correction::PositionGradient(PositionGradient::default()), 3, 1);
    let state =
        reconstruct_plan(&kernels, &plan(Pie::epie(1), 40, vec![correction]), start(&kernels, &truth)).state;
    let after = affine_residual(&in_pixels, &state.views.expect("a run leaves its views").places);
    assert!(before > 2.5, "the positions were {before} px rms off to begin with");
    assert!(after < 0.1, "{before} px rms became {after}");
}

#[test]
fn both_modes_of_a_beam_are_recovered() {
    let mut description = ScanSimulation { photons_per_frame: 1e7, ..simulation() };
    if let Illumination::Optics { mode_powers, .. } = &mut description.illumination {
        *mode_powers = vec![0.8, 0.2];
    }
    let (scan, truth) = description.simulate().expect("the numbers fit");
    let kernels = CpuKernels::new(prepare(&scan, Orientation::IDENTITY).expect("the scan's parts fit"));
    let mut begin = start(&kernels, &truth);
    // Nothing is told of the second mode but that there is one.
    begin.probe = modes::starting_modes(begin.probe.index_axis(Axis(0), 0), 2);
    let state = reconstruct_plan(&kernels, &plan(Pie::epie(1), 60, Vec::new()), begin).state;
    let (mut found, mut expected) = (state.probe, truth.probe);
    modes::orthogonalise(&mut found);
    modes::orthogonalise(&mut expected);
    for mode in 0..2 {
        let overlap = best_overlap(found.index_axis(Axis(0), mode), expected.index_axis(Axis(0), mode));
        assert!(overlap > 0.99, "mode {mode}: overlap {overlap}");
    }
    let share = modes::power_fractions(&found)[1];
    // Orthogonal modes of 0.8 and 0.2 of the power.
    assert!((share - 0.2).abs() < 0.01, "the second mode has {share} of the power");
}

/// `|⟨a, b⟩|/(‖a‖‖b‖)` at the best of the whole-pixel shifts up to 3: probe and object may share one.
fn best_overlap(a: ArrayView2<'_, C32>, b: ArrayView2<'_, C32>) -> f64 {
    let (ny, nx) = a.dim();
    let wide = |z: C32| Complex64::new(f64::from(z.re), f64::from(z.im));
    let power = |m: ArrayView2<'_, C32>| m.iter().map(|z| wide(*z).norm_sqr()).sum::<f64>();
    let scale = (power(a) * power(b)).sqrt();
    let at = |y: usize, x: usize, dy: i64, dx: i64| {
        let wrap = |i: usize, d: i64, n: usize| (i as i64 + d).rem_euclid(n as i64) as usize;
        b[(wrap(y, dy, ny), wrap(x, dx, nx))]
    };
    let shifts = (-3..=3).flat_map(|dy| (-3..=3).map(move |dx| (dy, dx)));
    shifts
        .map(|(dy, dx)| {
            let inner: Complex64 =
                a.indexed_iter().map(|((y, x), z)| wide(*z).conj() * wide(at(y, x, dy, dx))).sum();
            inner.norm() / scale
        })
        .fold(0.0, f64::max)
}

/// One per cent of the beam's photons.
const BACKGROUND: Background = Background::Structured { share: 0.01 };

fn retrieval() -> Vec<Scheduled> {
    vec![Scheduled::new(Correction::Background(BackgroundRetrieval::default()), 10, 2)]
}

fn run_poisson(scan: &Scan, truth: &Truth, corrections: Vec<Scheduled>, iterations: usize) -> State {
    let kernels = CpuKernels::new(prepare(scan, Orientation::IDENTITY).expect("the scan's parts fit"));
    let pie = Pie { likelihood: Likelihood::Poisson, ..Pie::epie(1) };
    reconstruct_plan(&kernels, &plan(pie, iterations, corrections), start(&kernels, truth)).state
}

#[test]
fn a_structured_background_is_recovered_to_five_per_cent() {
    // On the reconstruction's own grid, so that the model can be perfect and the background is all that is left: on a
    // finer grid what scatters from below a pixel adds 5 to 9 % of this background's norm, and is retrieved with it.
    let mut description =
        ScanSimulation { photons_per_frame: 1e7, oversampling: 1, background: BACKGROUND, ..simulation() };
    let pixel = description.geometry.object_pixel(description.shape);
    for p in &mut description.positions {
        let whole =
            |at: Metres, pixel: Metres| Metres::new((at.value() / pixel.value()).round() * pixel.value());
        *p = Point::new(whole(p.y, pixel.y), whole(p.x, pixel.x));
    }
    let (scan, truth) = description.simulate().expect("the numbers fit");
    let expected = &truth.background;
    let state = run_poisson(&scan, &truth, retrieval(), 80);
    let found = state.background.expect("it was retrieved");
    let (ny, nx) = found.dim();
    let good = scan.mask.good();
    let (mut miss, mut norm) = (0.0, 0.0);
    for ((y, x), b) in expected.indexed_iter().filter(|(at, _)| good[*at]) {
        let corner = f64::from(found[((y + ny - ny / 2) % ny, (x + nx - nx / 2) % nx)]);
        miss += (corner - b).powi(2);
        norm += b * b;
    }
    let relative = (miss / norm).sqrt();
    assert!(relative < 0.05, "the background is {relative} of its norm off");
}

#[test]
fn with_its_background_retrieved_an_object_is_as_good_as_without_one() {
    let description = ScanSimulation { photons_per_frame: 1e7, ..simulation() };
    let (scan, truth) = description.simulate().expect("the numbers fit");
    let (spoiled, _) =
        ScanSimulation { background: BACKGROUND, ..description }.simulate().expect("the numbers fit");
    let options = ObjectErrorOptions { margin: 70, shift: ShiftSearch::WholePixels, ramp: RampSearch::Fine };
    let error = |state: &State| {
        object_error(state.object.view(), truth.object.view(), &options).expect("both are images").relative
    };
    let clean = error(&run_poisson(&scan, &truth, Vec::new(), 60));
    let ignored = error(&run_poisson(&spoiled, &truth, Vec::new(), 60));
    let retrieved = error(&run_poisson(&spoiled, &truth, retrieval(), 60));
    assert!(retrieved < 1.1 * clean, "{retrieved} with a background retrieved, {clean} without one");
    assert!(ignored > 1.5 * clean, "ignored it must do harm: {ignored}, {clean} without one");
}
