//! How far a projection lies from its model, by least squares on the optical flow.
//!
//! With `F₁ = ∂q/∂y`, `F₂ = ∂q/∂x`, `F₃ = X ∂q/∂y − Y ∂q/∂x`, `F₄ = X ∂q/∂x + Y ∂q/∂y` of the model `q` and `(Y, X)` counted from
//! the middle, data whose content lies `e₁` rows and `e₂` columns further, turned by `e₃` radians from x towards y and
//! magnified by `exp e₄`, is `d ≈ q − Σ eⱼ Fⱼ`. Hence
//!
//! `min_e Σ w |H(q − d) − Σⱼ eⱼ H Fⱼ|²`
//!
//! where `H = exp(−σ²/f²)` takes slow variations along x away, which are what a wrong background or a wedge of missing
//! angles leaves in a projection.

use super::apply::Source;
use super::placement::Placement;
use super::settings::Motion;
use litho_resolve::solve::{cholesky, solve};
use litho_resolve::window::Window;
use ndarray::{Array3, Axis};
use num_complex::Complex;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

type C32 = Complex<f32>;

/// What keeps the equations solvable where an image has no structure along an axis, relative to the strongest field.
const RIDGE: f64 = 1e-6;

/// What compares projections of one shape with their models; shared between threads.
pub(super) struct Flow {
    shape: (usize, usize),
    motion: Motion,
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
    /// `H/nx` at each frequency.
    high_pass: Vec<f32>,
    along_y: Vec<f32>,
    along_x: Vec<f32>,
}

/// How data lies relative to its model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Offset {
    /// Rows, columns, radians and logarithm of the scale that the data's content is off by.
    pub(super) by: [f64; 4],
    /// `Σ w |H(q − d)|²`.
    pub(super) misfit: f64,
    /// `Σ w |H d|²`.
    pub(super) signal: f64,
}

impl Offset {
    /// `‖H(q − d)‖/‖H d‖`; 0 where there is nothing to explain and nothing is.
    pub(super) fn relative(&self) -> f64 {
        if self.misfit > 0.0 { (self.misfit / self.signal).sqrt() } else { 0.0 }
    }
}

/// Rows of one thread.
pub(super) struct Scratch {
    /// Pairs of real rows: both gradients; turned and magnified; difference and data.
    rows: [Vec<C32>; 3],
    fft: Vec<C32>,
}

/// Sums of one projection.
struct Sums {
    normal: [[f64; 5]; 5],
    right: [f64; 5],
    misfit: f64,
    signal: f64,
}

impl Flow {
    /// For images of `(ny, nx)` pixels. The high pass begins at `cycles` over the width; the outer part `window` of the image
    /// along each axis counts less and less.
    pub(super) fn new((ny, nx): (usize, usize), motion: Motion, cycles: f64, window: f64) -> Self {
        let mut planner = FftPlanner::new();
        let frequency = |k: usize| k.min(nx - k) as f64;
        let pass = |k: usize| {
            if cycles == 0.0 { 1.0 } else { (-(cycles / frequency(k)).powi(2)).exp() }
        };
        let taper = |n: usize| {
            // an image of a few rows has no edge to speak of
            let taper = if n < 16 { 0.0 } else { 0.5 * window * n as f64 };
            Window::Tukey { taper }.samples(n, 0.0, 0.0).into_iter().map(|w| w as f32).collect()
        };
        Self {
            shape: (ny, nx),
            motion,
            forward: planner.plan_fft_forward(nx),
            inverse: planner.plan_fft_inverse(nx),
            high_pass: (0..nx).map(|k| (pass(k) / nx as f64) as f32).collect(),
            along_y: taper(ny),
            along_x: taper(nx),
        }
    }

    pub(super) fn scratch(&self) -> Scratch {
        let nx = self.shape.1;
        let fft = self.forward.get_inplace_scratch_len().max(self.inverse.get_inplace_scratch_len());
        Scratch { rows: std::array::from_fn(|_| vec![C32::default(); nx]), fft: vec![C32::default(); fft] }
    }

    /// Where the content of `data` lies relative to that of `model`. `placement` is how `data` was made from the raw
    /// projection: pixels from outside it do not count.
    pub(super) fn offset(
        &self,
        model: &[f32],
        data: &[f32],
        placement: &Placement,
        scratch: &mut Scratch,
    ) -> Offset {
        let (ny, nx) = self.shape;
        let source = Source::new(placement, self.shape);
        let mut sums = Sums { normal: [[0.0; 5]; 5], right: [0.0; 5], misfit: 0.0, signal: 0.0 };
        for y in 0..ny {
            self.fields(model, data, y, scratch);
            let [gradients, turned, values] = &scratch.rows;
            for x in 0..nx {
                let weight = self.along_y[y] * self.along_x[x];
                if weight == 0.0 || !source.is_inside(y, x, self.shape) {
                    continue;
                }
                let shown = values[x].re + values[x].im;
                match self.motion {
                    Motion::Shift => sums.add(weight, &[gradients[x].re, gradients[x].im, shown], values[x]),
                    Motion::Similarity => {
                        let fields = [gradients[x].re, gradients[x].im, turned[x].re, turned[x].im, shown];
                        sums.add(weight, &fields, values[x]);
                    }
                }
            }
        }
        sums.solve(self.motion)
    }

