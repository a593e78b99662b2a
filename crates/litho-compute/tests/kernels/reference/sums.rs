//! The kernels that add something up.

use super::detector::Rule;
use super::{C64, Reference};
use litho_compute::{DetectorSums, Likelihood, PositionSums, StepSums, VariationSums};
use ndarray::{Array2, Array3, Array4, Axis, s, stack};

/// What some frames say about object and probe.
#[derive(Debug)]
pub(crate) struct Pushes {
    /// `(frame, wave, y, x)`.
    pub(crate) waves: Array4<C64>,
    pub(crate) object: Array2<C64>,
    pub(crate) probe: Array3<C64>,
    pub(crate) error: f64,
}

/// `Re Σ a* b` and `Im Σ a* b`.
fn inner(a: &Array3<C64>, b: &Array3<C64>) -> [f64; 2] {
    let sum: C64 = a.iter().zip(b).map(|(a, b)| a.conj() * b).sum();
    [sum.re, sum.im]
}

impl Reference {
    pub(crate) fn all_frames(&self) -> Vec<usize> {
        (0..self.frame_count()).collect()
    }

    /// Adds `Σ_k P_jk* ψ_k`.
    pub(super) fn push_object(&self, frame: usize, waves: &Array3<C64>, sum: &mut Array2<C64>) {
        let ([cy, cx], (ny, nx)) = (self.corner(frame), self.shape);
        let push = (self.beam(frame).mapv(|p| p.conj()) * waves).sum_axis(Axis(0));
        let mut under = sum.slice_mut(s![cy..cy + ny, cx..cx + nx]);
        under += &push;
    }

    /// `O* ψ`, brought back to the modes.
    pub(super) fn probe_push(&self, frame: usize, waves: &Array3<C64>) -> Array3<C64> {
        self.gather(frame, &(waves * &self.patch(frame).mapv(|o| o.conj())))
    }

    /// `χ = ψ' − ψ` of one frame, and `Σ(√I_m − √I)²`.
    fn residual(&self, likelihood: Likelihood, frame: usize) -> (Array3<C64>, f64) {
        let before = self.exit_wave(frame);
        let (after, error) = self.visit(Rule::Step, likelihood, frame, &before);
        (after - before, error)
    }

    fn pushes(&self, frames: &[usize], of_frame: impl Fn(usize) -> (Array3<C64>, f64)) -> Pushes {
        let mut object = Array2::zeros(self.object.dim());
        let mut probe = Array3::zeros(self.probe.dim());
        let (mut error, mut waves) = (0.0, Vec::new());
        for &frame in frames {
            let (wave, frame_error) = of_frame(frame);
            self.push_object(frame, &wave, &mut object);
            probe += &self.probe_push(frame, &wave);
            error += frame_error;
            waves.push(wave);
        }
        let views: Vec<_> = waves.iter().map(|wave| wave.view()).collect();
        Pushes { waves: stack(Axis(0), &views).expect("waves of one shape"), object, probe, error }
    }

    pub(crate) fn batch(&self, frames: &[usize], likelihood: Likelihood) -> Pushes {
        self.pushes(frames, |frame| self.residual(likelihood, frame))
    }

    /// `∂L/∂O*` and `∂L/∂P*` by the chain rule.
    pub(crate) fn gradient(&self, likelihood: Likelihood) -> Pushes {
        self.pushes(&self.all_frames(), |frame| {
            self.visit(Rule::Gradient, likelihood, frame, &self.exit_wave(frame))
        })
    }

    /// `Σ_jk |P_jk|²`, as the object.
    pub(crate) fn light_on_object(&self, frames: &[usize]) -> Array2<f64> {
        let mut light = Array2::zeros(self.object.dim());
        for &frame in frames {
            let ([cy, cx], (ny, nx)) = (self.corner(frame), self.shape);
            let mut under = light.slice_mut(s![cy..cy + ny, cx..cx + nx]);
            under += &self.beam(frame).mapv(|p| p.norm_sqr()).sum_axis(Axis(0));
        }
        light
    }

