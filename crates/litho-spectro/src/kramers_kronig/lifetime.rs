//! What finite lifetimes say about how fast f'' may vary with energy.

use super::KkError;
use super::transform::Edge;
use litho_types::energies::Energies;
use litho_types::quantity::ElectronVolts;
use ndarray::Array2;
use std::f64::consts::PI;

/// A Gaussian prior on Δf'': states of any strength above the edge, each as broad as its lifetime allows.
///
/// f''(E) = ∫ s(ε) L(E − ε; Γ(ε)) dε with white s(ε) and a Lorentzian L of full width Γ(ε): the core hole's near the edge,
/// growing with the photoelectron's energy as FDMNES has it (Bunău & Joly, J. Phys.: Condens. Matter 21, 345501, 2009).
/// Nothing is said about shapes. Pre-edge peaks keep their width and height; the noise that a core hole could not have
/// let through goes, most of it far above the edge. The noise must be known in absolute terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lifetime {
    /// Full width of the core hole's Lorentzian; 1.0 eV for the K shell of vanadium (Krause & Oliver 1979).
    pub core_hole: ElectronVolts,
    /// Typical number of absorbing atoms per m² where there is material ([`typical_density`](super::typical_density)).
    pub areal_density: f64,
    /// Prior standard deviation of Δf'' where it is largest, in units of the edge's jump. The less, the less noise and the
    /// more bias. For a vanadium-like window with a noise of a twentieth of the jump, 1 takes off 26 % of the noise and
    /// 0.7 % of the jump from a sharp pre-edge peak, 0.5 takes off 32 % and 2.4 %.
    pub structure: f64,
}

/// States may begin this far below the table's edge: chemical shifts, pre-edge peaks, a monochromator out of calibration.
const BELOW_EDGE: f64 = 10.0;
/// States this far beyond the last energy are too broad to matter.
const BEYOND_LAST: f64 = 100.0;
/// Step of the states, eV; their width is several steps at least.
const STATE_STEP: f64 = 0.1;
/// Narrowest core hole the step can do.
const NARROWEST: f64 = 0.2;
/// `Γ_m`, centre and width of the photoelectron's broadening, eV: FDMNES's standard values.
const PHOTOELECTRON: (f64, f64, f64) = (15.0, 30.0, 30.0);

impl Lifetime {
    /// A prior of three quarters of the jump.
    pub fn new(core_hole: ElectronVolts, areal_density: f64) -> Self {
        Self { core_hole, areal_density, structure: 0.75 }
    }

    pub(super) fn check(&self) -> Result<(), KkError> {
        let positive = |v: f64| v.is_finite() && v > 0.0;
        let width = self.core_hole.value();
        let settings = [
            (
                "the width of the core hole in eV",
                width,
                width.is_finite() && width >= NARROWEST,
                "0.2 or more",
            ),
            ("the areal density", self.areal_density, positive(self.areal_density), "atoms per m², above 0"),
            ("the structure", self.structure, positive(self.structure), "jumps, above 0"),
        ];
        match settings.into_iter().find(|(_, _, good, _)| !good) {
            Some((name, value, _, allowed)) => Err(KkError::Setting { name, value, allowed }),
            None => Ok(()),
        }
    }

    /// Covariance `(E, E)` of N Δf'' between the energies, (electrons/m²)².
    pub(super) fn covariance(&self, energies: &Energies, edges: &[Edge]) -> Array2<f64> {
        let mut covariance = Array2::zeros((energies.len(), energies.len()));
        for edge in edges {
            let states = self.states(energies, edge.energy);
            // ⟨f''(E₁) f''(E₂)⟩ = ∫ L(E₁ − ε; Γ(ε)) L(E₂ − ε; Γ(ε)) dε, scaled to a largest variance of (structure · jump)²
            let product = states.dot(&states.t());
            let largest = product.diag().iter().copied().fold(0.0, f64::max);
            let deviation = self.areal_density * self.structure * edge.jump;
            covariance.scaled_add(deviation * deviation / largest, &product);
        }
        covariance
    }

    /// L(E − ε; Γ(ε)) for each energy and each state above `edge`.
    fn states(&self, energies: &Energies, edge: f64) -> Array2<f64> {
        let nodes = energies.electron_volts();
        let first = edge - BELOW_EDGE;
        let count = ((energies.last().value() + BEYOND_LAST - first) / STATE_STEP).ceil() as usize;
        Array2::from_shape_fn((nodes.len(), count), |(node, state)| {
            let energy = first + STATE_STEP * state as f64;
            // L = h / π / (h² + (E − ε)²), h = Γ/2
            let half = 0.5 * self.width(energy - edge);
            half / PI / (half * half + (nodes[node] - energy).powi(2))
        })
    }

    /// Γ in eV of a state `above` eV above the edge.
    fn width(&self, above: f64) -> f64 {
        if above <= 0.0 {
            return self.core_hole.value();
        }
        let (largest, centre, spread) = PHOTOELECTRON;
        let e = above / centre;
        // Γ = Γ_hole + Γ_m [1/2 + (1/π) arctan((π/3)(Γ_m/E_larg)(e − 1/e²))], e = (E − E_F)/E_cent
        self.core_hole.value()
            + largest * (0.5 + (PI / 3.0 * largest / spread * (e - 1.0 / (e * e))).atan() / PI)
    }
}
