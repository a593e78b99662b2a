//! Edge widths of a synthetic edge whose blur is known.

use litho_resolve::edge::{LineProfile, WIDTH_PER_SIGMA, fit_edge, line_profile};
use litho_testkit::Lcg;
use litho_types::point::Point;
use ndarray::Array2;

/// erf by integrating the normal density with Simpson's rule, independent of the crate's series.
fn normal_cdf(x: f64) -> f64 {
    let (n, low) = (2000, -9.0_f64);
    let h = (x - low) / f64::from(n);
    let density = |t: f64| (-0.5 * t * t).exp() / std::f64::consts::TAU.sqrt();
    let inner: f64 =
        (1..n).map(|i| if i % 2 == 1 { 4.0 } else { 2.0 } * density(low + f64::from(i) * h)).sum();
    (density(low) + inner + density(x)) * h / 3.0
}

/// A straight edge whose normal points at `angle` from the x axis, through the middle of 64 × 64 pixels.
fn edge_image(sigma: f64, angle: f64) -> Array2<f32> {
    let (sin, cos) = angle.sin_cos();
    Array2::from_shape_fn((64, 64), |(y, x)| {
        let distance = (y as f64 - 31.5) * sin + (x as f64 - 31.5) * cos;
        (2.0 + 3.0 * normal_cdf((distance / sigma).clamp(-8.0, 8.0))) as f32
    })
}

fn across(image: &Array2<f32>, angle: f64, lines: usize) -> LineProfile {
    let (sin, cos) = angle.sin_cos();
    let at = |t: f64| Point::new(31.5 + t * sin, 31.5 + t * cos);
    line_profile(image.view(), at(-24.0), at(24.0), lines).unwrap()
}

#[test]
fn the_width_is_2_563_sigma() {
    // 90 % quantile of the normal distribution: 1.281552.
    assert!((normal_cdf(WIDTH_PER_SIGMA / 2.0) - 0.9).abs() < 1e-9);
    let profile = across(&edge_image(3.0, 0.0), 0.0, 1);
    let fit = fit_edge(&profile).unwrap();
    // The line lies half way between two rows, both equal, and starts half a pixel off the columns:
    // bilinear interpolation adds 1/4 px² to σ² = 9, i.e. 1.4 %.
    let expected = WIDTH_PER_SIGMA * (9.0_f64 + 0.25).sqrt();
    assert!((fit.width / expected - 1.0).abs() < 1e-3, "{fit:?}");
    assert!(
        (fit.centre - 24.0).abs() < 1e-3 && (fit.before - 2.0).abs() < 1e-3 && (fit.after - 5.0).abs() < 1e-3
    );
    // Read off between samples 1 px apart: linear interpolation errs by h²/8 of the curvature, below 1 %.
    assert!((fit.direct_width.unwrap() / expected - 1.0).abs() < 0.01, "{fit:?}");
}

#[test]
fn oblique_and_falling_edges_have_the_same_width() {
    for angle in [0.4, 2.0, 4.0] {
        let fit = fit_edge(&across(&edge_image(3.0, angle), angle, 5)).unwrap();
        // Interpolation adds between 0 and 1/4 px² along each axis.
        let (low, high) = (WIDTH_PER_SIGMA * 3.0, WIDTH_PER_SIGMA * (9.0_f64 + 0.5).sqrt());
        assert!(fit.width > 0.999 * low && fit.width < high, "{angle}: {fit:?}");
        let falling = fit_edge(&across(&edge_image(3.0, angle), angle + std::f64::consts::PI, 5)).unwrap();
        assert!(
            (falling.width / fit.width - 1.0).abs() < 1e-4 && falling.before > falling.after,
            "{falling:?}"
        );
    }
}

#[test]
fn the_stated_error_is_the_scatter() {
    let clean: Vec<f64> = (0..60).map(|i| normal_cdf((f64::from(i) - 29.3) / 2.5)).collect();
    let mut random = Lcg::new(21);
    let runs = 60;
    let (mut squares, mut stated) = (0.0, 0.0);
    for _ in 0..runs {
        let value = clean.iter().map(|v| v + 0.03 * random.normal()).collect();
        let fit = fit_edge(&LineProfile { distance: (0..60).map(f64::from).collect(), value }).unwrap();
        squares += (fit.width - 2.5 * WIDTH_PER_SIGMA).powi(2);
        stated += fit.width_error.powi(2);
    }
    // A variance from 60 runs is known to √(2/60) = 18 %, a standard deviation to 9 %; three of these.
    let ratio = (squares / stated).sqrt();
    assert!((ratio - 1.0).abs() < 0.28, "{ratio}");
}

#[test]
fn lines_without_an_edge_are_refused() {
    let flat = Array2::from_elem((32, 32), 1.0_f32);
    let profile = line_profile(flat.view(), Point::new(4.0, 4.0), Point::new(4.0, 25.0), 1).unwrap();
    assert!(fit_edge(&profile).is_err());
    assert!(line_profile(flat.view(), Point::new(4.0, 4.0), Point::new(4.0, 35.0), 1).is_err());
    assert!(line_profile(flat.view(), Point::new(4.0, 4.0), Point::new(4.0, 6.0), 1).is_err());
}
