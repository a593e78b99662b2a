//! What `LiFePO4` and `FePO4` do to soft X-rays at the two energies.
//!
//! Absorption of Li, P and O is Henke's. At its maximum the L3 resonance of Fe adds [`RESONANCE`] electrons to f'', a few
//! times Henke's step of the L3 edge, as oxides do. The other energy follows from the angles that the paper found for the
//! two phases, `atan2(OD at 710.2 eV, OD at 708.2 eV)`. Two energies say little about the real part of Fe: it is
//! that of a Lorentz resonance, so the phase is plausible and no more.

use crate::error::SimError;
use litho_types::quantity::{ELECTRON_RADIUS_METRES, ElectronVolts};
use litho_types::scattering::{Element, TableSource, best_factor};

/// The two photon energies, eV: the absorption maxima of Fe²⁺ and of Fe³⁺.
pub const ENERGIES: [f64; 2] = [708.2, 710.2];

/// f'' of Fe at its maximum, electrons, in each phase.
pub const RESONANCE: [f64; 2] = [45.0, 50.0];
/// Half width of the resonances, eV.
const HALF_WIDTH: f64 = 0.9;
/// f1 of Fe without its resonance, electrons.
const IRON: f64 = 12.0;

/// The two phases on either side of the miscibility gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// `Li0.93FePO4`.
    Lfp,
    /// `Li0.02FePO4`.
    Fp,
}

impl Phase {
    /// Both, in the order of arrays.
    pub const ALL: [Self; 2] = [Self::Lfp, Self::Fp];

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lfp => "LFP",
            Self::Fp => "FP",
        }
    }

    /// Li atoms per Fe atom.
    pub const fn lithium(self) -> f64 {
        match self {
            Self::Lfp => 0.93,
            Self::Fp => 0.02,
        }
    }

    /// Volume per Fe atom, m³: a quarter of the unit cell, 10.33 × 6.01 × 4.69 Å and 9.82 × 5.79 × 4.79 Å.
    pub const fn volume(self) -> f64 {
        match self {
            Self::Lfp => 72.8e-30,
            Self::Fp => 68.1e-30,
        }
    }

    /// The paper's polar angle of the phase, degrees.
    pub const fn polar_angle(self) -> f64 {
        match self {
            Self::Lfp => 27.48,
            Self::Fp => 65.0,
        }
    }

    /// What one metre of the phase does, at each energy.
    ///
    /// # Errors
    /// [`SimError::Scattering`] if the embedded tables cannot be read.
    pub fn optics(self) -> Result<PhaseOptics, SimError> {
        let mut absorption = [0.0; 2];
        let mut phase = [0.0; 2];
        for (index, energy) in ENERGIES.into_iter().enumerate() {
            let energy = ElectronVolts::new(energy);
            let others = self.others(energy)?;
            let from_peak = (energy.value() - ENERGIES[self as usize]) / HALF_WIDTH;
            // Below a resonance f1 is lowered, above it is raised: f' = f''_max x/(1 + x²).
            let iron = IRON + RESONANCE[self as usize] * from_peak / (1.0 + from_peak * from_peak);
            // μ = 2 r_e λ f''/V; dφ/dt = −r_e λ f1/V
            let scale = ELECTRON_RADIUS_METRES * energy.wavelength().value() / self.volume();
            absorption[index] = 2.0 * scale * (others.1 + RESONANCE[self as usize]);
            phase[index] = -scale * (others.0 + iron);
        }
        // OD at 710.2 eV is tan(angle) times that at 708.2 eV.
        let tangent = self.polar_angle().to_radians().tan();
        match self {
            Self::Lfp => absorption[1] = absorption[0] * tangent,
            Self::Fp => absorption[0] = absorption[1] / tangent,
        }
        Ok(PhaseOptics { absorption, phase })
    }

    /// f1 and f'' of everything but Fe, electrons per Fe atom.
    fn others(self, energy: ElectronVolts) -> Result<(f64, f64), SimError> {
        let mut sums = (0.0, 0.0);
        for (symbol, count) in [("Li", self.lithium()), ("P", 1.0), ("O", 4.0)] {
            let factor = best_factor(Element::from_symbol(symbol)?, energy, TableSource::Henke)?;
            sums.0 += count * factor.f1;
            sums.1 += count * factor.f_double_prime;
        }
        Ok(sums)
    }
}

/// What a metre of a phase does to the beam, at each of the [`ENERGIES`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhaseOptics {
    /// Optical density `μ`, 1/m.
    pub absorption: [f64; 2],
    /// Phase, rad/m; negative.
    pub phase: [f64; 2],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phases_lie_at_the_published_angles() -> Result<(), SimError> {
        for (phase, published) in [(Phase::Lfp, 27.48_f64), (Phase::Fp, 65.0)] {
            let optics = phase.optics()?;
            let angle = optics.absorption[1].atan2(optics.absorption[0]).to_degrees();
            assert!((angle - published).abs() < 1e-9, "{phase:?} {angle}");
            // Attenuation lengths at the resonance of compounds of Fe are of the order of 100 nm: 6 to 12 per µm.
            let peak = optics.absorption[phase as usize] * 1e-6;
            assert!((6.0..12.0).contains(&peak), "{phase:?} {peak}");
            // Fewer electrons than there are, and more than half of them.
            let whole = -ELECTRON_RADIUS_METRES * ElectronVolts::new(709.0).wavelength().value() * 76.0
                / phase.volume();
            assert!(
                optics.phase.iter().all(|p| (whole..0.4 * whole).contains(p)),
                "{phase:?} {optics:?} {whole}"
            );
        }
        Ok(())
    }
}
