//! Fourier shell correlation against what statistics predicts and against the ring correlation.

use litho_resolve::ResolveError;
use litho_resolve::crossing::Limit;
use litho_resolve::frc::{Alignment, FrcOptions, fourier_ring_correlation, half_bit_threshold};
use litho_resolve::fsc::{
    Across, Counting, Direction, Fsc, FscOptions, Measured, Precision, ShellCurve, fourier_shell_correlation,
};
use litho_resolve::register::ImageKind;
use litho_resolve::window::Window;
use litho_testkit::Lcg;
use litho_types::C32;
use litho_types::quantity::{Metres, Radians};
use ndarray::{Array3, Axis, s};

const FLAT: Window = Window::Tukey { taper: 0.0 };

/// No window at all.
fn flat() -> FscOptions {
    FscOptions { across: Across::Rectangle(FLAT), along: FLAT, ..FscOptions::default() }
}

fn fsc(first: &Array3<f32>, second: &Array3<f32>, options: &FscOptions) -> Fsc {
    fourier_shell_correlation(first.view(), second.view(), options).expect("good volumes")
}

fn noise(shape: (usize, usize, usize), random: &mut Lcg) -> Array3<f32> {
    Array3::from_shape_simple_fn(shape, || random.normal() as f32)
}

/// Periodic Gaussian blur by `sigma` voxels along each axis; 0 is none.
fn blurred(volume: &Array3<f32>, sigma: [f64; 3]) -> Array3<f32> {
    let mut result = volume.clone();
    for (axis, sigma) in sigma.into_iter().enumerate().filter(|(_, sigma)| *sigma > 0.0) {
        let reach = (5.0 * sigma).ceil() as isize;
        let bell = |r: isize| (-0.5 * (r as f64 / sigma).powi(2)).exp();
        let total: f64 = (-reach..=reach).map(bell).sum();
        for mut lane in result.lanes_mut(Axis(axis)) {
            let old = lane.to_vec();
            let at = |i: isize| f64::from(old[i.rem_euclid(old.len() as isize) as usize]);
            for (i, value) in lane.iter_mut().enumerate() {
                *value = (-reach..=reach).map(|r| bell(r) / total * at(i as isize + r)).sum::<f64>() as f32;
            }
        }
    }
    result
}

