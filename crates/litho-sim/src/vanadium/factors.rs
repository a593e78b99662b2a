//! Scattering factors of V in each kind, of Li and of O.
//!
//! In the window of the edge the absorption follows eq. 1 exactly: `λ f''(E) = λ_K [f''_K + Δf''_K S(E)]`, with `S`
//! the [`EdgeShape`], and `f''_K`, `Δf''_K`, `λ_K` the value below Henke's K edge, its jump and its wavelength. So a fit
//! of eq. 1 to `μt` has no error of the model, and its jump is `2 r_e λ_K Δf''_K N_V`. Away from the window f'' is Henke's,
//! reached over [`TAPER`] eV. f' is Henke's (by Kramers–Kronig) plus the transform of the difference in f''.

use super::edge_shape::EdgeShape;
use super::kind::Kind;
use crate::C64;
use crate::error::SimError;
use litho_types::energies::Energies;
use litho_types::quantity::{ElectronVolts, Metres};
use litho_types::scattering::{
    AbsorptionEdge, Element, KramersKronig, ScatteringError, TableSource, best_factor, scattering_factor,
    tabulated_edges,
};

/// Where eq. 1 holds, eV.
pub const WINDOW: (f64, f64) = (5410.0, 5550.0);
/// Width of the passage from eq. 1 to the table on either side, eV.
pub const TAPER: f64 = 60.0;
/// Distance of the nodes of the transform, eV. The sharpest peak, 2.2 electrons high and 1.4 eV half wide, curves by
/// 2·2.2/1.4² = 2.2 electrons/eV², which lines miss by 0.1²/8 of it: 0.003 electrons.
const NODE_STEP: f64 = 0.1;
/// Step of the differences that give the derivatives of the edge, eV.
const DIFFERENCE: f64 = 0.2;
/// Terms in the spectrum of a place: the kind's, first and second derivative to the edge energy, and to the pre-edge ratio.
pub(crate) const TERMS: usize = 4;

/// The spectrum of V in one kind of matter, and how it changes with edge energy and pre-edge ratio.
#[derive(Debug, Clone)]
pub struct KindSpectrum {
    shape: EdgeShape,
    edge: AbsorptionEdge,
    transforms: [KramersKronig; TERMS],
}

impl KindSpectrum {
    /// The spectrum of `kind`.
    ///
    /// # Errors
    /// [`SimError::Scattering`] if the embedded tables cannot be read.
    pub fn new(kind: Kind) -> Result<Self, SimError> {
        Self::of_shape(kind.edge())
    }

    /// The spectrum of V with an edge of this shape.
    ///
    /// # Errors
    /// [`SimError::Scattering`] if the embedded tables cannot be read.
    pub fn of_shape(shape: EdgeShape) -> Result<Self, SimError> {
        let edge = k_edge()?;
        let nodes = nodes(&edge);
        let mut columns = [const { Vec::new() }; TERMS];
        for energy in &nodes {
            let terms = difference_terms(&shape, &edge, *energy)?;
            columns.iter_mut().zip(terms).for_each(|(column, term)| column.push(term));
        }
        let mut transforms = Vec::with_capacity(TERMS);
        for column in &columns {
            transforms.push(KramersKronig::of_piecewise_linear(&nodes, column)?);
        }
        let transforms = transforms
            .try_into()
            .map_err(|_| ScatteringError::DamagedData { reason: "a spectrum has lost a term".to_owned() })?;
        Ok(Self { shape, edge, transforms })
    }

    /// f'', electrons per V atom.
    ///
    /// # Errors
    /// [`SimError::Scattering`] outside the table.
    pub fn f_double_prime(&self, energy: ElectronVolts) -> Result<f64, SimError> {
        Ok(self.terms(energy)?[0].im)
    }

    /// f', electrons per V atom.
    ///
    /// # Errors
    /// [`SimError::Scattering`] outside the table.
    pub fn f_prime(&self, energy: ElectronVolts) -> Result<f64, SimError> {
        Ok(self.terms(energy)?[0].re - f64::from(vanadium()?.atomic_number()))
    }

    /// f1 + i f'' of the kind, and the terms that are added for each eV of edge energy, half of its square, and each eV of
    /// pre-edge ratio.
    pub(crate) fn terms(&self, energy: ElectronVolts) -> Result<[C64; TERMS], SimError> {
        let table = best_factor(vanadium()?, energy, TableSource::Henke)?;
        let absorption = difference_terms(&self.shape, &self.edge, energy.value())?;
        let mut terms: [C64; TERMS] =
            std::array::from_fn(|i| C64::new(self.transforms[i].at(energy), absorption[i]));
        terms[0] += C64::new(table.f1, table.f_double_prime);
        Ok(terms)
    }
}

/// The scattering factors of everything at one energy, f1 + i f''.
#[derive(Debug, Clone)]
pub struct EnergyFactors {
    pub(crate) energy: ElectronVolts,
    pub(crate) wavelength: Metres,
    pub(crate) vanadium: [[C64; TERMS]; Kind::COUNT],
    pub(crate) lithium: C64,
    pub(crate) oxygen: C64,
}

