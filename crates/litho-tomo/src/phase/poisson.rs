//! Poisson's equation on a rectangle of pixels, solved at once by cosine transforms.

use num_complex::Complex;
use rustfft::{Fft, FftPlanner};
use std::f64::consts::PI;
use std::sync::Arc;

type C32 = Complex<f32>;

/// Solver of `Σ_neighbours (φ_i − φ_j) = ρ_i` with neighbours within the image only.
///
/// Cosines `cos(π(2y+1)k/2ny) cos(π(2x+1)l/2nx)` are its eigenvectors, with eigenvalues
/// `4 − 2cos(πk/ny) − 2cos(πl/nx)`. The transform of a row is a Fourier transform of its reordered numbers
/// (Makhoul, IEEE Trans. ASSP 28, 27 (1980)), two rows at a time as real and imaginary part.
pub(super) struct Poisson {
    rows: Cosine,
    columns: Cosine,
}

/// Working memory of a solver.
#[derive(Default)]
pub(super) struct PoissonScratch {
    turned: Vec<f32>,
    line: Vec<C32>,
    fft: Vec<C32>,
}

impl Poisson {
    /// For images of `(ny, nx)` pixels.
    pub(super) fn new(ny: usize, nx: usize) -> Self {
        let mut planner = FftPlanner::new();
        Self { rows: Cosine::new(nx, &mut planner), columns: Cosine::new(ny, &mut planner) }
    }

    /// Replaces `ρ` by the `φ` of zero mean; the mean of `ρ` is left out.
    pub(super) fn solve(&self, field: &mut [f32], scratch: &mut PoissonScratch) {
        let (ny, nx) = (self.columns.n, self.rows.n);
        let PoissonScratch { turned, line, fft } = scratch;
        turned.resize(field.len(), 0.0);
        self.rows.forward(field, line, fft);
        transpose(field, turned, nx);
        self.columns.forward(turned, line, fft);
        for (l, column) in turned.chunks_exact_mut(ny).enumerate() {
            let along_x = self.rows.eigenvalue[l];
            for (value, along_y) in column.iter_mut().zip(&self.columns.eigenvalue) {
                let eigenvalue = along_x + along_y;
                *value = if eigenvalue > 0.0 { *value / eigenvalue } else { 0.0 };
            }
        }
        self.columns.inverse(turned, line, fft);
        transpose(turned, field, ny);
        self.rows.inverse(field, line, fft);
    }
}

/// Transposes rows of `width` numbers, by blocks that stay in the cache.
fn transpose(from: &[f32], to: &mut [f32], width: usize) {
    const BLOCK: usize = 16;
    let height = from.len() / width.max(1);
    for y0 in (0..height).step_by(BLOCK) {
        for x0 in (0..width).step_by(BLOCK) {
            for y in y0..(y0 + BLOCK).min(height) {
                for x in x0..(x0 + BLOCK).min(width) {
                    to[x * height + y] = from[y * width + x];
                }
            }
        }
    }
}

/// Cosine transforms of rows of one length.
struct Cosine {
    n: usize,
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
    /// `exp(−iπk/2n)/2`.
    twiddle: Vec<C32>,
    /// `2 − 2cos(πk/n)`.
    eigenvalue: Vec<f32>,
}

impl Cosine {
    fn new(n: usize, planner: &mut FftPlanner<f32>) -> Self {
        let angle = |k: usize| PI * k as f64 / n as f64;
        let twiddle = |k| {
            let half = Complex::from_polar(0.5, -0.5 * angle(k));
            C32::new(half.re as f32, half.im as f32)
        };
        Self {
            n,
            forward: planner.plan_fft_forward(n),
            inverse: planner.plan_fft_inverse(n),
            twiddle: (0..n).map(twiddle).collect(),
            eigenvalue: (0..n).map(|k| (4.0 * (0.5 * angle(k)).sin().powi(2)) as f32).collect(),
        }
    }

