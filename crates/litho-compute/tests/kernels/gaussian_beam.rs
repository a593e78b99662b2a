//! The near-field propagator against the Gaussian beam of the textbook.

use litho_compute::Propagator;
use litho_types::C32;
use litho_types::geometry::{Geometry, Propagation};
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres};

/// Unequal sides and pixels, so that exchanged axes show.
const SHAPE: (usize, usize) = (128, 192);
const WAVELENGTH: f64 = 1e-10;
/// Object pixel `(y, x)`, metres.
const PIXEL: (f64, f64) = (60e-9, 50e-9);
/// Waist in both directions: 10 and 12 pixels.
const WAIST: f64 = 0.6e-6;
/// Some roundings of single precision on the axis; the second moments average over 2·10⁴ pixels. The paraxial
/// approximation is good to (λ/πw₀)² = 3e-9, and at the frame's edge the beam has fallen to exp(−2·(64/14)²) = 7e-19.
const TOLERANCE: f64 = 3.0 * f32::EPSILON as f64;

/// Beam radii `(y, x)` at `1/e²` of the intensity (twice its standard deviation) and the phase on the axis.
fn propagated(geometry: &Geometry) -> ((f64, f64), f64) {
    let propagator = Propagator::from_geometry(geometry, SHAPE).expect("the sides are not zero");
    let mut field = propagator.wavefield(1);
    let (ny, nx) = SHAPE;
    let place = |pixel: usize| {
        let (y, x) = (pixel / nx, pixel % nx);
        ((y as f64 - (ny / 2) as f64) * PIXEL.0, (x as f64 - (nx / 2) as f64) * PIXEL.1)
    };
    for (pixel, wave) in field.waves.iter_mut().enumerate() {
        let (y, x) = place(pixel);
        *wave = C32::new((-(y * y + x * x) / (WAIST * WAIST)).exp() as f32, 0.0);
    }
    propagator.to_detector(&mut field);
    let (mut total, mut yy, mut xx) = (0.0, 0.0, 0.0);
    for (pixel, wave) in field.waves.iter().enumerate() {
        let ((y, x), intensity) = (place(pixel), f64::from(wave.norm_sqr()));
        total += intensity;
        yy += intensity * y * y;
        xx += intensity * x * x;
    }
    let axis = field.waves[ny / 2 * nx + nx / 2];
    ((2.0 * (yy / total).sqrt(), 2.0 * (xx / total).sqrt()), f64::from(axis.arg()))
}

fn check(geometry: &Geometry, distance: f64) {
    // Siegman, Lasers, ch. 17: w(z) = w₀ √(1 + (z/z_R)²) with z_R = π w₀²/λ, and the phase on the axis falls
    // behind that of a plane wave by arctan(z/z_R) (Gouy).
    let rayleigh = std::f64::consts::PI * WAIST * WAIST / WAVELENGTH;
    let expected = WAIST * (distance / rayleigh).hypot(1.0);
    let ((wy, wx), phase) = propagated(geometry);
    assert!((wy / expected - 1.0).abs() < TOLERANCE, "{wy} instead of {expected} in y");
    assert!((wx / expected - 1.0).abs() < TOLERANCE, "{wx} instead of {expected} in x");
    let gouy = -(distance / rayleigh).atan();
    assert!((phase - gouy).abs() < TOLERANCE, "{phase} instead of {gouy}");
}

#[test]
fn a_parallel_beam_spreads_as_in_the_textbook() {
    // A quarter of the Rayleigh length, 11.3 mm, to the whole of it.
    for distance in [2.8e-3, 6e-3, 11.3e-3] {
        let geometry = Geometry {
            energy: ElectronVolts::from_wavelength(Metres::new(WAVELENGTH)),
            distance: Metres::new(distance),
            detector_pixel: Point::new(Metres::new(PIXEL.0), Metres::new(PIXEL.1)),
            propagation: Propagation::NearField { focus_to_sample: None },
        };
        check(&geometry, distance);
    }
}

#[test]
fn a_cone_beam_is_a_parallel_beam_over_the_effective_distance() {
    // Fresnel scaling theorem (Paganin, Coherent X-Ray Optics, app. B): z₁ = 10 mm, z₂ = 0.99 m magnify 100 times;
    // the equivalent parallel beam travels z₂/M = 9.9 mm and sees the detector's pixels 100 times smaller.
    let geometry = Geometry {
        energy: ElectronVolts::from_wavelength(Metres::new(WAVELENGTH)),
        distance: Metres::new(0.99),
        detector_pixel: Point::new(Metres::new(100.0 * PIXEL.0), Metres::new(100.0 * PIXEL.1)),
        propagation: Propagation::NearField { focus_to_sample: Some(Metres::new(10e-3)) },
    };
    check(&geometry, 9.9e-3);
}
