//! Levenberg–Marquardt for one plate: the cuboid that explains the most of what the others leave.

use super::shape::{PARAMETERS, Plate, Soft, for_voxels, moved};
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
    let mut normal = Normal::at(&best, left, fit.width);
    let mut damping = DAMPING;
    for _ in 0..fit.iterations {
        let Some(step) = normal.step(damping) else { break };
        let trial = clamped(moved(&best, &step));
        let next = Normal::at(&trial, left, fit.width);
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

/// What a plate as it is explains of `left`.
pub(super) fn gain(plate: &Plate, left: ArrayView3<f32>, width: f64) -> f64 {
    let soft = Soft::new(*plate, width);
    let mut sum = 0.0;
    for_voxels(&soft, left.dim(), |voxel, own| {
        let fill = soft.fill(own);
        sum += fill * (2.0 * f64::from(left[voxel]) - fill);
    });
    sum
}

fn clamped(mut plate: Plate) -> Plate {
    plate.half = plate.half.map(|half| half.max(0.5 * THIN));
    plate
}

/// The normal equations of one plate.
struct Normal {
    gain: f64,
    matrix: [[f64; PARAMETERS]; PARAMETERS],
    right: [f64; PARAMETERS],
}

impl Normal {
    fn at(plate: &Plate, left: ArrayView3<f32>, width: f64) -> Self {
        let mut normal =
            Self { gain: 0.0, matrix: [[0.0; PARAMETERS]; PARAMETERS], right: [0.0; PARAMETERS] };
        let soft = Soft::new(*plate, width);
        for_voxels(&soft, left.dim(), |voxel, own| {
            let (fill, slopes) = soft.slopes(own);
            let left = f64::from(left[voxel]);
            normal.gain += fill * (2.0 * left - fill);
            for (row, slope) in slopes.iter().enumerate().filter(|(_, slope)| **slope != 0.0) {
                normal.right[row] += slope * (left - fill);
                for column in 0..=row {
                    normal.matrix[row][column] += slope * slopes[column];
                }
            }
        });
        normal
    }

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
