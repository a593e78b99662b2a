//! Classes of voxels by composition, and how sure they are.

use super::error::check_shape;
use super::normal::normal;
use super::{Amounts, ChemistryError};
use ndarray::{Array3, ArrayView3, Zip};

const NAME: &str = "classes";

/// Names of what a class map holds: 0 is empty, then the first phase, mixed, the second phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// No matter.
    Empty = 0,
    /// Rich in the first phase.
    First = 1,
    /// Both phases.
    Mixed = 2,
    /// Rich in the second phase.
    Second = 3,
}

/// Where classes begin and end, as fractions of the second phase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassLimits {
    /// Rich in the first phase below this one.
    pub first_below: f64,
    /// Rich in the second phase above this one.
    pub second_above: f64,
}

impl Default for ClassLimits {
    /// More than 70 % of a phase is rich in it.
    fn default() -> Self {
        Self { first_below: 0.3, second_above: 0.7 }
    }
}

/// What a voxel is held for before it is looked at.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Prior {
    /// All compositions alike: the probability of a class is the part of the voxel's Gaussian within its limits.
    #[default]
    Flat,
    /// Compositions are spread as a mixture of Gaussians, as the fit of a histogram tells: `(weight, centre, width)` in
    /// fractions of the second phase.
    Mixture(Vec<[f64; 3]>),
}

/// Voxels sorted by composition.
#[derive(Debug, Clone, PartialEq)]
pub struct Classes {
    /// [`Class`] of each voxel, as a number.
    pub class: Array3<u8>,
    /// Probability of the first, mixed and second class given the voxel's densities and their noise; NaN where there is no
    /// matter, or if the noise is unknown.
    pub probability: [Array3<f32>; 3],
    /// Voxels of the first, mixed and second class.
    pub counts: [usize; 3],
}

impl Classes {
    /// The probability of each voxel's own class.
    pub fn own_probability(&self) -> Array3<f32> {
        let [first, mixed, second] = &self.probability;
        Zip::from(&self.class).and(first).and(mixed).and(second).map_collect(|class, a, b, c| match class {
            1 => *a,
            2 => *b,
            3 => *c,
            _ => f32::NAN,
        })
    }
}

/// Sorts the voxels of a mask into rich in the first phase, mixed and rich in the second, by the second's fraction.
///
/// Probabilities take a voxel's fraction as Gaussian with the deviation propagated from its noise. At the limits of detection
/// that is the first order only.
///
/// # Errors
/// [`ChemistryError`] unless there are two phases, shapes fit and limits and prior make sense.
pub fn classify(
    amounts: &Amounts,
    mask: ArrayView3<'_, bool>,
    limits: ClassLimits,
    prior: &Prior,
) -> Result<Classes, ChemistryError> {
    let (z, y, x) = amounts.shape();
    check_shape(NAME, "the mask", mask.shape(), &[z, y, x])?;
    if amounts.amounts.len() != 2 {
        let phases = amounts.amounts.len();
        return Err(ChemistryError::NotTwo { operation: NAME, energies: phases, phases });
    }
    check(limits, prior)?;
    let (fraction, sigma) = (amounts.fraction(1)?, amounts.fraction_sigma(1)?);
    let class =
        Zip::from(&fraction).and(mask).par_map_collect(|x, m| class_of(f64::from(*x), *m, limits) as u8);
    let probability = [0, 1, 2].map(|which| {
        Zip::from(&class).and(&fraction).and(&sigma).par_map_collect(|class, x, s| {
            if *class == Class::Empty as u8 {
                return f32::NAN;
            }
            probabilities(f64::from(*x), f64::from(*s), limits, prior)[which] as f32
        })
    });
    let count = |which: Class| class.iter().filter(|class| **class == which as u8).count();
    let counts = [Class::First, Class::Mixed, Class::Second].map(count);
    Ok(Classes { class, probability, counts })
}

fn check(limits: ClassLimits, prior: &Prior) -> Result<(), ChemistryError> {
    let wrong = |setting, value, fix| Err(ChemistryError::Setting { operation: NAME, setting, value, fix });
    if !(limits.first_below.is_finite() && limits.first_below <= limits.second_above) {
        return wrong("the lower limit", limits.first_below, "give a fraction not above the upper limit");
    }
    let Prior::Mixture(components) = prior else { return Ok(()) };
    let bad = |c: &&[f64; 3]| !(c[0] >= 0.0 && c[1].is_finite() && c[2] > 0.0);
    match components.iter().find(bad) {
        Some(component) => wrong("the width in the prior", component[2], "give positive weights and widths"),
        None if components.iter().map(|c| c[0]).sum::<f64>() > 0.0 => Ok(()),
        None => wrong("the sum of the prior's weights", 0.0, "give components"),
    }
}

fn class_of(fraction: f64, is_matter: bool, limits: ClassLimits) -> Class {
    if !is_matter || fraction.is_nan() {
        Class::Empty
    } else if fraction < limits.first_below {
        Class::First
    } else if fraction > limits.second_above {
        Class::Second
    } else {
        Class::Mixed
    }
}

