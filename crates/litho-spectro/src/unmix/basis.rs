//! The terms of a linear combination at the energies of a fit.

use super::options::Background;
use super::{Reference, UnmixError};
use crate::dense;

/// The most references: all sets of active ones are tried.
pub(super) const MOST: usize = 8;
/// Condition number above which references cannot be told apart in single-precision data.
const HOPELESS: f64 = 1e5;
/// Condition number above which shares are to be taken with care.
pub(super) const DOUBTFUL: f64 = 50.0;

/// The terms at the energies of a fit.
#[derive(Debug, Clone)]
pub(super) struct Basis {
    /// One list per term, references first.
    pub(super) terms: Vec<Vec<f64>>,
    pub(super) names: Vec<String>,
    /// How many of the terms are references.
    pub(super) references: usize,
    /// `1/σ` of each energy.
    pub(super) weights: Vec<f64>,
}

impl Basis {
    /// The references moved by `shift`, and the background.
    pub(super) fn new(
        references: &[Reference],
        background: Background,
        energies: &[f64],
        weights: &[f64],
        shift: f64,
    ) -> Self {
        let mut terms: Vec<Vec<f64>> =
            references.iter().map(|reference| reference.at(energies, shift)).collect();
        let mut names: Vec<String> = references.iter().map(|reference| reference.name().to_owned()).collect();
        let (low, high) = (energies[0], energies[energies.len() - 1]);
        if background != Background::None {
            terms.push(vec![1.0; energies.len()]);
            names.push("constant".to_owned());
        }
        if background == Background::Linear {
            terms.push(energies.iter().map(|e| (2.0 * e - low - high) / (high - low)).collect());
            names.push("slope".to_owned());
        }
        Self { terms, names, references: references.len(), weights: weights.to_vec() }
    }

    /// A term times the weights.
    pub(super) fn weighted(&self, term: usize) -> Vec<f64> {
        self.terms[term].iter().zip(&self.weights).map(|(a, w)| a * w).collect()
    }

    /// Condition number of the weighted terms, each scaled to length 1, and the most parallel pair.
    ///
    /// # Errors
    /// [`UnmixError::Collinear`] if they cannot be told apart.
    pub(super) fn condition(&self) -> Result<(f64, [String; 2]), UnmixError> {
        let p = self.terms.len();
        let unit = |term: usize| {
            let column = self.weighted(term);
            let length = column.iter().map(|a| a * a).sum::<f64>().sqrt();
            column.iter().map(|a| a / length).collect::<Vec<f64>>()
        };
        let columns: Vec<Vec<f64>> = (0..p).map(unit).collect();
        let cosine = |i: usize, j: usize| columns[i].iter().zip(&columns[j]).map(|(a, b)| a * b).sum::<f64>();
        let gram: Vec<f64> = (0..p * p).map(|at| cosine(at / p, at % p)).collect();
        let mut pair = (0, p - 1);
        for i in 0..p {
            for j in i + 1..p {
                if gram[i * p + j].abs() > gram[pair.0 * p + pair.1].abs() || pair.0 == pair.1 {
                    pair = (i, j);
                }
            }
        }
        let names = [self.names[pair.0].clone(), self.names[pair.1].clone()];
        // A term that is 0 everywhere has no direction.
        let finite = gram.iter().all(|cosine| cosine.is_finite());
        let condition = if finite {
            let (values, _) = dense::eigen(&gram, p);
            (values[0] / values[p - 1].max(0.0)).sqrt()
        } else {
            f64::INFINITY
        };
        if condition < HOPELESS {
            return Ok((condition, names));
        }
        let [first, second] = names;
        Err(UnmixError::Collinear { condition, first, second })
    }
}
