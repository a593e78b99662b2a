//! Where fits start: from the spectrum itself, and heights by linear least squares.

use super::model::{Model, Parameter, Role, Shape};
use super::resolved::Resolved;
use litho_lanes::LANES;

/// Starts of all parameters for one (mean) spectrum, in eV as the user counts; `pre_edge` points lie before the edge.
///
/// Given starts and held values are kept. Of the others, the first edge starts at the energy of half height with the
/// offset and the jump of the ends, peaks in the middle of their bounds, widths at the geometric mean of theirs.
pub(super) fn of_mean(model: &Model, energies: &[f64], spectrum: &[f64], pre_edge: usize) -> Vec<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let before = mean(&spectrum[..pre_edge]);
    let after = mean(&spectrum[spectrum.len() - pre_edge..]);
    let half = 0.5 * (before + after);
    let rises = |pair: &[f64]| pair[0] <= half && half < pair[1];
    let middle =
        spectrum.windows(2).position(rises).map_or(0.5 * (energies[0] + energies[energies.len() - 1]), |i| {
            let part = (half - spectrum[i]) / (spectrum[i + 1] - spectrum[i]);
            energies[i] + part * (energies[i + 1] - energies[i])
        });
    let edges = model.terms().iter().filter(|term| term.shape.is_edge()).count() as f64;
    let guess = |index: usize, lower: f64, upper: f64| {
        let shape = index.checked_sub(1).map(|at| model.terms()[at / 3].shape);
        match (shape, index % 3) {
            (None, _) => before,
            (Some(shape), 1) if shape.is_edge() => (after - before) / edges,
            (Some(_), 1) => 0.2 * (after - before),
            (Some(shape), 2) if shape.is_edge() && edges == 1.0 => middle,
            (Some(_), 2) => 0.5 * (lower + upper),
            _ => (lower * upper).sqrt(),
        }
    };
    let start = |(index, parameter): (usize, &Parameter)| match (parameter.role, parameter.start) {
        (Role::Held(value), _) | (_, Some(value)) | (Role::Prior { value, .. }, None) => value,
        _ => guess(index, parameter.lower, parameter.upper).clamp(parameter.lower, parameter.upper),
    };
    model.parameters().enumerate().map(start).collect()
}

/// Offset and heights of a spectrum by linear least squares with everything else as in the region's mean: one product with
/// a small matrix per pixel.
#[derive(Debug)]
pub(super) struct LinearStarts {
    /// Free parameters that are linear, by column.
    columns: Vec<usize>,
    /// `(AᵀA)⁻¹ Aᵀ` in rows of one per column.
    rows: Vec<f32>,
    /// What is added to each column's value for the parts of the model that are held.
    held: Vec<f32>,
    /// Smallest start of each column in units of the spectrum's height: a peak of no height has no place.
    least: Vec<f32>,
    /// The heights of the free edges added.
    jump: LinearJump,
}

/// `Σ row · spectrum + constant`.
#[derive(Debug)]
struct LinearJump {
    row: Vec<f32>,
    constant: f32,
}

impl LinearStarts {
    /// At the values of `plan`.
    pub(super) fn new(plan: &Resolved) -> Self {
        let linear = |index: usize| index == 0 || index % 3 == 1;
        let columns: Vec<usize> = (0..plan.free.len()).filter(|&column| linear(plan.free[column])).collect();
        let (m, n) = (plan.energies.len(), columns.len());
        let mut derivatives = vec![0.0; plan.values.len()];
        let (mut matrix, mut known) = (vec![0.0; m * n], vec![0.0; m]);
        for (k, &energy) in plan.energies.iter().enumerate() {
            known[k] = plan.evaluate(energy, &plan.values, &mut derivatives);
            for (a, &column) in columns.iter().enumerate() {
                let index = plan.free[column];
                matrix[a * m + k] = derivatives[index];
                known[k] -= derivatives[index] * plan.values[index];
            }
        }
        let rows = pseudo_inverse(&matrix, m, n);
        let held = |row: &[f64]| -row.iter().zip(&known).map(|(w, k)| w * k).sum::<f64>();
        let held: Vec<f64> = rows.chunks_exact(m).map(held).collect();
        let shape = |column: usize| plan.free[column].checked_sub(1).map(|at| plan.shapes[at / 3]);
        let least = |&column: &usize| {
            shape(column).map_or(f32::NEG_INFINITY, |s| if s.is_edge() { 0.05 } else { 0.01 })
        };
        let mut jump = LinearJump { row: vec![0.0; m], constant: held_jump(plan) as f32 };
        for (row, held) in (0..n)
            .filter(|&a| shape(columns[a]).is_some_and(Shape::is_edge))
            .map(|a| (&rows[a * m..][..m], held[a]))
        {
            jump.constant += held as f32;
            jump.row.iter_mut().zip(row).for_each(|(sum, &value)| *sum += value as f32);
        }
        let single = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
        Self {
            rows: single(&rows),
            held: single(&held),
            least: columns.iter().map(least).collect(),
            columns,
            jump,
        }
    }

