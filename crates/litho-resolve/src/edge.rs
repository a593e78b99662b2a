//! Width of a sharp edge: the line profile and its error-function fit.

use crate::error::ResolveError;
use crate::solve::{cholesky, solve};
use litho_types::erf::erf;
use litho_types::point::Point;
use ndarray::ArrayView2;

/// 10–90 % width of `½(1 + erf(x/(σ√2)))` in units of σ: twice the 90 % quantile of the normal distribution.
pub const WIDTH_PER_SIGMA: f64 = 2.563_103_131_089_2;

/// Values along a line, one pixel apart (or a little less, so that the end points are met).
#[derive(Debug, Clone, PartialEq)]
pub struct LineProfile {
    /// Distance from the start, pixels.
    pub distance: Vec<f64>,
    /// Interpolated value.
    pub value: Vec<f64>,
}

const NAME: &str = "line profile";

/// The profile of `image` `(y, x)` from `from` to `to` (pixel coordinates, pixel
/// centres at whole numbers), bilinear between the pixels, averaged over `lines`
/// parallel lines one pixel apart that lie symmetrically about it.
///
/// # Errors
/// [`ResolveError`] if the line is shorter than 8 pixels, a line leaves the image,
/// or `lines` is zero.
pub fn line_profile(
    image: ArrayView2<'_, f32>,
    from: Point<f64>,
    to: Point<f64>,
    lines: usize,
) -> Result<LineProfile, ResolveError> {
    const SHORTEST: f64 = 8.0;
    let (dy, dx) = (to.y - from.y, to.x - from.x);
    let length = dy.hypot(dx);
    if length < SHORTEST || !length.is_finite() || lines == 0 {
        let (name, value, allowed) = if lines == 0 {
            ("the number of lines", 0.0, "at least 1")
        } else {
            ("the length of the line", length, "at least 8 pixels")
        };
        return Err(ResolveError::InvalidSetting { operation: NAME, name, value, allowed });
    }
    let steps = length.ceil();
    let mut profile = LineProfile { distance: Vec::new(), value: Vec::new() };
    for i in 0..=steps as usize {
        let t = i as f64 / steps;
        let mut sum = 0.0;
        for line in 0..lines {
            let across = line as f64 - (lines - 1) as f64 / 2.0;
            // unit normal (−dx, dy)/length in (y, x)
            let (y, x) = (from.y + t * dy - across * dx / length, from.x + t * dx + across * dy / length);
            sum += bilinear(image, y, x)?;
        }
        profile.distance.push(t * length);
        profile.value.push(sum / lines as f64);
    }
    Ok(profile)
}

fn bilinear(image: ArrayView2<'_, f32>, y: f64, x: f64) -> Result<f64, ResolveError> {
    let (ny, nx) = image.dim();
    let inside = |v: f64, n: usize| v >= 0.0 && v <= n as f64 - 1.0;
    if !(inside(y, ny) && inside(x, nx)) {
        let rectangle = format!("point ({y:.1}, {x:.1})");
        return Err(ResolveError::OutsideImage { operation: NAME, rectangle, shape: (ny, nx) });
    }
    let (y0, x0) = (y.floor() as usize, x.floor() as usize);
    let (y1, x1) = ((y0 + 1).min(ny - 1), (x0 + 1).min(nx - 1));
    let (fy, fx) = (y - y0 as f64, x - x0 as f64);
    let at = |y: usize, x: usize| f64::from(image[(y, x)]);
    Ok((1.0 - fy) * ((1.0 - fx) * at(y0, x0) + fx * at(y0, x1))
        + fy * ((1.0 - fx) * at(y1, x0) + fx * at(y1, x1)))
}

/// Fit of `low + (high − low) ½[1 + erf((x − centre)/(σ√2))]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EdgeFit {
    /// Level before the edge.
    pub before: f64,
    /// Level after the edge.
    pub after: f64,
    /// Position of the edge, pixels from the start of the line.
    pub centre: f64,
    /// Blur σ, pixels.
    pub sigma: f64,
    /// 10–90 % width `2.563 σ` of the fitted edge, pixels.
    pub width: f64,
    /// Standard deviation of `width` from the fit's covariance and residuals.
    pub width_error: f64,
    /// 10–90 % width read off the profile itself between the fitted levels; `None` if it does not cross both.
    pub direct_width: Option<f64>,
}

const PARAMETERS: usize = 4;
const MAX_STEPS: usize = 200;

/// Fits an error function to a profile across one edge (Levenberg–Marquardt).
///
/// # Errors
/// [`ResolveError`] if the profile is constant or not finite, or no edge is found inside it.
pub fn fit_edge(profile: &LineProfile) -> Result<EdgeFit, ResolveError> {
    let (x, v) = (&profile.distance, &profile.value);
    if x.len() != v.len() || x.len() <= PARAMETERS {
        return Err(ResolveError::LengthMismatch {
            operation: "edge fit (more than 4 points)",
            first: "distances",
            first_len: x.len(),
            second: "values",
            second_len: v.len(),
        });
    }
    let mut p = first_guess(x, v)?;
    let mut cost = residuals(&p, x, v);
    let mut damping = 1e-3;
    for _ in 0..MAX_STEPS {
        let (normal, gradient) = normal_equations(&p, x, v);
        let mut damped = normal;
        (0..PARAMETERS).for_each(|i| damped[i][i] *= 1.0 + damping);
        let trial = cholesky(&damped).map(|l| {
            let step = solve(&l, &gradient);
            std::array::from_fn(|i| p[i] + step[i])
        });
        let trial_cost = trial.map_or(f64::INFINITY, |trial| residuals(&trial, x, v));
        if trial_cost.is_nan() || trial_cost > cost {
            damping *= 10.0;
            if damping > 1e12 {
                break; // no downhill step is left
            }
            continue;
        }
        let converged = cost - trial_cost <= 1e-14 * cost;
        (p, cost, damping) = (trial.unwrap_or(p), trial_cost, damping * 0.1);
        if converged {
            break;
        }
    }
    finish(&p, cost, profile)
}

