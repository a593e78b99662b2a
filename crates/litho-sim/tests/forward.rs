//! The forward model against defining sums, identities and its own conventions.

use litho_sim::SimError;
use litho_sim::background::Background;
use litho_sim::detector::Detector;
use litho_sim::example::{tiny_far_field, tiny_near_field};
use litho_sim::optics::{MirrorAperture, Optics};
use litho_sim::phantom::Object;
use litho_sim::scan::{Illumination, ScanSimulation};
use litho_types::C32;
use litho_types::geometry::{Geometry, Propagation};
use litho_types::mask::{DetectorMask, bits};
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres};
use ndarray::{Array2, Array3, ArrayView2, s};
use num_complex::Complex;
use std::f64::consts::TAU;

/// Frames are stored as `f32`: relative rounding 6e-8, and sums of a few thousand of them.
const SINGLE: f64 = 1e-6;

fn metres(y: f64, x: f64) -> Point<Metres> {
    Point::new(Metres::new(y), Metres::new(x))
}

fn wide(view: ArrayView2<'_, C32>) -> Array2<Complex<f64>> {
    view.mapv(|v| Complex::new(f64::from(v.re), f64::from(v.im)))
}

/// A 6 × 5 scan on the reconstruction's grid with arbitrary probe modes and object; positions on whole pixels.
fn given() -> ScanSimulation {
    let shape = (6, 5);
    let geometry = Geometry {
        energy: ElectronVolts::new(8000.0),
        distance: Metres::new(1.0),
        detector_pixel: metres(1e-4, 8e-5),
        propagation: Propagation::FarField,
    };
    let pixel = geometry.object_pixel(shape);
    let at = |y: f64, x: f64| Point::new(pixel.y * y, pixel.x * x);
    let value = |seed: usize| ((seed * 7919 % 101) as f32 - 50.0) / 50.0;
    let modes = Array3::from_shape_fn((2, 6, 5), |(k, y, x)| {
        C32::new(value(3 * k + 11 * y + x), value(5 * k + y + 17 * x + 2))
    });
    let photons: f64 = modes.iter().map(|v| f64::from(v.norm_sqr())).sum();
    ScanSimulation {
        geometry,
        shape,
        illumination: Illumination::Modes(modes),
        object: Object::Array {
            transmission: Array2::from_shape_fn((11, 12), |(y, x)| {
                C32::new(value(y + 13 * x), value(29 * y + 3 * x))
            }),
            origin: at(-4.0, -3.0),
        },
        positions: vec![at(0.0, 0.0), at(-1.0, 4.0), at(2.0, 1.0)],
        photons_per_frame: photons,
        mask: DetectorMask::all_good(shape),
        background: Background::NONE,
        detector: Detector::NoiseFree,
        oversampling: 1,
        seed: 0,
    }
}

#[test]
fn on_the_reconstruction_grid_frames_are_the_defining_sum() {
    let scan = given();
    let (recorded, truth) = scan.simulate().unwrap();
    let (Illumination::Modes(modes), Object::Array { transmission, .. }) = (&scan.illumination, &scan.object)
    else {
        panic!("given() has both");
    };
    // Object pixel = position − origin − (N/2) in pixels: 0 − (−4) − 3, 0 − (−3) − 2, …
    for (index, (row, column)) in [(1, 1), (0, 5), (3, 2)].into_iter().enumerate() {
        let patch = wide(transmission.slice(s![row..row + 6, column..column + 5]));
        let frame = recorded.frames.frame(index);
        for ((v, u), got) in frame.indexed_iter() {
            let mut want = 0.0;
            for mode in modes.outer_iter() {
                // I(v, u) = Σ_k |Σ P_k O exp[−2πi((v − 3)y/6 + (u − 2)x/5)]|²/30, zero frequency at (3, 2)
                let sum: Complex<f64> = (&wide(mode) * &patch)
                    .indexed_iter()
                    .map(|((y, x), w)| {
                        let turn = (v as f64 - 3.0) * y as f64 / 6.0 + (u as f64 - 2.0) * x as f64 / 5.0;
                        w * Complex::cis(-TAU * turn)
                    })
                    .sum();
                want += sum.norm_sqr() / 30.0;
            }
            assert!(
                (f64::from(*got) - want).abs() < SINGLE * want.max(1.0),
                "frame {index} ({v}, {u}): {got}, {want}"
            );
        }
    }
    assert_eq!(&truth.object, transmission);
    assert!(truth.probe.iter().zip(modes).all(|(a, b)| (a - b).norm() < 1e-6));
}