/// Root mean square of `C √n` over the shells: 1 for independent noise.
fn scatter(curve: &ShellCurve, from: usize) -> f64 {
    let terms = curve.correlation.iter().zip(&curve.independent).skip(from).filter(|(_, n)| **n > 0.0);
    let squares: Vec<f64> = terms.map(|(c, n)| c * c * n).collect();
    (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
}

#[test]
fn real_noise_scatters_as_the_full_shell_in_every_direction() {
    let mut random = Lcg::new(5);
    let result = fsc(&noise((64, 64, 64), &mut random), &noise((64, 64, 64), &mut random), &flat());
    assert_eq!(result.frequency.len(), 32);
    // 32 shells: the rms of 32 normal numbers is 1 ± 1/√64 = 0.125; three of these. A count wrong by 2 gives 1.41 or 0.71.
    assert!((scatter(&result.whole, 0) - 1.0).abs() < 0.28, "{}", scatter(&result.whole, 0));
    // A cone of 30° holds 1 − cos 30° = 13 % of a shell.
    for (direction, curve) in &result.directions {
        let share = curve.counts[31] as f64 / result.whole.counts[31] as f64;
        assert!((share - 0.134).abs() < 0.01, "{direction:?}: {share}");
        assert!((scatter(curve, 3) - 1.0).abs() < 0.30, "{direction:?}: {}", scatter(curve, 3));
    }
    // Shell 1: k² from 1/4 to 9/4, that is 1 and 2: 6 + 12 voxels.
    assert_eq!(result.whole.counts[0], 18);
}

#[test]
fn what_does_not_change_along_z_has_its_slice_s_ring_correlation() {
    let mut random = Lcg::new(6);
    let signal = blurred(&noise((1, 40, 40), &mut random), [0.0, 1.5, 1.5]);
    let slices: Vec<Array3<f32>> = (0..2).map(|_| &signal + noise((1, 40, 40), &mut random) * 0.2).collect();
    let window = Window::Tukey { taper: 6.0 };
    let options = FscOptions {
        across: Across::Rectangle(window),
        along: FLAT,
        precision: Precision::Double,
        directions: vec![],
        ..FscOptions::default()
    };
    let volumes: Vec<Array3<f32>> =
        slices.iter().map(|slice| slice.broadcast((40, 40, 40)).expect("one slice").to_owned()).collect();
    let shells = fsc(&volumes[0], &volumes[1], &options);
    let images: Vec<_> =
        slices.iter().map(|slice| slice.index_axis(Axis(0), 0).mapv(|v| C32::new(v, 0.0))).collect();
    let options =
        FrcOptions { kind: ImageKind::Real, alignment: Alignment::AsGiven, window, ..FrcOptions::default() };
    let rings = fourier_ring_correlation(images[0].view(), images[1].view(), &options).expect("images");
    for (shell, ring) in shells.whole.correlation.iter().zip(&rings.correlation) {
        assert!((shell - ring).abs() < 1e-12, "{shell} {ring}"); // double rounding of some thousand terms
    }
    assert_eq!(shells.frequency, rings.frequency);
}

#[test]
fn a_blurred_object_in_noise_has_the_correlation_of_its_spectrum() {
    // Signal of power e = exp(−4π²σ²q²), noise of power r: C = e/(e + r).
    const SIGMA: f64 = 1.2;
    const NOISE: f64 = 0.1;
    let mut random = Lcg::new(7);
    let signal = blurred(&noise((64, 64, 64), &mut random), [SIGMA; 3]);
    let half = |random: &mut Lcg| &signal + noise((64, 64, 64), random) * (NOISE.sqrt() as f32);
    let (a, b) = (half(&mut random), half(&mut random));
    let options = FscOptions { voxel: Some(Metres::from_nanometres(20.0)), ..flat() };
    let result = fsc(&a, &b, &options);
    let expected = |q: f64| {
        let e = (-(2.0 * std::f64::consts::PI * SIGMA * q).powi(2)).exp();
        e / (e + NOISE)
    };
    for ((q, c), n) in result.frequency.iter().zip(&result.whole.correlation).zip(&result.whole.counts) {
        // Scatter at most 1/√n; the shell is ½ step wide to both sides, over which C bends by < 0.01.
        assert!((c - expected(*q)).abs() < 4.0 / (*n as f64).sqrt() + 0.01, "{q}: {c} {}", expected(*q));
    }
    // Where the expected curve meets the threshold of that shell, within one shell.
    let crossing = result.whole.half_bit_limits.first.frequency().expect("a crossing");
    let at = (crossing * 64.0).round() as usize - 1;
    let threshold = half_bit_threshold(result.whole.counts[at] as f64);
    assert!((expected(crossing) - threshold).abs() < 0.06, "{crossing}: {} {threshold}", expected(crossing));
    let half_period = result.whole.half_bit_limits.first.half_period(Metres::from_nanometres(20.0));
    assert!((half_period.expect("a crossing").value() - 20e-9 / (2.0 * crossing)).abs() < 1e-15);
    // Both precisions agree to single rounding.
    let double = fsc(&a, &b, &FscOptions { precision: Precision::Double, ..options });
    let pairs = result.whole.correlation.iter().zip(&double.whole.correlation);
    assert!(pairs.into_iter().all(|(s, d)| (s - d).abs() < 1e-5));
}

#[test]
fn a_direction_that_is_blurred_more_ends_first() {
    let mut random = Lcg::new(8);
    let signal = blurred(&noise((48, 64, 64), &mut random), [2.5, 0.8, 0.8]);
    let half = |random: &mut Lcg| &signal + noise((48, 64, 64), random) * 0.1;
    let result = fsc(&half(&mut random), &half(&mut random), &flat());
    let limit = |i: usize| result.directions[i].1.half_bit_limits.first.frequency().unwrap_or(0.0);
    // e = exp(−4π²σ²q²) falls to the threshold's S/(S+1)-ish 0.3 of noise 0.01 at q = 0.145 (σ 2.5) and 0.45 (σ 0.8)
    // on the axis; within the cone z reaches further.
    assert!(limit(0) < 0.22 && limit(1) > 0.36 && limit(2) > 0.36, "{} {} {}", limit(0), limit(1), limit(2));
    // 48 slices: shells of 1/48.
    assert!((result.frequency[0] - 1.0 / 48.0).abs() < 1e-12 && result.frequency.len() == 24);
}

#[test]
fn frequencies_that_were_not_measured_do_not_count() {
    // Structure along x only, that is at tilts near 0; at tilts near 90° there is noise.
    let mut random = Lcg::new(9);
    let signal = blurred(&noise((32, 64, 64), &mut random), [1.0, 6.0, 1.0]);
    let half = |random: &mut Lcg| &signal + noise((32, 64, 64), random) * 0.02;
    let (a, b) = (half(&mut random), half(&mut random));
    let narrow = Measured::Tilts { first: Radians::from_degrees(-5.0), last: Radians::from_degrees(5.0) };
    let along = [
        Direction::at_tilt("along", Radians::new(0.0)),
        Direction::at_tilt("across", Radians::from_degrees(90.0)),
    ];
    let all = fsc(&a, &b, &FscOptions { directions: along.to_vec(), ..flat() });
    let part = fsc(&a, &b, &FscOptions { measured: narrow, ..flat() });
    let at = |curve: &ShellCurve| curve.correlation[9];
    assert!(at(&part.whole) > 0.9, "{}", at(&part.whole));
    assert!(at(&all.directions[0].1) > 0.9 && at(&all.directions[1].1).abs() < 0.1);
    assert!(part.whole.counts[9] < all.whole.counts[9] / 8);
    // exp(−4π² 6² q²) = 4e-4, the power of the noise, at q = 0.074; the threshold for a few hundred voxels is near ½.
    let across = all.directions[1].1.half_bit_limits.first.frequency();
    assert!(across.is_some_and(|q| q < 0.12), "{across:?}");
}

#[test]
fn windows_and_small_objects_leave_fewer_independent_numbers() {
    // Three pairs of noise volumes; shells share numbers under a window: 3 × 20 curves, an effective third of them
    // independent, rms 1 ± 1/√40 = 0.16; three of these is too wide to see √1.4, so the mean over three volumes of all
    // shells weighs 0.1. A count without the correction gives 1.9 (circle and Hann) and 2.6 (ball).
    let mut random = Lcg::new(10);
    let (mut round, mut ball, mut plain) = (0.0, 0.0, 0.0);
    for _ in 0..3 {
        let pair: Vec<Array3<f32>> = (0..2).map(|_| noise((48, 48, 48), &mut random)).collect();
        let windowed = FscOptions {
            across: Across::Circle(Window::Hann),
            along: Window::Hann,
            directions: vec![],
            ..FscOptions::default()
        };
        let counted = FscOptions { counting: Counting::Apodised, ..windowed.clone() };
        round += scatter(&fsc(&pair[0], &pair[1], &counted).whole, 3).powi(2) / 3.0;
        plain += scatter(&fsc(&pair[0], &pair[1], &windowed).whole, 3).powi(2) / 3.0;
        let within = |volume: &Array3<f32>| {
            Array3::from_shape_fn((48, 48, 48), |(z, y, x)| {
                let r: f64 = [z, y, x].map(|i| (i as f64 - 23.5).powi(2)).iter().sum();
                if r.sqrt() < 10.0 { volume[(z, y, x)] } else { 0.0 }
            })
        };
        let options =
            FscOptions { counting: Counting::Object { diameter: 20.0 }, directions: vec![], ..flat() };
        ball += scatter(&fsc(&within(&pair[0]), &within(&pair[1]), &options).whole, 3).powi(2) / 3.0;
    }
    assert!((round.sqrt() - 1.0).abs() < 0.25, "{}", round.sqrt());
    assert!((ball.sqrt() - 1.0).abs() < 0.25, "{}", ball.sqrt());
    assert!(plain.sqrt() > 1.4, "{}", plain.sqrt());
}

#[test]
fn threads_do_not_change_a_bit() {
    let mut random = Lcg::new(11);
    let (a, b) = (noise((20, 24, 33), &mut random), noise((20, 24, 33), &mut random));
    let options = FscOptions { counting: Counting::Apodised, ..FscOptions::default() };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| fsc(&a, &b, &options)).whole.correlation
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn bad_volumes_and_settings_are_named() {
    let good = Array3::<f32>::zeros((16, 16, 16));
    let compare = |b: &Array3<f32>, options: &FscOptions| {
        fourier_shell_correlation(good.view(), b.view(), options).map(|_| ())
    };
    let short = good.slice(s![..15, .., ..]).to_owned();
    assert!(matches!(compare(&short, &flat()), Err(ResolveError::VolumeMismatch { .. })));
    let mut hole = good.clone();
    hole[(3, 2, 1)] = f32::NAN;
    let error = compare(&hole, &flat()).unwrap_err();
    assert!(error.to_string().contains("voxel (3, 2, 1) of the second volume"), "{error}");
    let small = Array3::<f32>::zeros((4, 16, 16));
    let result = fourier_shell_correlation(small.view(), small.view(), &flat());
    assert!(matches!(result, Err(ResolveError::VolumeTooSmall { .. })));
    let object = FscOptions { counting: Counting::Object { diameter: f64::NAN }, ..flat() };
    assert!(matches!(compare(&good, &object), Err(ResolveError::InvalidSetting { .. })));
    let wedge = Measured::Tilts { first: Radians::new(1.0), last: Radians::new(1.0) };
    assert!(compare(&good, &FscOptions { measured: wedge, ..flat() }).is_err());
    let mut cone = flat();
    cone.directions[0].axis = [0.0; 3];
    assert!(compare(&good, &cone).is_err());
    // Empty volumes have no power and no resolution, but are no error.
    let nothing = fsc(&good, &good, &flat());
    assert!(nothing.whole.correlation.iter().all(|c| c.is_nan()));
    assert_eq!(nothing.whole.half_bit_limits.first, Limit::Unresolved);
}