    /// Writes the starts of all columns for one spectrum.
    pub(super) fn write(&self, plan: &Resolved, spectrum: &[f32], to: &mut [f32]) {
        for (to, &index) in to.iter_mut().zip(&plan.free) {
            *to = plan.values[index] as f32;
        }
        let height = height(spectrum);
        let rows = self.columns.iter().zip(self.rows.chunks_exact(spectrum.len()));
        for (((&column, row), held), least) in rows.zip(&self.held).zip(&self.least) {
            let index = plan.free[column];
            let value = dot(row, spectrum) + held;
            to[column] = value.max(least * height).clamp(plan.lower[index] as f32, plan.upper[index] as f32);
        }
    }

    /// `Δμt` of a spectrum with everything else as in the region's mean.
    pub(super) fn jump(&self, spectrum: &[f32]) -> f64 {
        f64::from(dot(&self.jump.row, spectrum) + self.jump.constant)
    }

    /// Its standard deviation in units of the data's; zero if the model has no free height of an edge.
    pub(super) fn jump_sigma(&self) -> f64 {
        self.jump.row.iter().map(|&w| f64::from(w).powi(2)).sum::<f64>().sqrt()
    }
}

/// Heights of the held edges, added.
fn held_jump(plan: &Resolved) -> f64 {
    let edges =
        plan.shapes.iter().enumerate().filter(|(_, shape)| shape.is_edge()).map(|(term, _)| 1 + 3 * term);
    edges.filter(|&at| plan.column[at].is_none()).map(|at| plan.values[at]).sum()
}

/// Largest less smallest value.
fn height(spectrum: &[f32]) -> f32 {
    let (mut lowest, mut highest) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
    for part in spectrum.chunks(LANES) {
        for ((low, high), &value) in lowest.iter_mut().zip(&mut highest).zip(part) {
            *low = if value < *low { value } else { *low };
            *high = if value > *high { value } else { *high };
        }
    }
    highest.into_iter().fold(f32::NEG_INFINITY, f32::max) - lowest.into_iter().fold(f32::INFINITY, f32::min)
}

/// `Σ a b`, in eight partial sums.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.into_iter().sum::<f32>() + rest
}

/// `(AᵀA)⁻¹ Aᵀ` of a matrix given by its columns, each of `m` numbers, by Gram–Schmidt: `A = Q R`, `R⁻¹ Qᵀ`. A column that
/// depends on those before gets zeros.
fn pseudo_inverse(columns: &[f64], m: usize, n: usize) -> Vec<f64> {
    let mut q = columns.to_vec();
    let mut r = vec![0.0; n * n];
    for a in 0..n {
        let size = norm(&q[a * m..][..m]);
        // Twice is enough.
        for _ in 0..2 {
            for b in 0..a {
                let dot: f64 = (0..m).map(|k| q[b * m + k] * q[a * m + k]).sum();
                r[b * n + a] += dot;
                for k in 0..m {
                    q[a * m + k] -= dot * q[b * m + k];
                }
            }
        }
        let left = norm(&q[a * m..][..m]);
        r[a * n + a] = left;
        let keep = if left > 1e-9 * size { left.recip() } else { 0.0 };
        q[a * m..][..m].iter_mut().for_each(|value| *value *= keep);
    }
    for a in (0..n).rev() {
        for k in 0..m {
            let known: f64 = (a + 1..n).map(|b| r[a * n + b] * q[b * m + k]).sum();
            q[a * m + k] = if r[a * n + a] > 0.0 { (q[a * m + k] - known) / r[a * n + a] } else { 0.0 };
        }
    }
    q
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}