#[test]
fn photons_behind_the_object_all_arrive() {
    // Parseval: on the reconstruction's grid the detector holds every frequency.
    let scan = given();
    let (recorded, truth) = scan.simulate().unwrap();
    let all = Array2::from_elem(scan.shape, true);
    let Object::Array { transmission, .. } = &scan.object else { panic!("given() has an array") };
    let Illumination::Modes(modes) = &scan.illumination else { panic!("given() has modes") };
    for (index, (row, column)) in [(1, 1), (0, 5), (3, 2)].into_iter().enumerate() {
        let patch = wide(transmission.slice(s![row..row + 6, column..column + 5]));
        let power: f64 =
            modes.outer_iter().map(|m| (&wide(m) * &patch).iter().map(Complex::norm_sqr).sum::<f64>()).sum();
        assert!((recorded.frames.totals(all.view())[index] / power - 1.0).abs() < SINGLE);
        assert!((truth.photons[index] / power - 1.0).abs() < SINGLE);
    }
}

/// `scan` with nothing in the beam, without noise.
fn empty(scan: ScanSimulation) -> ScanSimulation {
    let pixel = scan.geometry.object_pixel(scan.shape);
    let reach = |low: f64, pixel: Metres, count: usize| Metres::new(low) + pixel * -((count + 4) as f64);
    let low = |axis: fn(&Point<Metres>) -> f64| scan.positions.iter().map(axis).fold(f64::INFINITY, f64::min);
    let origin = Point::new(
        reach(low(|p| p.y.value()), pixel.y, scan.shape.0),
        reach(low(|p| p.x.value()), pixel.x, scan.shape.1),
    );
    let transmission = Array2::from_elem((8 * scan.shape.0, 8 * scan.shape.1), C32::new(1.0, 0.0));
    ScanSimulation { object: Object::Array { transmission, origin }, detector: Detector::NoiseFree, ..scan }
}

#[test]
fn nothing_in_the_beam_leaves_the_beam_everywhere() {
    for scan in [tiny_far_field().unwrap(), tiny_near_field().unwrap()] {
        let scan = empty(scan);
        let (recorded, truth) = scan.simulate().unwrap();
        let first = recorded.frames.frame(0);
        let peak = first.iter().copied().fold(0.0, f32::max);
        assert!(scan.positions.len() > 40);
        for index in 1..recorded.frames.len() {
            let frame = recorded.frames.frame(index);
            // Sub-pixel shifts are exact for a band-limited beam; frames are single precision.
            assert!(frame.iter().zip(&first).all(|(a, b)| (a - b).abs() < 1e-5 * peak), "frame {index}");
        }
        // A beam whose angles the detector holds loses no photon; the diffuser scatters < 0.1 % past the near-field grid.
        assert!(truth.photons.iter().all(|p| (p / scan.photons_per_frame - 1.0).abs() < 1e-9));
    }
}

