//! The Kramers–Kronig transform: analytic case, agreement with the tables' own f1, refusals.

use crate::quantity::ElectronVolts;

use super::super::{
    Element, KramersKronig, ScatteringError, TableSource, best_factor, f_prime_kk, henke, scattering_factor,
    tabulated_edges,
};
use super::element;

/// A damped oscillator, χ = E0² / (E0² − E² − iΓE): f'' = χ'' and f' = −χ' are a pair.
#[test]
fn a_damped_oscillator_is_transformed_exactly() -> Result<(), ScatteringError> {
    const E0: f64 = 100.0;
    const WIDTH: f64 = 10.0;
    // Lines between nodes h = 0.1 eV apart miss χ'' by h²/8 of its curvature, 8 (E0/Γ)/Γ² at the peak:
    // 1e-3 there and less elsewhere. Beyond the end at 300 E0, (2/π) ∫ χ''/ε dε has less than 1e-8 left.
    const TOLERANCE: f64 = 1e-3;
    let oscillator = |e: f64| {
        let (detuning, damping) = (E0 * E0 - e * e, WIDTH * e);
        let size = detuning * detuning + damping * damping;
        (-E0 * E0 * detuning / size, E0 * E0 * damping / size)
    };
    let mut energy: Vec<f64> = (0..4000).map(|i| 0.1 * f64::from(i)).collect();
    energy.extend((0..2000).map(|i| 400.0 * 75.0_f64.powf(f64::from(i) / 1999.0)));
    let mut absorption: Vec<f64> = energy.iter().map(|e| oscillator(*e).1).collect();
    absorption[0] = 0.0;
    if let Some(last) = absorption.last_mut() {
        *last = 0.0;
    }
    let transform = KramersKronig::of_piecewise_linear(&energy, &absorption)?;
    // Below, on and beside the resonance, at nodes (80, 100) and between, and far above.
    for e in [1.0, 50.037, 80.0, 95.043, 100.0, 100.003, 105.0, 150.05, 1234.5] {
        let error = transform.at(ElectronVolts::new(e)) - oscillator(e).0;
        assert!(error.abs() < TOLERANCE, "{e} eV: {error:e}");
    }
    Ok(())
}

/// Henke's own f1, which its authors transformed from the same f'', in every row at least 5 % away from
/// sharp edges.
///
/// To Z = 50 the K edge is inside the table and the transform agrees to 0.016 electrons. Beyond, the K
/// electrons (1.5 to 2 electrons of f1) lie in a continuation that is Chantler's here and another in the
/// table's f1: 0.22 electrons at most (Pa, 0.25 % of Z), apart from 0.335 in one row of U at a bump of its
/// f''. The heavy elements are compared above their M edges, some of which are too weak to be told from
/// structure.
#[test]
fn transform_agrees_with_the_tabulated_f1_of_henke() -> Result<(), ScatteringError> {
    for element in Element::all() {
        let (lowest, tolerance) = if element.atomic_number() <= 50 { (2000.0, 0.02) } else { (6000.0, 0.35) };
        let edges = tabulated_edges(element)?;
        let beside_edge = |row: f64| edges.iter().any(|edge| (row / edge.above.value()).ln().abs() < 0.05);
        let rows = henke::columns(element)?.energy;
        let compared: Vec<f64> =
            rows.into_iter().filter(|row| (lowest..29_000.0).contains(row) && !beside_edge(*row)).collect();
        assert!(compared.len() > 50, "{element}: only {} rows", compared.len());
        for energy in compared.into_iter().map(ElectronVolts::new) {
            let table = scattering_factor(element, energy, TableSource::Henke)?.f1;
            let transformed = best_factor(element, energy, TableSource::Henke)?.f1;
            assert!(
                (transformed - table).abs() < tolerance,
                "{element} at {energy}: {transformed} and {table}"
            );
        }
    }
    Ok(())
}

/// At the end of Chantler's table, 966 keV, f1 has reached its limit.
#[test]
fn transform_reaches_the_limit_of_chantler() -> Result<(), ScatteringError> {
    const TOLERANCE: f64 = 1e-3; // (2/π) ∫ ε f'' dε / E² is 5e-4 for V at 966 keV
    for symbol in ["C", "O", "V", "Fe"] {
        let (element, energy) = (element(symbol)?, ElectronVolts::new(966_000.0));
        let table = scattering_factor(element, energy, TableSource::Chantler)?.f_prime;
        let transformed = f_prime_kk(element, energy, TableSource::Chantler)?;
        assert!((transformed - table).abs() < TOLERANCE, "{symbol}: {transformed} and {table}");
    }
    Ok(())
}

#[test]
fn spectra_that_cannot_be_transformed_are_refused() {
    let refused = |energy: &[f64], values: &[f64]| {
        KramersKronig::of_piecewise_linear(energy, values).expect_err("refused").to_string()
    };
    assert!(refused(&[1.0, 2.0, 3.0], &[0.0, 1.0]).contains("3 energies and 2 values"));
    assert!(refused(&[1.0, 2.0], &[0.0, 0.0]).contains("at least three"));
    assert!(refused(&[1.0, 3.0, 2.0], &[0.0, 1.0, 0.0]).contains("3 eV is followed by 2 eV"));
    assert!(refused(&[1.0, 2.0, 3.0], &[0.0, f64::NAN, 0.0]).contains("f'' = NaN at 2 eV"));
    assert!(refused(&[-1.0, 2.0, 3.0], &[0.0, 1.0, 0.0]).contains("is negative"));
    assert!(refused(&[1.0, 2.0, 3.0], &[0.0, 1.0, 0.5]).contains("both must be 0"));
}
