//! Elements, sets, and what is refused.

use crate::quantity::ElectronVolts;

use super::super::{Element, FactorSet, ScatteringError, TableSource, best_factor, scattering_factor};
use super::element;

#[test]
fn symbols_and_numbers_agree() -> Result<(), ScatteringError> {
    for (symbol, z) in
        [("H", 1), ("Li", 3), ("O", 8), ("P", 15), ("V", 23), ("Fe", 26), ("Ag", 47), ("U", 92)]
    {
        assert_eq!(element(symbol)?.atomic_number(), z);
        assert_eq!(Element::from_atomic_number(u32::from(z))?.symbol(), symbol);
    }
    assert_eq!(Element::all().count(), 92);
    for known in Element::all() {
        assert_eq!(element(known.symbol())?, known);
    }
    Ok(())
}

/// IUPAC's abridged standard atomic weights; the database holds them to 1e-3.
#[test]
fn molar_masses() -> Result<(), ScatteringError> {
    for (symbol, mass) in [("O", 15.999), ("Fe", 55.845), ("U", 238.03)] {
        assert!((element(symbol)?.molar_mass()? - mass).abs() < 2e-3, "{symbol}");
    }
    Ok(())
}

#[test]
fn unknown_elements_are_refused_with_a_suggestion() {
    let refused = |symbol: &str| element(symbol).expect_err("no element").to_string();
    assert!(refused("fe").ends_with("write `Fe`"), "{}", refused("fe"));
    assert!(refused("vanadium").ends_with("write `V`"), "{}", refused("vanadium"));
    assert!(refused("Np").contains("its atomic number 93 is beyond"), "{}", refused("Np"));
    assert!(refused("Xx").ends_with("the symbols with this initial are Xe"), "{}", refused("Xx"));
    assert!(refused("?").ends_with("use a symbol such as `Fe`"), "{}", refused("?"));
    for atomic_number in [0, 93, u32::MAX] {
        let error = Element::from_atomic_number(atomic_number);
        assert_eq!(error, Err(ScatteringError::UnknownAtomicNumber { atomic_number }));
    }
}

#[test]
fn impossible_energies_are_refused() -> Result<(), ScatteringError> {
    let vanadium = element("V")?;
    for source in [TableSource::Henke, TableSource::Chantler] {
        for energy in [f64::NAN, 0.0, -5420.0, f64::INFINITY] {
            let refused = best_factor(vanadium, ElectronVolts::new(energy), source);
            assert!(
                matches!(refused, Err(ScatteringError::InvalidEnergy { .. })),
                "{energy} eV: {refused:?}"
            );
        }
    }
    Ok(())
}

/// Henke has no f1 below about 29 eV and nothing above 30 keV.
#[test]
fn energies_outside_the_table_name_its_range() -> Result<(), ScatteringError> {
    let vanadium = element("V")?;
    for energy in [20.0, 30_000.1] {
        let refused = scattering_factor(vanadium, ElectronVolts::new(energy), TableSource::Henke);
        let message = refused.expect_err("outside").to_string();
        assert!(message.contains("Henke table") && message.contains("from 29.3 to 30000 eV"), "{message}");
    }
    assert!(scattering_factor(vanadium, ElectronVolts::new(30_000.0), TableSource::Henke).is_ok());
    assert!(scattering_factor(vanadium, ElectronVolts::new(30_000.1), TableSource::Chantler).is_ok());
    Ok(())
}

#[test]
fn a_set_has_one_energy_one_source_and_each_element_once() -> Result<(), ScatteringError> {
    let (lithium, vanadium, oxygen) = (element("Li")?, element("V")?, element("O")?);
    let energy = ElectronVolts::new(5420.0);
    let set = FactorSet::new(&[lithium, vanadium], energy, TableSource::Henke)?;
    assert_eq!(set.get(vanadium)?, best_factor(vanadium, energy, TableSource::Henke)?);
    assert!(set.factors().iter().all(|f| f.energy == set.energy() && f.source == set.source()));
    let missing = set.get(oxygen).expect_err("not in the set").to_string();
    assert!(missing.contains("O is not among Li, V"), "{missing}");
    let repeated = FactorSet::new(&[vanadium, lithium, vanadium], energy, TableSource::Henke);
    assert_eq!(repeated, Err(ScatteringError::RepeatedElement { symbol: "V" }));
    Ok(())
}
