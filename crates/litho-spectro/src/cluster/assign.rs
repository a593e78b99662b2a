//! The nearest centre of every point, and the sums over the points of each centre.
#![expect(clippy::inline_always, reason = "inlined into functions compiled for the instruction set")]

use super::Points;
use litho_lanes::{LANES, Lanes, blocks, lanewise};
use rayon::prelude::*;
use std::ops::Range;

/// Points in one task; sums are formed within a task in order, then over the tasks in order.
pub(super) const TASK: usize = 4096;

/// Centres in standardised coordinates.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Centres {
    /// `(cluster, descriptor)`, row by row.
    pub(super) values: Vec<f64>,
    pub(super) descriptors: usize,
}

impl Centres {
    pub(super) fn len(&self) -> usize {
        self.values.len() / self.descriptors
    }

    pub(super) fn row(&self, cluster: usize) -> &[f64] {
        &self.values[cluster * self.descriptors..(cluster + 1) * self.descriptors]
    }

    /// Coefficients of `½|μ|² − x·μ` for the lanes: `(½|μ|², −μ₁, −μ₂, …)` of each centre.
    fn coefficients(&self) -> Vec<f32> {
        let row = |row: &[f64]| {
            let half = 0.5 * row.iter().map(|m| m * m).sum::<f64>();
            std::iter::once(half).chain(row.iter().map(|m| -m)).map(|m| m as f32).collect::<Vec<f32>>()
        };
        self.values.chunks(self.descriptors).flat_map(row).collect()
    }
}

/// The sums over the points of each cluster, `(Σw, Σw x₁, Σw x₂, …)`, cluster by cluster.
pub(super) fn sums(points: &Points, centres: &Centres) -> Vec<f64> {
    let coefficients = centres.coefficients();
    let width = centres.descriptors + 1;
    let task = |range: Range<usize>| {
        let mut nearest = vec![0_u8; range.len()];
        assign(&columns(points, &range), &coefficients, &mut nearest);
        let mut sums = vec![0.0; centres.len() * width];
        match centres.descriptors {
            1 => add::<1>(points, range, &nearest, &mut sums),
            2 => add::<2>(points, range, &nearest, &mut sums),
            3 => add::<3>(points, range, &nearest, &mut sums),
            4 => add::<4>(points, range, &nearest, &mut sums),
            _ => add_any(points, range, &nearest, &mut sums),
        }
        sums
    };
    let parts: Vec<Vec<f64>> = tasks(points.len()).into_par_iter().map(task).collect();
    let mut total = vec![0.0; centres.len() * width];
    for part in parts {
        for (total, part) in total.iter_mut().zip(part) {
            *total += part;
        }
    }
    total
}

/// The nearest centre of every point, from 0, and each point's squared distance to it.
pub(super) fn nearest(points: &Points, centres: &Centres) -> (Vec<u8>, Vec<f32>) {
    let coefficients = centres.coefficients();
    let (mut labels, mut distances) = (vec![0_u8; points.len()], vec![0.0_f32; points.len()]);
    let parts = labels.par_chunks_mut(TASK).zip(distances.par_chunks_mut(TASK)).enumerate();
    parts.for_each(|(task, (labels, distances))| {
        let range = task * TASK..task * TASK + labels.len();
        let columns = columns(points, &range);
        assign(&columns, &coefficients, labels);
        for (index, (label, distance)) in labels.iter().zip(distances).enumerate() {
            let centre = centres.row(usize::from(*label));
            let square = |(column, m): (&&[f32], &f64)| (f64::from(column[index]) - m).powi(2);
            *distance = columns.iter().zip(centre).map(square).sum::<f64>() as f32;
        }
    });
    (labels, distances)
}

/// `Σ w d²` with a fixed order.
pub(super) fn weighted_sum(points: &Points, distances: &[f32]) -> f64 {
    let parts: Vec<f64> = (distances.par_chunks(TASK).zip(points.weights.par_chunks(TASK)))
        .map(|(d, w)| d.iter().zip(w).map(|(&d, &w)| f64::from(d) * f64::from(w)).sum())
        .collect();
    parts.iter().sum()
}

/// Ranges of at most [`TASK`] points.
pub(super) fn tasks(len: usize) -> Vec<Range<usize>> {
    (0..len).step_by(TASK).map(|start| start..len.min(start + TASK)).collect()
}

/// The part of each column.
pub(super) fn columns<'a>(points: &'a Points, range: &Range<usize>) -> Vec<&'a [f32]> {
    points.columns.iter().map(|column| &column[range.clone()]).collect()
}

/// Adds the points of a range to the sums of their clusters.
fn add<const D: usize>(points: &Points, range: Range<usize>, nearest: &[u8], sums: &mut [f64]) {
    let columns: [&[f32]; D] = std::array::from_fn(|c| &points.columns[c][range.clone()]);
    let weights = &points.weights[range];
    for (index, (&label, &weight)) in nearest.iter().zip(weights).enumerate() {
        let weight = f64::from(weight);
        let sums = &mut sums[usize::from(label) * (D + 1)..][..=D];
        sums[0] += weight;
        for c in 0..D {
            sums[c + 1] += weight * f64::from(columns[c][index]);
        }
    }
}

