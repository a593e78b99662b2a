//! The scattering factor of one element at one energy.

use std::fmt;

use crate::quantity::ElectronVolts;

use super::table::table;
use super::{Element, ScatteringError};

/// Where tabulated values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TableSource {
    /// Henke, Gullikson and Davis 1993, updated to 2023: about 30 eV to 30 keV, with sharp edges.
    Henke,
    /// Chantler 1995 and 2000, as in `XrayDB`: 1 to 966 000 eV, with edges smeared over some eV.
    Chantler,
}

impl fmt::Display for TableSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Henke => "Henke",
            Self::Chantler => "Chantler",
        })
    }
}

/// How the real part was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RealPart {
    /// Linear interpolation of the tabulated f1.
    Table,
    /// Linear interpolation of the tabulated f1 between two rows of which at least one stands at a sharp
    /// edge. The table does not resolve the logarithmic cusp there: V at 5420 eV comes out 2.4 electrons too
    /// low.
    TableBesideEdge,
    /// Kramers–Kronig transform of the same source's f''.
    KramersKronig,
}

/// Scattering factor of one atom in the forward direction, f1 + i f'', in electrons.
///
/// f1 = Z + f'. As in Henke's f1 and in the crystallographers' f', the relativistic correction is part of
/// f', which therefore tends to Z* − Z = −(Z/82.5)^2.37 at high energy (Henke) and not to zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScatteringFactor {
    /// The element.
    pub element: Element,
    /// Photon energy.
    pub energy: ElectronVolts,
    /// Real part, electrons.
    pub f1: f64,
    /// f1 − Z, electrons.
    pub f_prime: f64,
    /// Imaginary part (Henke's f2), positive for absorption, electrons.
    pub f_double_prime: f64,
    /// The table of f'' and, directly or through Kramers–Kronig, of f1.
    pub source: TableSource,
    /// How f1 was found.
    pub real_part: RealPart,
}

/// A sharp absorption edge, as two rows of Henke's table enclose it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AbsorptionEdge {
    /// The row before the edge.
    pub below: ElectronVolts,
    /// The row after the edge.
    pub above: ElectronVolts,
    /// f'' in the row before the edge, electrons.
    pub f_double_prime_below: f64,
    /// f'' in the row after the edge, electrons.
    pub f_double_prime_above: f64,
}

impl AbsorptionEdge {
    /// Δf'', the rise of f'' through the edge, electrons.
    pub fn jump(&self) -> f64 {
        self.f_double_prime_above - self.f_double_prime_below
    }
}

/// The scattering factor as tabulated: f1 linear and f'' log-log between rows.
///
/// Between the two rows of a sharp edge f'' is that of the nearer row: it is never interpolated across the
/// edge. For f1 next to an edge see [`RealPart::TableBesideEdge`] and [`best_factor`].
///
/// # Errors
///
/// [`ScatteringError::InvalidEnergy`] and [`ScatteringError::EnergyOutOfRange`].
pub fn scattering_factor(
    element: Element,
    energy: ElectronVolts,
    source: TableSource,
) -> Result<ScatteringFactor, ScatteringError> {
    let table = table(element, source)?;
    let checked = table.check(energy)?;
    let (f1, real_part) = table.f1(checked);
    Ok(factor(element, energy, (f1, table.f_double_prime(checked)), source, real_part))
}

/// The scattering factor of which f' is the Kramers–Kronig transform of f'', both from one table.
///
/// f'' is that of [`scattering_factor`] and f' that of [`f_prime_kk`]. Use this wherever f1 enters a result;
/// far from edges it agrees with the table.
///
/// # Errors
///
/// [`ScatteringError::InvalidEnergy`] and [`ScatteringError::EnergyOutOfRange`].
pub fn best_factor(
    element: Element,
    energy: ElectronVolts,
    source: TableSource,
) -> Result<ScatteringFactor, ScatteringError> {
    let table = table(element, source)?;
    let checked = table.check(energy)?;
    let parts = (table.f1_kramers_kronig(checked), table.f_double_prime(checked));
    Ok(factor(element, energy, parts, source, RealPart::KramersKronig))
}

/// f' = f1 − Z by Kramers–Kronig from the source's own f'', electrons.
///
/// f1(E) = Z* + (2/π) P∫ ε f''(ε)/(E² − ε²) dε, with f'' a power law between rows (on nodes 0.4 % apart,
/// between which the principal value is analytic), linear from zero up to the first row, and beyond the last
/// row continued: Henke's (30 keV, below the K edges from Z = 51 on) by Chantler's f'' scaled to meet it,
/// Chantler's by its final power law. Z* = Z − (Z/82.5)^2.37 for Henke; for Chantler Z + its relativistic +
/// its nuclear Thomson correction.
///
/// # Errors
///
/// [`ScatteringError::InvalidEnergy`] and [`ScatteringError::EnergyOutOfRange`].
pub fn f_prime_kk(
    element: Element,
    energy: ElectronVolts,
    source: TableSource,
) -> Result<f64, ScatteringError> {
    Ok(best_factor(element, energy, source)?.f_prime)
}

/// The sharp edges of an element in Henke's table, in the order of energy. (Chantler's are spread over many rows.)
///
/// # Errors
///
/// [`ScatteringError::DamagedData`] if the embedded table cannot be read.
pub fn tabulated_edges(element: Element) -> Result<Vec<AbsorptionEdge>, ScatteringError> {
    Ok(table(element, TableSource::Henke)?.edges().collect())
}

fn factor(
    element: Element,
    energy: ElectronVolts,
    (f1, f_double_prime): (f64, f64),
    source: TableSource,
    real_part: RealPart,
) -> ScatteringFactor {
    let f_prime = f1 - f64::from(element.atomic_number());
    ScatteringFactor { element, energy, f1, f_prime, f_double_prime, source, real_part }
}
