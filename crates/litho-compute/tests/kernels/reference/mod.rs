//! The kernels' equations as they are written, in double precision and with
//! direct sums: no fast transform, no blocks, no lanes.

use crate::scene::{Field, Scene, near_field, widen};
use litho_compute::{PieWeights, RelaxedProjection};
use ndarray::{Array2, Array3, Array4, Axis, s};
use std::f64::consts::TAU;

pub(crate) type C64 = num_complex::Complex<f64>;

/// A scene in double precision.
pub(crate) struct Reference {
    field: Field,
    /// `√I` `(frame, y, x)`; `None` where nothing was measured.
    amplitudes: Array3<Option<f64>>,
    corners: Vec<[usize; 2]>,
    shape: (usize, usize),
    pub(crate) object: Array2<C64>,
    pub(crate) probe: Array3<C64>,
    pub(crate) waves: Array4<C64>,
}

impl Reference {
    pub(crate) fn new(scene: &Scene) -> Self {
        let amplitudes = Array3::from_shape_fn(scene.intensities.dim(), |(frame, y, x)| {
            let value = f64::from(scene.intensities[(frame, y, x)]);
            (scene.good[(y, x)] && !value.is_nan()).then(|| value.sqrt())
        });
        Self {
            field: scene.field,
            amplitudes,
            corners: scene.corners.clone(),
            shape: scene.frame_shape(),
            object: scene.object.mapv(widen),
            probe: scene.probe.mapv(widen),
            waves: scene.waves.mapv(widen),
        }
    }

    /// `ψ_k = P_k(r) O(r + r_j)` `(mode, y, x)`.
    pub(crate) fn exit_wave(&self, frame: usize) -> Array3<C64> {
        &self.probe * &self.patch(frame)
    }

    /// The object under frame `frame`.
    fn patch(&self, frame: usize) -> Array2<C64> {
        let ([y, x], (ny, nx)) = (self.corners[frame], self.shape);
        self.object.slice(s![y..y + ny, x..x + nx]).to_owned()
    }

    pub(crate) fn to_detector(&self, waves: &Array3<C64>) -> Array3<C64> {
        each_mode(waves, |wave| match self.field {
            Field::Far => dft(wave, -1.0),
            Field::Near => dft(&(dft(wave, -1.0) * angular_spectrum(self.shape)), 1.0),
        })
    }

    fn to_sample(&self, waves: &Array3<C64>) -> Array3<C64> {
        each_mode(waves, |wave| match self.field {
            Field::Far => dft(wave, 1.0),
            Field::Near => dft(&(dft(wave, -1.0) * angular_spectrum(self.shape).mapv(|h| h.conj())), 1.0),
        })
    }

    /// `Π_F ψ` and `Σ(|F| − √I)²`.
    fn project(&self, frame: usize, waves: &Array3<C64>) -> (Array3<C64>, f64) {
        let mut at_detector = self.to_detector(waves);
        let mut error = 0.0;
        for ((y, x), amplitude) in self.amplitudes.index_axis(Axis(0), frame).indexed_iter() {
            let Some(amplitude) = amplitude else { continue };
            let modulus = modulus(&at_detector, y, x);
            error += (modulus - amplitude).powi(2);
            at_detector.slice_mut(s![.., y, x]).mapv_inplace(|f| f * (amplitude / modulus));
        }
        (self.to_sample(&at_detector), error)
    }

    /// Frame after frame: `O ← O + α Σ_k P_k* Δψ_k / [(1−γ) Σ_k|P_k|² + γ max Σ_k|P_k|²]`,
    /// `P_k ← P_k + β O* Δψ_k / [(1−γ)|O|² + γ max|O|²]`, both by their values before.
    pub(crate) fn pie_sweep(&mut self, order: &[usize], weights: PieWeights) -> f64 {
        let [alpha, beta, object_gamma, probe_gamma] =
            [weights.object_step, weights.probe_step, weights.object_gamma, weights.probe_gamma]
                .map(f64::from);
        let mut total = 0.0;
        for &frame in order {
            let before = self.exit_wave(frame);
            let (after, error) = self.project(frame, &before);
            total += error;
            let difference = after - before;
            let object = self.patch(frame);
            let light = self.probe.mapv(|p| p.norm_sqr()).sum_axis(Axis(0));
            let matter = object.mapv(|o| o.norm_sqr());
            let (most_light, most_matter) = (largest(&light), largest(&matter));
            let [cy, cx] = self.corners[frame];
            for ((k, y, x), d) in difference.indexed_iter() {
                let at = (y, x);
                let step = alpha / ((1.0 - object_gamma) * light[at] + object_gamma * most_light);
                self.object[(cy + y, cx + x)] += self.probe[(k, y, x)].conj() * d * step;
            }
            for ((k, y, x), d) in difference.indexed_iter() {
                let at = (y, x);
                let step = beta / ((1.0 - probe_gamma) * matter[at] + probe_gamma * most_matter);
                self.probe[(k, y, x)] += object[at].conj() * d * step;
            }
        }
        total
    }

