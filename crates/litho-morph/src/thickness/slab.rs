//! The slab that fits the voxels under a facet best.

use super::normal::{density, slab};
use super::samples::{Sample, Samples};
use super::settings::{Background, ThicknessSettings};
use crate::small::{inverse, times};
use std::f64::consts::LN_2;

/// Unknowns: thickness, centre, two tilts, amplitude, background and its slope, smearing.
const UNKNOWNS: usize = 8;
/// Steps of the fit; it takes some ten.
const STEPS: usize = 100;
/// A step that changes the thickness by less than this share of the smearing is the last.
const SETTLED: f64 = 1e-7;
/// Damping at which no step helps any more.
const STUCK: f64 = 1e12;

/// A slab smeared by a Gaussian, fitted by least squares to the voxels themselves, each at its own distance from the facet's middle
/// plane: nothing is interpolated or binned.
///
/// `value = A [Φ((x + t/2)/σ) − Φ((x − t/2)/σ) + others] + b₀ + b₁ s`, `x = s − c − a u − b v`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlabFit {
    /// Thickness `t`.
    pub thickness: f64,
    /// Its standard deviation, from the scatter of the residuals and the curvature of their sum. It covers noise, not a wrong
    /// resolution, amplitude or label.
    pub sigma: f64,
    /// Amplitude `A`, fitted or as given.
    pub amplitude: f64,
    /// Background `b₀` and slope `b₁`.
    pub background: [f64; 2],
    /// Full width at half maximum of the smearing along the normal, the average over a voxel included: fitted, or as given.
    pub smearing: f64,
    /// Where the middle of the slab is along the normal, from the middle of the facet's frame.
    pub centre: f64,
    /// Tilt left against the frame: `a`, `b`.
    pub tilt: [f64; 2],
    /// Standard deviation of the residuals.
    pub residual: f64,
    /// Voxels.
    pub voxels: usize,
}

impl SlabFit {
    /// Distance of a sample from the middle plane.
    pub(super) fn distance(&self, sample: &Sample) -> f64 {
        sample.along - self.centre - self.tilt[0] * sample.aside[0] - self.tilt[1] * sample.aside[1]
    }

    /// The fitted slab, smeared, at a distance from its middle, without the background.
    pub fn profile_at(&self, distance: f64) -> f64 {
        self.amplitude * slab(distance, self.thickness, self.smearing / (8.0 * LN_2).sqrt())
    }

    /// What a sample holds besides the plate.
    pub(super) fn besides(&self, along: f64, other: f64) -> f64 {
        self.background[0] + self.background[1] * along + self.amplitude * other
    }
}

/// Fits a slab; `None` with fewer voxels than twice the unknowns, or where they do not determine them.
pub(super) fn fit(
    samples: &Samples,
    start: f64,
    settings: &ThicknessSettings,
    tilt: bool,
) -> Option<SlabFit> {
    let free = [
        true,
        true,
        tilt,
        tilt,
        settings.amplitude.is_none(),
        settings.background != Background::Zero,
        settings.background == Background::Linear,
        settings.fit_resolution,
    ];
    let count = free.iter().filter(|free| **free).count();
    if samples.list.len() < 2 * count {
        return None;
    }
    let peak = samples.list.iter().map(|sample| sample.value).fold(0.0, f64::max);
    let mut at = [0.0; UNKNOWNS];
    at[0] = start.max(samples.sigma);
    at[4] = settings.amplitude.unwrap_or(peak);
    at[7] = samples.sigma;
    let mut damping = 1e-3;
    let (mut squares, mut normal, mut gradient) = equations(samples, &at, free);
    for _ in 0..STEPS {
        let mut damped = normal;
        for (i, row) in damped.iter_mut().enumerate() {
            row[i] *= 1.0 + damping;
        }
        let mut next = at;
        for (value, step) in next.iter_mut().zip(times(&inverse(&damped)?, gradient)) {
            *value += step;
        }
        for positive in [0, 7] {
            next[positive] = next[positive].max(0.5 * at[positive]);
        }
        let (new_squares, new_normal, new_gradient) = equations(samples, &next, free);
        if new_squares <= squares {
            let settled = (next[0] - at[0]).abs().max((next[1] - at[1]).abs()) < SETTLED * samples.sigma;
            (at, squares, normal, gradient) = (next, new_squares, new_normal, new_gradient);
            damping *= 0.1;
            if settled {
                break;
            }
        } else {
            damping = (10.0 * damping).max(1e-6);
            if damping > STUCK {
                break;
            }
        }
    }
    let variance = squares / (samples.list.len() - count) as f64;
    let covariance = inverse(&normal)?;
    // At an angle of tan² = a² + b² the slab is thinner than along the frame's normal.
    let lean = 1.0 / (1.0 + at[2] * at[2] + at[3] * at[3]).sqrt();
    let found = SlabFit {
        thickness: at[0] * lean,
        sigma: (settings.independent * variance * covariance[0][0]).sqrt() * lean,
        amplitude: at[4],
        smearing: at[7] * (8.0 * LN_2).sqrt() * lean,
        background: [at[5], at[6]],
        centre: at[1],
        tilt: [at[2], at[3]],
        residual: variance.sqrt(),
        voxels: samples.list.len(),
    };
    (found.thickness.is_finite() && found.sigma.is_finite()).then_some(found)
}

/// Sum of the squared residuals, normal matrix and gradient; unknowns that are not free have the unit matrix and 0.
fn equations(
    samples: &Samples,
    at: &[f64; UNKNOWNS],
    free: [bool; UNKNOWNS],
) -> (f64, [[f64; UNKNOWNS]; UNKNOWNS], [f64; UNKNOWNS]) {
    let [thickness, centre, a, b, amplitude, level, slope, sigma] = *at;
    let (mut squares, mut normal, mut gradient) = (0.0, [[0.0; UNKNOWNS]; UNKNOWNS], [0.0; UNKNOWNS]);
    for sample in &samples.list {
        let [u, v] = sample.aside;
        let x = sample.along - centre - a * u - b * v;
        let shape = slab(x, thickness, sigma) + sample.other;
        let residual = sample.value - amplitude * shape - level - slope * sample.along;
        let (before, after) = ((x + 0.5 * thickness) / sigma, (x - 0.5 * thickness) / sigma);
        let (left, right) = (density(before) / sigma, density(after) / sigma);
        let softened = amplitude * (after * right - before * left);
        let moved = -amplitude * (left - right);
        let widened = 0.5 * amplitude * (left + right);
        let mut slopes = [widened, moved, moved * u, moved * v, shape, 1.0, sample.along, softened];
        for (slope, free) in slopes.iter_mut().zip(free) {
            if !free {
                *slope = 0.0;
            }
        }
        squares += residual * residual;
        for i in 0..UNKNOWNS {
            gradient[i] += slopes[i] * residual;
            for j in 0..UNKNOWNS {
                normal[i][j] += slopes[i] * slopes[j];
            }
        }
    }
    for (i, free) in free.iter().enumerate() {
        if !free {
            normal[i][i] = 1.0;
        }
    }
    (squares, normal, gradient)
}
