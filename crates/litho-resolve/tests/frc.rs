//! Fourier ring correlation against what statistics predicts.

use litho_resolve::crossing::{Limit, crossings};
use litho_resolve::frc::{
    Alignment, Counting, Frc, FrcOptions, fourier_ring_correlation, half_bit_threshold, one_bit_threshold,
};
use litho_resolve::gauge::{Gauge, PhaseRamp};
use litho_resolve::region::Rectangle;
use litho_resolve::register::{ImageKind, shift_complex};
use litho_resolve::window::Window;
use litho_testkit::{Lcg, TestObject};
use litho_types::C32;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use ndarray::Array2;
use num_complex::Complex;

const FLAT: Window = Window::Tukey { taper: 0.0 };

fn as_given(window: Window) -> FrcOptions {
    FrcOptions { alignment: Alignment::AsGiven, window, ..FrcOptions::default() }
}

fn frc(first: &Array2<C32>, second: &Array2<C32>, options: FrcOptions) -> Frc {
    fourier_ring_correlation(first.view(), second.view(), &options).unwrap()
}

/// Root mean square of `C √n` over the rings: 1 for independent noise.
fn scatter(result: &Frc) -> f64 {
    let terms = result.correlation.iter().zip(&result.independent);
    (terms.map(|(c, n)| c * c * n).sum::<f64>() / result.correlation.len() as f64).sqrt()
}

/// White noise blurred by a Gaussian transfer function `exp(−(q/width)²)`, as a periodic image.
fn blurred_noise(shape: (usize, usize), width: f64, random: &mut Lcg) -> Array2<C32> {
    // In real space the transfer function is exp(−π² width² r²) π width², cut where it is below 1e-8.
    let noise = random.complex_noise(shape, 1.0);
    let reach = (18.4_f64.sqrt() / (std::f64::consts::PI * width)).ceil() as isize;
    let kernel: Vec<f64> = (-reach..=reach)
        .map(|r| {
            (-(std::f64::consts::PI * width * r as f64).powi(2)).exp() * std::f64::consts::PI.sqrt() * width
        })
        .collect();
    let along = |image: &Array2<C32>, dy: isize, dx: isize| {
        Array2::from_shape_fn(shape, |(y, x)| {
            let mut sum = C32::default();
            for (r, k) in (-reach..=reach).zip(&kernel) {
                let at = |i: usize, d: isize, n: usize| (i as isize + d * r).rem_euclid(n as isize) as usize;
                sum += image[(at(y, dy, shape.0), at(x, dx, shape.1))] * *k as f32;
            }
            sum
        })
    };
    along(&along(&noise, 1, 0), 0, 1)
}

#[test]
fn thresholds_are_the_published_numbers() {
    // By hand, n = 100: (0.2071 + 0.19102)/(1.2071 + 0.09102) and (0.5 + 0.24142)/(1.5 + 0.14142).
    assert!((half_bit_threshold(100.0) - 0.306_690).abs() < 3e-5); // 0.2071 is rounded
    assert!((one_bit_threshold(100.0) - 0.451_694).abs() < 1e-5);
    // Limits for n → ∞: 0.2071/1.2071 and 1/3.
    assert!((half_bit_threshold(1e16) - 0.171_57).abs() < 1e-5);
    assert!((one_bit_threshold(1e16) - 1.0 / 3.0).abs() < 1e-7);
}

#[test]
fn an_image_correlates_fully_with_itself() {
    let image = TestObject::new(64, 1).image((0.0, 0.0));
    for options in [as_given(Window::Hann), FrcOptions::default()] {
        let pixel = Metres::new(10e-9);
        let result = frc(&image, &image, FrcOptions { pixel: Some(Point::new(pixel, pixel)), ..options });
        // Registration of identical images leaves no shift: the same numbers are multiplied twice.
        assert!(result.correlation.iter().all(|c| (c - 1.0).abs() < 1e-9), "{:?}", result.correlation);
        assert_eq!(result.half_bit_limits.first, Limit::PixelLimit);
        assert_eq!(result.half_bit_limits.last.half_period(pixel), Some(pixel));
        assert_eq!(result.frequency.len(), 32);
        assert!((result.frequency_per_metre().unwrap()[31] - 5e7).abs() < 1e-3);
    }
}