    /// `X_k = Σ_j x_j cos(π(2j+1)k/2n)` of each row.
    fn forward(&self, rows: &mut [f32], line: &mut Vec<C32>, fft: &mut Vec<C32>) {
        let n = self.n;
        self.prepare(line, fft, &*self.forward);
        for pair in rows.chunks_mut(2 * n) {
            let (a, b) = pair.split_at_mut(n);
            for (j, value) in line.iter_mut().enumerate() {
                // even numbers ascending, then odd ones descending
                let from = if 2 * j < n { 2 * j } else { 2 * (n - j) - 1 };
                *value = C32::new(a[from], b.get(from).copied().unwrap_or(0.0));
            }
            self.forward.process_with_scratch(line, fft);
            for k in 0..n {
                let (v, mirror) = (line[k], line[(n - k) % n].conj());
                let t = self.twiddle[k];
                // A = (V + V̄)/2, B = (V − V̄)/2i
                a[k] = (t * (v + mirror)).re;
                if let Some(b) = b.get_mut(k) {
                    *b = (t * (v - mirror)).im;
                }
            }
        }
    }

    /// The inverse of [`forward`](Self::forward).
    fn inverse(&self, rows: &mut [f32], line: &mut Vec<C32>, fft: &mut Vec<C32>) {
        let n = self.n;
        self.prepare(line, fft, &*self.inverse);
        let scale = 2.0 / n as f32; // the twiddle holds ½
        for pair in rows.chunks_mut(2 * n) {
            let (a, b) = pair.split_at_mut(n);
            for k in 0..n {
                // spectrum of a row: (X_k − i X_{n−k}) exp(iπk/2n) with X_n = 0; the second row is times i
                let at = |row: &[f32], k: usize| row.get(k).copied().unwrap_or(0.0);
                let first = C32::new(a[k], -at(a, n - k));
                let second = C32::new(at(b, n - k), at(b, k));
                line[k] = (first + second) * self.twiddle[k].conj() * scale;
            }
            self.inverse.process_with_scratch(line, fft);
            for (j, value) in line.iter().enumerate() {
                let to = if 2 * j < n { 2 * j } else { 2 * (n - j) - 1 };
                a[to] = value.re;
                if let Some(b) = b.get_mut(to) {
                    *b = value.im;
                }
            }
        }
    }

    fn prepare(&self, line: &mut Vec<C32>, fft: &mut Vec<C32>, plan: &dyn Fft<f32>) {
        line.resize(self.n, C32::default());
        fft.resize(plan.get_inplace_scratch_len(), C32::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_solution_solves_the_equation() {
        for (ny, nx) in [(8, 12), (7, 5), (1, 9), (16, 1)] {
            let phi: Vec<f64> = (0..ny * nx).map(|i| ((i * i) % 17) as f64 - 8.0).collect();
            let mean = phi.iter().sum::<f64>() / phi.len() as f64;
            let at = |y: usize, x: usize| phi[y * nx + x];
            let mut field: Vec<f32> = (0..ny * nx)
                .map(|i| {
                    let (y, x) = (i / nx, i % nx);
                    let mut sum = 0.0;
                    sum += if y > 0 { at(y, x) - at(y - 1, x) } else { 0.0 };
                    sum += if y + 1 < ny { at(y, x) - at(y + 1, x) } else { 0.0 };
                    sum += if x > 0 { at(y, x) - at(y, x - 1) } else { 0.0 };
                    sum += if x + 1 < nx { at(y, x) - at(y, x + 1) } else { 0.0 };
                    sum as f32
                })
                .collect();
            Poisson::new(ny, nx).solve(&mut field, &mut PoissonScratch::default());
            for (i, value) in field.iter().enumerate() {
                // f32 through two transforms of numbers up to 32, amplified by at most (n/π)² = 26.
                assert!((f64::from(*value) - phi[i] + mean).abs() < 1e-4, "{ny}×{nx}, {i}: {value}");
            }
        }
    }
}
