//! The phase ramp and offset that ptychography leaves free.

use super::wrapped::Wrapped;
use litho_compute::fft::Fft2;
use litho_types::C32;
use litho_types::point::Point;
use ndarray::{Array2, ArrayView2};
use std::f64::consts::TAU;

/// A plane of phase over an image, `offset + slope · (y, x)`, counted from pixel `(0, 0)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ramp {
    /// Phase of pixel `(0, 0)`, radians.
    pub offset: f64,
    /// Radians per pixel along y and x.
    pub slope: Point<f64>,
}

impl Default for Ramp {
    /// No ramp.
    fn default() -> Self {
        Self { offset: 0.0, slope: Point::new(0.0, 0.0) }
    }
}

impl Ramp {
    /// The phase at a pixel, radians.
    pub fn at(&self, y: usize, x: usize) -> f64 {
        self.offset + self.slope.y * y as f64 + self.slope.x * x as f64
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let slope = Point::new(self.slope.y + other.slope.y, self.slope.x + other.slope.x);
        Self { offset: self.offset + other.offset, slope }
    }

    /// Takes the ramp off a phase image.
    pub fn remove(&self, phase: &mut Array2<f32>) {
        for ((y, x), value) in phase.indexed_iter_mut() {
            *value = (f64::from(*value) - self.at(y, x)) as f32;
        }
    }
}

/// The ramp of the strongest plane wave in `exp(iψ)`, to a fraction of a turn across the image: enough to make what is left
/// slow. The strongest pixel of the spectrum and its neighbours are averaged by their power. 0 if the image has too few
/// pixels to be transformed.
pub fn coarse_ramp(wrapped: &Wrapped) -> Ramp {
    let (ny, nx) = wrapped.dim();
    let Ok(plan) = Fft2::new(ny, nx) else { return Ramp::default() };
    let phasor = |(&phase, &lit): (&f32, &bool)| if lit { C32::cis(phase) } else { C32::default() };
    let mut wave: Vec<C32> = wrapped.phase.iter().zip(&wrapped.lit).map(phasor).collect();
    plan.forward(&mut wave, &mut plan.scratch(1));
    let power: Vec<f64> = wave.iter().map(|v| f64::from(v.norm_sqr())).collect();
    let peak = (0..power.len()).fold(0, |best, i| if power[i] > power[best] { i } else { best });
    let (py, px) = (peak / nx, peak % nx);
    let (mut sum, mut sum_y, mut sum_x) = (0.0, 0.0, 0.0);
    for (dy, dx) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dy, dx))) {
        let place = |p: usize, d: isize, n: usize| (p as isize + d).rem_euclid(n as isize) as usize;
        let value = power[place(py, dy, ny) * nx + place(px, dx, nx)];
        sum += value;
        sum_y += value * dy as f64;
        sum_x += value * dx as f64;
    }
    let signed = |p: usize, n: usize| if 2 * p < n { p as f64 } else { p as f64 - n as f64 };
    let slope = |p: usize, moment: f64, n: usize| {
        let away = if sum > 0.0 { moment / sum } else { 0.0 };
        TAU * (signed(p, n) + away) / n as f64
    };
    Ramp { offset: 0.0, slope: Point::new(slope(py, sum_y, ny), slope(px, sum_x, nx)) }
}

