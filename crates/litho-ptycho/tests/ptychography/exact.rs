//! A far-field scan whose frames are exact: computed in double precision with
//! a direct transform, nothing rounded but the intensities themselves.

use litho_compute::cpu::CpuKernels;
use litho_ptycho::{Algorithm, Checkpoint, Control, Outcome, Plan, Stage, State, prepare, reconstruct};
use litho_testkit::TestObject;
use litho_types::C32;
use litho_types::frames::Frames;
use litho_types::mask::{DetectorMask, bits};
use litho_types::observer::{CancelToken, Silent};
use litho_types::orientation::Orientation;
use litho_types::point::Point;
use litho_types::quantity::Pixels;
use litho_types::scan::{FrameOrigin, Positions, Scan};
use ndarray::{Array2, Array3, Axis, s};
use num_complex::Complex64;
use std::f64::consts::TAU;

/// Positions along each side of the raster.
pub(crate) const SIDE: usize = 5;
/// Pixels between neighbouring positions.
pub(crate) const STEP: usize = 3;
/// Spare object pixels that `prepare` puts around the patches.
pub(crate) const MARGIN: usize = 2;
/// Power of the whole beam, photons.
const PHOTONS: f32 = 1e6;

/// A scan and what it was made of.
pub(crate) struct Exact {
    /// Frames in kernel order: zero frequency at the corner.
    pub(crate) scan: Scan,
    /// Transmission on the pixels that `prepare` gives the scan.
    pub(crate) object: Array2<C32>,
    /// Probe modes `(mode, y, x)`.
    pub(crate) probe: Array3<C32>,
}

impl Exact {
    /// A raster of 25 frames of `shape` with a fifth of the light in the second mode, if there is one. Two pixels are
    /// masked, and read nonsense.
    pub(crate) fn new(shape: (usize, usize), modes: usize) -> Self {
        let (ny, nx) = shape;
        let reach = (SIDE - 1) * STEP + 2 * MARGIN;
        let canvas = TestObject::new(ny.max(nx) + reach, 5).image((0.0, 0.0));
        let object = canvas.slice(s![..ny + reach, ..nx + reach]).to_owned();
        let probe = beam(shape, modes);
        let corners: Vec<[usize; 2]> =
            (0..SIDE * SIDE).map(|j| [MARGIN + j / SIDE * STEP, MARGIN + j % SIDE * STEP]).collect();
        let mut frames = Array3::<f32>::zeros((corners.len(), ny, nx));
        for (mut frame, [cy, cx]) in frames.axis_iter_mut(Axis(0)).zip(&corners) {
            let patch = object.slice(s![*cy..cy + ny, *cx..cx + nx]);
            frame.assign(&diffraction(&(&probe * &patch)).mapv(|i| i as f32));
        }
        let mut mask = DetectorMask::all_good(shape);
        for pixel in [(1, 3), (ny / 2, nx - 2)] {
            mask.flag(pixel, bits::DEAD);
            frames.slice_mut(s![.., pixel.0, pixel.1]).fill(1e7);
        }
        let position = |[y, x]: &[usize; 2]| Point::new(Pixels::new(*y as f64), Pixels::new(*x as f64));
        let scan = Scan {
            frames: Frames::F32(frames),
            origin: FrameOrigin::Corner,
            mask,
            positions: Positions::Pixels(corners.iter().map(position).collect()),
            geometry: None,
            probe: None,
            warnings: Vec::new(),
        };
        Self { scan, object, probe }
    }

    pub(crate) fn kernels(&self) -> CpuKernels {
        CpuKernels::new(prepare(&self.scan, Orientation::IDENTITY).expect("the scan's parts fit"))
    }

    /// The truth as a state to start from.
    pub(crate) fn truth(&self) -> State {
        State::start(self.object.clone(), self.probe.clone())
    }

    /// A state away from the truth: an empty object and a beam that is 10 % too narrow in phase.
    pub(crate) fn guess(&self) -> State {
        let probe = self.probe.mapv(|p| C32::from_polar(p.norm(), 0.9 * p.arg()));
        State::start(Array2::from_elem(self.object.dim(), C32::new(1.0, 0.0)), probe)
    }
}

/// A Gaussian beam with a curved front, its second mode one-sided.
fn beam((ny, nx): (usize, usize), modes: usize) -> Array3<C32> {
    let mut probe = Array3::from_shape_fn((modes, ny, nx), |(mode, y, x)| {
        let v = (y as f32 - (ny / 2) as f32) / ny as f32;
        let u = (x as f32 - (nx / 2) as f32) / nx as f32;
        let square = v * v + u * u;
        let shape = if mode == 0 { 1.0 } else { 4.0 * v + 2.0 * u };
        C32::from_polar((-25.0 * square).exp(), 20.0 * square) * shape
    });
    let shares: &[f32] = if modes == 1 { &[1.0] } else { &[0.8, 0.2] };
    for (mut mode, share) in probe.axis_iter_mut(Axis(0)).zip(shares) {
        let power: f32 = mode.iter().map(C32::norm_sqr).sum();
        mode.mapv_inplace(|p| p * (share * PHOTONS / power).sqrt());
    }
    probe
}

/// `Σ_k |F_k|²` of exit waves `(mode, y, x)`, zero frequency at the corner, by direct sums along rows and columns.
pub(crate) fn diffraction(waves: &Array3<C32>) -> Array2<f64> {
    let (_, ny, nx) = waves.dim();
    let mut intensity = Array2::zeros((ny, nx));
    for wave in waves.outer_iter() {
        let wide = wave.mapv(|w| Complex64::new(f64::from(w.re), f64::from(w.im)));
        let rows = transform(nx).dot(&wide.t());
        let both = transform(ny).dot(&rows.t());
        intensity += &both.mapv(|f| f.norm_sqr());
    }
    intensity
}

/// `exp(−2πi v y/n)/√n`, `(v, y)`.
fn transform(n: usize) -> Array2<Complex64> {
    Array2::from_shape_fn((n, n), |(v, y)| {
        Complex64::from_polar((n as f64).sqrt().recip(), -TAU * (v * y % n) as f64 / n as f64)
    })
}

/// Runs to the end with nobody watching.
pub(crate) fn run(kernels: &CpuKernels, stages: &[Stage], state: State) -> Outcome {
    run_keeping(kernels, stages, state, &mut litho_ptycho::NoCheckpoint)
}

/// As [`run`], with states kept on the way.
pub(crate) fn run_keeping(
    kernels: &CpuKernels,
    stages: &[Stage],
    state: State,
    checkpoint: &mut dyn Checkpoint,
) -> Outcome {
    let control = Control { name: "test", observer: &mut Silent, cancel: &CancelToken::new(), checkpoint };
    reconstruct(kernels, &Plan::of(stages), state, control)
}

/// Runs a whole plan with nobody watching.
pub(crate) fn reconstruct_plan(kernels: &CpuKernels, plan: &Plan, state: State) -> Outcome {
    let checkpoint = &mut litho_ptycho::NoCheckpoint;
    let control = Control { name: "test", observer: &mut Silent, cancel: &CancelToken::new(), checkpoint };
    reconstruct(kernels, plan, state, control)
}

/// One stage.
pub(crate) fn stage(algorithm: Algorithm, iterations: usize) -> Stage {
    Stage { algorithm, iterations }
}
