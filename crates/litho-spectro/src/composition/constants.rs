//! The scattering factors that a composition rests on, as one value to store beside the maps.

use crate::SpectroError;
use litho_types::quantity::ElectronVolts;
use litho_types::scattering::{Element, FactorSet, TableSource, scattering_factor, tabulated_edges};

/// Where constants come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// As printed in the vanadium paper. Its f' of O is Henke's f'', and its f' of V an interpolation beside the edge.
    VanadiumPaper,
    /// One table, f' by Kramers–Kronig at one energy.
    Table(TableSource),
}

/// Scattering factors of the absorbing element and of those around it.
#[derive(Debug, Clone, PartialEq)]
pub struct AbsorberConstants {
    /// The absorbing element.
    pub absorber: Element,
    /// `Δf''` through the edge, electrons.
    pub delta_f_double_prime: f64,
    /// Energy whose wavelength turns the edge jump into atoms.
    pub edge_energy: ElectronVolts,
    /// f' of each element, electrons.
    pub f_prime: Vec<(Element, f64)>,
    /// Energy of f', none if the source does not say.
    pub f_prime_energy: Option<ElectronVolts>,
    /// Where all of these come from.
    pub origin: Origin,
}

/// How far from the energy asked for an edge is looked for, eV; also the distance over which a smeared edge rises.
const EDGE_WINDOW: f64 = 75.0;

impl AbsorberConstants {
    /// Those of the vanadium paper: Δf'' 3.53, f' −7.14 (V), 0.00278 (Li), 0.0757 (O); the edge at Henke's 5465 eV.
    ///
    /// # Errors
    /// None in practice: the three elements are in the tables.
    pub fn vanadium_paper() -> Result<Self, SpectroError> {
        let element = Element::from_symbol;
        Ok(Self {
            absorber: element("V")?,
            delta_f_double_prime: 3.53,
            edge_energy: ElectronVolts::new(5465.0),
            f_prime: vec![(element("V")?, -7.14), (element("Li")?, 0.00278), (element("O")?, 0.0757)],
            f_prime_energy: None,
            origin: Origin::VanadiumPaper,
        })
    }

    /// Those of `absorber` and `others` from one table: `Δf''` through the edge nearest to `edge`, f' at `phase_energy` by
    /// Kramers–Kronig. Chantler's smeared edges count from 45 eV below to 75 eV above.
    ///
    /// # Errors
    /// [`SpectroError::NoEdge`] without an edge within 75 eV, [`SpectroError::Scattering`] outside the table.
    pub fn from_table(
        source: TableSource,
        absorber: Element,
        others: &[Element],
        (edge, phase_energy): (ElectronVolts, ElectronVolts),
    ) -> Result<Self, SpectroError> {
        let distance = |energy: ElectronVolts| (energy - edge).value().abs();
        let edges =
            tabulated_edges(absorber)?.into_iter().filter(|found| distance(found.below) <= EDGE_WINDOW);
        let found = edges.min_by(|a, b| distance(a.below).total_cmp(&distance(b.below)));
        let found = found.ok_or(SpectroError::NoEdge {
            element: absorber.symbol(),
            energy: edge.value(),
            window: EDGE_WINDOW,
        })?;
        let jump = match source {
            TableSource::Henke => found.jump(),
            TableSource::Chantler => {
                let at =
                    |off: f64| scattering_factor(absorber, found.below + ElectronVolts::new(off), source);
                at(EDGE_WINDOW)?.f_double_prime - at(-45.0)?.f_double_prime
            }
        };
        let elements: Vec<Element> = std::iter::once(absorber).chain(others.iter().copied()).collect();
        let set = FactorSet::new(&elements, phase_energy, source)?;
        Ok(Self {
            absorber,
            delta_f_double_prime: jump,
            edge_energy: found.below,
            f_prime: set.factors().iter().map(|factor| (factor.element, factor.f_prime)).collect(),
            f_prime_energy: Some(phase_energy),
            origin: Origin::Table(source),
        })
    }

    fn f_prime_of(&self, element: Element) -> Result<f64, SpectroError> {
        self.f_prime.iter().find(|(found, _)| *found == element).map(|(_, value)| *value).ok_or_else(|| {
            let present: Vec<&str> = self.f_prime.iter().map(|(found, _)| found.symbol()).collect();
            SpectroError::NoFactor { element: element.symbol(), present: present.join(", ") }
        })
    }
}

/// Atoms of a compound.
#[derive(Debug, Clone, PartialEq)]
pub struct Compound {
    /// What reports call it.
    pub name: String,
    /// Elements and their numbers of atoms.
    pub atoms: Vec<(Element, f64)>,
}

impl Compound {
    /// `Re[Neff]/N_V = (Z_V + f'_V) + Σ_j (Z_j + f'_j) N_j/N_V`, electrons per absorbing atom (the vanadium paper's eq. 5).
    ///
    /// # Errors
    /// [`SpectroError::NoAbsorber`] and [`SpectroError::NoFactor`].
    pub fn electrons_per_absorber(&self, constants: &AbsorberConstants) -> Result<f64, SpectroError> {
        let absorbers: f64 =
            self.atoms.iter().filter(|(element, _)| *element == constants.absorber).map(|(_, n)| n).sum();
        if absorbers.is_nan() || absorbers <= 0.0 {
            let absorber = constants.absorber.symbol();
            return Err(SpectroError::NoAbsorber { formula: self.name.clone(), absorber });
        }
        let mut electrons = 0.0;
        for &(element, count) in &self.atoms {
            let each = f64::from(element.atomic_number()) + constants.f_prime_of(element)?;
            electrons += each * count / absorbers;
        }
        Ok(electrons)
    }
}
