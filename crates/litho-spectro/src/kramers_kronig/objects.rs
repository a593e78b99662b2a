//! Complex images to optical density and phase.

use super::{KkError, Plan};
use litho_lanes::c32;
use litho_types::energies::Energies;
use litho_types::energy_stack::{EnergyStack, EnergyStackError};
use litho_types::point::Point;
use litho_types::quantity::Metres;
use ndarray::{Array2, Array3, ArrayView3, Axis, Zip};
use std::f64::consts::TAU;

/// Draws complex transmissions `(energy, y, x)` to the consistent ones, in place, as [`Plan::apply`] does their optical
/// density and phase; returns its residual map `(y, x)`. Air must be 1 ([`fix_gauge`](super::fix_gauge)). A pixel that is zero or
/// no number at some energy is left as it is.
///
/// # Errors
/// [`KkError::Shape`] if there is not one image per energy.
pub fn apply_to_objects(plan: &Plan, objects: &mut Array3<c32>) -> Result<Array2<f32>, KkError> {
    let (before, turns) = parts(objects.view());
    let (mut density, mut phase) = (before.clone(), turns.clone());
    let residual = plan.apply(&mut density, &mut phase)?;
    density -= &before;
    phase -= &turns;
    Zip::from(objects).and(&density).and(&phase).for_each(|t, &density, &phase| {
        if density.is_finite() && phase.is_finite() {
            // T ← T exp(iΔφ − Δμt/2)
            *t *= c32::from_polar((-0.5 * density).exp(), phase);
        }
    });
    Ok(residual)
}

/// The stack `μt = −2 ln|T|`, `φ = arg T` of complex transmissions `(energy, y, x)`, the phase continuous over the energies
/// of each pixel. A pixel that is zero or no number is missing (NaN) at that energy, in both.
///
/// # Errors
/// [`EnergyStackError`] if there is not one image per energy.
pub fn stack_of(
    objects: ArrayView3<'_, c32>,
    energies: &Energies,
    pixel: Option<Point<Metres>>,
) -> Result<EnergyStack, EnergyStackError> {
    let (optical_density, phase) = parts(objects);
    EnergyStack::new(energies.clone(), optical_density, Some(phase), pixel)
}

/// μt and the continuous φ; NaN where there is none.
fn parts(objects: ArrayView3<'_, c32>) -> (Array3<f32>, Array3<f32>) {
    let there = |t: c32| t.is_finite() && t.norm_sqr() > 0.0;
    // T = exp(iφ − μt/2)
    let optical_density = objects.mapv(|t| if there(t) { -2.0 * t.norm().ln() } else { f32::NAN });
    let mut phase = objects.mapv(|t| if there(t) { t.arg() } else { f32::NAN });
    unwrap_energies(&mut phase);
    (optical_density, phase)
}

/// Adds whole turns to `phase` `(energy, y, x)`, radians, so that each pixel differs by at most half a turn from its last
/// number at a lower energy. Missing numbers are passed over. Between neighbouring energies the phase of a particle moves by
/// a small part of a turn, so this needs no neighbours in space.
pub fn unwrap_energies(phase: &mut Array3<f32>) {
    for mut pixel in phase.lanes_mut(Axis(0)) {
        let mut last = f64::NAN;
        for value in pixel.iter_mut().filter(|value| value.is_finite()) {
            let turns = ((last - f64::from(*value)) / TAU).round();
            if turns.is_finite() && turns != 0.0 {
                *value = (f64::from(*value) + turns * TAU) as f32;
            }
            last = f64::from(*value);
        }
    }
}
