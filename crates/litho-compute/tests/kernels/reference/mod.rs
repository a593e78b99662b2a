//! The kernels' equations as they are written, in double precision and with
//! direct sums: no fast transform, no blocks, no lanes.

mod beams;
mod detector;
mod sums;
mod updates;

use beams::moved;

use crate::scene::{Field, Scene, near_field, widen};
use litho_compute::Views;
use ndarray::{Array2, Array3, Array4, Axis, s};
use std::f64::consts::TAU;

pub(crate) type C64 = num_complex::Complex<f64>;

/// A scene in double precision.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    field: Field,
    /// `√I` `(frame, y, x)`; `None` where nothing was measured.
    amplitudes: Array3<Option<f64>>,
    /// Counts from which on a pixel is saturated.
    saturation: f64,
    views: Views,
    shape: (usize, usize),
    pub(crate) object: Array2<C64>,
    pub(crate) probe: Array3<C64>,
    pub(crate) waves: Array4<C64>,
    variations: Option<Array3<C64>>,
    /// `b`, `(y, x)`; zero where there is none.
    background: Array2<f64>,
}

impl Reference {
    pub(crate) fn new(scene: &Scene) -> Self {
        let amplitudes = Array3::from_shape_fn(scene.intensities.dim(), |(frame, y, x)| {
            let value = f64::from(scene.intensities[(frame, y, x)]);
            (scene.good[(y, x)] && value >= 0.0).then(|| value.sqrt())
        });
        let background = scene.background.as_ref().map(|b| b.mapv(f64::from));
        Self {
            field: scene.field,
            amplitudes,
            saturation: scene.saturation.map_or(f64::INFINITY, f64::from),
            views: scene.views.clone(),
            shape: scene.frame_shape(),
            object: scene.object.mapv(widen),
            probe: scene.probe.mapv(widen),
            waves: scene.waves.mapv(widen),
            variations: scene.variations.as_ref().map(|v| v.mapv(widen)),
            background: background.unwrap_or_else(|| Array2::zeros(scene.frame_shape())),
        }
    }

    pub(crate) fn frame_count(&self) -> usize {
        self.views.places.len()
    }

    /// `ψ_k = P_jk(r) O(r + r_j)` `(wave, y, x)`.
    pub(crate) fn exit_wave(&self, frame: usize) -> Array3<C64> {
        self.beam(frame) * self.patch(frame)
    }

    /// First object pixel of a frame's patch: its place, rounded.
    fn corner(&self, frame: usize) -> [usize; 2] {
        self.views.places[frame].map(|place| place.round() as usize)
    }

    /// The object under frame `frame`.
    fn patch(&self, frame: usize) -> Array2<C64> {
        self.under(frame, &self.object)
    }

    /// An image of the object's shape under frame `frame`.
    fn under<T: Clone>(&self, frame: usize, image: &Array2<T>) -> Array2<T> {
        let ([y, x], (ny, nx)) = (self.corner(frame), self.shape);
        image.slice(s![y..y + ny, x..x + nx]).to_owned()
    }

    /// The waves of one frame at the detector. In the near field it stays with the beam: what a displaced beam throws on it
    /// is moved back by the displacement.
    fn to_detector(&self, frame: usize, waves: &Array3<C64>) -> Array3<C64> {
        each_wave(waves, |index, wave| match self.field {
            Field::Far => dft(wave, -1.0),
            Field::Near => {
                let image = dft(&(dft(wave, -1.0) * angular_spectrum(self.shape)), 1.0);
                moved(&image, self.shift(frame, index).map(|s| -s))
            }
        })
    }

    /// The adjoint of [`to_detector`](Self::to_detector), which is its inverse.
    fn to_sample(&self, frame: usize, waves: &Array3<C64>) -> Array3<C64> {
        each_wave(waves, |index, wave| match self.field {
            Field::Far => dft(wave, 1.0),
            Field::Near => {
                let image = moved(wave, self.shift(frame, index));
                dft(&(dft(&image, -1.0) * angular_spectrum(self.shape).mapv(|h| h.conj())), 1.0)
            }
        })
    }

    /// Modulus `√(Σ_k|F_k|² + b)` of the model of one frame at the detector, `(y, x)`.
    pub(crate) fn model_modulus(&self, frame: usize) -> Array2<f64> {
        (self.coherent(frame) + &self.background).mapv(f64::sqrt)
    }

    /// `Σ_k|F_k|²` of the model of one frame, `(y, x)`.
    fn coherent(&self, frame: usize) -> Array2<f64> {
        self.to_detector(frame, &self.exit_wave(frame)).mapv(|f| f.norm_sqr()).sum_axis(Axis(0))
    }

    /// `√I` of one frame, `None` where nothing was measured.
    pub(crate) fn amplitude(&self, frame: usize) -> Array2<Option<f64>> {
        self.amplitudes.index_axis(Axis(0), frame).to_owned()
    }
}

fn each_wave(waves: &Array3<C64>, carry: impl Fn(usize, &Array2<C64>) -> Array2<C64>) -> Array3<C64> {
    let mut all = waves.clone();
    for (index, mut wave) in all.axis_iter_mut(Axis(0)).enumerate() {
        let carried = carry(index, &wave.to_owned());
        wave.assign(&carried);
    }
    all
}

fn largest(values: &Array2<f64>) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// `F(q) = Σ_r f(r) exp(±2πi q·r/N) / √N`, one sum per frequency and axis.
fn dft(wave: &Array2<C64>, sign: f64) -> Array2<C64> {
    let (ny, nx) = wave.dim();
    let turns =
        |n: usize| -> Vec<C64> { (0..n).map(|i| C64::cis(sign * TAU * i as f64 / n as f64)).collect() };
    let (ty, tx) = (turns(ny), turns(nx));
    let rows =
        Array2::from_shape_fn((ny, nx), |(y, u)| (0..nx).map(|x| wave[(y, x)] * tx[u * x % nx]).sum::<C64>());
    Array2::from_shape_fn((ny, nx), |(v, u)| {
        (0..ny).map(|y| rows[(y, u)] * ty[v * y % ny]).sum::<C64>() / ((ny * nx) as f64).sqrt()
    })
}

/// `H = exp[iz(√(k² − k_y² − k_x²) − k)]` by wave numbers `k = 2π/λ`: the kernels' transfer function in its other
/// form. The difference of the two large numbers costs `z k ε` = 1e7 · 1e-16 radians of phase.
fn angular_spectrum((ny, nx): (usize, usize)) -> Array2<C64> {
    let geometry = near_field();
    let k = TAU / geometry.wavelength().value();
    let wave_number = |i: usize, n: usize, pixel: f64| {
        let index = if 2 * i < n { i as f64 } else { i as f64 - n as f64 };
        TAU * index / (n as f64 * pixel)
    };
    Array2::from_shape_fn((ny, nx), |(y, x)| {
        let ky = wave_number(y, ny, geometry.detector_pixel.y.value());
        let kx = wave_number(x, nx, geometry.detector_pixel.x.value());
        C64::cis(geometry.distance.value() * ((k * k - ky * ky - kx * kx).sqrt() - k))
    })
}