#[test]
fn right_behind_the_sample_the_image_is_the_beam() {
    // z → 0 with z₁ fixed: I → |P|². At 1 nm the phase λzq²π is below 1e-5 rad at the highest frequency of the grid.
    let scan = empty(ScanSimulation { oversampling: 1, ..tiny_near_field().unwrap() });
    let geometry = Geometry {
        distance: Metres::new(1e-9),
        detector_pixel: metres(99e-9, 99e-9),
        propagation: Propagation::NearField { focus_to_sample: Some(Metres::new(5e-3)) },
        ..scan.geometry
    };
    let (recorded, truth) = ScanSimulation { geometry, ..scan }.simulate().unwrap();
    let frame = recorded.frames.frame(0);
    let peak = frame.iter().copied().fold(0.0, f32::max);
    let probe = truth.probe.index_axis(ndarray::Axis(0), 0);
    assert!(frame.iter().zip(probe).all(|(i, p)| (i - p.norm_sqr()).abs() < 1e-4 * peak));
}

#[test]
fn a_finer_grid_agrees_with_the_reconstruction_grid_where_nothing_is_finer() {
    // A band-limited beam on an empty object: the fine grid brings nothing new, so s = 1, 2, 3 agree.
    let at = |oversampling| {
        empty(ScanSimulation { oversampling, ..tiny_far_field().unwrap() }).simulate().unwrap()
    };
    let (one, truth) = at(1);
    let peak = one.frames.frame(0).iter().copied().fold(0.0, f32::max);
    for oversampling in [2, 3] {
        let (fine, fine_truth) = at(oversampling);
        let same =
            one.frames.frame(7).iter().zip(&fine.frames.frame(7)).all(|(a, b)| (a - b).abs() < 1e-5 * peak);
        assert!(same, "oversampling {oversampling}");
        let largest = truth.probe.iter().map(|p| p.norm()).fold(0.0, f32::max);
        assert!(truth.probe.iter().zip(&fine_truth.probe).all(|(a, b)| (a - b).norm() < 1e-5 * largest));
    }
}

#[test]
fn a_near_field_shadow_lies_where_the_object_is() {
    // Right behind the sample, an opaque edge at x ≥ 0: with the beam at −5 pixels its shadow begins 5 pixels right of
    // the middle, whatever the oversampling. Sub-pixel remainders must not move beam or detector.
    for oversampling in [1, 2, 3] {
        let scan = tiny_near_field().unwrap();
        let pixel = Metres::new(99e-9);
        let geometry = Geometry {
            distance: Metres::new(1e-9),
            detector_pixel: Point::new(pixel, pixel),
            propagation: Propagation::NearField { focus_to_sample: None },
            ..scan.geometry
        };
        let (ny, nx) = (48, 48);
        let half = 40 * oversampling;
        let fine = pixel * (1.0 / oversampling as f64);
        // Fine pixel `half` is the first opaque one; its left edge is at x = −Δ/2: reconstruction pixel 0 is opaque.
        let transmission = Array2::from_shape_fn((2 * half, 2 * half), |(_, x)| {
            C32::new(f32::from(u8::from(x < half)), 0.0)
        });
        let corner = fine * -((oversampling as f64 - 1.0) / 2.0 + half as f64);
        let flat = Array3::from_elem((1, ny, nx), C32::new(1.0, 0.0));
        let scan = ScanSimulation {
            geometry,
            illumination: Illumination::Modes(flat),
            object: Object::Array { transmission, origin: Point::new(corner, corner) },
            positions: vec![Point::new(Metres::new(0.0), pixel * -5.0)],
            detector: Detector::NoiseFree,
            oversampling,
            ..scan
        };
        let (recorded, _) = scan.simulate().unwrap();
        let row = recorded.frames.frame(0).row(20).to_owned();
        let bright = row[10];
        assert!(
            row.iter().enumerate().all(|(x, v)| (*v > bright / 2.0) == (x < nx / 2 + 5)),
            "s = {oversampling}: {row}"
        );
    }
}

