//! The sum along rays and its exact transpose, for many slices at once.
//!
//! Joseph's rule: along a ray, in each row of the slice (each column, for rays closer to the rows) two neighbouring voxels
//! are interpolated, and the sum is multiplied by the length of the step, `1/c` with `c = max(|cos θ|, |sin θ|)`. A voxel
//! at detector position `u` then has the weight `max(0, 1 − |d − u|/c)/c` in ray `d`: never more than two rays, so the
//! transpose gathers as the sum does, nothing is scattered, and both cost the same.

mod back;
mod forward;
mod line;
mod sweep;

use crate::batch::Batch;
use crate::geometry::Geometry;
use crate::sheet::{BEFORE, Cell, Sheet, stride};
use line::Line;
use rayon::prelude::*;

/// Most groups of angles that one task of a sum takes.
const GROUPS: usize = 6;
/// Rows of voxels that one task of the transpose makes.
const BAND: usize = 32;

/// The rays of a geometry, ready to be summed.
#[derive(Debug, Clone)]
pub(crate) struct Projector {
    lines: Vec<Line>,
    detector: usize,
    size: usize,
}

impl Projector {
    pub(crate) fn new(geometry: &Geometry) -> Self {
        let lines = geometry.angles().iter().map(|&angle| Line::new(angle, geometry)).collect();
        Self { lines, detector: geometry.detector(), size: geometry.size() }
    }

    pub(crate) fn angles(&self) -> usize {
        self.lines.len()
    }

    pub(crate) fn detector(&self) -> usize {
        self.detector
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Slices of this size, all zero.
    pub(crate) fn slices(&self) -> Sheet {
        Sheet::slices(self.size)
    }

    /// Rows of this detector at these angles, all zero.
    pub(crate) fn rays(&self) -> Sheet {
        Sheet::rays(self.angles(), self.detector)
    }

    /// `rays = A slices`.
    pub(crate) fn forward(&self, slices: &Sheet, rays: &mut Sheet) {
        let all: Vec<usize> = (0..self.angles()).collect();
        self.forward_at(&all, slices, rays);
    }

    /// As [`forward`](Self::forward) for some of the angles; `rays` has a row for each of them.
    pub(crate) fn forward_at(&self, angles: &[usize], slices: &Sheet, rays: &mut Sheet) {
        let stride = rays.stride();
        let mut rest = rays.padded_rows_mut();
        let mut tasks = Vec::new();
        // Angles share slices in the caches; a few tasks for each thread share the work evenly.
        let share = angles.len() / (4 * rayon::current_num_threads());
        let most = share.next_multiple_of(forward::GROUP).clamp(forward::GROUP, GROUPS * forward::GROUP);
        let steep = |angle: &usize| self.lines[*angle].steep();
        for same in angles.chunk_by(|a, b| steep(a) == steep(b)) {
            for group in same.chunks(most) {
                let (rows, after) = rest.split_at_mut(group.len() * stride);
                rest = after;
                tasks.push((group, rows));
            }
        }
        tasks.into_par_iter().for_each(|(group, rows)| {
            let lines: Vec<Line> = group.iter().map(|&angle| self.lines[angle]).collect();
            rows.fill(Cell::ZERO);
            forward::sum(&lines, slices, self.detector, rows);
        });
    }

    /// `slices = Aᵀ rays`.
    pub(crate) fn back(&self, rays: &Sheet, slices: &mut Sheet) {
        self.back_lines(&self.lines, rays, slices);
    }

    /// As [`back`](Self::back) for some of the angles; `rays` has a row for each of them.
    pub(crate) fn back_at(&self, angles: &[usize], rays: &Sheet, slices: &mut Sheet) {
        let lines: Vec<Line> = angles.iter().map(|&angle| self.lines[angle]).collect();
        self.back_lines(&lines, rays, slices);
    }

    /// As [`back`](Self::back), but every voxel interpolates between the two rays on either side of it, whatever the angle: the
    /// rule for filtered back-projection, where weights must add up to 1 at every voxel.
    pub(crate) fn interpolate(&self, rays: &Sheet, slices: &mut Sheet) {
        let lines: Vec<Line> = self.lines.iter().map(Line::with_unit_width).collect();
        self.back_lines(&lines, rays, slices);
    }

    /// Goes through the rays of these angles one after the other and corrects the slices along each at once (Kaczmarz):
    /// `x += relaxation · w (b − a·x)/|a|² a`. Gives `Σ w (b − a·x)²` of the residuals it met.
    pub(crate) fn sweep(&self, angles: &[usize], batch: &Batch, relaxation: f32, slices: &mut Sheet) -> f64 {
        let mut squares = 0.0;
        for &angle in angles {
            let weights = batch.weights.as_ref().map(|weights| weights.row(angle));
            squares += sweep::correct(&self.lines[angle], batch.rays.row(angle), weights, relaxation, slices);
        }
        squares
    }

    /// `Σ a` over the rays of these angles of every voxel, cells of the margin too: the sums of the columns of A.
    pub(crate) fn column_sums(&self, angles: &[usize]) -> Vec<f32> {
        let lines: Vec<Line> = angles.iter().map(|&angle| self.lines[angle]).collect();
        let stride = stride(self.size);
        let mut sums = vec![0.0; stride * self.size];
        sums.par_chunks_mut(stride).enumerate().for_each(|(row, sums)| {
            back::sum_columns(&lines, self.detector, row, &mut sums[BEFORE..][..self.size]);
        });
        sums
    }

    fn back_lines(&self, lines: &[Line], rays: &Sheet, slices: &mut Sheet) {
        let stride = slices.stride();
        let size = self.size;
        slices.padded_rows_mut().par_chunks_mut(BAND * stride).enumerate().for_each(|(band, rows)| {
            rows.fill(Cell::ZERO);
            back::gather(lines, rays, band * BAND, size, stride, rows);
        });
    }
}
