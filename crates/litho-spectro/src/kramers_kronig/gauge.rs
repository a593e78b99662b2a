//! Ptychography's free factor and phase ramp, taken out energy by energy with the help of air.

use super::KkError;
use litho_lanes::c32;
use litho_types::point::Point;
use litho_types::quantity::Radians;
use ndarray::{Array3, ArrayView2, Axis};
use num_complex::Complex;
use rayon::prelude::*;

/// What was taken out of one image: `image = scale · exp(i(phase + ramp·r)) · object`, r in pixels from pixel (0, 0).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AirGauge {
    /// Amplitude of air.
    pub scale: f64,
    /// Phase of air at pixel (0, 0).
    pub phase: Radians,
    /// Ramp per pixel.
    pub ramp: Point<Radians>,
    /// Robust standard deviation of the phase of air about the plane.
    pub spread: Radians,
}

/// Fewest pixels of air: three numbers are found from them and the outliers told apart.
const LEAST_AIR: usize = 32;
/// Distances over which neighbouring pixels are compared, each ten times as exact as the one before could wrap.
const LAGS: [usize; 4] = [1, 4, 16, 64];
/// Rounds of reweighting; the weights no longer change then.
const ROUNDS: usize = 8;
/// Tukey's biweight has 95 % of the efficiency of least squares at 4.685 σ, and σ = 1.4826 · median|r| for normal noise.
const CUT: f64 = 4.685 * 1.4826;
const NAME: &str = "gauge from air";

/// Makes air 1 in each of `objects` `(energy, y, x)`, in place: divides by its amplitude and takes out its phase and phase
/// ramp, found where `air` `(y, x)` is true, by least squares with Tukey's biweight; the phase need not be unwrapped.
/// Pixels without a number, or of things the mask has missed, have no say as long as they are few.
///
/// # Errors
/// [`KkError::Shape`], and [`KkError::TooLittleAir`] for fewer than 32 pixels of air at some energy. Then nothing is changed.
pub fn fix_gauge(objects: &mut Array3<c32>, air: ArrayView2<'_, bool>) -> Result<Vec<AirGauge>, KkError> {
    let (energies, ny, nx) = objects.dim();
    if air.dim() != (ny, nx) {
        let (found, expected) = (air.shape().to_vec(), vec![ny, nx]);
        return Err(KkError::Shape { operation: NAME, what: "the mask of air (y, x)", found, expected });
    }
    let gauges = (0..energies)
        .into_par_iter()
        .map(|energy| AirGauge::of(objects.index_axis(Axis(0), energy), air, energy))
        .collect::<Result<Vec<_>, _>>()?;
    for (mut image, gauge) in objects.outer_iter_mut().zip(&gauges) {
        for ((y, x), value) in image.indexed_iter_mut() {
            let factor = Complex::from_polar(1.0 / gauge.scale, -gauge.plane().at(y as f64, x as f64));
            *value *= Complex::new(factor.re as f32, factor.im as f32);
        }
    }
    Ok(gauges)
}

impl AirGauge {
    fn of(image: ArrayView2<'_, c32>, air: ArrayView2<'_, bool>, energy: usize) -> Result<Self, KkError> {
        let usable =
            |y: usize, x: usize| air[(y, x)] && image[(y, x)].is_finite() && image[(y, x)].norm_sqr() > 0.0;
        let values: Vec<Pixel> = image
            .indexed_iter()
            .filter(|((y, x), _)| usable(*y, *x))
            .map(|((y, x), v)| Pixel {
                y: y as f64,
                x: x as f64,
                value: Complex::new(v.re.into(), v.im.into()),
            })
            .collect();
        let pixels = values.len();
        if pixels < LEAST_AIR {
            return Err(KkError::TooLittleAir { operation: NAME, energy, pixels, least: LEAST_AIR });
        }
        let mut plane = Plane { constant: 0.0, y: ramp(image, usable, true), x: ramp(image, usable, false) };
        // arg Σ T exp(−i ramp·r)
        plane.constant =
            values.iter().map(|p| p.value * Complex::cis(-plane.at(p.y, p.x))).sum::<Complex<f64>>().arg();
        let (plane, spread) = plane.refined(&values);
        let amplitudes: Vec<f64> =
            values.iter().map(|p| (p.value * Complex::cis(-plane.at(p.y, p.x))).re).collect();
        Ok(Self {
            scale: robust_mean(&amplitudes),
            phase: Radians::new(plane.constant),
            ramp: Point { y: Radians::new(plane.y), x: Radians::new(plane.x) },
            spread: Radians::new(spread),
        })
    }

    fn plane(&self) -> Plane {
        Plane { constant: self.phase.value(), y: self.ramp.y.value(), x: self.ramp.x.value() }
    }
}

struct Pixel {
    y: f64,
    x: f64,
    value: Complex<f64>,
}