fn finish(p: &[f64; PARAMETERS], cost: f64, profile: &LineProfile) -> Result<EdgeFit, ResolveError> {
    let lost = ResolveError::EdgeNotFitted { iterations: MAX_STEPS };
    let x = &profile.distance;
    let [before, after, centre, sigma] = *p;
    let factor = cholesky(&normal_equations(p, x, &profile.value).0).ok_or(lost.clone())?;
    if !(centre > x[0] && centre < x[x.len() - 1] && sigma.abs() < x[x.len() - 1] - x[0]) {
        return Err(lost);
    }
    // var σ = s² (JᵀJ)⁻¹_σσ with s² = Σr²/(N − 4)
    let variance = cost / (x.len() - PARAMETERS) as f64 * solve(&factor, &[0.0, 0.0, 0.0, 1.0])[3];
    // a negative σ is the same edge with its levels exchanged
    let (before, after) = if sigma < 0.0 { (after, before) } else { (before, after) };
    Ok(EdgeFit {
        before,
        after,
        centre,
        sigma: sigma.abs(),
        width: WIDTH_PER_SIGMA * sigma.abs(),
        width_error: WIDTH_PER_SIGMA * variance.sqrt(),
        direct_width: direct_width(profile, before, after, centre),
    })
}

/// Levels from the ends, centre from the half-way crossing, σ a tenth of the line.
fn first_guess(x: &[f64], v: &[f64]) -> Result<[f64; PARAMETERS], ResolveError> {
    let n = x.len();
    let end = (n / 10).max(1);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (before, after) = (mean(&v[..end]), mean(&v[n - end..]));
    if !(after - before).is_finite() || after == before {
        let what = "the profile has the same value at both ends";
        return Err(ResolveError::NoSignal { operation: "edge fit", what });
    }
    let beyond = |v: &f64| (v - before) / (after - before) >= 0.5;
    let centre = v.iter().position(beyond).unwrap_or(n / 2);
    Ok([before, after, x[centre], 0.1 * (x[n - 1] - x[0])])
}

fn model(p: &[f64; PARAMETERS], x: f64) -> f64 {
    let [before, after, centre, sigma] = *p;
    before + (after - before) * 0.5 * (1.0 + erf((x - centre) / (sigma * std::f64::consts::SQRT_2)))
}

fn residuals(p: &[f64; PARAMETERS], x: &[f64], v: &[f64]) -> f64 {
    x.iter().zip(v).map(|(&x, &v)| (v - model(p, x)).powi(2)).sum()
}

/// `JᵀJ` and `Jᵀ(v − model)`.
fn normal_equations(
    p: &[f64; PARAMETERS],
    x: &[f64],
    v: &[f64],
) -> ([[f64; PARAMETERS]; PARAMETERS], [f64; PARAMETERS]) {
    let [before, after, centre, sigma] = *p;
    let (mut normal, mut gradient) = ([[0.0; PARAMETERS]; PARAMETERS], [0.0; PARAMETERS]);
    for (&x, &v) in x.iter().zip(v) {
        let u = (x - centre) / sigma;
        let step = 0.5 * (1.0 + erf(u / std::f64::consts::SQRT_2));
        // d step/dx = exp(−u²/2)/(σ√2π)
        let bell = (after - before) * (-0.5 * u * u).exp() / (sigma * std::f64::consts::TAU.sqrt());
        let row = [1.0 - step, step, -bell, -bell * u];
        let rest = v - model(p, x);
        for i in 0..PARAMETERS {
            gradient[i] += row[i] * rest;
            for j in 0..PARAMETERS {
                normal[i][j] += row[i] * row[j];
            }
        }
    }
    (normal, gradient)
}

/// From the last crossing of 10 % before the centre to the first of 90 % after it, linear between samples.
fn direct_width(profile: &LineProfile, before: f64, after: f64, centre: f64) -> Option<f64> {
    let part: Vec<f64> = profile.value.iter().map(|v| (v - before) / (after - before)).collect();
    let x = &profile.distance;
    let crossing = |i: usize, level: f64| {
        let t = (level - part[i]) / (part[i + 1] - part[i]);
        x[i] + t * (x[i + 1] - x[i])
    };
    let last = x.len() - 1;
    let low = (0..last).rev().find(|&i| x[i] <= centre && part[i] <= 0.1 && part[i + 1] > 0.1)?;
    let high = (0..last).find(|&i| x[i + 1] >= centre && part[i] < 0.9 && part[i + 1] >= 0.9)?;
    Some(crossing(high, 0.9) - crossing(low, 0.1))
}
