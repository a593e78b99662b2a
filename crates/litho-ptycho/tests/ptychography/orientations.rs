//! A scan whose frames are stored in any of the eight orientations must be
//! prepared to the same measurement.

use crate::exact::{Exact, diffraction};
use litho_compute::cpu::CpuKernels;
use litho_compute::{Comparison, Kernels, Measurement};
use litho_ptycho::{orient_probe, prepare};
use litho_testkit::Lcg;
use litho_types::C32;
use litho_types::frames::Frames;
use litho_types::geometry::{Geometry, Propagation};
use litho_types::mask::{DetectorMask, bits};
use litho_types::orientation::Orientation;
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres, Pixels};
use litho_types::scan::{FrameOrigin, Positions, Scan};
use ndarray::{Array2, Array3, ArrayView2, Axis};

/// Even, odd, and one side of each kind; never square.
const SHAPES: [(usize, usize); 4] = [(12, 16), (11, 15), (12, 15), (11, 16)];
/// Relative error of an intensity rounded to single precision, with that of one transform: 10 ε, squared.
const LOSS: f64 = (10.0 * f32::EPSILON as f64) * (10.0 * f32::EPSILON as f64);

/// What the frames are: diffraction patterns with zero frequency somewhere, or images.
#[derive(Debug, Clone, Copy)]
enum Kind {
    FarField(FrameOrigin),
    NearField,
}

const KINDS: [Kind; 3] =
    [Kind::FarField(FrameOrigin::Centre), Kind::FarField(FrameOrigin::Corner), Kind::NearField];

/// A frame in kernel order as a detector stores it that lies in `orientation`.
fn stored<T: Copy>(frame: ArrayView2<'_, T>, orientation: Orientation, kind: Kind) -> Array2<T> {
    match kind {
        Kind::FarField(origin) => stored_pattern(frame, orientation, origin),
        Kind::NearField => stored_image(frame, orientation),
    }
}

/// By the meaning of frequencies: the detector pixel whose frequency is f along the detector's axes holds the
/// intensity at the same vector along the scan's axes.
fn stored_pattern<T: Copy>(
    frame: ArrayView2<'_, T>,
    orientation: Orientation,
    origin: FrameOrigin,
) -> Array2<T> {
    let (ny, nx) = frame.dim();
    let shape = orientation.apply_to_shape((ny, nx));
    let zero = |n: usize| if origin == FrameOrigin::Centre { n / 2 } else { 0 };
    Array2::from_shape_fn(shape, |(y, x)| {
        let frequency = (y as f64 - zero(shape.0) as f64, x as f64 - zero(shape.1) as f64);
        let (v, u) = orientation.apply_to_vector(frequency);
        frame[((v as isize).rem_euclid(ny as isize) as usize, (u as isize).rem_euclid(nx as isize) as usize)]
    })
}

/// By undoing the orientation: first the flips, then the transposition.
fn stored_image<T: Copy>(frame: ArrayView2<'_, T>, orientation: Orientation) -> Array2<T> {
    let mut view = frame;
    if orientation.index() & 1 != 0 {
        view.invert_axis(Axis(1));
    }
    if orientation.index() & 2 != 0 {
        view.invert_axis(Axis(0));
    }
    if orientation.transposes() {
        view = view.reversed_axes();
    }
    view.as_standard_layout().into_owned()
}

/// The scan as it is stored by a detector in `orientation`, from one in kernel order.
fn stored_scan(scan: &Scan, orientation: Orientation, kind: Kind) -> Scan {
    let shape = orientation.apply_to_shape(scan.frames.shape());
    let mut frames = Array3::<f32>::zeros((scan.frames.len(), shape.0, shape.1));
    for (index, mut to) in frames.axis_iter_mut(Axis(0)).enumerate() {
        to.assign(&stored(scan.frames.frame(index).view(), orientation, kind));
    }
    let mut mask = DetectorMask::all_good(shape);
    for (pixel, good) in stored(scan.mask.good().view(), orientation, kind).indexed_iter() {
        if !good {
            mask.flag(pixel, bits::HOT);
        }
    }
    let origin = if let Kind::FarField(origin) = kind { origin } else { scan.origin };
    let geometry = scan.geometry.map(|g| if orientation.transposes() { g.transposed() } else { g });
    Scan { frames: Frames::F32(frames), mask, origin, geometry, ..scan.clone() }
}

