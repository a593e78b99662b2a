//! Energy shifts of the references, for all pixels together or for each.

use super::UnmixError;
use super::fit::{Part, Problem};
use super::options::Shift;
use super::solver::Solver;
use rayon::prelude::*;

/// Shifts per step of the grid to which a pixel's shift is rounded.
const FINE: i64 = 16;
/// The most steps to either side.
const MOST_STEPS: f64 = 1000.0;

/// The largest shift.
pub(super) fn check(shift: Shift) -> Result<f64, UnmixError> {
    let (Shift::Common { most, step } | Shift::PerPixel { most, step }) = shift else { return Ok(0.0) };
    let steps = most / step;
    if step.is_nan() || step <= 0.0 || !(1.0..=MOST_STEPS).contains(&steps) {
        return Err(UnmixError::Setting {
            operation: "energy shift",
            setting: "largest shift over step",
            value: steps,
            fix: "give a step above 0 and 1 to 1000 steps to either side",
        });
    }
    // Whole steps, so that the grid ends where the references were checked.
    Ok(steps.floor() * step)
}

/// `Σ(r/σ)²` over all pixels that have a number, in a fixed order.
fn cost(problem: &Problem, shift: f64) -> f64 {
    let parts = problem.fit(&problem.solver(shift));
    let sum = |part: &Part| part.squares.iter().filter(|c| c.is_finite()).map(|&c| f64::from(c)).sum::<f64>();
    parts.iter().map(sum).sum()
}

/// The shift with the least sum of squares over all pixels, and whether it lies at the end of the range.
pub(super) fn common(problem: &Problem, most: f64, step: f64) -> (f64, bool) {
    let steps = (most / step).floor() as i64;
    let (mut best, mut least) = (0, f64::INFINITY);
    for at in -steps..=steps {
        let cost = cost(problem, at as f64 * step);
        if cost < least {
            (best, least) = (at, cost);
        }
    }
    let end = steps as f64 * step;
    let (low, high) = ((best - 1) as f64 * step, (best + 1) as f64 * step);
    (golden(low.max(-end), high.min(end), step / 1000.0, |shift| cost(problem, shift)), best.abs() == steps)
}

/// The place of the least value between `low` and `high` by golden section (Kiefer, Proc. Am. Math. Soc. 4, 502 (1953)).
fn golden(mut low: f64, mut high: f64, tolerance: f64, f: impl Fn(f64) -> f64) -> f64 {
    let ratio = 0.5 * (5_f64.sqrt() - 1.0);
    let (mut a, mut b) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut fa, mut fb) = (f(a), f(b));
    while high - low > tolerance {
        if fa < fb {
            (high, b, fb) = (b, a, fa);
            a = high - ratio * (high - low);
            fa = f(a);
        } else {
            (low, a, fa) = (a, b, fb);
            b = low + ratio * (high - low);
            fb = f(b);
        }
    }
    0.5 * (low + high)
}

/// The fit of every pixel at its own shift, the shifts, and how many lie at the end of the range.
pub(super) fn per_pixel(problem: &Problem, most: f64, step: f64) -> (Vec<Part>, Vec<f32>, usize) {
    let steps = (most / step).floor() as i64;
    let coarse: Vec<Solver> = (-steps..=steps).map(|at| problem.solver(at as f64 * step)).collect();
    let fine = step / FINE as f64;
    let edge = steps * FINE;
    let solvers: Vec<Solver> =
        (-edge..=edge).into_par_iter().map(|at| problem.solver(at as f64 * fine)).collect();
    let one = |range: std::ops::Range<usize>| {
        let costs: Vec<Vec<f32>> = coarse.iter().map(|solver| problem.part(solver, &range).squares).collect();
        let mut joined =
            Part { coefficients: vec![], sigma: vec![], r_l2: vec![], chi_square: vec![], squares: vec![] };
        let mut shifts = Vec::with_capacity(range.len());
        for (place, pixel) in range.enumerate() {
            let costs: Vec<f64> = costs.iter().map(|list| f64::from(list[place])).collect();
            let at = ((least(&costs) - steps as f64) * FINE as f64).round() as i64;
            let part = problem.part(&solvers[(at + edge) as usize], &(pixel..pixel + 1));
            append(&mut joined, part);
            let known = costs[0].is_finite();
            shifts.push(if known { (at as f64 * fine) as f32 } else { f32::NAN });
        }
        (joined, shifts)
    };
    let found: Vec<(Part, Vec<f32>)> = problem.tasks().into_par_iter().map(one).collect();
    let (parts, shifts): (Vec<Part>, Vec<Vec<f32>>) = found.into_iter().unzip();
    let shifts: Vec<f32> = shifts.into_iter().flatten().collect();
    let end = edge as f64 * fine * (1.0 - 1e-6);
    let at_end = shifts.iter().filter(|shift| f64::from(shift.abs()) >= end).count();
    (parts, shifts, at_end)
}

/// The place of the least of the parabola through the least cost and its neighbours (at an end, its two inner ones), within
/// the range. 0 without numbers.
fn least(costs: &[f64]) -> f64 {
    let best = (0..costs.len()).fold(0, |best, at| if costs[at] < costs[best] { at } else { best });
    let middle = best.clamp(1, costs.len() - 2);
    let (below, here, above) = (costs[middle - 1], costs[middle], costs[middle + 1]);
    let curvature = below - 2.0 * here + above;
    if curvature.is_nan() || curvature <= 0.0 {
        return best as f64;
    }
    (middle as f64 + 0.5 * (below - above) / curvature).clamp(0.0, (costs.len() - 1) as f64)
}

/// Adds the pixels of `part` after those of `to`.
fn append(to: &mut Part, part: Part) {
    to.coefficients.resize(part.coefficients.len(), Vec::new());
    to.sigma.resize(part.sigma.len(), Vec::new());
    to.coefficients.iter_mut().zip(part.coefficients).for_each(|(to, list)| to.extend(list));
    to.sigma.iter_mut().zip(part.sigma).for_each(|(to, list)| to.extend(list));
    to.r_l2.extend(part.r_l2);
    to.chi_square.extend(part.chi_square);
    to.squares.extend(part.squares);
}
