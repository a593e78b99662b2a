//! The filters of back-projection, along the rows of all slices at once.

use super::transform::{COMPLEX, Transform, load, store};
use crate::angle_weights::angle_weights;
use crate::geometry::Geometry;
use crate::settings::Filter;
use crate::sheet::{BEFORE, Cell, Sheet};
use litho_lanes::{c32, lanewise};
use rayon::prelude::*;
use std::f64::consts::PI;

/// A filter, and the part of the half turn that each angle stands for.
#[derive(Debug, Clone)]
pub(crate) struct RowFilter {
    transform: Transform,
    /// Response by frequency, over the length of the transform.
    response: Vec<c32>,
    /// By angle.
    weights: Vec<f32>,
}

impl RowFilter {
    /// The ramp, from its band-limited kernel: `h(0) = 1/4`, `h(k) = −1/(πk)²` for odd k, 0 for even k (Kak & Slaney 3.61).
    /// A ramp sampled in frequency would lose the mean.
    pub(crate) fn ramp(geometry: &Geometry, filter: Filter) -> Self {
        Self::new(geometry, filter, |k| match k {
            0 => 0.25,
            k if k % 2 == 0 => 0.0,
            k => -1.0 / (PI * k as f64).powi(2),
        })
    }

    /// For derivatives along x, `sign(f)/(2πi)` with the ramp's band limit: `h(k) = 1/(π²k)` for odd k, 0 for even k.
    pub(crate) fn hilbert(geometry: &Geometry, filter: Filter) -> Self {
        Self::new(geometry, filter, |k| if k % 2 == 0 { 0.0 } else { 1.0 / (PI * PI * k as f64) })
    }

    fn new(geometry: &Geometry, filter: Filter, kernel: impl Fn(isize) -> f64) -> Self {
        let detector = geometry.detector();
        let length = Self::length_for(detector);
        let response = response(length, detector, filter, kernel);
        let weights = angle_weights(geometry.angles()).into_iter().map(|weight| weight as f32).collect();
        Self { transform: Transform::new(length), response, weights }
    }

    /// Length of the transform of rows of `detector` pixels: twice as long at least, so that no filtered pixel sees another
    /// around the end.
    pub(crate) fn length_for(detector: usize) -> usize {
        (2 * detector).next_power_of_two()
    }

    /// Length of the transform.
    pub(crate) fn length(&self) -> usize {
        self.transform.length()
    }

    /// The filtered row of one angle as a sum of waves along the detector: their factors, divided by their number, in the order
    /// of the transform.
    pub(crate) fn waves(&self, row: &[Cell], angle: usize, waves: &mut [Cell], scratch: &mut [Cell]) {
        waves[..row.len()].copy_from_slice(row);
        waves[row.len()..].fill(Cell::ZERO);
        self.transform.forward(waves, scratch);
        respond(waves, &self.response, self.weights[angle]);
    }

    /// Filters every row and multiplies it by the weight of its angle.
    pub(crate) fn apply(&self, rays: &mut Sheet) {
        let (stride, width) = (rays.stride(), rays.width());
        let length = self.transform.length();
        rays.padded_rows_mut().par_chunks_mut(stride).enumerate().for_each_init(
            || (vec![Cell::ZERO; length], vec![Cell::ZERO; length]),
            |(row, scratch), (angle, cells)| {
                let cells = &mut cells[BEFORE..][..width];
                self.waves(cells, angle, row, scratch);
                self.transform.inverse(row, scratch);
                cells.copy_from_slice(&row[..width]);
            },
        );
    }
}

/// The transform of a kernel of both signs of k, times the window, over the length.
fn response(length: usize, detector: usize, filter: Filter, kernel: impl Fn(isize) -> f64) -> Vec<c32> {
    let mut line = vec![num_complex::Complex::<f64>::default(); length];
    let reach = detector as isize;
    for k in -reach + 1..reach {
        line[k.rem_euclid(length as isize) as usize].re += kernel(k);
    }
    rustfft::FftPlanner::new().plan_fft_forward(length).process(&mut line);
    let scale = 1.0 / length as f64;
    let window = |place: usize| {
        let frequency = place.min(length - place) as f64 / (length as f64 / 2.0);
        filter.window(frequency) * scale
    };
    line.iter()
        .enumerate()
        .map(|(place, value)| value * window(place))
        .map(|value| c32::new(value.re as f32, value.im as f32))
        .collect()
}

impl Filter {
    /// What is left of a frequency in units of Nyquist's.
    pub(crate) fn window(self, frequency: f64) -> f64 {
        match self {
            Self::RamLak => 1.0,
            Self::SheppLogan if frequency == 0.0 => 1.0,
            Self::SheppLogan => (PI * frequency / 2.0).sin() / (PI * frequency / 2.0),
            Self::Cosine => (PI * frequency / 2.0).cos(),
            Self::Hamming => 0.54 + 0.46 * (PI * frequency).cos(),
            Self::Hann => 0.5 + 0.5 * (PI * frequency).cos(),
        }
    }
}

lanewise! {
    fn respond<L>(row: &mut [Cell], response: &[c32], weight: f32) {
        for (cell, &factor) in row.iter_mut().zip(response) {
            for v in 0..COMPLEX {
                let value = load::<L>(cell, [0, COMPLEX], v).twiddle(factor * weight);
                store(value, cell, [0, COMPLEX], v);
            }
        }
    }
}
