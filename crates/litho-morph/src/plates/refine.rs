//! Levenberg–Marquardt for one plate: the cuboid that explains the most of what the others leave.

use super::rows::Packed;
use super::shape::{PARAMETERS, Plate, moved};
use super::soft::Normal;
use ndarray::ArrayView3;

/// Longest step of a centre or an edge, voxels, and of a turn, radians.
const STEP: [f64; 2] = [1.5, 0.3];
/// Damping at the start, its factors, and where a fit gives up.
const DAMPING: f64 = 1e-2;
const EASE: f64 = 0.3;
const STIFFEN: f64 = 6.0;
const STIFF: f64 = 1e6;
/// A fit ends when a step moves nothing by more than this.
const STILL: f64 = 1e-3;
/// No edge gets shorter than this, voxels.
const THIN: f64 = 0.4;

/// How a plate is fitted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fit {
    /// Standard deviation of the volume's blur, voxels.
    pub(super) width: f64,
    /// Steps at most.
    pub(super) iterations: usize,
}

/// A plate and what it explains: by how much it lowers the sum of squares of what is left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fitted {
    pub(super) plate: Plate,
    pub(super) gain: f64,
}

/// The plate, fitted from a start to `left`, the filling that other plates do not explain.
pub(super) fn refine(start: Plate, left: ArrayView3<f32>, fit: Fit) -> Fitted {
    let mut best = start;
    let mut packed = Packed::default();
    let mut normal = Normal::at(&best, left, fit.width, &mut packed);
    let mut damping = DAMPING;
    for _ in 0..fit.iterations {
        let Some(step) = normal.step(damping) else { break };
        let trial = clamped(moved(&best, &step));
        let next = Normal::at(&trial, left, fit.width, &mut packed);
        if next.gain > normal.gain {
            (best, normal, damping) = (trial, next, damping * EASE);
            if step.iter().all(|s| s.abs() < STILL) {
                break;
            }
        } else {
            damping *= STIFFEN;
            if damping > STIFF {
                break;
            }
        }
    }
    Fitted { plate: best, gain: normal.gain }
}

fn clamped(mut plate: Plate) -> Plate {
    plate.half = plate.half.map(|half| half.max(0.5 * THIN));
    plate
}

impl Normal {
    /// The damped step, shortened to what the linear model can be trusted with.
    fn step(&self, damping: f64) -> Option<[f64; PARAMETERS]> {
        let mut matrix = self.matrix;
        let floor = 1e-6 * (0..PARAMETERS).map(|i| matrix[i][i]).fold(0.0, f64::max);
        for (i, row) in matrix.iter_mut().enumerate() {
            row[i] += damping * row[i] + floor;
        }
        let mut step = solve(matrix, self.right)?;
        for (index, value) in step.iter_mut().enumerate() {
            let most = STEP[usize::from((3..6).contains(&index))];
            *value = value.clamp(-most, most);
        }
        Some(step)
    }
}

/// Solves a symmetric positive system, of which the lower half is given, by Cholesky's decomposition.
fn solve(mut a: [[f64; PARAMETERS]; PARAMETERS], mut b: [f64; PARAMETERS]) -> Option<[f64; PARAMETERS]> {
    for i in 0..PARAMETERS {
        for j in 0..=i {
            let sum = a[i][j] - (0..j).map(|k| a[i][k] * a[j][k]).sum::<f64>();
            if i == j {
                if sum.is_nan() || sum <= 0.0 {
                    return None;
                }
                a[i][i] = sum.sqrt();
            } else {
                a[i][j] = sum / a[j][j];
            }
        }
        b[i] = (b[i] - (0..i).map(|k| a[i][k] * b[k]).sum::<f64>()) / a[i][i];
    }
    for i in (0..PARAMETERS).rev() {
        b[i] = (b[i] - (i + 1..PARAMETERS).map(|k| a[k][i] * b[k]).sum::<f64>()) / a[i][i];
    }
    Some(b)
}
