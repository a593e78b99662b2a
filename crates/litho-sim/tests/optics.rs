//! Focus sizes against diffraction theory, sampling errors, and the ready-made scans.

use litho_sim::SimError;
use litho_sim::example::{
    GOLD_2000_EV, LITHIUM_NICKELATE_17050_EV, example_near_field, example_siemens, tiny_far_field,
    tiny_near_field,
};
use litho_sim::grid::Grid;
use litho_sim::optics::{MirrorAperture, Optics};
use litho_sim::phantom::Material;
use litho_types::C32;
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres};
use ndarray::{Array2, ArrayView1};

fn nanometres(value: f64) -> Metres {
    Metres::from_nanometres(value)
}

/// 256² samples of 2 nm.
fn grid() -> Grid {
    Grid::new((256, 256), Point::new(nanometres(2.0), nanometres(2.0))).unwrap()
}

fn wavelength() -> Metres {
    ElectronVolts::new(2000.0).wavelength()
}

/// Full width at half maximum of |row|², in samples, by linear interpolation.
fn fwhm(row: ArrayView1<'_, C32>) -> f64 {
    let intensity: Vec<f64> = row.iter().map(|v| f64::from(v.norm_sqr())).collect();
    let peak = (0..intensity.len()).max_by(|&a, &b| intensity[a].total_cmp(&intensity[b])).unwrap();
    let half = intensity[peak] / 2.0;
    let crossing = |from: usize, to: usize| (intensity[from] - half) / (intensity[from] - intensity[to]);
    let right = (peak..intensity.len() - 1).find(|&i| intensity[i + 1] < half).unwrap();
    let left = (0..=peak).rev().find(|&i| intensity[i - 1] < half).unwrap();
    (right - left) as f64 + crossing(right, right + 1) + crossing(left, left - 1)
}

fn power(wave: &Array2<C32>) -> f64 {
    wave.iter().map(|v| f64::from(v.norm_sqr())).sum()
}

fn zone_plate(outermost_zone: f64, stop: f64, defocus: f64) -> Optics {
    Optics::ZonePlate {
        diameter: Metres::from_micrometres(100.0),
        outermost_zone: nanometres(outermost_zone),
        stop_diameter: Metres::from_micrometres(stop),
        defocus: Metres::from_micrometres(defocus),
    }
}

#[test]
fn an_open_zone_plate_focuses_to_an_airy_disk() {
    let probe = zone_plate(20.0, 0.0, 0.0).probe(&grid(), wavelength()).unwrap();
    // FWHM of the Airy pattern 1.029 λ/(2 NA) = 1.029 Δr, first zero 1.22 Δr (Born & Wolf, §8.5.2). The aperture is
    // 12.8 grid steps in radius, its area rasterised to 0.2 %; linear interpolation between 2 nm samples adds 1 %.
    let width = fwhm(probe.row(128)) * 2.0;
    assert!((width / (1.029 * 20.0) - 1.0).abs() < 0.015, "{width} nm");
    let zero = (128..160).find(|&x| probe[(128, x)].norm() < probe[(128, x + 1)].norm()).unwrap();
    assert!((((zero - 128) * 2) as f64 - 1.22 * 20.0).abs() <= 2.0, "first zero at {} nm", (zero - 128) * 2);
    assert!((power(&probe) - 1.0).abs() < 1e-5);
    // Focus and axis at the centre, wave real there.
    assert!(probe[(128, 128)].im.abs() < 1e-6 && probe[(128, 128)].norm() >= probe[(128, 127)].norm());
}

#[test]
fn mirrors_have_the_focus_asked_for() {
    let focus = Point::new(nanometres(24.0), nanometres(36.0));
    for (aperture, tolerance) in [
        // Linear interpolation of a parabola-like peak flank sampled 12–18 times per width: below 1 %.
        (MirrorAperture::FocusWidth(focus), 0.01),
        (MirrorAperture::GaussianFocus(focus), 0.01),
    ] {
        let optics = Optics::KirkpatrickBaez { aperture, defocus: Metres::new(0.0) };
        let probe = optics.probe(&grid(), wavelength()).unwrap();
        for (row, want) in [(probe.column(128), 24.0), (probe.row(128), 36.0)] {
            let width = 2.0 * fwhm(row);
            assert!((width / want - 1.0).abs() < tolerance, "{width} nm instead of {want} nm");
        }
        assert!((power(&probe) - 1.0).abs() < 1e-5);
    }
}

#[test]
fn positive_defocus_diverges() {
    // Downstream of the focus the phase grows with r² (exp(iπr²/λz)), upstream it falls.
    for (defocus, sign) in [(8.0, 1.0_f32), (-8.0, -1.0)] {
        let aperture = MirrorAperture::GaussianFocus(Point::new(nanometres(20.0), nanometres(20.0)));
        let optics = Optics::KirkpatrickBaez { aperture, defocus: Metres::from_micrometres(defocus) };
        let probe = optics.probe(&grid(), wavelength()).unwrap();
        let curvature = (probe[(128, 140)] * probe[(128, 128)].conj()).arg();
        assert!(curvature * sign > 0.1, "{curvature}");
    }
}

