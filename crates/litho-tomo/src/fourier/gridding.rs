//! Back-projection of filtered rows by Fourier transforms: the cost of large slices does not grow with the number of
//! angles times their area.
//!
//! Filtered rows are sums of waves along the detector, `q(s) = 1/P Σ_k Q_k exp(2πi k s/P)`, so a slice is a sum of waves with
//! the frequencies `k/P (cos θ, sin θ)`. They are spread over a grid finer than the slice's, transformed, and divided by the
//! transform of the spreading kernel.

use super::row_filter::RowFilter;
use super::spread::{Kernel, WIDTH, add};
use super::transform::Transform;
use crate::geometry::Geometry;
use crate::sheet::{BEFORE, Cell, Sheet};
use litho_lanes::c32;
use rayon::prelude::*;
use std::f64::consts::TAU;

/// Rows of the grid that one task spreads over.
const BAND: usize = 16;

/// Everything about a geometry and a filter that the slices share.
#[derive(Debug, Clone)]
pub(crate) struct Gridding {
    filter: RowFilter,
    grid: Transform,
    kernel: Kernel,
    /// Sine and cosine of every angle.
    directions: Vec<(f64, f64)>,
    axis: f64,
    size: usize,
    /// 1 over the kernel's transform, for every row (and column) of a slice.
    correction: Vec<f32>,
}

impl Gridding {
    pub(crate) fn new(geometry: &Geometry, filter: RowFilter) -> Self {
        let size = geometry.size();
        let points = Self::points(size);
        let kernel = Kernel::new(points, size);
        let middle = (size / 2) as f64;
        let correction =
            (0..size).map(|place| (1.0 / kernel.transform(place as f64 - middle, points)) as f32).collect();
        Self {
            filter,
            grid: Transform::new(points),
            kernel,
            directions: geometry.angles().iter().map(|angle| angle.sin_cos()).collect(),
            axis: geometry.axis(),
            size,
            correction,
        }
    }

    /// Points of the grid along each direction: at least 1.5 per voxel.
    fn points(size: usize) -> usize {
        (size + size.div_ceil(2)).max(2 * WIDTH).next_power_of_two()
    }

    /// Bytes that [`apply`](Self::apply) takes besides its arguments.
    pub(crate) fn bytes(geometry: &Geometry, threads: usize) -> usize {
        let (size, points) = (geometry.size(), Self::points(geometry.size()));
        let waves = geometry.angles().len() * RowFilter::length_for(geometry.detector());
        let bands = threads * (BAND + 2) * (points + 2 * WIDTH);
        (waves + points * size + size * size + bands) * size_of::<Cell>()
    }

    /// Slices from unfiltered rows.
    pub(crate) fn apply(&self, rays: &Sheet, slices: &mut Sheet) {
        let waves = self.waves(rays);
        let points = self.grid.length();
        let size = self.size;
        // Rows of the grid, transformed along the rows; only as many columns as the slice has are kept.
        let mut rows = vec![Cell::ZERO; points * size];
        rows.par_chunks_mut(BAND * size).enumerate().for_each(|(band, rows)| {
            self.band(&waves, band * BAND, rows);
        });
        drop(waves);
        let columns: Vec<Vec<Cell>> = (0..size)
            .into_par_iter()
            .map_init(
                || (vec![Cell::ZERO; points], vec![Cell::ZERO; points]),
                |(line, scratch), column| {
                    for (row, cell) in line.iter_mut().enumerate() {
                        *cell = rows[row * size + column];
                    }
                    self.grid.inverse(line, scratch);
                    self.keep(line, self.correction[column])
                },
            )
            .collect();
        drop(rows);
        let stride = slices.stride();
        slices.padded_rows_mut().par_chunks_mut(stride).enumerate().for_each(|(row, cells)| {
            for (cell, column) in cells[BEFORE..].iter_mut().zip(&columns) {
                *cell = column[row];
            }
        });
    }