#[test]
fn complex_noise_scatters_as_twice_the_ring_and_real_noise_as_the_ring() {
    let shape = (128, 128);
    let mut random = Lcg::new(2);
    let (a, b) = (random.complex_noise(shape, 1.0), random.complex_noise(shape, 1.0));
    let real = |image: &Array2<C32>| image.mapv(|v| C32::new(v.re, 0.0));
    let complex = frc(&a, &b, as_given(FLAT));
    let maps = frc(&real(&a), &real(&b), FrcOptions { kind: ImageKind::Real, ..as_given(FLAT) });
    assert_eq!(complex.independent[5], 2.0 * complex.counts[5] as f64);
    for result in [&complex, &maps] {
        // 64 rings: the rms of 64 normal numbers is 1 ± 1/√128 = 0.09; three of these. A count wrong by 2 gives 1.41 or 0.71.
        assert!((scatter(result) - 1.0).abs() < 0.27, "{}", scatter(result));
        let mean: f64 = result.correlation.iter().zip(&result.independent).map(|(c, n)| c * n.sqrt()).sum();
        assert!((mean / 64.0).abs() < 4.0 / 8.0, "{mean}"); // mean of 64: 0 ± 1/8
        // Nothing is resolved: the curve is below the threshold at once, give or take the first few rings.
        assert!(
            result.half_bit_limits.first.frequency().is_none_or(|q| q < 0.05),
            "{:?}",
            result.half_bit_limits
        );
    }
}

#[test]
fn apodised_noise_has_fewer_independent_numbers() {
    // 8 pairs × 48 rings; neighbouring rings share numbers under the window, so take an effective third of the
    // 384: rms 1 ± 1/√256 = 0.06; three of these. Without the correction the Hann window gives about 1.4.
    let shape = (96, 128);
    let mut random = Lcg::new(3);
    let (mut corrected, mut plain) = (0.0, 0.0);
    for _ in 0..8 {
        let (a, b) = (random.complex_noise(shape, 1.0), random.complex_noise(shape, 1.0));
        let with = |counting| frc(&a, &b, FrcOptions { counting, ..as_given(Window::Hann) });
        corrected += scatter(&with(Counting::Apodised)).powi(2) / 8.0;
        plain += scatter(&with(Counting::AllPixels)).powi(2) / 8.0;
    }
    assert!((corrected.sqrt() - 1.0).abs() < 0.18, "{}", corrected.sqrt());
    assert!(plain.sqrt() > 1.2, "{}", plain.sqrt());
}

#[test]
fn without_a_window_every_pixel_is_independent() {
    let noise = Lcg::new(4).complex_noise((32, 48), 1.0);
    let result = frc(&noise, &noise, FrcOptions { counting: Counting::Apodised, ..as_given(FLAT) });
    for (n, count) in result.independent.iter().zip(&result.counts) {
        assert!((n - 2.0 * *count as f64).abs() < 1e-9);
    }
}

