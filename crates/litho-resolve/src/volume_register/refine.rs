//! Shift, rotation and scale by Gauss–Newton on the distance from the sector of contrasts.

use super::placement::{
    Matrix, Vector, VolumePlacement, cross, middle, product, rotated, rotation_of, times,
};
use super::sample::Spline;
use super::{Contrast, NAME, VolumeSettings};
use crate::error::ResolveError;
use crate::solve::{cholesky, solve};
use ndarray::Array3;
use rayon::prelude::*;

/// Shifts, rotations, scale and the factor between the volumes.
const NUMBERS: usize = 8;
/// At rest: no voxel moves by more than this many voxels.
const AT_REST: f64 = 1e-3;
/// Added to the normal matrix of unit diagonal: near the end only few voxels lie outside the sector, and they may not fix
/// all numbers.
const DAMPING: f64 = 1e-3;
/// Largest move of a step, in voxels: the reach of the gradient.
const LONGEST: f64 = 1.5;

/// Where the voxels of the reference lie in the moving volume: `q = m + u + s R (r − m)`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Motion {
    shift: Vector,
    turn: Matrix,
    scale: f64,
}

impl Motion {
    pub(super) fn shifted(shift: Vector) -> Self {
        Self { shift, turn: rotated([0.0; 3]), scale: 1.0 }
    }

    /// Where the moving volume's content must go: the inverse.
    pub(super) fn placement(&self) -> VolumePlacement {
        let forth =
            VolumePlacement { shift: self.shift, rotation: rotation_of(&self.turn), scale: self.scale };
        forth.inverse()
    }

    /// `u += δu`, `R ← R exp(δω)`, `s ← s exp(δ)`.
    fn step(&mut self, step: &[f64; NUMBERS]) {
        (0..3).for_each(|k| self.shift[k] += step[k]);
        self.turn = product(&self.turn, &rotated([step[3], step[4], step[5]]));
        self.scale *= step[6].exp();
    }
}

/// How a refinement went.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Refined {
    /// Relative misfit at the end.
    pub(super) misfit: f64,
    pub(super) voxels: usize,
    pub(super) steps: usize,
    pub(super) converged: bool,
}

/// Normal equations of a step, and the misfit.
#[derive(Debug, Clone, Copy, Default)]
struct Normal {
    matrix: [[f64; NUMBERS]; NUMBERS],
    right: [f64; NUMBERS],
    /// `Σe²`, `Σr²`.
    squares: [f64; 2],
    /// `Σmr`.
    cross: f64,
    voxels: usize,
}

/// Improves `motion` until it rests, by at most so many steps.
pub(super) fn refine(
    reference: &Array3<f32>,
    moving: Array3<f32>,
    motion: &mut Motion,
    settings: &VolumeSettings,
    steps: usize,
) -> Result<Refined, ResolveError> {
    let shape = reference.dim();
    let floor = settings.floor as f32 * reference.iter().fold(0.0_f32, |most, v| most.max(*v));
    let problem = Problem { reference, floor, moving: Spline::new(moving), middle: middle(shape), settings };
    let radius = problem.middle.iter().map(|half| half * half).sum::<f64>().sqrt();
    let mut factor = problem.factor(motion)?;
    let mut result = Refined::default();
    for step in 0..=steps {
        let normal = problem.normal(motion, factor);
        result.misfit = (normal.squares[0] / normal.squares[1]).sqrt();
        (result.voxels, result.steps) = (normal.voxels, step);
        if result.converged || step == steps {
            break;
        }
        let mut change = problem.solved(normal)?;
        let length = |part: &[f64]| part.iter().map(|v| v * v).sum::<f64>().sqrt();
        let reach = length(&change[..3]) + radius * (length(&change[3..6]) + change[6].abs());
        if reach > LONGEST {
            change.iter_mut().take(7).for_each(|v| *v *= LONGEST / reach);
        }
        motion.step(&change);
        factor += change[7];
        result.converged = reach < AT_REST;
    }
    Ok(result)
}

struct Problem<'a> {
    reference: &'a Array3<f32>,
    /// Reference values below are left out.
    floor: f32,
    moving: Spline,
    middle: Vector,
    settings: &'a VolumeSettings,
}