impl EnergyFactors {
    /// The factors at every energy.
    ///
    /// # Errors
    /// [`SimError::Scattering`] if an energy is outside the tables.
    pub fn at_all(energies: &Energies) -> Result<Vec<Self>, SimError> {
        let spectra = Kind::ALL.into_iter().map(KindSpectrum::new).collect::<Result<Vec<_>, _>>()?;
        energies.iter().map(|energy| Self::new(&spectra, energy)).collect()
    }

    fn new(spectra: &[KindSpectrum], energy: ElectronVolts) -> Result<Self, SimError> {
        let mut vanadium = [[C64::default(); TERMS]; Kind::COUNT];
        for (terms, spectrum) in vanadium.iter_mut().zip(spectra) {
            *terms = spectrum.terms(energy)?;
        }
        let light = |symbol: &str| -> Result<C64, SimError> {
            let factor = best_factor(Element::from_symbol(symbol)?, energy, TableSource::Henke)?;
            Ok(C64::new(factor.f1, factor.f_double_prime))
        };
        let (lithium, oxygen) = (light("Li")?, light("O")?);
        Ok(Self { energy, wavelength: energy.wavelength(), vanadium, lithium, oxygen })
    }

    /// The energy.
    pub const fn energy(&self) -> ElectronVolts {
        self.energy
    }

    /// `Re[Neff]/N_V` of a kind of matter: all electrons that scatter, per V atom.
    pub fn electrons_per_vanadium(&self, kind: Kind) -> f64 {
        let made = kind.composition();
        // Σ_j N_j (Z_j + f'_j)/N_V
        self.vanadium[kind.index()][0].re + made.lithium * self.lithium.re + made.oxygen * self.oxygen.re
    }
}

/// Vanadium.
fn vanadium() -> Result<Element, ScatteringError> {
    Element::from_symbol("V")
}

/// Henke's K edge of V.
///
/// # Errors
/// [`SimError::Scattering`] if the embedded table cannot be read.
pub fn k_edge() -> Result<AbsorptionEdge, SimError> {
    let edges = tabulated_edges(vanadium()?)?;
    let inside = |edge: &AbsorptionEdge| (WINDOW.0..WINDOW.1).contains(&edge.above.value());
    edges.into_iter().find(inside).ok_or_else(|| {
        ScatteringError::DamagedData { reason: "the table of V has no K edge".to_owned() }.into()
    })
}

/// Nodes of the transform: everywhere eq. 1 or the taper is, and both rows of the tabulated edge.
fn nodes(edge: &AbsorptionEdge) -> Vec<f64> {
    let (first, last) = (WINDOW.0 - TAPER, WINDOW.1 + TAPER);
    let rows = [edge.below.value(), edge.above.value()];
    let count = ((last - first) / NODE_STEP).round() as usize;
    let mut nodes: Vec<f64> = (0..=count)
        .map(|i| first + NODE_STEP * i as f64)
        .filter(|e| {
            rows.iter().all(|row| (e - row).abs() > NODE_STEP / 4.0) && !(rows[0]..rows[1]).contains(e)
        })
        .chain(rows)
        .collect();
    nodes.sort_by(f64::total_cmp);
    nodes
}

/// f'' minus the table's, and its derivatives as in [`KindSpectrum::terms`].
fn difference_terms(shape: &EdgeShape, edge: &AbsorptionEdge, energy: f64) -> Result<[f64; TERMS], SimError> {
    let weight = taper(energy);
    if weight == 0.0 {
        return Ok([0.0; TERMS]);
    }
    let table =
        scattering_factor(vanadium()?, ElectronVolts::new(energy), TableSource::Henke)?.f_double_prime;
    // λ f'' = λ_K (f''_K + Δf''_K S)
    let longer = weight * energy / middle(edge);
    let height = |shape: EdgeShape| longer * edge.jump() * shape.at(energy);
    let (here, h) = (height(*shape), DIFFERENCE);
    let (below, above) = (height(shape.with_edge_moved(-h)), height(shape.with_edge_moved(h)));
    Ok([
        longer * edge.f_double_prime_below + here - weight * table,
        (above - below) / (2.0 * h),
        (above - 2.0 * here + below) / (h * h),
        height(shape.with_pre_edge_ratio(shape.pre_edge_ratio + 1.0)) - here,
    ])
}

/// The energy of an edge, eV.
pub(crate) fn middle(edge: &AbsorptionEdge) -> f64 {
    0.5 * (edge.below.value() + edge.above.value())
}

/// 1 in the window, 0 beyond the taper, smooth between.
fn taper(energy: f64) -> f64 {
    let outside = (WINDOW.0 - energy).max(energy - WINDOW.1);
    let x = (1.0 - outside / TAPER).clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}
