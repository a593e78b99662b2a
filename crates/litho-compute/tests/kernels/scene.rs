//! Small scans of random numbers that the tests share.

use crate::reference::C64;
use litho_compute::cpu::CpuKernels;
use litho_compute::{Kernels, Measurement, Model, Propagator, Sampling, Views};
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
    /// How each frame sees the object.
    pub(crate) views: Views,
    /// Transmission `(y, x)`.
    pub(crate) object: Array2<C32>,
    /// Probe modes `(mode, y, x)`.
    pub(crate) probe: Array3<C32>,
    /// Exit waves `(frame, mode, y, x)` that belong neither to the object nor to the frames.
    pub(crate) waves: Array4<C32>,
    /// Directions `(variation, y, x)` in which the first mode varies.
    pub(crate) variations: Option<Array3<C32>>,
    /// Background `(y, x)` in counts.
    pub(crate) background: Option<Array2<f32>>,
    /// Counts from which on a pixel is saturated.
    pub(crate) saturation: Option<f32>,
}

/// What sets the frames' beams apart from the probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beams {
    /// Positions between the pixels.
    SubPixel,
    /// An amplitude for each frame.
    Amplitudes,
    /// Two directions of variation.
    Varied,
    /// A sweep for each frame, as three exposures.
    Swept,
    /// All of it.
    Everything,
}

impl Beams {
    pub(crate) const OWN: [Self; 5] =
        [Self::SubPixel, Self::Amplitudes, Self::Varied, Self::Swept, Self::Everything];

    fn has(self, part: Self) -> bool {
        self == part || self == Self::Everything
    }
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
        let places = (0..sizes.frames)
            .map(|_| {
                let mut below = |limit: usize| (random.uniform() * limit as f64).floor();
                [below(rows - ny + 1), below(columns - nx + 1)]
            })
            .collect();
        let views = Views {
            places,
            sampling: Sampling::WholePixels,
            amplitudes: vec![1.0; sizes.frames],
            coefficients: Array2::zeros((sizes.frames, 0)),
            sweeps: Vec::new(),
            exposures: 1,
        };
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
        let waves = noise_waves(&mut random, sizes.frames, sizes.modes, (ny, nx));
        let (variations, background, saturation) = (None, None, None);
        Self { field, intensities, good, views, object, probe, waves, variations, background, saturation }
    }

    /// The scene with beams that differ from frame to frame.
    #[must_use]
    pub(crate) fn with_beams(mut self, beams: Beams, seed: u64) -> Self {
        let mut random = Lcg::new(seed);
        let (frames, shape) = (self.frame_count(), self.frame_shape());
        let symmetric = |random: &mut Lcg, half: f64| (2.0 * random.uniform() - 1.0) * half;
        if beams.has(Beams::SubPixel) {
            // Less than half a pixel, so that the patches stay where they are, on the object.
            self.views.places.iter_mut().flatten().for_each(|place| *place += symmetric(&mut random, 0.49));
            self.views.sampling = Sampling::SubPixel;
        }
        if beams.has(Beams::Amplitudes) {
            self.views.amplitudes = (0..frames).map(|_| 1.0 + symmetric(&mut random, 0.3) as f32).collect();
        }
        if beams.has(Beams::Swept) {
            self.views.sweeps =
                (0..frames).map(|_| [0, 1].map(|_| symmetric(&mut random, 3.0) as f32)).collect();
            self.views.exposures = 3;
        }
        if beams.has(Beams::Varied) {
            let coefficients = || symmetric(&mut random, 0.5) as f32;
            self.views.coefficients = Array2::from_shape_simple_fn((frames, 2), coefficients);
            let mut variations = Array3::zeros((2, shape.0, shape.1));
            variations.axis_iter_mut(Axis(0)).for_each(|mut v| v.assign(&random.complex_noise(shape, 2.0)));
            self.variations = Some(variations);
        }
        let waves = self.views.waves(self.probe.dim().0);
        self.waves = noise_waves(&mut random, frames, waves, shape);
        self
    }

    /// The scene with a background of 0 to 3 counts.
    #[must_use]
    pub(crate) fn with_background(mut self, seed: u64) -> Self {
        let mut random = Lcg::new(seed);
        self.background =
            Some(Array2::from_shape_simple_fn(self.frame_shape(), || (3.0 * random.uniform()) as f32));
        self
    }

    /// The scene on the kernels' device.
    pub(crate) fn model(&self, kernels: &CpuKernels) -> Model<CpuKernels> {
        let (object, probe) = (kernels.load_object(&self.object), kernels.load_probe(&self.probe));
        let mut model = Model::new(object, probe, self.views.clone());
        model.variations = self.variations.as_ref().map(|v| kernels.load_probe(v));
        model.background = self.background.as_ref().map(|b| kernels.load_image(b));
        model
    }

    /// What a message says of the scene.
    pub(crate) fn name(&self) -> String {
        let (modes, exposures) = (self.probe.dim().0, self.views.exposures);
        format!(
            "{:?} field, {:?} pixels, {modes} modes, {exposures} exposures",
            self.field,
            self.frame_shape()
        )
    }

    /// Shape `(ny, nx)` of a frame.
    pub(crate) fn frame_shape(&self) -> (usize, usize) {
        self.good.dim()
    }

    /// Number of frames.
    pub(crate) fn frame_count(&self) -> usize {
        self.views.places.len()
    }

    /// The kernels under test, over the intensities as floats.
    pub(crate) fn kernels(&self) -> CpuKernels {
        self.kernels_of(Frames::F32(self.intensities.clone()))
    }

    /// The kernels under test, over frames of any number type.
    pub(crate) fn kernels_of(&self, frames: Frames) -> CpuKernels {
        let corner = |place: &[f64; 2]| place.map(|p| p.round() as usize);
        let placement = Placement {
            places: self.views.places.clone(),
            corners: self.views.places.iter().map(corner).collect(),
            object_shape: self.object.dim(),
            origin: Point::new(Pixels::new(0.0), Pixels::new(0.0)),
        };
        let propagator = propagator(self.field, self.frame_shape());
        let measurement = Measurement::new(frames, self.good.clone(), placement, propagator)
            .expect("the scene's parts fit together");
        CpuKernels::new(match self.saturation {
            Some(counts) => measurement.with_saturation(counts),
            None => measurement,
        })
    }
}

/// A number in double precision.
pub(crate) fn widen(value: C32) -> C64 {
    C64::new(f64::from(value.re), f64::from(value.im))
}

/// Waves `(frame, wave, y, x)` of complex noise.
fn noise_waves(random: &mut Lcg, frames: usize, waves: usize, shape: (usize, usize)) -> Array4<C32> {
    let mut all = Array4::zeros((frames, waves, shape.0, shape.1));
    for mut frame in all.axis_iter_mut(Axis(0)) {
        for mut wave in frame.axis_iter_mut(Axis(0)) {
            wave.assign(&random.complex_noise(shape, 3.0));
        }
    }
    all
}
