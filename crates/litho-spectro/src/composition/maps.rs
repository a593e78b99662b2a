//! Maps of areal densities and of their ratio.

use super::constants::AbsorberConstants;
use crate::SpectroError;
use litho_types::quantity::{ELECTRON_RADIUS_METRES, ElectronVolts};
use ndarray::{Array2, ArrayView2, Zip};

/// A phase image.
#[derive(Debug, Clone, Copy)]
pub struct PhaseImage<'a> {
    /// `φ` in radians `(y, x)`, zero in vacuum, negative in matter.
    pub phase: ArrayView2<'a, f32>,
    /// Its standard deviation in radians, the same everywhere.
    pub sigma: f64,
    /// Its photon energy.
    pub energy: ElectronVolts,
}

/// Below which edge jump a ratio is not formed: at thin rims it blows up. Both conditions must hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guard {
    /// Jump in its own standard deviations.
    pub sigmas: f64,
    /// Jump in optical density.
    pub jump: f64,
}

impl Default for Guard {
    fn default() -> Self {
        Self { sigmas: 5.0, jump: 0.0 }
    }
}

/// Areal densities `(y, x)`; NaN where the edge jump or the phase is.
#[derive(Debug, Clone, PartialEq)]
pub struct CompositionMaps {
    /// `N_V`, absorbing atoms per m².
    pub absorber: Array2<f64>,
    /// Its standard deviation.
    pub absorber_sigma: Array2<f64>,
    /// `Re[Neff]`, electrons per m².
    pub electrons: Array2<f64>,
    /// Its standard deviation.
    pub electrons_sigma: Array2<f64>,
    /// `Re[Neff]/N_V`; NaN also where the guard forbids it.
    pub ratio: Array2<f64>,
    /// Its standard deviation, jump and phase being independent.
    pub ratio_sigma: Array2<f64>,
    /// Pixels that had both numbers and no ratio because of the guard.
    pub guarded: usize,
    /// What was computed with.
    pub constants: AbsorberConstants,
}

/// Maps from an edge jump `Δμt` with its σ (NaN where not to be used) and a phase image of the same shape.
///
/// # Errors
/// [`SpectroError::Shape`] if the images differ in shape; [`SpectroError::Setting`] for a `Δf''` or an energy that is not
/// positive.
pub fn composition_maps(
    (jump, jump_sigma): (ArrayView2<'_, f64>, ArrayView2<'_, f32>),
    image: PhaseImage<'_>,
    constants: &AbsorberConstants,
    guard: Guard,
) -> Result<CompositionMaps, SpectroError> {
    let (operation, wanted) = ("composition", jump.dim());
    for (map, found) in [("the jump's σ", jump_sigma.dim()), ("the phase", image.phase.dim())] {
        if found != wanted {
            return Err(SpectroError::Shape { operation, map, found, wanted });
        }
    }
    let delta = constants.delta_f_double_prime;
    for (setting, value) in [
        ("Δf''", delta),
        ("edge energy", constants.edge_energy.value()),
        ("phase energy", image.energy.value()),
    ] {
        if !(value.is_finite() && value > 0.0) {
            return Err(SpectroError::Setting { operation, setting, value, fix: "give a positive number" });
        }
    }
    // N_V = Δμt / (2 r_e λ Δf''), Re[Neff] = −φ / (r_e λ); each λ is that of its own energy.
    let atoms = 1.0 / (2.0 * ELECTRON_RADIUS_METRES * constants.edge_energy.wavelength().value() * delta);
    let electrons = 1.0 / (ELECTRON_RADIUS_METRES * image.energy.wavelength().value());
    let nothing = || Array2::from_elem(wanted, f64::NAN);
    let mut maps = CompositionMaps {
        absorber: jump.mapv(|jump| atoms * jump),
        absorber_sigma: jump_sigma.mapv(|sigma| atoms * f64::from(sigma)),
        electrons: image.phase.mapv(|phase| -electrons * f64::from(phase)),
        electrons_sigma: image
            .phase
            .mapv(|phase| if phase.is_nan() { f64::NAN } else { electrons * image.sigma }),
        ratio: nothing(),
        ratio_sigma: nothing(),
        guarded: 0,
        constants: constants.clone(),
    };
    let mut guarded = 0;
    Zip::indexed(&mut maps.ratio).and(&mut maps.ratio_sigma).for_each(|at, ratio, ratio_sigma| {
        let (n, n_sigma) = (maps.absorber[at], maps.absorber_sigma[at]);
        let (e, e_sigma) = (maps.electrons[at], maps.electrons_sigma[at]);
        if !(n.is_finite() && e.is_finite()) {
            return;
        }
        let enough = n > 0.0 && n >= guard.sigmas * n_sigma && jump[at] >= guard.jump;
        if !enough {
            guarded += 1;
            return;
        }
        *ratio = e / n;
        // R = e/n: σ_R² = (σ_e/n)² + (R σ_n/n)²
        *ratio_sigma = (e_sigma / n).hypot(*ratio * n_sigma / n);
    });
    maps.guarded = guarded;
    Ok(maps)
}