#[test]
fn moving_the_beam_is_moving_the_object_the_other_way() {
    // A smooth object T at the beam position δ, or T(r + δ) with the beam at 0: the same frame, in far and near field,
    // for δ of a fraction of a fine pixel. The wrong sign of δ would be seen.
    // Exact only for a beam whose angles the grid holds, so the near field gets one without edges.
    let near = tiny_near_field().unwrap();
    let focus = Metres::from_nanometres(205.0);
    let aperture = MirrorAperture::GaussianFocus(Point::new(focus, focus));
    let optics = Optics::KirkpatrickBaez { aperture, defocus: Metres::new(0.0) };
    let illumination = Illumination::Optics { optics, diffuser: None, mode_powers: vec![1.0] };
    for scan in [tiny_far_field().unwrap(), ScanSimulation { illumination, ..near }] {
        let pixel = scan.geometry.object_pixel(scan.shape).y.value() / 2.0;
        let turn = TAU / 96.0; // periodic like the grid of 96 fine pixels
        let frame = |beam: (f64, f64), shift: (f64, f64)| {
            let transmission = Array2::from_shape_fn((200, 200), |(y, x)| {
                let (y, x) = (y as f64 + shift.0, x as f64 + shift.1);
                C32::new(
                    (0.6 + 0.2 * (6.0 * turn * y).sin() + 0.2 * (turn * (8.0 * x + 2.0 * y)).cos()) as f32,
                    0.0,
                )
            });
            let origin = metres(-100.0 * pixel, -100.0 * pixel);
            let scan = ScanSimulation {
                object: Object::Array { transmission, origin },
                positions: vec![metres(beam.0 * pixel, beam.1 * pixel)],
                detector: Detector::NoiseFree,
                ..scan.clone()
            };
            scan.simulate().unwrap().0.frames.frame(0)
        };
        let delta = (0.3, -0.45);
        let difference = |other: &Array2<f32>| {
            let moved = frame(delta, (0.0, 0.0));
            moved.iter().zip(other).map(|(a, b)| f64::from((a - b).abs())).sum::<f64>()
                / f64::from(moved.sum())
        };
        let same = difference(&frame((0.0, 0.0), delta));
        assert!(same < SINGLE, "{same}");
        assert!(difference(&frame((0.0, 0.0), (-delta.0, -delta.1))) > 2e-2);
    }
}

#[test]
fn one_and_two_threads_give_the_same_bits() {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| tiny_far_field().unwrap().simulate().unwrap())
    };
    assert!(run(1) == run(2));
}

#[test]
fn unusable_pixels_read_zero_and_background_adds_to_the_rest() {
    let scan = given();
    let mut mask = DetectorMask::all_good(scan.shape);
    mask.flag((1, 2), bits::DEAD);
    let clean = scan.simulate().unwrap().0.frames.frame(0);
    let (recorded, _) =
        ScanSimulation { mask: mask.clone(), background: Background::Flat(3.0), ..scan }.simulate().unwrap();
    for ((pixel, value), good) in recorded.frames.frame(0).indexed_iter().zip(&mask.good()) {
        let want = if *good { clean[pixel] + 3.0 } else { 0.0 };
        assert!((value - want).abs() < 1e-5, "{pixel:?}");
    }
    assert_eq!(recorded.mask, mask);
}

#[test]
fn counts_scatter_about_the_noise_free_frames_as_poisson() {
    let scan = tiny_far_field().unwrap();
    let (expected, _) = ScanSimulation { detector: Detector::NoiseFree, ..scan.clone() }.simulate().unwrap();
    let (counted, _) = scan.simulate().unwrap();
    // χ² = Σ (n − λ)²/λ over pixels with λ > 1: mean 1 per pixel, variance 2 + 1/λ ≤ 3.
    let (mut chi, mut pixels, mut surplus, mut total) = (0.0, 0.0, 0.0, 0.0);
    for index in 0..scan.positions.len() {
        for (n, mean) in counted.frames.frame(index).iter().zip(&expected.frames.frame(index)) {
            let (n, mean) = (f64::from(*n), f64::from(*mean));
            surplus += n - mean;
            total += mean;
            if mean > 1.0 {
                chi += (n - mean).powi(2) / mean;
                pixels += 1.0;
            }
        }
    }
    assert!((chi / pixels - 1.0).abs() < 5.0 * (3.0_f64 / pixels).sqrt(), "{}", chi / pixels);
    assert!(surplus.abs() < 5.0 * f64::sqrt(total), "{surplus} of {total}");
}