    /// `Σ w |H(q − d)|²` of each row, over all projections.
    pub(super) fn misfit_of_rows(&self, model: &Array3<f32>, data: &Array3<f32>) -> Vec<f64> {
        let (ny, nx) = self.shape;
        let mut row = vec![C32::default(); nx];
        let mut fft = self.scratch().fft;
        let mut misfit = vec![0.0; ny];
        for (model, data) in model.axis_iter(Axis(0)).zip(data.axis_iter(Axis(0))) {
            for (misfit, (model, data)) in misfit.iter_mut().zip(model.rows().into_iter().zip(data.rows())) {
                for (value, (q, d)) in row.iter_mut().zip(model.iter().zip(data)) {
                    *value = C32::new(q - d, 0.0);
                }
                self.filter(&mut row, &mut fft);
                *misfit += row
                    .iter()
                    .zip(&self.along_x)
                    .map(|(value, &weight)| f64::from(weight) * f64::from(value.re).powi(2))
                    .sum::<f64>();
            }
        }
        misfit
    }

    /// The fields of one row, high-passed.
    fn fields(&self, model: &[f32], data: &[f32], y: usize, scratch: &mut Scratch) {
        let (ny, nx) = self.shape;
        let (my, mx) = ((ny as f32 - 1.0) / 2.0, (nx as f32 - 1.0) / 2.0);
        let line = |y: usize| &model[y * nx..(y + 1) * nx];
        let rows = neighbours(y, ny).map(line);
        let here = line(y);
        let [gradients, turned, values] = &mut scratch.rows;
        for x in 0..nx {
            let columns = neighbours(x, nx);
            let along_y = derivative(y, ny, rows.map(|row| row[x]));
            let along_x = derivative(x, nx, columns.map(|column| here[column]));
            let (from_y, from_x) = (y as f32 - my, x as f32 - mx);
            gradients[x] = C32::new(along_y, along_x);
            turned[x] = C32::new(from_x * along_y - from_y * along_x, from_x * along_x + from_y * along_y);
            values[x] = C32::new(here[x] - data[y * nx + x], data[y * nx + x]);
        }
        self.filter(gradients, &mut scratch.fft);
        if self.motion == Motion::Similarity {
            self.filter(turned, &mut scratch.fft);
        }
        self.filter(values, &mut scratch.fft);
    }

    /// The high pass of two real rows at once: it is real and even.
    fn filter(&self, row: &mut [C32], fft: &mut [C32]) {
        self.forward.process_with_scratch(row, fft);
        for (value, pass) in row.iter_mut().zip(&self.high_pass) {
            *value *= *pass;
        }
        self.inverse.process_with_scratch(row, fft);
    }
}

/// The pixels `i − 2, i − 1, i + 1, i + 2`, as far as there are any.
fn neighbours(i: usize, n: usize) -> [usize; 4] {
    [i.saturating_sub(2), i.saturating_sub(1), (i + 1).min(n - 1), (i + 2).min(n - 1)]
}

/// The derivative at pixel `i` from its [`neighbours`]: of fourth order inside, of second or first at the edges.
fn derivative(i: usize, n: usize, [far_before, before, after, far_after]: [f32; 4]) -> f32 {
    if i >= 2 && i + 2 < n {
        return (8.0 * (after - before) - (far_after - far_before)) / 12.0;
    }
    let distance = (i + 1).min(n - 1) - i.saturating_sub(1);
    if distance == 0 { 0.0 } else { (after - before) / distance as f32 }
}

impl Sums {
    fn add(&mut self, weight: f32, fields: &[f32], value: C32) {
        let weight = f64::from(weight);
        let (difference, data) = (f64::from(value.re), f64::from(value.im));
        self.misfit += weight * difference * difference;
        self.signal += weight * data * data;
        for (i, &field) in fields.iter().enumerate() {
            let weighted = weight * f64::from(field);
            self.right[i] += weighted * difference;
            for (j, &other) in fields[..=i].iter().enumerate() {
                self.normal[i][j] += weighted * f64::from(other);
            }
        }
    }

