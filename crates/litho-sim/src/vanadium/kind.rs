//! The kinds of matter in the experiment: six kinds of domain and two standards.

use super::edge_shape::EdgeShape;

/// A kind of matter. The first six are the paper's clusters, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Cluster 1: octahedral V³⁺, rich in Li and O.
    OctahedralV3,
    /// Cluster 2: tetrahedral V³⁺, poor in Li and O.
    TetrahedralV3,
    /// Cluster 3: tetrahedral V⁵⁺.
    TetrahedralV5,
    /// Cluster 4: octahedral V⁵⁺, near the surface.
    OctahedralV5,
    /// Cluster 5: thin rim with oxidised V and about twice the electrons per V.
    OxidisedRim,
    /// Cluster 6: thin rim with V³⁺ and about twice the electrons per V.
    ReducedRim,
    /// The standard `LiVO2`: octahedral V³⁺.
    LiVO2,
    /// The standard `LiVO3`: tetrahedral V⁵⁺.
    LiVO3,
}

/// Atoms and space that go with one V atom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Composition {
    /// Li atoms per V atom.
    pub lithium: f64,
    /// O atoms per V atom.
    pub oxygen: f64,
    /// Volume per V atom, m³.
    pub volume: f64,
}

/// How much a kind varies from place to place: standard deviations of smooth fields.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variation {
    /// Of the edge energy, eV.
    pub edge_energy: f64,
    /// Of the pre-edge ratio PE/Δμt, eV.
    pub pre_edge_ratio: f64,
    /// Of the number of `Li2O` units per V atom.
    pub lithium_oxide: f64,
}

/// Volume of one O atom and its share of the cations in a rocksalt, m³: cubic `Li10/7V6/7O2` with a = 4.10 Å
/// holds four O atoms.
const ROCKSALT_VOLUME_PER_OXYGEN: f64 = 17.23e-30;
/// Volume of one V atom in `LiVO3`, m³: 105.88 g/mol at 2.97 g/cm³.
const LIVO3_VOLUME: f64 = 59.2e-30;

impl Kind {
    /// All of them, in the order of their [`index`](Self::index).
    pub const ALL: [Self; 8] = [
        Self::OctahedralV3,
        Self::TetrahedralV3,
        Self::TetrahedralV5,
        Self::OctahedralV5,
        Self::OxidisedRim,
        Self::ReducedRim,
        Self::LiVO2,
        Self::LiVO3,
    ];
    /// How many.
    pub const COUNT: usize = Self::ALL.len();
    /// How many of them are kinds of domain, not standards.
    pub const DOMAINS: usize = 6;

    /// Place in [`ALL`](Self::ALL).
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Number in label maps, 1–8; the paper's clusters are 1–6. Nothing is 0.
    pub const fn label(self) -> u8 {
        self as u8 + 1
    }

    /// What it is, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OctahedralV3 => "octahedral V3+",
            Self::TetrahedralV3 => "tetrahedral V3+",
            Self::TetrahedralV5 => "tetrahedral V5+",
            Self::OctahedralV5 => "octahedral V5+",
            Self::OxidisedRim => "oxidised rim",
            Self::ReducedRim => "reduced rim",
            Self::LiVO2 => "LiVO2",
            Self::LiVO3 => "LiVO3",
        }
    }

    /// Its composition. Numbers of Li and O balance the charge of V; tetrahedral V⁵⁺ is V⁴·⁵⁺ on the average.
    pub const fn composition(self) -> Composition {
        let (lithium, oxygen) = match self {
            Self::OctahedralV3 => (2.0, 2.5),
            Self::TetrahedralV3 => (0.3, 1.7),
            Self::TetrahedralV5 => (0.1, 2.3),
            Self::OctahedralV5 => (0.2, 2.6),
            Self::OxidisedRim => (5.4, 5.2),
            Self::ReducedRim => (7.4, 5.2),
            Self::LiVO2 => (1.0, 2.0),
            Self::LiVO3 => (1.0, 3.0),
        };
        let volume = match self {
            Self::LiVO3 => LIVO3_VOLUME,
            _ => ROCKSALT_VOLUME_PER_OXYGEN * oxygen,
        };
        Composition { lithium, oxygen, volume }
    }

    /// Its edge. Energies span the paper's 5476–5481 eV, pre-edge ratios its 0–3.5 eV; widths are typical of V K edges.
    pub const fn edge(self) -> EdgeShape {
        // b2, b3, PE/Δμt, c12, c21/b1, c22
        let (edge_energy, edge_width, pre_edge_ratio, pre_edge_energy, white_line_height, white_line_energy) =
            match self {
                Self::OctahedralV3 => (5476.9, 4.6, 0.25, 5468.0, 0.42, 5486.5),
                Self::TetrahedralV3 => (5477.3, 4.8, 1.45, 5468.2, 0.30, 5487.0),
                Self::TetrahedralV5 => (5479.8, 5.0, 2.40, 5469.4, 0.25, 5489.5),
                Self::OctahedralV5 => (5480.3, 4.8, 0.80, 5469.6, 0.45, 5489.8),
                Self::OxidisedRim => (5479.6, 5.0, 1.50, 5469.2, 0.35, 5489.0),
                Self::ReducedRim => (5477.4, 4.6, 0.45, 5468.1, 0.38, 5487.0),
                Self::LiVO2 => (5476.6, 4.5, 0.20, 5468.0, 0.45, 5486.2),
                Self::LiVO3 => (5480.4, 5.0, 2.90, 5469.5, 0.22, 5490.0),
            };
        EdgeShape {
            edge_energy,
            edge_width,
            pre_edge_ratio,
            pre_edge_energy,
            pre_edge_width: 1.4,
            white_line_height,
            white_line_energy,
            white_line_width: 7.0,
        }
    }

    /// How much it varies. The standards are homogeneous.
    pub const fn variation(self) -> Variation {
        let (edge_energy, pre_edge_ratio, lithium_oxide) = match self {
            Self::OctahedralV3 => (0.18, 0.05, 0.07),
            Self::TetrahedralV3 => (0.18, 0.12, 0.07),
            Self::TetrahedralV5 => (0.18, 0.16, 0.07),
            Self::OctahedralV5 => (0.15, 0.10, 0.07),
            Self::OxidisedRim => (0.15, 0.12, 0.20),
            Self::ReducedRim => (0.15, 0.08, 0.20),
            Self::LiVO2 | Self::LiVO3 => (0.0, 0.0, 0.0),
        };
        Variation { edge_energy, pre_edge_ratio, lithium_oxide }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_neutral() {
        // Li⁺ and Vⁿ⁺ against O²⁻; the delithiated kind is short of Li and holds V between 4⁺ and 5⁺.
        let valences = [3.0, 3.1, 4.5, 5.0, 5.0, 3.0, 3.0, 5.0];
        for (kind, valence) in Kind::ALL.into_iter().zip(valences) {
            let made = kind.composition();
            assert!((made.lithium + valence - 2.0 * made.oxygen).abs() < 1e-12, "{kind:?}");
        }
    }

    #[test]
    fn densities_are_those_of_crystals() {
        // LiVO2: 89.88 g/mol in 34.5 Å³ (R-3m, a = 2.84, c = 14.8 Å), 4.33 g/cm³.
        let made = Kind::LiVO2.composition();
        let density = 89.88 / 6.022_140_76e23 / (made.volume * 1e6);
        assert!((density - 4.33).abs() < 0.02, "{density}");
        assert_eq!(Kind::ALL.map(Kind::index), [0, 1, 2, 3, 4, 5, 6, 7]);
    }
}