impl Problem<'_> {
    /// The best factor for [`Contrast::Proportional`].
    fn factor(&self, motion: &Motion) -> Result<f64, ResolveError> {
        let normal = self.normal(motion, 0.0);
        if normal.squares[1] > 0.0 && normal.cross > 0.0 {
            return Ok(normal.cross / normal.squares[1]);
        }
        Err(ResolveError::NoSignal { operation: NAME, what: "the volumes have no bright matter in common" })
    }

    /// Normal equations over all voxels of the reference above the floor, slice by slice.
    fn normal(&self, motion: &Motion, factor: f64) -> Normal {
        let slices: Vec<Normal> =
            (0..self.reference.dim().0).into_par_iter().map(|z| self.slice(z, motion, factor)).collect();
        let mut sum = Normal::default();
        for slice in slices {
            for (sum, part) in sum.matrix.iter_mut().flatten().zip(slice.matrix.iter().flatten()) {
                *sum += part;
            }
            sum.right.iter_mut().zip(slice.right).for_each(|(sum, part)| *sum += part);
            (0..2).for_each(|k| sum.squares[k] += slice.squares[k]);
            sum.cross += slice.cross;
            sum.voxels += slice.voxels;
        }
        sum
    }

    fn slice(&self, z: usize, motion: &Motion, factor: f64) -> Normal {
        let mut sum = Normal::default();
        let turn = motion.turn.map(|row| row.map(|m| motion.scale * m));
        for ((y, x), &r) in self.reference.index_axis(ndarray::Axis(0), z).indexed_iter() {
            if r <= self.floor {
                continue;
            }
            let from = [z as f64 - self.middle[0], y as f64 - self.middle[1], x as f64 - self.middle[2]];
            let turned = times(&turn, from);
            let place = std::array::from_fn(|k| self.middle[k] + motion.shift[k] + turned[k]);
            let (m, gradient) = self.moving.value_and_gradient(place);
            let (m, r) = (f64::from(m), f64::from(r));
            sum.squares[1] += r * r;
            sum.cross += m * r;
            sum.voxels += 1;
            let Some((error, slope)) = self.error(r, m, factor) else { continue };
            sum.squares[0] += error * error;
            // dm = ∇m · (δu + s R (δω × (r − m)) + δ s R (r − m))
            let g = gradient.map(f64::from);
            let back: Vector = std::array::from_fn(|j| (0..3).map(|k| g[k] * turn[k][j]).sum());
            // b · (ω × f) = ω · (f × b)
            let [wz, wy, wx] = cross(from, back);
            let along: f64 = back.iter().zip(from).map(|(b, f)| b * f).sum();
            let by_factor = if self.settings.contrast == Contrast::Proportional { -r } else { 0.0 };
            let row = [g[0], g[1], g[2], wz, wy, wx, along, by_factor].map(|v| slope * v);
            for i in 0..NUMBERS {
                sum.right[i] -= row[i] * error;
                (0..=i).for_each(|j| sum.matrix[i][j] += row[i] * row[j]);
            }
        }
        sum
    }

    /// How far `(r, m)` lies outside the sector, and the derivative of that to m; none inside.
    fn error(&self, r: f64, m: f64, factor: f64) -> Option<(f64, f64)> {
        match self.settings.contrast {
            Contrast::Proportional => Some((m - factor * r, 1.0)),
            Contrast::Between([low, high]) => {
                let (from_low, from_high) = (low.hypot(1.0), high.hypot(1.0));
                let (below, above) = ((low * r - m) / from_low, (m - high * r) / from_high);
                if below > 0.0 && below >= above {
                    Some((below, -1.0 / from_low))
                } else if above > 0.0 {
                    Some((above, 1.0 / from_high))
                } else {
                    None
                }
            }
        }
    }

    /// The step, with what is not fitted held.
    fn solved(&self, mut normal: Normal) -> Result<[f64; NUMBERS], ResolveError> {
        let free = self.settings.motion.numbers();
        let is_free =
            |k: usize| k < free || (k == NUMBERS - 1 && self.settings.contrast == Contrast::Proportional);
        // Voxels all inside the sector: nothing is left to improve.
        if normal.squares[0] == 0.0 {
            return Ok([0.0; NUMBERS]);
        }
        // unit diagonal: rotations and shifts differ by a factor of the radius
        let scale: [f64; NUMBERS] = std::array::from_fn(|k| {
            let diagonal = normal.matrix[k][k];
            if is_free(k) && diagonal > 0.0 { diagonal.sqrt().recip() } else { 0.0 }
        });
        for i in 0..NUMBERS {
            for j in 0..=i {
                let value = normal.matrix[i][j] * scale[i] * scale[j];
                normal.matrix[i][j] = if i == j { 1.0 + DAMPING } else { value };
                normal.matrix[j][i] = normal.matrix[i][j];
            }
            normal.right[i] *= scale[i];
        }
        let Some(factor) = cholesky(&normal.matrix) else {
            return Err(ResolveError::NoSignal {
                operation: NAME,
                what: "what the volumes show does not fix all of shift, rotation and scale",
            });
        };
        let step = solve(&factor, &normal.right);
        Ok(std::array::from_fn(|k| step[k] * scale[k]))
    }
}