    /// The waves of every row, `k = −P/2 … P/2 − 1`, filtered and moved so that `s = 0` is voxel (size/2, size/2).
    fn waves(&self, rays: &Sheet) -> Vec<Cell> {
        let length = self.filter.length();
        let mut waves = vec![Cell::ZERO; rays.rows() * length];
        waves.par_chunks_mut(length).enumerate().for_each_init(
            || vec![Cell::ZERO; length],
            |scratch, (angle, line)| {
                self.filter.waves(rays.row(angle), angle, line, scratch);
                // x = j' + δ, y = −i' − δ with places from size/2 and δ = size/2 − (size − 1)/2
                let delta = (self.size / 2) as f64 - (self.size as f64 - 1.0) / 2.0;
                let (sin, cos) = self.directions[angle];
                let shift = self.axis + delta * (cos - sin);
                line.rotate_right(length / 2);
                for (place, cell) in line.iter_mut().enumerate() {
                    let k = place as f64 - (length / 2) as f64;
                    let (im, re) = (TAU * k * shift / length as f64).sin_cos();
                    turn(cell, c32::new(re as f32, im as f32));
                }
                // Both ends of the spectrum are one wave; it is real for both slices only as the mean of the two.
                line[0] = Cell::ZERO;
            },
        );
        waves
    }

    /// Spreads all waves over some rows of the grid, from `start` on, and transforms these along the rows.
    fn band(&self, waves: &[Cell], start: usize, kept: &mut [Cell]) {
        let (points, size) = (self.grid.length(), self.size);
        let count = kept.len() / size;
        // Before and behind each row there is room for what comes in from the other end.
        let wide = points + 2 * WIDTH;
        let mut band = vec![Cell::ZERO; count * wide];
        let length = self.filter.length();
        for (line, &(sin, cos)) in waves.chunks_exact(length).zip(&self.directions) {
            let step = points as f64 / length as f64;
            for period in [-1.0, 0.0, 1.0] {
                let (low, high) = (start as f64 - WIDTH as f64, (start + count + WIDTH) as f64);
                // Row of the grid: −sin θ k, modulo the grid
                let row = |k: f64| -sin * k * step + period * points as f64;
                for place in
                    places(length, -sin * step, low - period * points as f64, high - period * points as f64)
                {
                    let k = place as f64 - (length / 2) as f64;
                    let (first, down) = self.kernel.around(row(k));
                    let (column, along) = self.kernel.around(cos * k * step);
                    let column = column.rem_euclid(points as isize) as usize;
                    for (offset, &weight) in down.iter().enumerate() {
                        let row = first + offset as isize - start as isize;
                        if (0..count as isize).contains(&row) {
                            let begin = row as usize * wide + column;
                            add(&line[place], weight, &along, &mut band[begin..begin + WIDTH]);
                        }
                    }
                }
            }
        }
        let mut scratch = vec![Cell::ZERO; points];
        for (row, kept) in band.chunks_exact_mut(wide).zip(kept.chunks_exact_mut(size)) {
            let (row, over) = row.split_at_mut(points);
            for (cell, over) in row.iter_mut().zip(over) {
                for (value, over) in cell.slices_mut().iter_mut().zip(over.slices()) {
                    *value += over;
                }
            }
            self.grid.inverse(row, &mut scratch);
            for (column, cell) in kept.iter_mut().enumerate() {
                *cell = row[self.wrapped(column)];
            }
        }
    }

    /// The place on the grid of a slice's row or column.
    fn wrapped(&self, place: usize) -> usize {
        let points = self.grid.length();
        (place + points - self.size / 2) % points
    }

    /// The rows of a slice, corrected for the kernel along both directions.
    fn keep(&self, line: &[Cell], factor: f32) -> Vec<Cell> {
        (0..self.size)
            .map(|row| {
                let mut cell = line[self.wrapped(row)];
                for value in cell.slices_mut() {
                    *value *= factor * self.correction[row];
                }
                cell
            })
            .collect()
    }
}

/// Places of the waves with `low ≤ slope · k < high`, k counted from the middle one; all may be given where slope is small.
fn places(length: usize, slope: f64, low: f64, high: f64) -> std::ops::Range<usize> {
    let middle = (length / 2) as f64;
    if slope.abs() < 1e-9 {
        return if (low..high).contains(&0.0) { 0..length } else { 0..0 };
    }
    let (a, b) = (low / slope + middle, high / slope + middle);
    let place = |at: f64| at.clamp(0.0, length as f64) as usize;
    place(a.min(b).floor())..place(a.max(b).ceil() + 1.0)
}

/// Multiplies the complex numbers of a cell.
fn turn(cell: &mut Cell, factor: c32) {
    let (re, im) = cell.0.split_at_mut(crate::sheet::VECTORS / 2);
    for (re, im) in re.as_flattened_mut().iter_mut().zip(im.as_flattened_mut()) {
        let turned = c32::new(*re, *im) * factor;
        (*re, *im) = (turned.re, turned.im);
    }
}
