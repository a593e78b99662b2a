//! Levenberg–Marquardt of one spectrum in double precision: for mean spectra, and for pixels on request.

use super::resolved::Resolved;

/// What a fit came to.
#[derive(Debug, Clone)]
pub(super) struct Polished {
    /// All parameters, held ones too.
    pub(super) parameters: Vec<f64>,
    /// `JᵀJ` of the columns in rows.
    pub(super) products: Vec<f64>,
    /// `Σ r²`.
    pub(super) squares: f64,
    pub(super) converged: bool,
}

struct State {
    parameters: Vec<f64>,
    products: Vec<f64>,
    gradient: Vec<f64>,
    squares: f64,
    cost: f64,
}

/// Fits `spectrum` from `start`, all parameters, until the quadratic model predicts no decrease of the cost by more than
/// `tolerance` of it.
pub(super) fn polish(
    plan: &Resolved,
    spectrum: &[f64],
    start: &[f64],
    iterations: u32,
    tolerance: f64,
) -> Polished {
    let mut state = State::at(plan, spectrum, start.to_vec());
    // Residuals are rounded by some 10⁻¹⁶ of the data.
    let largest = spectrum.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let floor = spectrum.len() as f64 * (4e-16 * largest).powi(2);
    let (mut damping, mut converged) = (1e-3, false);
    for _ in 0..iterations {
        let (trial, predicted) = step(plan, &state, damping);
        if damping <= 0.1 && predicted <= tolerance * state.cost + floor {
            converged = true;
            break;
        }
        let found = State::at(plan, spectrum, trial);
        if found.cost <= state.cost {
            // A good step that gained next to nothing ends a fit too, however damped.
            converged = (state.cost - found.cost).max(predicted) <= 0.1 * tolerance * state.cost + floor;
            // As `batch`: only a step as good as predicted makes the next one bolder.
            let as_predicted = state.cost - found.cost >= 0.75 * predicted;
            damping = f64::max(damping * if as_predicted { 0.1 } else { 1.0 }, 1e-12);
            state = found;
            if converged {
                break;
            }
        } else {
            damping *= 8.0;
        }
        if damping > 1e16 {
            break;
        }
    }
    let State { parameters, products, squares, .. } = state;
    Polished { parameters, products, squares, converged }
}

impl State {
    fn at(plan: &Resolved, spectrum: &[f64], parameters: Vec<f64>) -> Self {
        let n = plan.free.len();
        let mut derivatives = vec![0.0; parameters.len()];
        let (mut products, mut gradient, mut squares) = (vec![0.0; n * n], vec![0.0; n], 0.0);
        for (&energy, &value) in plan.energies.iter().zip(spectrum) {
            let residual = value - plan.evaluate(energy, &parameters, &mut derivatives);
            squares += residual * residual;
            for (a, &index) in plan.free.iter().enumerate() {
                gradient[a] += derivatives[index] * residual;
                for (b, &other) in plan.free[..=a].iter().enumerate() {
                    products[a * n + b] += derivatives[index] * derivatives[other];
                }
            }
        }
        let mut cost = squares;
        for (a, &index) in plan.free.iter().enumerate() {
            let off = plan.expected[a] - parameters[index];
            gradient[a] += plan.weight[a] * off;
            cost += plan.weight[a] * off * off;
        }
        Self { parameters, products, gradient, squares, cost }
    }
}

/// How often a step is found again because a parameter at a bound would leave it.
const RETRIES: usize = 3;

/// The damped step inside the bounds and the decrease of the cost it promises, as `normal::Solver::step`.
fn step(plan: &Resolved, state: &State, damping: f64) -> (Vec<f64>, f64) {
    let n = plan.free.len();
    let outward = |a: usize, direction: f64| {
        let (p, index) = (state.parameters[plan.free[a]], plan.free[a]);
        p <= plan.lower[index] && direction < 0.0 || p >= plan.upper[index] && direction > 0.0
    };
    let mut scale: Vec<f64> = (0..n)
        .map(|a| {
            let curvature = state.products[a * n + a] + plan.weight[a];
            if outward(a, state.gradient[a]) || curvature <= 0.0 { 0.0 } else { curvature.sqrt().recip() }
        })
        .collect();
    let mut x = solve(state, &scale, damping);
    for _ in 0..RETRIES {
        let leaving: Vec<usize> = (0..n).filter(|&a| outward(a, x[a] * scale[a])).collect();
        if leaving.is_empty() {
            break;
        }
        for a in leaving {
            scale[a] = 0.0;
        }
        x = solve(state, &scale, damping);
    }
    let predicted = (0..n).map(|a| x[a] * (state.gradient[a] * scale[a] + damping * x[a])).sum();
    let mut trial = state.parameters.clone();
    for (a, &index) in plan.free.iter().enumerate() {
        trial[index] = (trial[index] + scale[a] * x[a]).clamp(plan.lower[index], plan.upper[index]);
    }
    (trial, predicted)
}

/// `x` of `(S JᵀJ S + λ) x = S Jᵀr`; zero where `S` is.
fn solve(state: &State, scale: &[f64], damping: f64) -> Vec<f64> {
    let n = scale.len();
    let mut factor = vec![0.0; n * n];
    let mut x: Vec<f64> = (0..n).map(|a| state.gradient[a] * scale[a]).collect();
    for j in 0..n {
        let pivot = 1.0 + damping - (0..j).map(|k| factor[j * n + k] * factor[j * n + k]).sum::<f64>();
        factor[j * n + j] = pivot.max(1e-15).sqrt();
        for i in j + 1..n {
            let sum: f64 = (0..j).map(|k| factor[i * n + k] * factor[j * n + k]).sum();
            factor[i * n + j] = (state.products[i * n + j] * scale[i] * scale[j] - sum) / factor[j * n + j];
        }
        let known: f64 = (0..j).map(|k| factor[j * n + k] * x[k]).sum();
        x[j] = (x[j] - known) / factor[j * n + j];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| factor[k * n + i] * x[k]).sum();
        x[i] = (x[i] - known) / factor[i * n + i];
    }
    x
}
