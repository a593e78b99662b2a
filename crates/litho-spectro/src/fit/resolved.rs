//! A model on given energies, in numbers: energies counted from a reference, free parameters numbered as columns.

use super::model::{Model, Role, Shape};
use litho_types::erf::erf;
use std::f64::consts::{FRAC_1_PI, LN_2};

/// A model whose shared parameters and priors are known.
#[derive(Debug, Clone)]
pub(super) struct Resolved {
    /// Counted from `reference`, eV: single precision holds small numbers better.
    pub(super) energies: Vec<f64>,
    pub(super) reference: f64,
    pub(super) shapes: Vec<Shape>,
    /// Where fits start, and the values of held parameters; centres counted from `reference`.
    pub(super) values: Vec<f64>,
    pub(super) lower: Vec<f64>,
    pub(super) upper: Vec<f64>,
    /// Column of each parameter, none if held.
    pub(super) column: Vec<Option<usize>>,
    /// Parameter of each column.
    pub(super) free: Vec<usize>,
    /// σ²(data)/σ²(prior) of each column, zero without a prior.
    pub(super) weight: Vec<f64>,
    /// Value of each column expected by its prior.
    pub(super) expected: Vec<f64>,
}

/// A parameter's role once the region is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Known {
    Nothing,
    Value,
    Prior { value: f64, sigma: f64 },
}

/// True for the parameters that are energies.
pub(super) fn is_centre(parameter: usize) -> bool {
    parameter % 3 == 2
}

impl Resolved {
    /// `values` and priors in eV as the user counts; `noise` is the standard deviation of the data that priors are weighed
    /// against.
    pub(super) fn new(model: &Model, energies: &[f64], values: &[f64], known: &[Known], noise: f64) -> Self {
        let reference = 0.5 * (energies[0] + energies[energies.len() - 1]).round();
        let shift = |parameter: usize, value: f64| value - if is_centre(parameter) { reference } else { 0.0 };
        let free: Vec<usize> = (0..values.len()).filter(|&index| known[index] != Known::Value).collect();
        let column = (0..values.len()).map(|index| free.iter().position(|&found| found == index)).collect();
        let prior = |&index: &usize| match known[index] {
            // Σ r² + (σ/σ_p)² (p − v)² is the cost in units of the data's variance.
            Known::Prior { value, sigma } => ((noise / sigma).powi(2), shift(index, value)),
            _ => (0.0, 0.0),
        };
        let (weight, expected) = free.iter().map(prior).unzip();
        let shifted = |values: Vec<f64>| values.into_iter().enumerate().map(|(i, v)| shift(i, v)).collect();
        Self {
            energies: energies.iter().map(|energy| energy - reference).collect(),
            reference,
            shapes: model.terms().iter().map(|term| term.shape).collect(),
            values: shifted(values.to_vec()),
            lower: shifted(model.parameters().map(|parameter| parameter.lower).collect()),
            upper: shifted(model.parameters().map(|parameter| parameter.upper).collect()),
            column,
            free,
            weight,
            expected,
        }
    }

    /// The same with every parameter free and no prior.
    pub(super) fn all_free(model: &Model, energies: &[f64], values: &[f64]) -> Self {
        let known: Vec<Known> = model
            .parameters()
            .map(
                |parameter| {
                    if matches!(parameter.role, Role::Held(_)) { Known::Value } else { Known::Nothing }
                },
            )
            .collect();
        Self::new(model, energies, values, &known, 0.0)
    }

    /// `μt(E)` of all parameters and its derivatives by them.
    pub(super) fn evaluate(&self, energy: f64, parameters: &[f64], derivatives: &mut [f64]) -> f64 {
        derivatives[0] = 1.0;
        let mut sum = parameters[0];
        for (term, shape) in self.shapes.iter().enumerate() {
            let at = 1 + 3 * term;
            let (height, centre, width) = (parameters[at], parameters[at + 1], parameters[at + 2]);
            let u = (energy - centre) / width;
            let (value, fall) = shape_and_fall(*shape, u);
            // ∂/∂centre = −h v'(u)/w, ∂/∂width = u ∂/∂centre
            let slope = height * fall / width;
            derivatives[at..at + 3].copy_from_slice(&[value, slope, slope * u]);
            sum += height * value;
        }
        sum
    }

    /// Parameters as the user counts them.
    pub(super) fn unshifted(&self, parameters: &[f64]) -> Vec<f64> {
        let shift =
            |(index, value): (usize, &f64)| value + if is_centre(index) { self.reference } else { 0.0 };
        parameters.iter().enumerate().map(shift).collect()
    }
}

/// `v(u)` of unit height and `−v'(u)`.
fn shape_and_fall(shape: Shape, u: f64) -> (f64, f64) {
    match shape {
        Shape::ErfEdge => (0.5 * (1.0 + erf(u)), -FRAC_1_PI.sqrt() * (-u * u).exp()),
        Shape::ArctanEdge => (0.5 + FRAC_1_PI * u.atan(), -FRAC_1_PI / (1.0 + u * u)),
        Shape::Lorentzian => {
            let d = 1.0 / (1.0 + u * u);
            (d, 2.0 * d * d * u)
        }
        Shape::Gaussian => {
            let d = (-LN_2 * u * u).exp();
            (d, 2.0 * LN_2 * d * u)
        }
    }
}