/// A scan in kernel order with random frames, mask and positions in metres, pixels not square.
fn random_scan(shape: (usize, usize), propagation: Propagation, seed: u64) -> Scan {
    let mut random = Lcg::new(seed);
    let frames = Array3::from_shape_simple_fn((6, shape.0, shape.1), || (random.uniform() * 100.0) as f32);
    let mut mask = DetectorMask::all_good(shape);
    for pixel in [(0, 3), (2, 2), (7, 10)] {
        mask.flag(pixel, bits::DEAD);
    }
    let geometry = Geometry {
        energy: ElectronVolts::new(8000.0),
        distance: Metres::new(1.0),
        detector_pixel: Point::new(Metres::new(55e-6), Metres::new(75e-6)),
        propagation,
    };
    let pixel = geometry.object_pixel(shape);
    let mut along = |pixel: Metres| Metres::new(10.0 * random.uniform() * pixel.value());
    let positions = (0..6).map(|_| Point::new(along(pixel.y), along(pixel.x))).collect();
    Scan {
        frames: Frames::F32(frames),
        origin: FrameOrigin::Corner,
        mask,
        positions: Positions::Metres(positions),
        geometry: Some(geometry),
        probe: None,
        warnings: Vec::new(),
    }
}

fn prepared(scan: &Scan, orientation: Orientation) -> Measurement {
    prepare(scan, orientation).expect("the scan's parts fit")
}

/// What a propagator does to a fixed object and beam.
fn seen(measurement: Measurement) -> Comparison {
    let ((ny, nx), object) = (measurement.frame_shape(), measurement.placement().object_shape);
    let mut random = Lcg::new(1);
    let object = random.complex_noise(object, 1.0);
    let probe = random.complex_noise((ny, nx), 1.0).insert_axis(Axis(0));
    let kernels = CpuKernels::new(measurement);
    kernels.compare(&kernels.model(&object, &probe))
}

#[test]
fn every_orientation_prepares_to_the_same_measurement() {
    for kind in KINDS {
        let propagation = match kind {
            Kind::FarField(_) => Propagation::FarField,
            Kind::NearField => Propagation::NearField { focus_to_sample: Some(Metres::new(2e-3)) },
        };
        for shape in SHAPES {
            let scan = random_scan(shape, propagation, 31);
            let reference = prepared(&scan, Orientation::IDENTITY);
            assert_eq!(*reference.frames(), scan.frames, "kernel order is corner order");
            let expected = seen(prepared(&scan, Orientation::IDENTITY));
            for orientation in Orientation::ALL {
                let what = format!("{kind:?}, {shape:?}, orientation {orientation}");
                let measurement = prepared(&stored_scan(&scan, orientation, kind), orientation);
                assert_eq!(measurement.frames(), reference.frames(), "frames: {what}");
                assert_eq!(measurement.good(), reference.good(), "mask: {what}");
                assert_eq!(measurement.placement(), reference.placement(), "placement: {what}");
                assert_eq!(seen(measurement), expected, "propagator: {what}");
            }
        }
    }
}

#[test]
fn the_truth_explains_its_frames_in_every_orientation() {
    for shape in SHAPES {
        let exact = Exact::new(shape, 1);
        for orientation in Orientation::ALL {
            for origin in [FrameOrigin::Centre, FrameOrigin::Corner] {
                let scan = stored_scan(&exact.scan, orientation, Kind::FarField(origin));
                let kernels = CpuKernels::new(prepared(&scan, orientation));
                let error = kernels.compare(&kernels.model(&exact.object, &exact.probe)).error();
                assert!(error < LOSS, "{shape:?}, {origin:?}, orientation {orientation}: {error:e}");
            }
        }
    }
}

#[test]
fn a_stored_probe_turns_with_the_frames_it_makes() {
    // The free beam's own diffraction pattern, stored like the frames: after `prepare` it must be the pattern of the
    // turned probe, whatever the orientation.
    for shape in SHAPES {
        let mut random = Lcg::new(33);
        let probe: Array3<C32> = random.complex_noise(shape, 10.0).insert_axis(Axis(0));
        let pattern = diffraction(&probe).mapv(|i| i as f32);
        for orientation in Orientation::ALL {
            let scan = Scan {
                frames: Frames::F32(pattern.clone().insert_axis(Axis(0))),
                origin: FrameOrigin::Corner,
                mask: DetectorMask::all_good(shape),
                positions: Positions::Pixels(vec![Point::new(Pixels::new(0.0), Pixels::new(0.0))]),
                geometry: None,
                probe: Some(probe.clone()),
                warnings: Vec::new(),
            };
            let frame = prepared(&scan, orientation).frames().frame(0).mapv(f64::from);
            let turned = diffraction(&orient_probe(&probe, orientation));
            let apart = (&frame - &turned).mapv(f64::abs).sum() / turned.sum();
            // Double precision but for the one rounding of the stored pattern.
            assert!(apart < f64::from(f32::EPSILON), "{shape:?}, orientation {orientation}: {apart:e}");
        }
    }
}