#[test]
fn known_signal_to_noise_gives_snr_over_one_plus_snr() {
    // Signal power exp(−2(q/w)²) per pixel, noise power s² in each image:
    // C = SNR/(1 + SNR), SNR = exp(−2(q/w)²)/s².
    let (shape, width, sigma) = ((256, 256), 0.2, 0.3);
    let mut random = Lcg::new(5);
    let signal = blurred_noise(shape, width, &mut random);
    let mut noisy = || &signal + &random.complex_noise(shape, sigma);
    let (a, b) = (noisy(), noisy());
    let expected = |q: f64| {
        let snr = (-2.0 * (q / width).powi(2)).exp() / (sigma * sigma);
        snr / (1.0 + snr)
    };
    for window in [FLAT, Window::Hann] {
        let result = frc(&a, &b, FrcOptions { counting: Counting::Apodised, ..as_given(window) });
        let rings = result.frequency.iter().zip(&result.correlation).zip(&result.independent);
        let mut squares = 0.0;
        for ((q, c), n) in rings {
            let expected = expected(*q);
            // The scatter of a correlation coefficient is at most 1/√n. The window blurs q by a pixel:
            // 4 q δ/w² ≤ 4·0.3·0.004/0.04 = 0.12 relative in SNR, second order only. Five standard deviations.
            assert!((c - expected).abs() < 5.0 / n.sqrt() + 0.005, "q = {q}: {c}, expected {expected}");
            squares += (c - expected).powi(2) * n;
        }
        assert!((squares / 128.0).sqrt() < 1.2, "{}", (squares / 128.0).sqrt());
        // The analytic curve meets the threshold of this n near q = 0.27, where it falls by 5 per cycle/px and the
        // measured one scatters by 0.03 (no window) to 0.05 (Hann): two standard deviations.
        let analytic: Vec<f64> = result.frequency.iter().map(|q| expected(*q)).collect();
        let truth = crossings(&result.frequency, &analytic, &result.half_bit).first.frequency().unwrap();
        let crossing = result.half_bit_limits.first.frequency().unwrap();
        assert!((crossing - truth).abs() < 0.02, "{crossing}, expected {truth}");
    }
}

#[test]
fn shift_and_ramp_do_not_change_the_resolution() {
    let (shape, width, sigma) = ((224, 208), 0.2, 0.1);
    let mut random = Lcg::new(6);
    let signal = blurred_noise(shape, width, &mut random);
    let first = &signal + &random.complex_noise(shape, sigma);
    let noise = random.complex_noise(shape, sigma);
    let gauge = Gauge { scale: Complex::new(0.7, 1.1), ramp: PhaseRamp { y: 0.021, x: -0.0133 } };
    let second = gauge.apply((&shift_complex(signal.view(), (1.37, -2.61)) + &noise).view());
    let region = Some(Rectangle { y: 16, x: 16, height: 192, width: 176 });
    let straight = frc(&first, &(&signal + &noise), FrcOptions { region, ..as_given(Window::Hann) });
    let aligned = frc(&first, &second, FrcOptions { region, ..FrcOptions::default() });
    let found = aligned.registration.unwrap();
    // Plain cross-correlation of two noisy images (the weighted one does better), per axis: σ_s² = ∫q_y²(2Sσ² + σ⁴) / (2N (2π)² (∫q_y² S)²), S = exp(−2q²/w²),
    // with N = 192·176·0.514² under the Hann window: 0.009 px. Four of these.
    let error = (found.shift.y.value() - 1.37).hypot(found.shift.x.value() + 2.61);
    assert!(error < 0.036, "{found:?}");
    let crossing = |result: &Frc| result.half_bit_limits.first.frequency().unwrap();
    // The noise meets the signal at other places: each curve scatters by 1/√n ≈ 0.04 under the window, the slope
    // at the crossing is 6 per cycle/px: two standard deviations of the difference.
    assert!(
        (crossing(&straight) - crossing(&aligned)).abs() < 0.02,
        "{} {}",
        crossing(&straight),
        crossing(&aligned)
    );
    let raw = frc(&first, &second, FrcOptions { region, ..as_given(Window::Hann) });
    assert!(raw.half_bit_limits.last.frequency().is_none_or(|q| q < 0.1), "{:?}", raw.half_bit_limits);
}

#[test]
fn unusable_input_is_refused() {
    let mut image = TestObject::new(48, 9).image((0.0, 0.0));
    let outside = FrcOptions {
        region: Some(Rectangle { y: 40, x: 0, height: 20, width: 20 }),
        ..FrcOptions::default()
    };
    assert!(fourier_ring_correlation(image.view(), image.view(), &outside).is_err());
    image[(4, 4)].im = f32::NAN;
    assert!(fourier_ring_correlation(image.view(), image.view(), &FrcOptions::default()).is_err());
    let inside =
        FrcOptions { region: Some(Rectangle { y: 8, x: 8, height: 32, width: 32 }), ..FrcOptions::default() };
    assert!(fourier_ring_correlation(image.view(), image.view(), &inside).is_ok());
}
