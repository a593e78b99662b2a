//! Shells of equal spatial frequency, their parts, and the sums over them.

use super::direction::Measured;
use super::transform::Real;
use super::{FscOptions, NAME};
use crate::error::ResolveError;
use crate::fourier::signed_index;
use ndarray::Array3;
use num_complex::Complex;
use rayon::prelude::*;

/// Which shell and which parts of it a Fourier voxel belongs to. Part 0 is the whole shell, then come the cones.
pub(super) struct Shells {
    shape: [usize; 3],
    /// Thickness of a shell, cycles per voxel: the coarsest Fourier voxel.
    step: f64,
    count: usize,
    cones: Vec<([f64; 3], f64)>,
    measured: Measured,
}

/// Sums over one part of one shell.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    /// `Re Σ F₁F₂*`.
    pub(super) cross: f64,
    /// `Σ|F₁|²` and `Σ|F₂|²`.
    pub(super) power: [f64; 2],
    /// Fourier voxels.
    pub(super) count: usize,
}

impl Shells {
    pub(super) fn new(shape: (usize, usize, usize), options: &FscOptions) -> Result<Self, ResolveError> {
        let shape = [shape.0, shape.1, shape.2];
        let step = shape.map(|n| 1.0 / n as f64).into_iter().fold(0.0, f64::max);
        let cones = options.directions.iter().map(|direction| direction.unit(NAME));
        options.measured.check(NAME)?;
        Ok(Self {
            shape,
            step,
            count: (0.5 / step + 1e-9).floor() as usize + 1,
            cones: cones.collect::<Result<_, _>>()?,
            measured: options.measured,
        })
    }

    /// Frequency of each shell, cycles per voxel.
    pub(super) fn frequencies(&self) -> Vec<f64> {
        (0..self.count).map(|shell| shell as f64 * self.step).collect()
    }

    /// The whole shell and its cones.
    pub(super) fn parts(&self) -> usize {
        1 + self.cones.len()
    }

    pub(super) fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// Frequency `(z, y, x)` of a Fourier voxel, cycles per voxel.
    fn frequency(&self, k: [usize; 3]) -> [f64; 3] {
        std::array::from_fn(|i| signed_index(k[i], self.shape[i]) as f64 / self.shape[i] as f64)
    }

    /// The shell of a Fourier voxel, none if it is beyond Nyquist or was not measured.
    fn shell(&self, q: [f64; 3]) -> Option<usize> {
        let shell = (length(q) / self.step).round() as usize;
        (shell < self.count && self.measured.holds(q)).then_some(shell)
    }

    /// Does part `part` of a shell hold this frequency?
    fn in_part(&self, q: [f64; 3], part: usize) -> bool {
        let Some((axis, cos)) = part.checked_sub(1).and_then(|cone| self.cones.get(cone)) else {
            return part == 0;
        };
        let along: f64 = axis.iter().zip(q).map(|(a, q)| a * q).sum();
        along.abs() >= cos * length(q)
    }

    /// True if Fourier voxel `k` lies in `part` of `shell`.
    pub(super) fn holds(&self, k: [usize; 3], part: usize, shell: usize) -> bool {
        let q = self.frequency(k);
        self.shell(q) == Some(shell) && self.in_part(q, part)
    }

    /// Calls `visit` with place, shell and part of every Fourier voxel of a plane `k_z`.
    pub(super) fn visit_plane(&self, kz: usize, mut visit: impl FnMut([usize; 3], usize, usize)) {
        for ky in 0..self.shape[1] {
            for kx in 0..self.shape[2] {
                let k = [kz, ky, kx];
                let q = self.frequency(k);
                let Some(shell) = self.shell(q) else { continue };
                (0..self.parts())
                    .filter(|&part| self.in_part(q, part))
                    .for_each(|part| visit(k, shell, part));
            }
        }
    }

    /// Planes of half the Fourier space, each with the number of planes it stands for: `F(−k) = F(k)*` for real volumes.
    pub(super) fn half_space(&self) -> Vec<(usize, usize)> {
        let nz = self.shape[0];
        (0..=nz / 2).map(|kz| (kz, if (nz - kz) % nz == kz { 1 } else { 2 })).collect()
    }

    /// Sums `[part][shell]` of two real volumes from the transform `H` of `a + ib`:
    /// `A(k) = [H(k) + H*(−k)]/2`, `B(k) = [H(k) − H*(−k)]/2i`.
    pub(super) fn sums<T: Real>(&self, both: &Array3<Complex<T>>) -> Vec<Vec<Sums>> {
        let plane = |(kz, weight): (usize, usize)| {
            let mut sums = vec![vec![Sums::default(); self.count]; self.parts()];
            self.visit_plane(kz, |k, shell, part| {
                let opposite: [usize; 3] = std::array::from_fn(|i| (self.shape[i] - k[i]) % self.shape[i]);
                let (h, g) = (widened(both[k]), widened(both[opposite]).conj());
                let (p, q) = (h + g, h - g); // 2A and 2iB
                let sum = &mut sums[part][shell];
                // A B* = p (iq*)/4 since B* = (q/2i)* = iq*/2
                sum.cross -= 0.25 * weight as f64 * (p * q.conj()).im;
                sum.power[0] += 0.25 * weight as f64 * p.norm_sqr();
                sum.power[1] += 0.25 * weight as f64 * q.norm_sqr();
                sum.count += weight;
            });
            sums
        };
        let planes: Vec<Vec<Vec<Sums>>> = self.half_space().into_par_iter().map(plane).collect();
        let mut total = vec![vec![Sums::default(); self.count]; self.parts()];
        for sums in planes {
            for (total, sum) in total.iter_mut().flatten().zip(sums.iter().flatten()) {
                total.cross += sum.cross;
                total.power[0] += sum.power[0];
                total.power[1] += sum.power[1];
                total.count += sum.count;
            }
        }
        total
    }
}

fn length(q: [f64; 3]) -> f64 {
    q.iter().map(|v| v * v).sum::<f64>().sqrt()
}

fn widened<T: Real>(value: Complex<T>) -> Complex<f64> {
    Complex::new(value.re.widen(), value.im.widen())
}