    fn solve(&self, motion: Motion) -> Offset {
        let mut by = [0.0; 4];
        match motion {
            Motion::Shift => by[..2].copy_from_slice(&self.unknowns::<3>()[..2]),
            Motion::Similarity => by.copy_from_slice(&self.unknowns::<5>()[..4]),
        }
        Offset { by, misfit: self.misfit, signal: self.signal }
    }

    /// The `N` unknowns, each scaled by the length of its field; zero where there is nothing to see.
    fn unknowns<const N: usize>(&self) -> [f64; N] {
        // both gradients may be weak, the other fields are what they are
        let strongest = self.normal[0][0].max(self.normal[1][1]);
        let length: [f64; N] = std::array::from_fn(|i| {
            let ridge = RIDGE * if i < 2 { strongest } else { self.normal[i][i] };
            (self.normal[i][i] + ridge).sqrt()
        });
        let mut scaled = [[0.0; N]; N];
        for i in 0..N {
            for j in 0..i {
                scaled[i][j] = self.normal[i][j] / (length[i] * length[j]);
                scaled[j][i] = scaled[i][j];
            }
            scaled[i][i] = 1.0;
        }
        let right: [f64; N] = std::array::from_fn(|i| self.right[i] / length[i]);
        cholesky(&scaled).map_or([0.0; N], |factor| {
            let solution = solve(&factor, &right);
            std::array::from_fn(|i| solution[i] / length[i])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: (usize, usize) = (48, 60);

    /// A few soft blobs around the middle, moved.
    fn image(placement: &Placement, sign: f64) -> Vec<f32> {
        let source = Source::new(placement, SHAPE);
        let blobs = [(20.0, 25.0, 4.0), (30.0, 36.0, 3.0), (22.0, 40.0, 5.0), (28.0, 20.0, 3.5)];
        (0..SHAPE.0 * SHAPE.1)
            .map(|at| {
                let (y, x) = source.of((at / SHAPE.1) as f64, (at % SHAPE.1) as f64);
                let blob = |(cy, cx, w): (f64, f64, f64)| {
                    (-((y - cy).powi(2) + (x - cx).powi(2)) / (2.0 * w * w)).exp()
                };
                (sign * blobs.into_iter().map(blob).sum::<f64>()) as f32
            })
            .collect()
    }

    #[test]
    fn a_small_movement_is_seen_as_it_is() {
        for (motion, sign) in [(Motion::Shift, 1.0), (Motion::Shift, -1.0), (Motion::Similarity, 1.0)] {
            let turned = motion == Motion::Similarity;
            let moved = Placement::from_numbers([
                0.02,
                -0.03,
                if turned { 0.002 } else { 0.0 },
                if turned { 1.001 } else { 1.0 },
            ]);
            let flow = Flow::new(SHAPE, motion, 3.0, 0.2);
            let (model, data) = (image(&Placement::default(), sign), image(&moved, sign));
            let found = flow.offset(&model, &data, &Placement::default(), &mut flow.scratch());
            // second order in the movement: of relative size |e|/w = 0.03/3 = 1 %; five-point differences of blobs three pixels
            // wide are wrong by (1/3)⁴/30 = 0.04 %
            let wanted = [0.02, -0.03, moved.rotation.value(), moved.scale.ln()];
            for (found, wanted) in found.by.iter().zip(wanted) {
                assert!((found - wanted).abs() <= 0.01 * wanted.abs() + 1e-5, "{found} {wanted}");
            }
            assert!(found.misfit > 0.0 && found.misfit < 1e-3 * found.signal);
        }
    }

    #[test]
    fn an_image_without_structure_moves_nothing() {
        let flat = vec![1.0; SHAPE.0 * SHAPE.1];
        for motion in [Motion::Shift, Motion::Similarity] {
            let flow = Flow::new(SHAPE, motion, 3.0, 0.2);
            let model = vec![0.0; SHAPE.0 * SHAPE.1];
            let found = flow.offset(&model, &flat, &Placement::default(), &mut flow.scratch());
            assert_eq!(found.by, [0.0; 4]);
        }
        // bars along y: nothing can be said of y, and x is as good as ever
        let bars = |shift: f32| -> Vec<f32> {
            (0..SHAPE.0 * SHAPE.1).map(|at| (0.5 * ((at % SHAPE.1) as f32 - shift)).sin()).collect()
        };
        let flow = Flow::new(SHAPE, Motion::Shift, 0.0, 0.2);
        let found = flow.offset(&bars(0.0), &bars(0.02), &Placement::default(), &mut flow.scratch());
        assert!(found.by[0].abs() < 1e-3 && (found.by[1] - 0.02).abs() < 1e-3, "{found:?}");
    }
}
