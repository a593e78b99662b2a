//! What lies on a place of a sample, and what it does to the wave.

use super::factors::{EnergyFactors, TERMS};
use super::kind::Kind;
use crate::C64;
use litho_types::quantity::ELECTRON_RADIUS_METRES;

/// Atoms per square metre. Amounts add and average, as optical density and phase do.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Amounts {
    /// V atoms of each kind; and the same times edge shift, half its square, and pre-edge shift.
    pub(crate) vanadium: [[f64; TERMS]; Kind::COUNT],
    pub(crate) lithium: f64,
    pub(crate) oxygen: f64,
}

impl Amounts {
    /// V atoms of all kinds, m⁻².
    pub fn vanadium(&self) -> f64 {
        self.vanadium.iter().map(|terms| terms[0]).sum()
    }

    /// V atoms of one kind, m⁻².
    pub fn vanadium_of(&self, kind: Kind) -> f64 {
        self.vanadium[kind.index()][0]
    }

    /// The kind with most V, the first of equals; `None` where there is no V.
    pub fn dominant(&self) -> Option<Kind> {
        let mut most = (0.0, None);
        for kind in Kind::ALL {
            let atoms = self.vanadium_of(kind);
            if atoms > most.0 {
                most = (atoms, Some(kind));
            }
        }
        most.1
    }

    /// Mean edge energy of the V atoms, eV; NaN where there is none.
    pub fn edge_energy(&self) -> f64 {
        self.mean(|kind, terms| terms[0] * kind.edge().edge_energy + terms[1])
    }

    /// Mean pre-edge ratio PE/Δμt of the V atoms, eV; NaN where there is none.
    pub fn pre_edge_ratio(&self) -> f64 {
        self.mean(|kind, terms| terms[0] * kind.edge().pre_edge_ratio + terms[3])
    }

    fn mean(&self, of: impl Fn(Kind, &[f64; TERMS]) -> f64) -> f64 {
        let sum: f64 = Kind::ALL.into_iter().map(|kind| of(kind, &self.vanadium[kind.index()])).sum();
        sum / self.vanadium()
    }

    /// `Σ_j N_j (Z_j + f'_j + i f''_j)`, electrons per m²; the real part is `Re[Neff]`.
    pub fn electrons(&self, factors: &EnergyFactors) -> C64 {
        let mut sum = factors.lithium * self.lithium + factors.oxygen * self.oxygen;
        for (amounts, terms) in self.vanadium.iter().zip(&factors.vanadium).filter(|(a, _)| a[0] > 0.0) {
            for (amount, term) in amounts.iter().zip(terms) {
                sum += term * amount;
            }
        }
        sum
    }

    /// Optical density `μt` and phase `φ` (radians).
    pub fn optical_density_and_phase(&self, factors: &EnergyFactors) -> (f64, f64) {
        let electrons = self.electrons(factors);
        let scale = ELECTRON_RADIUS_METRES * factors.wavelength.value();
        // μt = 2 r_e λ Σ N_j f''_j; φ = −r_e λ Σ N_j (Z_j + f'_j)
        (2.0 * scale * electrons.im, -scale * electrons.re)
    }

    /// `T = exp(−μt/2 + iφ)`.
    pub fn transmission(&self, factors: &EnergyFactors) -> C64 {
        let (optical_density, phase) = self.optical_density_and_phase(factors);
        C64::from_polar((-0.5 * optical_density).exp(), phase)
    }

    /// Adds `share` times `other`.
    pub(crate) fn add(&mut self, other: &Self, share: f64) {
        let mine = self.vanadium.iter_mut().flatten();
        mine.zip(other.vanadium.iter().flatten()).for_each(|(a, b)| *a += share * b);
        self.lithium += share * other.lithium;
        self.oxygen += share * other.oxygen;
    }
}
