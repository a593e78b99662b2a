//! What one unit of each phase absorbs at each energy.

use super::ChemistryError;
use crate::dense;
use ndarray::{Array2, ArrayView2};

/// Condition number above which phases cannot be told apart in single-precision data.
const HOPELESS: f64 = 1e5;

/// Optical densities of one unit (say a nanometre) of each phase, at each energy of the volumes.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseReferences {
    names: Vec<String>,
    density: Array2<f64>,
    condition: f64,
}

impl PhaseReferences {
    /// References from a matrix `(energy, phase)`. If the volumes lose their density before the edge, the references
    /// must lose theirs too.
    ///
    /// # Errors
    /// [`ChemistryError`] if names and columns differ in number, there are more phases than energies, a number is not
    /// finite or phases cannot be told apart.
    pub fn new(names: Vec<String>, density: Array2<f64>) -> Result<Self, ChemistryError> {
        let (energies, phases) = density.dim();
        if names.len() != phases || phases == 0 || phases > energies {
            let wanted = vec![energies.max(names.len()).max(1), names.len()];
            return Err(ChemistryError::Shape {
                operation: "references",
                array: "the matrix (energy, phase)",
                found: vec![energies, phases],
                wanted,
            });
        }
        if let Some(((energy, phase), &value)) = density.indexed_iter().find(|(_, value)| !value.is_finite())
        {
            return Err(ChemistryError::Reference { phase: names[phase].clone(), energy, value });
        }
        let condition = condition(density.view());
        // NaN where a phase absorbs nothing
        if condition.is_nan() || condition > HOPELESS {
            return Err(ChemistryError::Alike { condition });
        }
        Ok(Self { names, density, condition })
    }

    /// Names of the phases.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The matrix `(energy, phase)`.
    pub fn density(&self) -> ArrayView2<'_, f64> {
        self.density.view()
    }

    /// How many energies.
    pub fn energies(&self) -> usize {
        self.density.nrows()
    }

    /// How many phases.
    pub fn phases(&self) -> usize {
        self.density.ncols()
    }

    /// Condition number of the phases, each scaled to length 1: by how much noise grows, at worst.
    pub fn condition(&self) -> f64 {
        self.condition
    }
}

/// `√(λ_max/λ_min)` of the Gram matrix of the columns at length 1.
fn condition(density: ArrayView2<'_, f64>) -> f64 {
    let phases = density.ncols();
    let dot = |i: usize, j: usize| density.column(i).dot(&density.column(j));
    let cosine = |at: usize| {
        let (i, j) = (at / phases, at % phases);
        dot(i, j) / (dot(i, i) * dot(j, j)).sqrt()
    };
    let gram: Vec<f64> = (0..phases * phases).map(cosine).collect();
    if gram.iter().any(|cosine| !cosine.is_finite()) {
        return f64::NAN;
    }
    let (values, _) = dense::eigen(&gram, phases);
    (values[0] / values[phases - 1].max(0.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    fn names() -> Vec<String> {
        vec!["a".into(), "b".into()]
    }

    #[test]
    fn the_condition_of_two_phases_follows_from_their_angle() {
        // Columns at 0° and 60°: the Gram matrix has the eigenvalues 1 ± cos 60°; √(1.5/0.5).
        let at_60 = arr2(&[[2.0, 0.5], [0.0, 0.75_f64.sqrt()]]);
        let references = PhaseReferences::new(names(), at_60).expect("two phases");
        assert!((references.condition() - 3.0_f64.sqrt()).abs() < 1e-12, "{}", references.condition());
    }

    #[test]
    fn useless_references_are_named() {
        let same = arr2(&[[1.0, 2.0], [0.5, 1.0]]);
        assert!(matches!(PhaseReferences::new(names(), same), Err(ChemistryError::Alike { .. })));
        let empty = arr2(&[[1.0, 0.0], [0.5, 0.0]]);
        assert!(matches!(PhaseReferences::new(names(), empty), Err(ChemistryError::Alike { .. })));
        let nan = arr2(&[[1.0, 0.0], [0.5, f64::NAN]]);
        assert!(matches!(
            PhaseReferences::new(names(), nan),
            Err(ChemistryError::Reference { energy: 1, .. })
        ));
        let few = arr2(&[[1.0, 0.5]]);
        assert!(matches!(PhaseReferences::new(names(), few), Err(ChemistryError::Shape { .. })));
    }
}
