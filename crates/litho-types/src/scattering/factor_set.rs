//! Scattering factors of several elements that belong together.

use crate::quantity::ElectronVolts;

use super::{Element, ScatteringError, ScatteringFactor, TableSource, best_factor};

/// The scattering factors of several elements: one energy, one source, f' by Kramers–Kronig.
///
/// Results that depend on scattering factors keep the set they were computed with.
#[derive(Debug, Clone, PartialEq)]
pub struct FactorSet {
    energy: ElectronVolts,
    source: TableSource,
    factors: Vec<ScatteringFactor>,
}

impl FactorSet {
    /// The factors of `elements`, in that order.
    ///
    /// # Errors
    ///
    /// [`ScatteringError::RepeatedElement`], and what [`best_factor`] gives for any of the elements.
    pub fn new(
        elements: &[Element],
        energy: ElectronVolts,
        source: TableSource,
    ) -> Result<Self, ScatteringError> {
        if let Some(i) = (1..elements.len()).find(|&i| elements[..i].contains(&elements[i])) {
            return Err(ScatteringError::RepeatedElement { symbol: elements[i].symbol() });
        }
        let factors = elements.iter().map(|element| best_factor(*element, energy, source));
        Ok(Self { energy, source, factors: factors.collect::<Result<_, _>>()? })
    }

    /// The photon energy of all factors.
    pub const fn energy(&self) -> ElectronVolts {
        self.energy
    }

    /// The table of all factors.
    pub const fn source(&self) -> TableSource {
        self.source
    }

    /// The factors, in the order in which their elements were given.
    pub fn factors(&self) -> &[ScatteringFactor] {
        &self.factors
    }

    /// The factor of one element.
    ///
    /// # Errors
    ///
    /// [`ScatteringError::NotInSet`].
    pub fn get(&self, element: Element) -> Result<ScatteringFactor, ScatteringError> {
        self.factors.iter().find(|factor| factor.element == element).copied().ok_or_else(|| {
            let present: Vec<&str> = self.factors.iter().map(|factor| factor.element.symbol()).collect();
            ScatteringError::NotInSet { symbol: element.symbol(), present: present.join(", ") }
        })
    }
}