/// As [`add`], for any number of descriptors.
fn add_any(points: &Points, range: Range<usize>, nearest: &[u8], sums: &mut [f64]) {
    let width = points.descriptors() + 1;
    for (point, &label) in range.zip(nearest) {
        let weight = f64::from(points.weights[point]);
        let sums = &mut sums[usize::from(label) * width..][..width];
        sums[0] += weight;
        for (sum, column) in sums[1..].iter_mut().zip(&points.columns) {
            *sum += weight * f64::from(column[point]);
        }
    }
}

lanewise! {
    /// Writes the place of the nearest centre of every point; of two equally near ones the first.
    fn assign<L>(columns: &[&[f32]], coefficients: &[f32], nearest: &mut [u8]) {
        match *columns {
            [x] => assign_to::<L, 1>([x], coefficients, nearest),
            [x, y] => assign_to::<L, 2>([x, y], coefficients, nearest),
            [x, y, z] => assign_to::<L, 3>([x, y, z], coefficients, nearest),
            _ => assign_any::<L>(columns, coefficients, nearest),
        }
    }
}

#[inline(always)]
fn assign_to<L: Lanes, const D: usize>(columns: [&[f32]; D], coefficients: &[f32], nearest: &mut [u8]) {
    for (block, nearest) in blocks(nearest.len()).zip(nearest.chunks_mut(LANES)) {
        let mut x = [L::splat(0.0); D];
        for (x, column) in x.iter_mut().zip(columns) {
            *x = block.real(column);
        }
        // argmin_j |x − μ_j|² = argmin_j ½|μ_j|² − x·μ_j
        let (mut best, mut place) = (L::splat(f32::INFINITY), L::splat(0.0));
        for (index, centre) in coefficients.chunks_exact(D + 1).enumerate() {
            let mut score = L::splat(centre[0]);
            for c in 0..D {
                score = x[c].mul_add(L::splat(centre[c + 1]), score);
            }
            let further = score.sub(best);
            best = further.choose(best, score);
            place = further.choose(place, L::splat(index as f32));
        }
        write(place, nearest);
    }
}

#[inline(always)]
fn assign_any<L: Lanes>(columns: &[&[f32]], coefficients: &[f32], nearest: &mut [u8]) {
    for (block, nearest) in blocks(nearest.len()).zip(nearest.chunks_mut(LANES)) {
        let (mut best, mut place) = (L::splat(f32::INFINITY), L::splat(0.0));
        for (index, centre) in coefficients.chunks_exact(columns.len() + 1).enumerate() {
            let mut score = L::splat(centre[0]);
            for (column, &m) in columns.iter().zip(&centre[1..]) {
                score = block.real::<L>(column).mul_add(L::splat(m), score);
            }
            let further = score.sub(best);
            best = further.choose(best, score);
            place = further.choose(place, L::splat(index as f32));
        }
        write(place, nearest);
    }
}

/// Writes places held in lanes as small integers.
#[inline(always)]
fn write<L: Lanes>(place: L, to: &mut [u8]) {
    let mut lanes = [0.0_f32; LANES];
    place.store(&mut lanes);
    for (to, lane) in to.iter_mut().zip(lanes) {
        *to = lane as i32 as u8;
    }
}

lanewise! {
    /// `d² ← min(d², |x − μ|²)`; `candidate` receives it where it is not `distances` itself. Returns `Σ w d²`.
    fn shorten<L>(columns: &[&[f32]], centre: &[f32], weights: &[f32], distances: &[f32], candidate: &mut [f32]) -> f64 {
        let mut sum = L::splat(0.0);
        for block in blocks(distances.len()) {
            let mut square = L::splat(0.0);
            for (column, &m) in columns.iter().zip(centre) {
                let difference = block.real::<L>(column).sub(L::splat(m));
                square = difference.mul_add(difference, square);
            }
            let old = block.real::<L>(distances);
            let least = old.sub(square).choose(square, old);
            block.put_real(least, candidate);
            sum = block.real::<L>(weights).mul_add(least, sum);
        }
        litho_lanes::sum_of(sum)
    }
}

/// The squared distances to the nearest centre when `centre` is added, and their weighted sum.
pub(super) fn with_centre(points: &Points, centre: &[f64], distances: &[f32]) -> (Vec<f32>, f64) {
    let centre: Vec<f32> = centre.iter().map(|&m| m as f32).collect();
    let mut candidate = vec![0.0; distances.len()];
    let parts = candidate.par_chunks_mut(TASK).zip(tasks(distances.len()));
    let sums: Vec<f64> = parts
        .map(|(candidate, range)| {
            let columns = columns(points, &range);
            shorten(&columns, &centre, &points.weights[range.clone()], &distances[range], candidate)
        })
        .collect();
    (candidate, sums.iter().sum())
}