#[test]
fn the_shadow_of_a_stopped_zone_plate_is_a_ring() {
    // 2 NA z across with NA = λ/(2Δr) = 15.5 mrad; at 8 µm 248 nm. The stop darkens its middle half.
    let optics = zone_plate(20.0, 50.0, 8.0);
    let probe = optics.probe(&grid(), wavelength()).unwrap();
    let in_radius = |limit: f64| -> f64 {
        let inside = probe
            .indexed_iter()
            .filter(|((y, x), _)| (*y as f64 - 128.0).hypot(*x as f64 - 128.0) * 2.0 < limit);
        inside.map(|(_, v)| f64::from(v.norm_sqr())).sum()
    };
    // Diffraction spreads edges over √(λz) = 70 nm: most of the light is still between the two shadows' edges.
    assert!(in_radius(62.0) < 0.15, "{}", in_radius(62.0));
    assert!(in_radius(124.0 + 35.0) > 0.85, "{}", in_radius(159.0));
    let size = optics.beam_size(wavelength()).unwrap();
    assert!((size.y.value() - (248e-9 + 20e-9)).abs() < 1e-9, "{}", size.y);
}

#[test]
fn a_pinhole_is_a_disk_that_spreads() {
    let probe = |distance: f64| {
        let optics =
            Optics::Pinhole { diameter: nanometres(300.0), distance: Metres::from_micrometres(distance) };
        optics.probe(&grid(), wavelength()).unwrap()
    };
    let near = probe(0.0);
    // |P|² is 1/Σa² inside, with the area a of each pixel in the disk of R = 75 px. Σa = πR²; a falls along the edge
    // over the width of a pixel seen at its angle, 4/π on average, where ∫(a − a²) = 1/6: Σa² = πR² − 2πR (4/π)/6.
    let sum = std::f64::consts::PI * 75.0 * 75.0 - 4.0 / 3.0 * 75.0;
    assert!((f64::from(near[(128, 128)].norm_sqr()) * sum - 1.0).abs() < 1e-3);
    // Two pixels outside: dark to the rounding of the transforms behind the hole, lit by diffraction at a distance.
    let middle = near[(128, 128)].norm();
    assert!(near[(128, 128 + 77)].norm() < 1e-12 * middle);
    assert!(probe(5.0)[(128, 128 + 77)].norm() > 0.1 * middle);
}

#[test]
fn beams_the_grid_cannot_hold_are_refused() {
    let error = |optics: Optics| optics.probe(&grid(), wavelength()).unwrap_err();
    assert!(matches!(error(zone_plate(1.5, 0.0, 0.0)), SimError::ApertureTooWide { axis: 'y', .. }));
    assert!(matches!(error(zone_plate(20.0, 0.0, 30.0)), SimError::BeamTooLarge { .. }));
    let pinhole = Optics::Pinhole { diameter: nanometres(600.0), distance: Metres::new(0.0) };
    assert!(
        error(pinhole)
            .to_string()
            .contains("pinhole is 600 nm wide along y, but the field of view is 512 nm")
    );
    assert!(error(zone_plate(20.0, 100.0, 0.0)).to_string().contains("central stop is 100 µm"));
    assert!(error(zone_plate(-1.0, 0.0, 0.0)).to_string().contains("outermost zone of the zone plate is -"));
    assert!(error(zone_plate(20.0, 0.0, f64::NAN)).to_string().contains("focus to sample is NaN"));
}

#[test]
fn materials_are_those_of_the_tables() {
    // Same tables through an independent reader; the constants hold five digits.
    let tables = xraydb::XrayDb::try_new().unwrap();
    let gold: Material = GOLD_2000_EV;
    for (material, formula, density, energy) in
        [(gold, "Au", 19.3, 2000.0), (LITHIUM_NICKELATE_17050_EV, "LiNiO2", 4.7, 17_050.0)]
    {
        let index = tables.xray_delta_beta(formula, density, energy).unwrap();
        assert!((material.delta / index.delta - 1.0).abs() < 1e-3, "{formula} {}", index.delta);
        assert!((material.beta / index.beta - 1.0).abs() < 1e-3, "{formula} {}", index.beta);
    }
}

#[test]
fn ready_made_scans_make_sense() {
    for scan in [example_siemens(), example_near_field(), tiny_far_field(), tiny_near_field()] {
        let scan = scan.unwrap();
        let (recorded, truth) = scan.simulate().unwrap();
        assert_eq!(recorded.frames.len(), scan.positions.len());
        assert_eq!(recorded.frames.type_name(), "uint16");
        // The object absorbs less than half of the beam anywhere and the detector misses little.
        assert!(truth.photons.iter().all(|p| (0.5..=1.0 + 1e-9).contains(&(p / scan.photons_per_frame))));
        let largest = truth.object.iter().map(|v| v.norm()).fold(0.0, f32::max);
        assert!(largest <= 1.0 + 1e-6, "matter never amplifies");
        let deepest = truth.object.iter().map(|v| v.arg()).fold(0.0, f32::min);
        assert!((-2.0..-0.5).contains(&deepest), "strong contrast without wrapping: {deepest}");
    }
}
