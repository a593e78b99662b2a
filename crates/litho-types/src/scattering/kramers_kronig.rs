//! Kramers–Kronig transform of a piecewise linear f'', exact on every piece.

use std::f64::consts::PI;

use crate::quantity::ElectronVolts;

use super::ScatteringError;

/// The real part that belongs to an f'' given on nodes, linear between them and zero outside.
///
/// f'(E) = (2/π) P∫ ε f''(ε) / (E² − ε²) dε (Henke et al. 1993, eq. 5, without the constant Z*).
/// The principal value of a linear piece is elementary; gathered by node, with b the slopes of
/// the pieces and Δb their change at node x, the sum over all pieces is
/// −(1/π) Σ Δb \[(x − E) ln|x − E| + (x + E) ln(x + E)\], finite at the nodes as well.
#[derive(Debug, Clone, PartialEq)]
pub struct KramersKronig {
    /// Energy of each node in eV and the change of slope of f'' there.
    hinges: Vec<(f64, f64)>,
}

impl KramersKronig {
    /// Prepare the transform of `f_double_prime` (electrons per atom) on `energy` (eV, strictly rising, not
    /// negative). The first and last value must be zero: for a spectrum on a window, subtract the
    /// tabulated f'' there and transform the difference.
    ///
    /// # Errors
    ///
    /// [`ScatteringError::InvalidSpectrum`] for unequal lengths, fewer than three nodes, values that
    /// are not finite, energies that do not rise, or ends that are not zero.
    pub fn of_piecewise_linear(energy: &[f64], f_double_prime: &[f64]) -> Result<Self, ScatteringError> {
        check(energy, f_double_prime).map_err(|reason| ScatteringError::InvalidSpectrum { reason })?;
        let mut before = 0.0;
        let hinges = (0..energy.len())
            .map(|i| {
                let slope = match energy.get(i + 1) {
                    Some(next) => (f_double_prime[i + 1] - f_double_prime[i]) / (next - energy[i]),
                    None => 0.0,
                };
                let hinge = (energy[i], slope - before);
                before = slope;
                hinge
            })
            .collect();
        Ok(Self { hinges })
    }

    /// f' at one energy, electrons per atom; tends to 0 at high energy.
    pub fn at(&self, energy: ElectronVolts) -> f64 {
        let e = energy.value();
        // f'(E) = −(1/π) Σ Δb [(x − E) ln|x − E| + (x + E) ln(x + E)]
        -self.hinges.iter().map(|&(x, change)| change * (x_ln_x(x - e) + x_ln_x(x + e))).sum::<f64>() / PI
    }
}

/// x ln|x|, which is 0 at 0.
fn x_ln_x(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x * x.abs().ln() }
}

fn check(energy: &[f64], f_double_prime: &[f64]) -> Result<(), String> {
    let (energies, values) = (energy.len(), f_double_prime.len());
    if energies != values || energies < 3 {
        return Err(format!("{energies} energies and {values} values; give at least three of each"));
    }
    if let Some(i) = (0..energies).find(|&i| !(energy[i].is_finite() && f_double_prime[i].is_finite())) {
        return Err(format!("f'' = {} at {} eV (node {i}); remove it", f_double_prime[i], energy[i]));
    }
    if energy[0] < 0.0 {
        return Err(format!("the first energy, {} eV, is negative; start at 0 or above", energy[0]));
    }
    if let Some(i) = (1..energies).find(|&i| energy[i - 1] >= energy[i]) {
        let (here, next) = (energy[i - 1], energy[i]);
        return Err(format!("{here} eV is followed by {next} eV; sort the energies, each once"));
    }
    let (first, last) = (f_double_prime[0], f_double_prime[values - 1]);
    if first != 0.0 || last != 0.0 {
        return Err(format!(
            "the ends are {first} and {last}; both must be 0: subtract the tabulated f'' first"
        ));
    }
    Ok(())
}