    /// `Σ_j c_j²|O_j|²`, as one probe mode.
    pub(crate) fn light_on_probe(&self, frames: &[usize]) -> Array2<f64> {
        let mut light = Array2::zeros(self.shape);
        for &frame in frames {
            let c = f64::from(self.views.amplitudes[frame]);
            light += &(self.patch(frame).mapv(|o| o.norm_sqr()) * (c * c));
        }
        light
    }

    /// `u = P ΔO`, `v = ΔP O` with the kernel's own residuals `χ`.
    pub(crate) fn step_sums(
        &self,
        frame: usize,
        residual: &Array3<C64>,
        object: &Array2<C64>,
        probe: &Array3<C64>,
    ) -> StepSums {
        let u = self.beam(frame) * self.under(frame, object);
        let v = self.spread(frame, probe) * self.patch(frame);
        StepSums {
            object: inner(&u, &u)[0],
            probe: inner(&v, &v)[0],
            mixed: inner(&u, &v),
            object_right: inner(&u, residual)[0],
            probe_right: inner(&v, residual)[0],
        }
    }

    /// With `w = 1/(f + b + 0.05)`.
    pub(crate) fn detector_sums(&self) -> DetectorSums {
        let zeros = || Array2::zeros(self.shape);
        let mut sums = DetectorSums { frames: zeros(), counts: zeros(), weight: zeros(), excess: zeros() };
        for frame in 0..self.frame_count() {
            let coherent = self.coherent(frame);
            for (at, a) in self.amplitudes.index_axis(Axis(0), frame).indexed_iter() {
                let Some(a) = a else { continue };
                let weight = 1.0 / (coherent[at] + self.background[at] + 0.05);
                sums.frames[at] += 1.0;
                sums.counts[at] += a * a;
                sums.weight[at] += weight;
                sums.excess[at] += weight * (a * a - coherent[at]);
            }
        }
        sums
    }

    /// With slopes of the object from its neighbours, of one neighbour at the rim.
    pub(crate) fn position_sums(&self, frame: usize) -> PositionSums {
        let (rows, columns) = self.object.dim();
        let slope = |at: usize, last: usize, value: &dyn Fn(usize) -> C64| match at {
            0 => value(1) - value(0),
            at if at == last => value(last) - value(last - 1),
            at => (value(at + 1) - value(at - 1)) / 2.0,
        };
        let slopes_y =
            Array2::from_shape_fn((rows, columns), |(y, x)| slope(y, rows - 1, &|y| self.object[(y, x)]));
        let slopes_x =
            Array2::from_shape_fn((rows, columns), |(y, x)| slope(x, columns - 1, &|x| self.object[(y, x)]));
        let beam = self.beam(frame);
        let (gy, gx) = (&beam * &self.under(frame, &slopes_y), &beam * &self.under(frame, &slopes_x));
        let (residual, _) = self.residual(Likelihood::Amplitude, frame);
        PositionSums {
            normal: [inner(&gy, &gy)[0], inner(&gy, &gx)[0], inner(&gx, &gx)[0]],
            right: [inner(&gy, &residual)[0], inner(&gx, &residual)[0]],
        }
    }

    /// One frame's sums along `direction`, and its `O_j* χ_j0` brought back to the first mode.
    pub(crate) fn variation_sums(
        &self,
        frame: usize,
        direction: &Array3<C64>,
    ) -> (VariationSums, Array3<C64>) {
        let (residual, _) = self.residual(Likelihood::Amplitude, frame);
        let first = residual.slice(s![..self.views.exposures, .., ..]).to_owned();
        let varied = self.spread(frame, direction) * self.patch(frame);
        let sums = VariationSums { right: inner(&varied, &first)[0], normal: inner(&varied, &varied)[0] };
        (sums, self.probe_push(frame, &first))
    }
}
