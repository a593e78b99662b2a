//! Small scans of random numbers that the tests share.

use crate::reference::C64;
use litho_compute::cpu::CpuKernels;
use litho_compute::{Measurement, Propagator};
use litho_testkit::Lcg;
use litho_types::C32;
use litho_types::frames::Frames;
use litho_types::geometry::{Geometry, Propagation};
use litho_types::placement::Placement;
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres, Pixels};
use ndarray::{Array2, Array3, Array4, Axis};

/// 12 keV: a wavelength of 0.1033 nm.
const ENERGY_EV: f64 = 12_000.0;
/// Object pixels `(y, x)` that are not square, so that exchanged axes show.
const PIXEL: (f64, f64) = (50e-9, 70e-9);
/// Gives the transfer function phases of several radians at the edge of the band.
const DISTANCE: f64 = 0.2e-3;

/// Far or near field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Far,
    Near,
}

/// Everything a kernel works on, in host arrays.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) field: Field,
    /// Intensities `(frame, y, x)`.
    pub(crate) intensities: Array3<f32>,
    /// Which pixels count.
    pub(crate) good: Array2<bool>,
    /// First object pixel of every patch.
    pub(crate) corners: Vec<[usize; 2]>,
    /// Transmission `(y, x)`.
    pub(crate) object: Array2<C32>,
    /// Probe modes `(mode, y, x)`.
    pub(crate) probe: Array3<C32>,
    /// Exit waves `(frame, mode, y, x)` that belong neither to the object nor to the frames.
    pub(crate) waves: Array4<C32>,
}

/// Sizes of a random scene.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) frame: (usize, usize),
    pub(crate) frames: usize,
    pub(crate) modes: usize,
    pub(crate) object: (usize, usize),
}

/// Geometry of the near-field scenes: a parallel beam, so that the object pixel is the detector's.
pub(crate) fn near_field() -> Geometry {
    Geometry {
        energy: ElectronVolts::new(ENERGY_EV),
        distance: Metres::new(DISTANCE),
        detector_pixel: Point::new(Metres::new(PIXEL.0), Metres::new(PIXEL.1)),
        propagation: Propagation::NearField { focus_to_sample: None },
    }
}

/// The propagator of a field for frames of `shape`.
pub(crate) fn propagator(field: Field, shape: (usize, usize)) -> Propagator {
    match field {
        Field::Far => Propagator::far_field(shape),
        Field::Near => Propagator::from_geometry(&near_field(), shape),
    }
    .expect("the sides are not zero")
}

impl Scene {
    /// A beam of random phase, an object and waves of complex noise, counts between 0 and 40 with a tenth of the
    /// pixels dark and a tenth masked; patches at random places, so that some overlap.
    pub(crate) fn random(field: Field, sizes: Sizes, seed: u64) -> Self {
        let mut random = Lcg::new(seed);
        let ((ny, nx), (rows, columns)) = (sizes.frame, sizes.object);
        let intensities = Array3::from_shape_simple_fn((sizes.frames, ny, nx), || {
            let lit = random.uniform() >= 0.1;
            if lit { (random.uniform() * 40.0).floor() as f32 } else { 0.0 }
        });
        let good = Array2::from_shape_simple_fn((ny, nx), || random.uniform() >= 0.1);
        let corners = (0..sizes.frames)
            .map(|_| {
                let mut below = |limit: usize| (random.uniform() * limit as f64) as usize;
                [below(rows - ny + 1), below(columns - nx + 1)]
            })
            .collect();
        let object = random.complex_noise((rows, columns), 0.5).mapv(|v| v + 1.0);
        let envelope = |y: usize, x: usize| {
            let (v, u) = (y as f32 / ny as f32 - 0.5, x as f32 / nx as f32 - 0.5);
            (-6.0 * (v * v + u * u)).exp()
        };
        let mut probe = Array3::zeros((sizes.modes, ny, nx));
        for mut mode in probe.axis_iter_mut(Axis(0)) {
            mode.assign(&random.complex_noise((ny, nx), 4.0));
            mode.indexed_iter_mut().for_each(|((y, x), p)| *p *= envelope(y, x));
        }
        let mut waves = Array4::zeros((sizes.frames, sizes.modes, ny, nx));
        for mut frame in waves.axis_iter_mut(Axis(0)) {
            for mut wave in frame.axis_iter_mut(Axis(0)) {
                wave.assign(&random.complex_noise((ny, nx), 3.0));
            }
        }
        Self { field, intensities, good, corners, object, probe, waves }
    }

    /// Shape `(ny, nx)` of a frame.
    pub(crate) fn frame_shape(&self) -> (usize, usize) {
        self.good.dim()
    }

    /// Number of frames.
    pub(crate) fn frame_count(&self) -> usize {
        self.corners.len()
    }

    /// The kernels under test, over the intensities as floats.
    pub(crate) fn kernels(&self) -> CpuKernels {
        self.kernels_of(Frames::F32(self.intensities.clone()))
    }

    /// The kernels under test, over frames of any number type.
    pub(crate) fn kernels_of(&self, frames: Frames) -> CpuKernels {
        let placement = Placement {
            corners: self.corners.clone(),
            object_shape: self.object.dim(),
            origin: Point::new(Pixels::new(0.0), Pixels::new(0.0)),
        };
        let propagator = propagator(self.field, self.frame_shape());
        let measurement = Measurement::new(frames, self.good.clone(), placement, propagator);
        CpuKernels::new(measurement.expect("the scene's parts fit together"))
    }
}

/// A number in double precision.
pub(crate) fn widen(value: C32) -> C64 {
    C64::new(f64::from(value.re), f64::from(value.im))
}
