//! Whole series: from complex projections with ramps, offsets, noise and dark pixels to line integrals.

use litho_testkit::Lcg;
use litho_tomo::TomoError;
use litho_tomo::phase::{Air, PhaseSettings, PhaseWarning, Prepared, Ramp, prepare, prepare_phase};
use litho_types::C32;
use litho_types::observer::{CancelToken, Silent};
use litho_types::point::Point;
use ndarray::{Array2, Array3, Axis, s};
use std::f64::consts::TAU;

/// Radius of the ball in metres, its electron density, the energy and pixel of the large case: 15 µm at 7 keV.
const RADIUS: f64 = 7.5e-6;
const PIXEL: f64 = 50e-9;
/// `r_e λ Δ` of 1 e/Å³: 2.8179403e-15 · 1.7712e-10 · 50e-9 · 1e30 rad per pixel.
const PHASE_PER_PIXEL: f64 = 0.024_956;

fn ball(side: usize, r: f64, centre: (f64, f64), per_pixel: f64) -> Array2<f64> {
    Array2::from_shape_fn((side, side), |(y, x)| {
        let square = r * r - (y as f64 - centre.0).powi(2) - (x as f64 - centre.1).powi(2);
        -2.0 * per_pixel * square.max(0.0).sqrt()
    })
}

/// A transmission of this phase with an optical density of a tenth of it, a ramp, and complex noise of `sigma` a pixel.
fn transmission(phase: &Array2<f64>, ramp: Ramp, sigma: f64, seed: u64) -> Array2<C32> {
    let noise = Lcg::new(seed).complex_noise(phase.dim(), sigma * std::f64::consts::SQRT_2);
    let mut image = noise;
    for ((y, x), value) in image.indexed_iter_mut() {
        let (modulus, angle) = ((0.05 * phase[(y, x)]).exp(), phase[(y, x)] + ramp.at(y, x));
        *value += C32::from_polar((0.9 * modulus) as f32, (angle % TAU) as f32);
    }
    image
}

fn ramp(offset: f64, y: f64, x: f64) -> Ramp {
    Ramp { offset, slope: Point::new(y, x) }
}

fn run(series: &Array3<C32>, settings: &PhaseSettings) -> Prepared {
    prepare(series.view(), settings, &mut Silent, &CancelToken::new()).expect("good projections")
}

#[test]
fn a_15_micrometre_particle_at_7_kev_wraps_and_comes_back() {
    // 300 px across, 2·150·0.024956 = 7.487 rad in the middle: wrapped once, with a ramp of several turns besides.
    let truth = ball(360, RADIUS / PIXEL, (179.5, 179.5), PHASE_PER_PIXEL);
    assert!((truth[(179, 179)] + 7.487).abs() < 1e-3);
    let image = transmission(&truth, ramp(1.3, 0.11, -0.07), 0.0, 1);
    let prepared = run(&image.insert_axis(Axis(0)), &PhaseSettings::default());
    let report = &prepared.projections[0];
    assert_eq!((report.residues, report.torn, prepared.warnings.len()), (0, 0, 0));
    for (at, value) in prepared.phase.index_axis(Axis(0), 0).indexed_iter() {
        // f32 of a phase of up to 60 rad with its ramp: 4e-6; the rim that passes for air shifts the plane by less than
        // 1e-3 rad times its share of 2 %.
        assert!((f64::from(*value) - truth[at]).abs() < 3e-5, "{at:?}: {value} {}", truth[at]);
    }
    let optical = prepared.optical_density.expect("complex projections have one");
    for (at, value) in optical.index_axis(Axis(0), 0).indexed_iter() {
        assert!((f64::from(*value) + 0.1 * truth[at]).abs() < 1e-5, "{at:?}: {value}");
    }
}

#[test]
fn noise_moves_air_by_its_share_and_matter_not_at_all() {
    // σ = 0.09 of 0.9: 0.1 rad a pixel in air.
    // 13.2 rad in the middle, 2.5 rad over the first pixel of the rim.
    let truth = ball(160, 55.0, (80.0, 75.0), 0.12);
    let ramps = [ramp(-0.4, 0.05, 0.3), ramp(2.9, -0.02, -0.4), ramp(0.0, 0.0, 0.0)];
    let images: Vec<Array2<C32>> =
        ramps.iter().zip(1..).map(|(ramp, seed)| transmission(&truth, *ramp, 0.09, seed)).collect();
    let views: Vec<_> = images.iter().map(|image| image.view()).collect();
    let series = ndarray::stack(Axis(0), &views).expect("one shape");
    let settings = PhaseSettings { check: true, ..PhaseSettings::default() };
    let prepared = run(&series, &settings);
    let air = truth.mapv(|v| v == 0.0);
    let pixels = air.iter().filter(|air| **air).count() as f64;
    for (index, report) in prepared.projections.iter().enumerate() {
        let phase = prepared.phase.index_axis(Axis(0), index);
        let errors = phase.iter().zip(&truth).zip(&air).filter(|(_, air)| **air);
        let mean = errors.map(|((value, truth), _)| f64::from(*value) - truth).sum::<f64>() / pixels;
        // Zero by construction but for outliers and the rim; at most four standard deviations of its noise.
        assert!(mean.abs() < 4.0 * 0.1 / pixels.sqrt(), "{index}: {mean}");
        // Middle of the ball, 9 × 9 pixels: σ grows with 1/|T| = exp(0.05 · 13.2) = 1.93 to 0.193, of the mean 0.022;
        // a turn too many would be 6.28.
        let middle = phase.slice(s![76..85, 71..80]).mean().expect("81 pixels");
        let expected = truth.slice(s![76..85, 71..80]).mean().expect("81 pixels");
        assert!((f64::from(middle) - expected).abs() < 4.0 * 0.022, "{index}: {middle} {expected}");
        assert!((report.noise - 0.1).abs() < 0.01, "{}", report.noise);
        assert!((report.modulus.expect("air") - 0.9).abs() < 0.01);
        let along = report.ramp.slope;
        // Slope of a plane through n pixels of a side of 160: σ√12/(160 √n) = 2e-5; four of these.
        let error = (along.x - ramps[index].slope.x).abs().max((along.y - ramps[index].slope.y).abs());
        assert!(error < 1e-4, "{index}: {error}");
        assert!(report.disagreement.is_some_and(|share| share < 0.01), "{:?}", report.disagreement);
    }
}

