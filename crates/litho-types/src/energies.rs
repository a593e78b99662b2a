//! The photon energies of a spectroscopic experiment.

use crate::quantity::ElectronVolts;
use thiserror::Error;

/// Photon energies in strictly ascending order, each finite and positive.
///
/// The checked axis of every energy stack: whoever holds one need not ask again whether two images share an energy.
#[derive(Debug, Clone, PartialEq)]
pub struct Energies(Vec<ElectronVolts>);

/// Why a list of numbers is no energy axis.
#[derive(Debug, Error, Clone, PartialEq)]
pub enum EnergiesError {
    /// No energy at all.
    #[error("energy axis: the list is empty; give the photon energy of each image in eV")]
    Empty,
    /// NaN, infinite, zero or negative.
    #[error("energy axis: number {index} is {value} eV; energies are positive and finite")]
    NotAnEnergy {
        /// Place in the list, from 0.
        index: usize,
        /// What stands there.
        value: f64,
    },
    /// The same energy twice.
    #[error("energy axis: numbers {} and {index} are both {value} eV; leave one of the two images out, or average them", index - 1)]
    Duplicated {
        /// Place of the second of the two, from 0.
        index: usize,
        /// The energy.
        value: f64,
    },
    /// Not in ascending order.
    #[error(
        "energy axis: number {index} is {value} eV after {before} eV; sort the images by ascending energy"
    )]
    Unsorted {
        /// Place in the list, from 0.
        index: usize,
        /// What stands there.
        value: f64,
        /// What stands before it.
        before: f64,
    },
}

impl Energies {
    /// The axis of these energies in eV.
    ///
    /// # Errors
    /// [`EnergiesError`] for the first number that is not finite and positive, or not above the one before it.
    pub fn new(electron_volts: &[f64]) -> Result<Self, EnergiesError> {
        if electron_volts.is_empty() {
            return Err(EnergiesError::Empty);
        }
        for (index, &value) in electron_volts.iter().enumerate() {
            if !(value.is_finite() && value > 0.0) {
                return Err(EnergiesError::NotAnEnergy { index, value });
            }
            let before = if index == 0 { 0.0 } else { electron_volts[index - 1] };
            if value == before {
                return Err(EnergiesError::Duplicated { index, value });
            }
            if value < before {
                return Err(EnergiesError::Unsorted { index, value, before });
            }
        }
        Ok(Self(electron_volts.iter().map(|&e| ElectronVolts::new(e)).collect()))
    }

    /// The order in which images of these energies are sorted: `order[k]` is the place of the k-th lowest energy.
    /// NaN comes last; [`new`](Self::new) then names it.
    pub fn ascending_order(electron_volts: &[f64]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..electron_volts.len()).collect();
        order.sort_by(|&a, &b| electron_volts[a].total_cmp(&electron_volts[b]));
        order
    }

    /// How many.
    #[expect(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Lowest energy.
    pub fn first(&self) -> ElectronVolts {
        self.0[0]
    }

    /// Highest energy.
    pub fn last(&self) -> ElectronVolts {
        self.0[self.0.len() - 1]
    }

    /// The energies, ascending.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = ElectronVolts> + '_ {
        self.0.iter().copied()
    }

    /// The bare numbers in eV, ascending.
    pub fn electron_volts(&self) -> Vec<f64> {
        self.0.iter().map(|e| e.value()).collect()
    }

    /// Place of the energy nearest to `wanted`.
    pub fn nearest(&self, wanted: ElectronVolts) -> usize {
        let distance = |e: &ElectronVolts| (*e - wanted).value().abs();
        let mut nearest = 0;
        for (index, energy) in self.0.iter().enumerate() {
            if distance(energy) < distance(&self.0[nearest]) {
                nearest = index;
            }
        }
        nearest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ascends_and_says_what_does_not() {
        assert_eq!(Energies::new(&[5420.0, 5466.5]).map(|e| e.len()), Ok(2));
        assert_eq!(Energies::new(&[]), Err(EnergiesError::Empty));
        assert_eq!(Energies::new(&[1.0, 1.0]), Err(EnergiesError::Duplicated { index: 1, value: 1.0 }));
        assert_eq!(
            Energies::new(&[2.0, 1.0]),
            Err(EnergiesError::Unsorted { index: 1, value: 1.0, before: 2.0 })
        );
        assert!(matches!(Energies::new(&[1.0, f64::NAN]), Err(EnergiesError::NotAnEnergy { index: 1, .. })));
        assert!(matches!(Energies::new(&[-1.0]), Err(EnergiesError::NotAnEnergy { index: 0, .. })));
    }

    #[test]
    fn sorting_repairs_what_is_only_out_of_order() {
        let mixed = [3.0, 1.0, 2.0];
        let order = Energies::ascending_order(&mixed);
        assert_eq!(order, [1, 2, 0]);
        let sorted: Vec<f64> = order.iter().map(|&i| mixed[i]).collect();
        assert_eq!(Energies::new(&sorted).map(|e| e.electron_volts()), Ok(vec![1.0, 2.0, 3.0]));
    }

    #[test]
    fn the_nearest_energy_is_found_on_both_sides() -> Result<(), EnergiesError> {
        let energies = Energies::new(&[10.0, 20.0, 30.0])?;
        assert_eq!([9.0, 14.0, 16.0, 99.0].map(|e| energies.nearest(ElectronVolts::new(e))), [0, 0, 1, 2]);
        Ok(())
    }
}
