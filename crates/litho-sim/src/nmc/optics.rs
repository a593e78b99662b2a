//! What NMC does to hard X-rays.
//!
//! The phase is that of its electrons, all of them: f' of the metals at 7 keV is left out, so that the electron density of
//! the truth is the one from mass density and composition. Absorption is Henke's.

use crate::error::SimError;
use litho_types::quantity::{ELECTRON_RADIUS_METRES, ElectronVolts};
use litho_types::scattering::{Element, TableSource, scattering_factor};

/// Photon energy, eV.
pub const ENERGY: f64 = 7000.0;
/// Mass density of the grains, g/cm³; the paper's.
pub const DENSITY: f64 = 3.6;
/// Atoms of a formula unit, with their standard atomic weights in g/mol.
pub const FORMULA: [(&str, f64, f64); 5] = [
    ("Li", 1.17, 6.94),
    ("Ni", 0.19, 58.693),
    ("Mn", 0.54, 54.938),
    ("Co", 0.10, 58.933),
    ("O", 2.0, 15.999),
];
/// Avogadro's number times 10⁻²⁴: formula units per Å³ are this times density over molar mass.
const AVOGADRO: f64 = 0.602_214_076;

/// Electrons per Å³ of the grains, `n_e = ρ Z N_A/A`.
///
/// # Errors
/// [`SimError::Scattering`] if the embedded tables cannot be read.
pub fn electron_density() -> Result<f64, SimError> {
    let (mut electrons, mut mass) = (0.0, 0.0);
    for (symbol, count, weight) in FORMULA {
        electrons += count * f64::from(Element::from_symbol(symbol)?.atomic_number());
        mass += count * weight;
    }
    Ok(DENSITY * AVOGADRO * electrons / mass)
}

/// What a metre with one electron per Å³ does to the beam.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ElectronOptics {
    /// Optical density `μ`, 1/m.
    pub absorption: f64,
    /// Phase, rad/m; negative.
    pub phase: f64,
}

impl ElectronOptics {
    /// At [`ENERGY`].
    ///
    /// # Errors
    /// [`SimError::Scattering`] if the embedded tables cannot be read.
    pub fn new() -> Result<Self, SimError> {
        let energy = ElectronVolts::new(ENERGY);
        let (mut electrons, mut absorbing) = (0.0, 0.0);
        for (symbol, count, _) in FORMULA {
            let element = Element::from_symbol(symbol)?;
            electrons += count * f64::from(element.atomic_number());
            absorbing += count * scattering_factor(element, energy, TableSource::Henke)?.f_double_prime;
        }
        // dφ/dt = −r_e λ n_e; μ = 2 r_e λ n_e Σf''/ΣZ
        let scale = ELECTRON_RADIUS_METRES * energy.wavelength().value() * 1e30;
        Ok(Self { absorption: 2.0 * scale * absorbing / electrons, phase: -scale })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn density_and_phase_are_the_papers() -> Result<(), SimError> {
        // Paper: "roughly 1 e/Å³ for ρ = 3.6 g/cm³".
        let density = electron_density()?;
        assert!((density - 1.02).abs() < 0.01, "{density}");
        // 2π after 12.6 µm at 1 e/Å³ and 7 keV.
        let optics = ElectronOptics::new()?;
        assert!((-TAU / optics.phase - 12.6e-6).abs() < 0.05e-6, "{optics:?}");
        // Mn above its K edge: some tens of µm of attenuation length.
        assert!((10e-6..40e-6).contains(&optics.absorption.recip()), "{optics:?}");
        Ok(())
    }
}