/// The plane through `phase` that minimises `Σ w (φ − plane)²`; a constant, or none, where the weights do not fix a plane.
pub fn weighted_plane(phase: ArrayView2<'_, f32>, weight: impl Fn((usize, usize)) -> f64) -> Option<Ramp> {
    // moments about the middle of the image, which keeps the sums well conditioned
    let (cy, cx) = ((phase.nrows() as f64 - 1.0) / 2.0, (phase.ncols() as f64 - 1.0) / 2.0);
    let (mut m, mut b) = ([0.0; 6], [0.0; 3]);
    for ((y, x), &value) in phase.indexed_iter() {
        let w = weight((y, x));
        if w > 0.0 && value.is_finite() {
            let (v, u, value) = (y as f64 - cy, x as f64 - cx, f64::from(value));
            let terms = [1.0, v, u, v * v, v * u, u * u];
            m.iter_mut().zip(terms).for_each(|(m, term)| *m += w * term);
            b.iter_mut().zip([1.0, v, u]).for_each(|(b, term)| *b += w * term * value);
        }
    }
    let total = m[0];
    if total.is_nan() || total <= 0.0 {
        return None;
    }
    // about the weighted middle the offset is the weighted mean, and two equations are left
    let (my, mx, mean) = (m[1] / total, m[2] / total, b[0] / total);
    let (yy, yx, xx) = (m[3] / total - my * my, m[4] / total - my * mx, m[5] / total - mx * mx);
    let (by, bx) = (b[1] / total - my * mean, b[2] / total - mx * mean);
    let determinant = yy * xx - yx * yx;
    let slope = if determinant > 1e-9 * (yy * xx).max(f64::MIN_POSITIVE) {
        Point::new((by * xx - bx * yx) / determinant, (bx * yy - by * yx) / determinant)
    } else {
        Point::new(0.0, 0.0)
    };
    let offset = mean - slope.y * (my + cy) - slope.x * (mx + cx);
    Some(Ramp { offset, slope })
}

/// The plane through the pixels where `chosen` is true, outliers apart; they may be nearly half of all, and lie together.
/// Begins with the plane of least median `|r|` through the medians of three parts of the image (Rousseeuw, J. Am. Stat.
/// Assoc. 79, 871 (1984)); then ten rounds of Tukey's biweight, `w = (1 − (r/4.685σ)²)²`, with σ from the median of `|r|`.
/// Returns the plane with σ.
pub fn robust_plane(phase: ArrayView2<'_, f32>, chosen: ArrayView2<'_, bool>) -> Option<(Ramp, f64)> {
    const ROUNDS: usize = 10;
    const REACH: f64 = 4.685;
    let mut plane = match least_median_plane(&medians(phase, chosen)) {
        Some(plane) => plane,
        None => weighted_plane(phase, |at| if chosen[at] { 1.0 } else { 0.0 })?,
    };
    let mut sigma = 0.0;
    for _ in 0..ROUNDS {
        let distance = |at: (usize, usize)| f64::from(phase[at]) - plane.at(at.0, at.1);
        let sizes = chosen.indexed_iter().filter(|(_, chosen)| **chosen).map(|(at, _)| distance(at).abs());
        sigma = median(sizes.collect())? / 0.674_489_75;
        if sigma == 0.0 {
            break; // more than half lie on it
        }
        let weight = |at: (usize, usize)| {
            let part = distance(at) / (REACH * sigma);
            if chosen[at] && part.abs() < 1.0 { (1.0 - part * part).powi(2) } else { 0.0 }
        };
        let next = weighted_plane(phase, weight)?;
        let done = next == plane;
        plane = next;
        if done {
            break;
        }
    }
    Some((plane, sigma))
}

/// Middle `(y, x)` of the chosen pixels of each part of an image, and the median of their phase.
fn medians(phase: ArrayView2<'_, f32>, chosen: ArrayView2<'_, bool>) -> Vec<[f64; 3]> {
    const PARTS: usize = 8;
    const FEWEST: usize = 4;
    const MOST: usize = 24;
    let (ny, nx) = phase.dim();
    let (height, width) = (ny.div_ceil(PARTS), nx.div_ceil(PARTS));
    let corners = (0..ny).step_by(height).flat_map(|y| (0..nx).step_by(width).map(move |x| (y, x)));
    let mut found = Vec::new();
    for (top, left) in corners {
        let (mut sum_y, mut sum_x, mut values) = (0.0, 0.0, Vec::new());
        for y in top..(top + height).min(ny) {
            for x in left..(left + width).min(nx) {
                if chosen[(y, x)] && phase[(y, x)].is_finite() {
                    sum_y += y as f64;
                    sum_x += x as f64;
                    values.push(f64::from(phase[(y, x)]));
                }
            }
        }
        let count = values.len() as f64;
        if values.len() >= FEWEST
            && let Some(median) = median(values)
        {
            found.push([sum_y / count, sum_x / count, median]);
        }
    }
    let step = found.len().div_ceil(MOST).max(1);
    found.into_iter().step_by(step).collect()
}