/// A phase that is linear in the place, radians and pixels.
#[derive(Clone, Copy)]
struct Plane {
    constant: f64,
    y: f64,
    x: f64,
}

impl Plane {
    fn at(&self, y: f64, x: f64) -> f64 {
        self.constant + self.y * y + self.x * x
    }

    /// The plane of the biweight, and the robust standard deviation about it.
    fn refined(mut self, pixels: &[Pixel]) -> (Self, f64) {
        let count = pixels.len() as f64;
        let middle_y = pixels.iter().map(|p| p.y).sum::<f64>() / count;
        let middle_x = pixels.iter().map(|p| p.x).sum::<f64>() / count;
        let mut deviation = 0.0;
        for _ in 0..ROUNDS {
            let residuals: Vec<f64> =
                pixels.iter().map(|p| (p.value * Complex::cis(-self.at(p.y, p.x))).arg()).collect();
            deviation = median(residuals.iter().map(|r| r.abs()).collect());
            let mut system = [[0.0; 4]; 3];
            for (pixel, residual) in pixels.iter().zip(&residuals) {
                // The variance of a phase is that of the noise over |T|².
                let weight = biweight(*residual, deviation) * pixel.value.norm_sqr();
                let basis = [1.0, pixel.y - middle_y, pixel.x - middle_x];
                for (row, b) in system.iter_mut().zip(basis) {
                    for (entry, c) in row.iter_mut().zip([basis[0], basis[1], basis[2], *residual]) {
                        *entry += weight * b * c;
                    }
                }
            }
            let [constant, y, x] = solved(system);
            self.constant += constant - y * middle_y - x * middle_x;
            self.y += y;
            self.x += x;
        }
        (self, 1.4826 * deviation)
    }
}

/// Ramp along one axis, radians per pixel, from products of pixels ever further apart.
fn ramp(image: ArrayView2<'_, c32>, usable: impl Fn(usize, usize) -> bool, along_y: bool) -> f64 {
    let (ny, nx) = image.dim();
    let mut ramp = 0.0;
    for lag in LAGS {
        let (dy, dx) = if along_y { (lag, 0) } else { (0, lag) };
        let mut sum = Complex::new(0.0, 0.0);
        let mut pairs = 0;
        for y in 0..ny.saturating_sub(dy) {
            for x in 0..nx.saturating_sub(dx) {
                if usable(y, x) && usable(y + dy, x + dx) {
                    let product = image[(y + dy, x + dx)] * image[(y, x)].conj();
                    sum += Complex::new(f64::from(product.re), f64::from(product.im));
                    pairs += 1;
                }
            }
        }
        if pairs >= LEAST_AIR {
            // arg Σ T(r + l) T*(r) = l · ramp, up to whole turns that the shorter distance has settled
            ramp += (sum * Complex::cis(-ramp * lag as f64)).arg() / lag as f64;
        }
    }
    ramp
}

/// Mean with Tukey's biweight about the median.
fn robust_mean(values: &[f64]) -> f64 {
    let mut mean = median(values.to_vec());
    for _ in 0..ROUNDS {
        let deviation = median(values.iter().map(|v| (v - mean).abs()).collect());
        let (mut sum, mut total) = (0.0, 0.0);
        for value in values {
            let weight = biweight(value - mean, deviation);
            sum += weight * value;
            total += weight;
        }
        mean = sum / total;
    }
    mean
}

/// `(1 − (r / cut)²)²` within the cut, 0 outside; 1 for what fits exactly.
fn biweight(residual: f64, deviation: f64) -> f64 {
    if residual == 0.0 {
        return 1.0;
    }
    let u = residual / (CUT * deviation.max(f64::EPSILON));
    if u.abs() < 1.0 { (1.0 - u * u).powi(2) } else { 0.0 }
}

fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Solves a 3 × 3 system `[M | b]` that is positive semidefinite. What it does not determine (air in one line only) is 0.
fn solved(mut m: [[f64; 4]; 3]) -> [f64; 3] {
    let diagonal = [m[0][0], m[1][1], m[2][2]];
    for pivot in 0..3 {
        if m[pivot][pivot] <= 1e-12 * diagonal[pivot] || m[pivot][pivot] == 0.0 {
            for row in &mut m {
                row[pivot] = 0.0;
            }
            m[pivot] = [0.0; 4];
            m[pivot][pivot] = 1.0;
            continue;
        }
        let lead = m[pivot];
        for (_, row) in m.iter_mut().enumerate().filter(|(index, _)| *index != pivot) {
            let part = row[pivot] / lead[pivot];
            for (entry, lead) in row.iter_mut().zip(lead) {
                *entry -= part * lead;
            }
        }
    }
    [m[0][3] / m[0][0], m[1][3] / m[1][1], m[2][3] / m[2][2]]
}