    /// `ψ ← (1−a−b) ψ + a P·O + b Π_F[c P·O + (1−c) ψ]`.
    pub(crate) fn relaxed_projection(&mut self, coefficients: RelaxedProjection) -> f64 {
        let [a, b, c] = [coefficients.a, coefficients.b, coefficients.c].map(f64::from);
        let mut total = 0.0;
        for frame in 0..self.corners.len() {
            let model = self.exit_wave(frame);
            let wave = self.waves.index_axis(Axis(0), frame).to_owned();
            let (projected, error) = self.project(frame, &(&model * c + &wave * (1.0 - c)));
            total += error;
            let moved = wave * (1.0 - a - b) + model * a + projected * b;
            self.waves.index_axis_mut(Axis(0), frame).assign(&moved);
        }
        total
    }

    /// `O ← (Σ_jk P_k* ψ_jk + c O)/(Σ_jk |P_k|² + c)`, `c = inertia · max Σ_jk |P_k|²`.
    pub(crate) fn overlap_object(&mut self, inertia: f64) {
        let mut sum = Array2::<C64>::zeros(self.object.dim());
        let mut weight = Array2::<f64>::zeros(self.object.dim());
        for ((j, k, y, x), wave) in self.waves.indexed_iter() {
            let ([cy, cx], p) = (self.corners[j], self.probe[(k, y, x)]);
            sum[(cy + y, cx + x)] += p.conj() * wave;
            weight[(cy + y, cx + x)] += p.norm_sqr();
        }
        let c = inertia * largest(&weight);
        for (at, o) in self.object.indexed_iter_mut() {
            *o = (sum[at] + *o * c) / (weight[at] + c);
        }
    }

    /// `P_k ← (Σ_j O_j* ψ_jk + c P_k)/(Σ_j |O_j|² + c)`, `c = inertia · frame count`; returns `‖P' − P‖/‖P‖`.
    pub(crate) fn overlap_probe(&mut self, inertia: f64) -> f64 {
        let before = self.probe.clone();
        let c = inertia * self.corners.len() as f64;
        for ((k, y, x), p) in self.probe.indexed_iter_mut() {
            let (mut sum, mut weight) = (C64::default(), 0.0);
            for (j, [cy, cx]) in self.corners.iter().enumerate() {
                let o = self.object[(cy + y, cx + x)];
                sum += o.conj() * self.waves[(j, k, y, x)];
                weight += o.norm_sqr();
            }
            *p = (sum + *p * c) / (weight + c);
        }
        let power = |probe: &Array3<C64>| probe.iter().map(C64::norm_sqr).sum::<f64>();
        (power(&(&self.probe - &before)) / power(&before)).sqrt()
    }

    /// Modulus `√Σ_k|F_k|²` of the model of one frame at the detector, `(y, x)`.
    pub(crate) fn model_modulus(&self, frame: usize) -> Array2<f64> {
        let waves = self.to_detector(&self.exit_wave(frame));
        Array2::from_shape_fn(self.shape, |(y, x)| modulus(&waves, y, x))
    }

    /// `√I` of one frame, `None` where nothing was measured.
    pub(crate) fn amplitude(&self, frame: usize) -> Array2<Option<f64>> {
        self.amplitudes.index_axis(Axis(0), frame).to_owned()
    }
}

fn each_mode(waves: &Array3<C64>, carry: impl Fn(&Array2<C64>) -> Array2<C64>) -> Array3<C64> {
    let mut all = waves.clone();
    for mut wave in all.axis_iter_mut(Axis(0)) {
        let carried = carry(&wave.to_owned());
        wave.assign(&carried);
    }
    all
}

fn modulus(waves: &Array3<C64>, y: usize, x: usize) -> f64 {
    waves.slice(s![.., y, x]).iter().map(C64::norm_sqr).sum::<f64>().sqrt()
}

fn largest(values: &Array2<f64>) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// `F(q) = Σ_r f(r) exp(±2πi q·r/N) / √N`, one sum per frequency.
fn dft(wave: &Array2<C64>, sign: f64) -> Array2<C64> {
    let (ny, nx) = wave.dim();
    let turns =
        |n: usize| -> Vec<C64> { (0..n).map(|i| C64::cis(sign * TAU * i as f64 / n as f64)).collect() };
    let (ty, tx) = (turns(ny), turns(nx));
    Array2::from_shape_fn((ny, nx), |(v, u)| {
        let sum: C64 = wave.indexed_iter().map(|((y, x), f)| f * ty[v * y % ny] * tx[u * x % nx]).sum();
        sum / ((ny * nx) as f64).sqrt()
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