#[test]
fn mode_powers_share_the_photons() {
    let scan = tiny_far_field().unwrap();
    let Illumination::Optics { optics, diffuser, .. } = scan.illumination else { panic!("tiny has optics") };
    let illumination = Illumination::Optics { optics, diffuser, mode_powers: vec![3.0, 1.0] };
    let (_, truth) = ScanSimulation { illumination, ..scan }.simulate().unwrap();
    let power = |mode: usize| -> f64 {
        truth.probe.index_axis(ndarray::Axis(0), mode).iter().map(|p| f64::from(p.norm_sqr())).sum()
    };
    assert!((power(0) / 75_000.0 - 1.0).abs() < 1e-5 && (power(1) / 25_000.0 - 1.0).abs() < 1e-5);
}

#[test]
fn errors_name_the_value() {
    let message = |change: &dyn Fn(&mut ScanSimulation)| {
        let mut scan = given();
        change(&mut scan);
        scan.simulate().unwrap_err().to_string()
    };
    let expect = |text: &str, change: &dyn Fn(&mut ScanSimulation)| {
        let got = message(change);
        assert!(got.contains(text), "{got}");
    };
    expect("photon energy is -1 eV", &|s| s.geometry.energy = ElectronVolts::new(-1.0));
    expect("distance to the detector is NaN m", &|s| s.geometry.distance = Metres::new(f64::NAN));
    expect("detector pixel along x is 0 m", &|s| s.geometry.detector_pixel.x = Metres::new(0.0));
    expect("number of photons per frame is 0", &|s| s.photons_per_frame = 0.0);
    expect("4e9", &|s| s.photons_per_frame = 1e10);
    expect("oversampling is 0", &|s| s.oversampling = 0);
    expect("background is -2", &|s| s.background = Background::Flat(-2.0));
    expect("the mask has 6×6 pixels but a frame has 6×5", &|s| s.mask = DetectorMask::all_good((6, 6)));
    expect("no positions", &|s| s.positions.clear());
    expect("position 1 (", &|s| s.positions[1].y = Metres::new(2e-6));
    expect("the given probe has 4×5", &|s| s.illumination = Illumination::Modes(Array3::zeros((1, 4, 5))));
    expect("power of the probe modes is 0", &|s| {
        s.illumination = Illumination::Modes(Array3::zeros((1, 6, 5)));
    });
    expect("given object is 11×12 pixels at oversampling 2", &|s| s.oversampling = 2);
    let near = tiny_near_field().unwrap();
    let mirrors = |angle: f64, defocus: f64| {
        let aperture = MirrorAperture::NumericalAperture(Point::new(angle, angle));
        let optics = Optics::KirkpatrickBaez { aperture, defocus: Metres::new(defocus) };
        let illumination = Illumination::Optics { optics, diffuser: None, mode_powers: vec![1.0] };
        ScanSimulation { illumination, ..near.clone() }.simulate().unwrap_err()
    };
    assert!(matches!(mirrors(6e-4, 0.0), SimError::BeamTooLarge { axis: 'y', .. }));
    assert!(mirrors(3e-4, 1e-3).to_string().contains("defocus of the optics is 1 mm"));
    let geometry = Geometry { detector_pixel: metres(5e-6, 5e-6), ..near.geometry };
    let error = ScanSimulation { geometry, ..near }.simulate().unwrap_err();
    assert!(matches!(error, SimError::NearFieldUndersampled { axis: 'y', count: 48, .. }), "{error}");
}
