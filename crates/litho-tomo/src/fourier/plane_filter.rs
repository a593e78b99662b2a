//! A filter of slices in two dimensions: the frequencies that no projection measured.

use super::transform::{COMPLEX, Transform, load, store};
use crate::geometry::Geometry;
use crate::sheet::{BEFORE, Cell, Sheet};
use litho_lanes::lanewise;
use rayon::prelude::*;
use std::f64::consts::PI;

/// A real response, and the transform it is applied in.
#[derive(Debug, Clone)]
pub(crate) struct PlaneFilter {
    transform: Transform,
    /// By row and column of the transform, divided by its number of points.
    response: Vec<f32>,
}

/// Frequencies nearer to zero than this, in steps of the slice's own, were measured by every projection.
const CORE: f64 = 1.5;

impl PlaneFilter {
    /// 1 at frequencies that lie in a gap of the angles wider than twice the median one, 0 at the others.
    pub(crate) fn wedge(geometry: &Geometry) -> Self {
        let size = geometry.size();
        let length = size.next_power_of_two();
        let unmeasured = Unmeasured::new(geometry.angles());
        let signed = |place: usize| {
            if place < length.div_ceil(2) { place as f64 } else { place as f64 - length as f64 }
        };
        let scale = 1.0 / (length * length) as f32;
        let core = CORE * length as f64 / size as f64;
        let response = (0..length * length)
            .map(|place| {
                // Rows grow downward, y upward.
                let (y, x) = (-signed(place / length), signed(place % length));
                if y.hypot(x) > core && unmeasured.holds(y.atan2(x)) { scale } else { 0.0 }
            })
            .collect();
        Self { transform: Transform::new(length), response }
    }

    /// Bytes that [`apply`](Self::apply) takes for slices of this size.
    pub(crate) fn bytes(size: usize) -> usize {
        let length = size.next_power_of_two();
        (size + length) * length * size_of::<Cell>()
    }

    /// Filters every slice.
    pub(crate) fn apply(&self, slices: &mut Sheet) {
        let length = self.transform.length();
        let size = slices.rows();
        let stride = slices.stride();
        // Columns of a plane of as many rows as the slice: rows beyond it are zero before and are not asked for after.
        let mut plane = vec![Cell::ZERO; size * length];
        plane.par_chunks_mut(length).enumerate().for_each_init(
            || vec![Cell::ZERO; length],
            |scratch, (row, line)| {
                line[..size].copy_from_slice(slices.row(row));
                self.transform.forward(line, scratch);
            },
        );
        let columns: Vec<Vec<Cell>> = (0..length)
            .into_par_iter()
            .map_init(
                || vec![Cell::ZERO; length],
                |scratch, column| {
                    let mut line = vec![Cell::ZERO; length];
                    for (row, cell) in line[..size].iter_mut().enumerate() {
                        *cell = plane[row * length + column];
                    }
                    self.transform.forward(&mut line, scratch);
                    scale(&mut line, &self.response[column..], length);
                    self.transform.inverse(&mut line, scratch);
                    line.truncate(size);
                    line
                },
            )
            .collect();
        drop(plane);
        slices.padded_rows_mut().par_chunks_mut(stride).enumerate().for_each_init(
            || (vec![Cell::ZERO; length], vec![Cell::ZERO; length]),
            |(line, scratch), (row, cells)| {
                for (cell, column) in line.iter_mut().zip(&columns) {
                    *cell = column[row];
                }
                self.transform.inverse(line, scratch);
                cells[BEFORE..][..size].copy_from_slice(&line[..size]);
            },
        );
    }
}

lanewise! {
    /// Multiplies a column by every `step`-th factor.
    fn scale<L>(line: &mut [Cell], factors: &[f32], step: usize) {
        for (cell, &factor) in line.iter_mut().zip(factors.iter().step_by(step)) {
            for v in 0..COMPLEX {
                let value = load::<L>(cell, [0, COMPLEX], v).scale(L::splat(factor));
                store(value, cell, [0, COMPLEX], v);
            }
        }
    }
}

/// The gaps of some angles that are wider than twice the median gap, without half a median gap at each end.
struct Unmeasured(Vec<(f64, f64)>);

impl Unmeasured {
    fn new(angles: &[f64]) -> Self {
        let mut angles: Vec<f64> = angles.iter().map(|angle| angle.rem_euclid(PI)).collect();
        angles.sort_by(f64::total_cmp);
        let next = angles.iter().skip(1).copied().chain([angles[0] + PI]);
        let gaps: Vec<(f64, f64)> = angles.iter().copied().zip(next).collect();
        let mut widths: Vec<f64> =
            gaps.iter().map(|(from, to)| to - from).filter(|&width| width > 1e-9).collect();
        widths.sort_by(f64::total_cmp);
        let median = widths[widths.len() / 2];
        let wide = gaps.into_iter().filter(|(from, to)| to - from > 2.0 * median);
        Self(wide.map(|(from, to)| (from + median / 2.0, to - median / 2.0)).collect())
    }

    /// True for directions, modulo half a turn, within a gap.
    fn holds(&self, direction: f64) -> bool {
        let direction = direction.rem_euclid(PI);
        self.0
            .iter()
            .any(|(from, to)| (*from..*to).contains(&direction) || (*from..*to).contains(&(direction + PI)))
    }
}
