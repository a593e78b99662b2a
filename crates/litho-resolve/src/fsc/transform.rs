//! Fourier transform of a whole volume, in place, in single or double precision.

use ndarray::{Array3, ArrayViewMut2, Axis};
use num_complex::Complex;
use rayon::prelude::*;
use rustfft::{Fft, FftNum, FftPlanner};

/// The two floating-point types volumes are transformed in.
pub(crate) trait Real: FftNum {
    /// From double precision.
    fn narrow(value: f64) -> Self;
    /// To double precision.
    fn widen(self) -> f64;
}

impl Real for f32 {
    fn narrow(value: f64) -> Self {
        value as Self
    }
    fn widen(self) -> f64 {
        f64::from(self)
    }
}

impl Real for f64 {
    fn narrow(value: f64) -> Self {
        value
    }
    fn widen(self) -> f64 {
        self
    }
}

/// Lines that are gathered at a time: what they need of a row is one or two lines of the cache.
const TOGETHER: usize = 16;

/// `F(k) = Σ_r f(r) exp(−2πi k·r/n)`, zero frequency at the corner. Lines are independent: threads do not change a bit.
pub(crate) fn fft3<T: Real>(field: &mut Array3<Complex<T>>) {
    let (nz, ny, nx) = field.dim();
    let mut planner = FftPlanner::new();
    let [along_z, along_y, along_x] = [nz, ny, nx].map(|n| planner.plan_fft_forward(n));
    field.axis_iter_mut(Axis(0)).into_par_iter().for_each_init(Lines::default, |lines, mut plane| {
        lines.rows(plane.view_mut(), &*along_x);
        lines.columns(plane, &*along_y);
    });
    field
        .axis_iter_mut(Axis(1))
        .into_par_iter()
        .for_each_init(Lines::default, |lines, plane| lines.columns(plane, &*along_z));
}

/// Working memory of one thread.
struct Lines<T> {
    line: Vec<Complex<T>>,
    scratch: Vec<Complex<T>>,
}

impl<T: Real> Default for Lines<T> {
    fn default() -> Self {
        Self { line: Vec::new(), scratch: Vec::new() }
    }
}

impl<T: Real> Lines<T> {
    fn process(&mut self, plan: &dyn Fft<T>) {
        let zero = Complex::new(T::zero(), T::zero());
        self.scratch.resize(plan.get_inplace_scratch_len(), zero);
        plan.process_with_scratch(&mut self.line, &mut self.scratch);
    }

    /// Transforms each row of a plane.
    fn rows(&mut self, mut plane: ArrayViewMut2<'_, Complex<T>>, plan: &dyn Fft<T>) {
        for mut row in plane.rows_mut() {
            self.line.clear();
            self.line.extend(row.iter());
            self.process(plan);
            row.iter_mut().zip(&self.line).for_each(|(value, new)| *value = *new);
        }
    }

    /// Transforms each column of a plane, some neighbours at a time.
    fn columns(&mut self, mut plane: ArrayViewMut2<'_, Complex<T>>, plan: &dyn Fft<T>) {
        let length = plane.nrows();
        let zero = Complex::new(T::zero(), T::zero());
        for mut block in plane.axis_chunks_iter_mut(Axis(1), TOGETHER) {
            self.line.clear();
            self.line.resize(length * block.ncols(), zero);
            for (i, row) in block.rows().into_iter().enumerate() {
                row.iter().enumerate().for_each(|(column, value)| self.line[column * length + i] = *value);
            }
            self.process(plan);
            for (i, mut row) in block.rows_mut().into_iter().enumerate() {
                row.iter_mut()
                    .enumerate()
                    .for_each(|(column, value)| *value = self.line[column * length + i]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transform_of_one_wave_is_one_voxel() {
        // exp(2πi(2z/6 + y/5 + 3x/20)) on 6 × 5 × 20 voxels has all its 600 units at (2, 1, 3).
        let turn = |(z, y, x): (usize, usize, usize)| {
            std::f64::consts::TAU * (2.0 * z as f64 / 6.0 + y as f64 / 5.0 + 3.0 * x as f64 / 20.0)
        };
        let mut double = Array3::from_shape_fn((6, 5, 20), |r| Complex::cis(turn(r)));
        let mut single = double.mapv(|v| Complex::new(v.re as f32, v.im as f32));
        fft3(&mut double);
        fft3(&mut single);
        for (place, value) in double.indexed_iter() {
            let expected = if place == (2, 1, 3) { 600.0 } else { 0.0 };
            assert!((value - expected).norm() < 1e-11, "{place:?}: {value}"); // 600 terms of double rounding
            // 600 terms, each rounded by 6e-8 of itself, at most
            assert!((f64::from(single[place].re) - value.re).abs() < 600.0 * 6e-8, "{place:?}");
        }
    }
}
