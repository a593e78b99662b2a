//! Spectra of known substances.

use super::UnmixError;
use super::interpolate::cubic;
use litho_types::energies::Energies;

/// The spectrum of a known substance, on energies of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    name: String,
    energies: Vec<f64>,
    values: Vec<f64>,
}

impl Reference {
    /// A reference with one value (optical density, or any multiple of it) per energy. The name stands in results and
    /// messages; that of the file helps.
    ///
    /// # Errors
    /// [`UnmixError`] if numbers are missing.
    pub fn new(name: impl Into<String>, energies: &Energies, values: &[f64]) -> Result<Self, UnmixError> {
        let name = name.into();
        let energies = energies.electron_volts();
        if values.len() != energies.len() {
            return Err(UnmixError::Length { name, values: values.len(), energies: energies.len() });
        }
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(UnmixError::NotFinite { name, energy: energies[at], value: values[at] });
        }
        Ok(Self { name, energies, values: values.to_vec() })
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Values at these energies in eV, cubic between the points.
    ///
    /// # Errors
    /// [`UnmixError::Uncovered`] if it does not reach over all of them.
    pub fn values_at(&self, energies: &[f64]) -> Result<Vec<f64>, UnmixError> {
        let mut ascending = energies.to_vec();
        ascending.sort_by(f64::total_cmp);
        if !ascending.is_empty() {
            self.check(&ascending, 0.0)?;
        }
        Ok(self.at(energies, 0.0))
    }

    /// Values at these energies in eV, with every feature moved up by `shift` eV: `r(E − shift)`. Cubic between the points.
    pub(super) fn at(&self, energies: &[f64], shift: f64) -> Vec<f64> {
        energies.iter().map(|energy| cubic(&self.energies, &self.values, energy - shift)).collect()
    }

    /// Whether it reaches over these energies, moved by up to `shift` both ways.
    pub(super) fn check(&self, energies: &[f64], shift: f64) -> Result<(), UnmixError> {
        let ends = |list: &[f64]| (list[0], list[list.len() - 1]);
        let ((first, last), (low, high)) = (ends(&self.energies), ends(energies));
        let (wanted_first, wanted_last) = (low - shift, high + shift);
        if wanted_first < first || wanted_last > last {
            let name = self.name.clone();
            return Err(UnmixError::Uncovered { name, first, last, wanted_first, wanted_last, shift });
        }
        Ok(())
    }
}
