//! How the projected wave of every frame asks its probe to move.

use super::residuals::{self, Residual};
use super::slots::Slot;
use super::{CpuKernels, Patch, Workspace, pixels};
use crate::detector::ReplaceModulus;
use crate::kernels::PositionSums;
use crate::model::Model;
use litho_types::C32;
use rayon::prelude::*;

pub(super) fn run(kernels: &CpuKernels, model: &Model<CpuKernels>) -> Vec<PositionSums> {
    let (ny, nx) = kernels.measurement.frame_shape();
    let per_frame = model.waves_per_frame();
    kernels
        .all_frames()
        .into_par_iter()
        .map(|frame| {
            kernels.with_workspace(per_frame, |workspace| {
                let mut residual = vec![C32::default(); per_frame * ny * nx];
                let (change, slot) = (Residual::Change, &mut Slot::default());
                residuals::visit::<ReplaceModulus>(
                    kernels,
                    model,
                    frame,
                    change,
                    &mut residual,
                    slot,
                    workspace,
                );
                sums(kernels, model, frame, &residual, workspace)
            })
        })
        .collect()
}

fn sums(
    kernels: &CpuKernels,
    model: &Model<CpuKernels>,
    frame: usize,
    residual: &[C32],
    workspace: &mut Workspace,
) -> PositionSums {
    let sight = kernels.sight(model, frame, &mut workspace.field.scratch, &mut workspace.beam);
    let object = pixels(&model.object);
    let slopes = Slopes { object, patch: sight.patch, rows: model.object.dim().0 };
    let (n, nx) = (sight.patch.pixels(), sight.patch.shape.1);
    let mut total = PositionSums::default();
    for (beam, residual) in sight.beam.chunks_exact(n).zip(residual.chunks_exact(n)) {
        for (y, (beam, residual)) in beam.chunks_exact(nx).zip(residual.chunks_exact(nx)).enumerate() {
            // A row's sums are taken in single precision, the sum of the rows in double.
            let (mut normal, mut right) = ([0.0_f32; 3], [0.0_f32; 2]);
            for (x, (p, chi)) in beam.iter().zip(residual).enumerate() {
                let [dy, dx] = slopes.at(y, x);
                let (gy, gx) = (p * dy, p * dx);
                normal[0] += gy.norm_sqr();
                normal[1] += gy.re * gx.re + gy.im * gx.im;
                normal[2] += gx.norm_sqr();
                right[0] += gy.re * chi.re + gy.im * chi.im;
                right[1] += gx.re * chi.re + gx.im * chi.im;
            }
            total.normal.iter_mut().zip(normal).for_each(|(sum, v)| *sum += f64::from(v));
            total.right.iter_mut().zip(right).for_each(|(sum, v)| *sum += f64::from(v));
        }
    }
    total
}

/// Slopes of the object under a patch.
struct Slopes<'a> {
    object: &'a [C32],
    patch: Patch,
    /// Rows of the object.
    rows: usize,
}

impl Slopes<'_> {
    /// `∂O/∂y`, `∂O/∂x` at pixel `(y, x)` of the patch: central differences, one-sided at the object's rim.
    fn at(&self, y: usize, x: usize) -> [C32; 2] {
        let (row, column) = (self.patch.corner[0] + y, self.patch.corner[1] + x);
        let value = |row: usize, column: usize| self.object[row * self.patch.pitch + column];
        let slope = |at: usize, last: usize, value: &dyn Fn(usize) -> C32| {
            let (before, after) = (at.saturating_sub(1), (at + 1).min(last));
            (value(after) - value(before)) / (after - before).max(1) as f32
        };
        [
            slope(row, self.rows - 1, &|row| value(row, column)),
            slope(column, self.patch.pitch - 1, &|column| value(row, column)),
        ]
    }
}
