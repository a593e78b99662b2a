//! Registration of images whose shift is known exactly, because the object is an analytic function.

use litho_resolve::gauge::{Gauge, PhaseRamp};
use litho_resolve::register::{ImageKind, Registration, register, shift_complex};
use litho_resolve::window::Window;
use litho_testkit::{Lcg, TestObject, relative_rms};
use litho_types::C32;
use ndarray::Array2;
use num_complex::Complex;

const SIDE: usize = 128;
/// Noise-free accuracy asked for, pixels.
const NOISE_FREE: f64 = 0.02;

fn distance(found: &Registration, truth: (f64, f64)) -> f64 {
    (found.shift.y.value() - truth.0).hypot(found.shift.x.value() - truth.1)
}

fn gauge() -> Gauge {
    Gauge { scale: Complex::new(-0.4, 0.9), ramp: PhaseRamp { y: 0.031, x: -0.0174 } }
}

#[test]
fn sub_pixel_shifts_are_found_through_ramps() {
    let object = TestObject::new(SIDE, 11);
    let reference = object.image((0.0, 0.0));
    for truth in [(0.0, 0.0), (0.37, -0.61), (-7.25, 12.8), (23.5, 4.125)] {
        for change in [Gauge { scale: Complex::new(1.0, 0.0), ramp: PhaseRamp::default() }, gauge()] {
            let image = change.apply(object.image(truth).view());
            for window in [Window::Hann, Window::Tukey { taper: 20.0 }] {
                let found = register(reference.view(), image.view(), window, ImageKind::Complex).unwrap();
                assert!(distance(&found, truth) < NOISE_FREE, "{truth:?} {change:?} {window:?}: {found:?}");
                assert!(found.correlation > 0.999, "{found:?}");
            }
        }
    }
}

#[test]
fn the_gauge_turns_the_shifted_reference_into_the_image() {
    let object = TestObject::new(SIDE, 12);
    let (reference, shifted) = (object.image((0.0, 0.0)), object.image((5.3, -2.8)));
    let image = gauge().apply(shifted.view());
    let found = register(reference.view(), image.view(), Window::Hann, ImageKind::Complex).unwrap();
    // The ramp is good to 1/4000 Fourier pixel of the 122 common ones: 2π·128/(4000·122) = 1.6e-3 rad at the
    // corner in each direction.
    let again = found.gauge.apply(shifted.view());
    assert!(relative_rms(again.view(), image.view()) < 3.2e-3, "{found:?}");
}

#[test]
fn noise_moves_the_answer_by_what_theory_allows() {
    let object = TestObject::new(SIDE, 13);
    let truth = (1.37, -2.64);
    let (reference, image) = (object.image((0.0, 0.0)), gauge().apply(object.image(truth).view()));
    let sigma = 0.1;
    let mut random = Lcg::new(14);
    let noisy = &image + &random.complex_noise((SIDE, SIDE), sigma * gauge().scale.norm());
    // Cramér–Rao for one axis, one noisy image: σ_s² = (σ²/2)/Σ|∂O/∂y|², with the Hann window's effective
    // pixels (Σw²)²/Σw⁴ = 0.514² of the area. The analytic gradient is summed numerically.
    let slope: f64 = (0..SIDE - 1)
        .flat_map(|y| (0..SIDE).map(move |x| (y, x)))
        .map(|(y, x)| f64::from((reference[(y + 1, x)] - reference[(y, x)]).norm_sqr()))
        .sum();
    let bound = (sigma * sigma / 2.0 / (slope * 0.514 * 0.514)).sqrt();
    let found = register(reference.view(), noisy.view(), Window::Hann, ImageKind::Complex).unwrap();
    // Two axes, five standard deviations, plus the noise-free allowance.
    assert!(distance(&found, truth) < 5.0 * 2.0_f64.sqrt() * bound + 0.005, "{found:?}, bound {bound}");
}

#[test]
fn real_maps_register_without_ramps() {
    let object = TestObject::new(SIDE, 15);
    let map = |shift: (f64, f64)| {
        Array2::from_shape_fn((SIDE, SIDE), |(y, x)| {
            C32::new(object.thickness(y as f64 - shift.0, x as f64 - shift.1) as f32, 0.0)
        })
    };
    let truth = (-3.3, 0.45);
    let found = register(map((0.0, 0.0)).view(), map(truth).view(), Window::Hann, ImageKind::Real).unwrap();
    assert!(distance(&found, truth) < NOISE_FREE, "{found:?}");
    assert_eq!(found.gauge.ramp, PhaseRamp::default());
    // One object, one scale: 1, less what the object's structure above Nyquist (1e-3 of it) does.
    assert!((found.gauge.scale - Complex::new(1.0, 0.0)).norm() < 1e-3, "{found:?}");
}

#[test]
fn shifting_by_phases_is_exact_for_a_periodic_wave() {
    let wave = |dy: f64, dx: f64| {
        Array2::from_shape_fn((30, 41), |(y, x)| {
            let phase = 3.0 * (y as f64 - dy) / 30.0 - 4.0 * (x as f64 - dx) / 41.0;
            let (sin, cos) = (std::f64::consts::TAU * phase).sin_cos();
            C32::new(cos as f32, sin as f32)
        })
    };
    let moved = shift_complex(wave(0.0, 0.0).view(), (0.3, -1.7));
    assert!(relative_rms(moved.view(), wave(0.3, -1.7).view()) < 1e-6); // single precision
}

#[test]
fn images_that_cannot_be_registered_say_so() {
    let image = TestObject::new(32, 1).image((0.0, 0.0));
    let flat = Array2::from_elem((32, 32), C32::new(1.0, 0.0));
    let hann = Window::Hann;
    assert!(register(flat.view(), flat.view(), hann, ImageKind::Complex).is_err());
    let narrow = Window::Tukey { taper: 2.0 };
    assert!(register(image.view(), image.view(), narrow, ImageKind::Complex).is_err());
    let small = image.slice(ndarray::s![..12, ..]);
    assert!(register(small, small, hann, ImageKind::Complex).is_err());
    assert!(register(image.view(), small, hann, ImageKind::Complex).is_err());
}