#[test]
fn dark_and_missing_pixels_have_no_weight_and_spread_nowhere() {
    let truth = ball(96, 30.0, (48.0, 47.0), 0.15);
    let mut image = transmission(&truth, ramp(0.2, 0.1, 0.1), 0.0, 4);
    for ((y, x), value) in image.indexed_iter_mut() {
        if (y as f64 - 50.0).hypot(x as f64 - 40.0) < 5.0 {
            *value = C32::new(f32::NAN, 0.0);
        } else if y < 3 {
            *value = C32::default();
        }
    }
    let prepared = run(&image.clone().insert_axis(Axis(0)), &PhaseSettings::default());
    let (phase, weights) = (prepared.phase.index_axis(Axis(0), 0), prepared.weights.index_axis(Axis(0), 0));
    for (at, value) in phase.indexed_iter() {
        let dark = !image[at].is_finite() || image[at].norm() == 0.0;
        assert_eq!(weights[at], if dark { 0.0 } else { 1.0 }, "{at:?}");
        assert!(value.is_finite());
        assert!(dark || (f64::from(*value) - truth[at]).abs() < 3e-5, "{at:?}: {value} {}", truth[at]);
    }
    let unlit = image.iter().filter(|v| v.norm() <= 0.0 || !v.is_finite()).count();
    assert_eq!(prepared.warnings, [PhaseWarning::Unlit { projections: vec![0], pixels: unlit }]);
    assert!(prepared.optical_density.expect("complex").iter().all(|v| v.is_finite()));
}

#[test]
fn a_phase_series_needs_no_modulus_and_given_air_is_enough() {
    let truth = ball(80, 38.0, (40.0, 40.0), 0.1);
    let plane = ramp(0.7, 0.02, -0.05);
    let wrapped =
        Array2::from_shape_fn(truth.dim(), |at| C32::cis((truth[at] + plane.at(at.0, at.1)) as f32).arg());
    let corner = litho_resolve::region::Rectangle { y: 0, x: 0, height: 8, width: 8 };
    let other = litho_resolve::region::Rectangle { y: 72, x: 70, height: 8, width: 10 };
    let settings = PhaseSettings { air: Air::Rectangles(vec![corner, other]), ..PhaseSettings::default() };
    let series = wrapped.insert_axis(Axis(0));
    let prepared = prepare_phase(series.view(), &settings, &mut Silent, &CancelToken::new()).expect("phases");
    assert!(prepared.optical_density.is_none());
    let error = prepared.phase.iter().zip(&truth).map(|(v, t)| (f64::from(*v) - t).abs()).fold(0.0, f64::max);
    // Two corners fix the plane across the diagonal from 8 pixels of f32 at some rad each: 1e-6 times 80/8.
    assert!(error < 3e-5, "{error}");
}

#[test]
fn conjugated_projections_and_missing_air_are_said() {
    let truth = ball(64, 20.0, (32.0, 32.0), 0.2);
    let image = transmission(&truth, ramp(0.0, 0.0, 0.0), 0.01, 5).mapv(|v| v.conj());
    let prepared = run(&image.insert_axis(Axis(0)), &PhaseSettings::default());
    assert_eq!(prepared.warnings, [PhaseWarning::Positive]);
    let dark = Array3::from_elem((2, 16, 16), C32::default());
    let prepared = run(&dark, &PhaseSettings::default());
    assert!(prepared.warnings.contains(&PhaseWarning::NoAir { projections: vec![0, 1] }));
    assert!(prepared.phase.iter().all(|v| *v == 0.0));
}

#[test]
fn threads_do_not_change_a_bit_and_bad_settings_are_named() {
    let truth = ball(64, 22.0, (30.0, 33.0), 0.4);
    let image = transmission(&truth, ramp(0.1, 0.2, 0.1), 0.3, 6);
    let series = ndarray::stack(Axis(0), &[image.view(), image.view(), image.view()]).expect("one shape");
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| run(&series, &PhaseSettings::default()))
    };
    assert_eq!(on(1), on(3));
    let with = |settings: PhaseSettings| {
        prepare(series.view(), &settings, &mut Silent, &CancelToken::new()).map(|_| ())
    };
    let beyond = litho_resolve::region::Rectangle { y: 60, x: 0, height: 8, width: 8 };
    let air = Air::Rectangles(vec![beyond]);
    let error = with(PhaseSettings { air, ..PhaseSettings::default() }).expect_err("reaches beyond");
    assert!(error.to_string().contains("rows 60..68"), "{error}");
    let dark = PhaseSettings { dark: f32::NAN, ..PhaseSettings::default() };
    assert!(matches!(with(dark), Err(TomoError::Setting { .. })));
    let cancel = CancelToken::new();
    cancel.cancel();
    let stopped = prepare(series.view(), &PhaseSettings::default(), &mut Silent, &cancel);
    assert!(matches!(stopped, Err(TomoError::Interrupted { .. })));
}
