//! E0, the energy of steepest rise. It is not the edge energy of a fit: on noise-free spectra of the vanadium paper's model
//! they lie about 1 eV apart, and no map may carry the other's name.

use litho_types::energy_stack::EnergyStack;
use ndarray::{Array2, Axis};

/// Energy (eV) of the steepest rise of each pixel's optical density `(y, x)`: the middle of the pair of neighbouring energies
/// with the largest slope. NaN where a value is missing. It can only be one of the middles, and noise moves it.
pub fn derivative_e0(stack: &EnergyStack) -> Array2<f64> {
    let energies = stack.energies().electron_volts();
    stack.optical_density().map_axis(Axis(0), |values| {
        if values.iter().any(|value| !value.is_finite()) {
            return f64::NAN;
        }
        let (mut steepest, mut at) = (f64::NEG_INFINITY, f64::NAN);
        for k in 1..energies.len() {
            let slope = f64::from(values[k] - values[k - 1]) / (energies[k] - energies[k - 1]);
            if slope > steepest {
                (steepest, at) = (slope, 0.5 * (energies[k] + energies[k - 1]));
            }
        }
        at
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_types::energies::Energies;
    use ndarray::Array3;

    #[test]
    fn the_steepest_rise_counts_per_electronvolt() {
        // 0.3 over 1 eV is steeper than 0.4 over 2 eV.
        let values = [0.0, 0.4, 0.7, 0.8];
        let mut density = Array3::from_shape_fn((4, 1, 2), |(k, _, _)| values[k]);
        density[(3, 0, 1)] = f32::NAN;
        let energies = Energies::new(&[10.0, 12.0, 13.0, 14.0]).expect("ascending");
        let e0 = derivative_e0(&EnergyStack::new(energies, density, None, None).expect("four images"));
        assert_eq!(e0[(0, 0)], 12.5);
        assert!(e0[(0, 1)].is_nan());
    }
}