/// Of the planes through three of these points `(y, x, φ)`, the one with the least median distance to all.
fn least_median_plane(points: &[[f64; 3]]) -> Option<Ramp> {
    let mut best: Option<(f64, Ramp)> = None;
    for i in 0..points.len() {
        for j in 0..i {
            for k in 0..j {
                let Some(plane) = plane_through([points[i], points[j], points[k]]) else { continue };
                let away = |[y, x, phase]: &[f64; 3]| {
                    (phase - plane.offset - plane.slope.y * y - plane.slope.x * x).abs()
                };
                let Some(middle) = median(points.iter().map(away).collect()) else { continue };
                if best.is_none_or(|(least, _)| middle < least) {
                    best = Some((middle, plane));
                }
            }
        }
    }
    best.map(|(_, plane)| plane)
}

/// None through points that lie nearly on a line.
fn plane_through([a, b, c]: [[f64; 3]; 3]) -> Option<Ramp> {
    let [u, v] = [b, c].map(|p| [p[0] - a[0], p[1] - a[1], p[2] - a[2]]);
    let area = u[0] * v[1] - u[1] * v[0];
    let longest = (u[0].hypot(u[1])).max(v[0].hypot(v[1]));
    if area.abs() < 0.05 * longest * longest {
        return None;
    }
    let slope = Point::new((u[2] * v[1] - u[1] * v[2]) / area, (u[0] * v[2] - u[2] * v[0]) / area);
    Some(Ramp { offset: a[2] - slope.y * a[0] - slope.x * a[1], slope })
}

/// The middle of the finite numbers.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.retain(|value| value.is_finite());
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_testkit::Lcg;

    fn image(ramp: Ramp, noise: f64, shape: (usize, usize)) -> Array2<f32> {
        let mut random = Lcg::new(1);
        Array2::from_shape_fn(shape, |(y, x)| (ramp.at(y, x) + noise * random.normal()) as f32)
    }

    const RAMP: Ramp = Ramp { offset: 0.4, slope: Point { y: -0.21, x: 0.33 } };

    #[test]
    fn the_strongest_wave_gives_the_slope_to_a_fraction_of_a_turn() {
        let found = coarse_ramp(&Wrapped::of_phase(image(RAMP, 0.3, (48, 60)).view()));
        // Neighbours of the strongest pixel are at most 0.5 away, and the mean over three is nearer than that.
        assert!((found.slope.y - RAMP.slope.y).abs() < 0.5 * TAU / 48.0, "{found:?}");
        assert!((found.slope.x - RAMP.slope.x).abs() < 0.5 * TAU / 60.0, "{found:?}");
    }

    #[test]
    fn a_plane_is_found_to_the_noise_and_a_third_of_outliers_do_not_move_it() {
        let exact = weighted_plane(image(RAMP, 0.0, (20, 30)).view(), |_| 1.0).expect("a plane");
        assert!((exact.offset - 0.4).abs() < 1e-6 && (exact.slope.x - 0.33).abs() < 1e-7); // f32 of numbers up to 10
        let mut noisy = image(RAMP, 0.1, (40, 50));
        noisy.slice_mut(ndarray::s![.., ..16]).mapv_inplace(|v| v - 5.0);
        let all = Array2::from_elem((40, 50), true);
        let (plane, sigma) = robust_plane(noisy.view(), all.view()).expect("a plane");
        // Middle of 1360 pixels: 0.1/√1360 = 0.0027 and 5 % more for the weights; four of these.
        let error = plane.at(20, 33) - RAMP.at(20, 33);
        assert!(error.abs() < 4.0 * 0.0029, "{error}");
        // A third far away shifts the median of |r| from the 50 % to the 73.5 % point of the rest: 1.66 σ.
        assert!(sigma > 0.09 && sigma < 0.19, "{sigma}");
    }

    #[test]
    fn what_fixes_no_plane_gives_a_constant_or_nothing() {
        let phase = image(RAMP, 0.0, (4, 4));
        let row = weighted_plane(phase.view(), |(y, _)| if y == 2 { 1.0 } else { 0.0 }).expect("a constant");
        assert_eq!(row.slope, Point::new(0.0, 0.0));
        assert!((row.offset - f64::midpoint(RAMP.at(2, 1), RAMP.at(2, 2))).abs() < 1e-6);
        assert_eq!(weighted_plane(phase.view(), |_| 0.0), None);
    }
}