/// Probabilities of the three classes.
fn probabilities(fraction: f64, sigma: f64, limits: ClassLimits, prior: &Prior) -> [f64; 3] {
    if sigma.is_nan() {
        return [f64::NAN; 3];
    }
    match prior {
        Prior::Flat => parts(fraction, sigma, limits),
        Prior::Mixture(components) => {
            // Prior N(μ, w²) and likelihood N(x | ·, σ²): the posterior is N((μ σ² + x w²)/(σ² + w²), σ² w²/(σ² + w²)) with
            // the weight N(x | μ, σ² + w²).
            let square = |[weight, centre, width]: &[f64; 3]| {
                let sum = sigma * sigma + width * width;
                weight.ln() - 0.5 * sum.ln() - 0.5 * (fraction - centre).powi(2) / sum
            };
            let logs: Vec<f64> = components.iter().map(square).collect();
            let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let (mut sums, mut total) = ([0.0; 3], 0.0);
            for (log, [_, centre, width]) in logs.iter().zip(components) {
                let share = (log - most).exp();
                let sum = sigma * sigma + width * width;
                let mean = (centre * sigma * sigma + fraction * width * width) / sum;
                let parts = parts(mean, sigma * width / sum.sqrt(), limits);
                (0..3).for_each(|k| sums[k] += share * parts[k]);
                total += share;
            }
            sums.map(|sum| sum / total)
        }
    }
}

/// Parts of a Gaussian below, between and above the limits.
fn parts(mean: f64, sigma: f64, limits: ClassLimits) -> [f64; 3] {
    let below = |limit: f64| {
        let z = (limit - mean) / sigma;
        // NaN where both are 0: the voxel lies on the limit
        if z.is_nan() { 0.5 } else { normal(z) }
    };
    let (first, not_second) = (below(limits.first_below), below(limits.second_above));
    [first, not_second - first, 1.0 - not_second]
}

#[cfg(test)]
mod tests {
    use super::super::AmountCovariance;
    use super::*;
    use ndarray::arr2;

    fn amounts(fractions: &[f32], covariance: AmountCovariance) -> Amounts {
        let volume = |of: &dyn Fn(f32) -> f32| {
            Array3::from_shape_fn((1, 1, fractions.len()), |(_, _, x)| of(fractions[x]))
        };
        Amounts {
            names: vec!["LFP".into(), "FP".into()],
            amounts: vec![volume(&|x| 1.0 - x), volume(&|x| x)],
            covariance,
            reduced_chi_square: None,
        }
    }

    #[test]
    fn voxels_fall_into_three_classes() {
        let amounts = amounts(&[-0.1, 0.29, 0.31, 0.69, 0.71, 1.2, 0.5], AmountCovariance::Unknown);
        let mut mask = Array3::from_elem((1, 1, 7), true);
        mask[(0, 0, 6)] = false;
        let found = classify(&amounts, mask.view(), ClassLimits::default(), &Prior::Flat).unwrap();
        assert_eq!(found.class.iter().copied().collect::<Vec<u8>>(), [1, 1, 2, 2, 3, 3, 0]);
        assert_eq!(found.counts, [2, 2, 2]);
        assert!(found.probability.iter().flatten().all(|p| p.is_nan()));
        let turned = ClassLimits { first_below: 0.8, second_above: 0.2 };
        assert!(matches!(
            classify(&amounts, mask.view(), turned, &Prior::Flat),
            Err(ChemistryError::Setting { .. })
        ));
    }

    #[test]
    fn probabilities_are_parts_of_gaussians() {
        // Total 1 and equal, uncorrelated noise s: σ_x² = ((1 − x)² + x²) s²; at x = ½ it is s²/2. With s = 0.2 √2, σ_x = 0.2:
        // both limits lie one σ away.
        let covariance = AmountCovariance::Uniform(arr2(&[[0.08, 0.0], [0.0, 0.08]]));
        let amounts = amounts(&[0.5], covariance);
        let mask = Array3::from_elem((1, 1, 1), true);
        let found = classify(&amounts, mask.view(), ClassLimits::default(), &Prior::Flat).unwrap();
        let tail = 1.0 - 0.841_344_746;
        for (found, wanted) in found.probability.iter().zip([tail, 1.0 - 2.0 * tail, tail]) {
            assert!((f64::from(found[(0, 0, 0)]) - wanted).abs() < 1e-6);
        }
        assert_eq!(found.own_probability()[(0, 0, 0)], found.probability[1][(0, 0, 0)]);
        // Sharp prior peaks at 0 and 1: a voxel half way is one or the other, never mixed.
        let prior = Prior::Mixture(vec![[3.0, 0.0, 1e-3], [1.0, 1.0, 1e-3]]);
        let found = classify(&amounts, mask.view(), ClassLimits::default(), &prior).unwrap();
        for (found, wanted) in found.probability.iter().zip([0.75, 0.0, 0.25]) {
            assert!((f64::from(found[(0, 0, 0)]) - wanted).abs() < 1e-5, "{found}");
        }
        // A wide prior is a flat one.
        let wide = Prior::Mixture(vec![[1.0, 0.5, 1e4]]);
        let found = classify(&amounts, mask.view(), ClassLimits::default(), &wide).unwrap();
        assert!((f64::from(found.probability[0][(0, 0, 0)]) - tail).abs() < 1e-6);
        let three = Amounts { amounts: vec![amounts.amounts[0].clone(); 3], ..amounts };
        let found = classify(&three, mask.view(), ClassLimits::default(), &Prior::Flat);
        assert!(matches!(found, Err(ChemistryError::NotTwo { phases: 3, .. })));
    }
}
