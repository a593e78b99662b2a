//! The particles of the experiment: groups, and what distinguishes one from the next.

use super::kind::Kind;

/// A particle of the experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sample {
    /// As-prepared particle.
    P1,
    /// As-prepared particle, oxidised from the surface.
    P2,
    /// As-prepared particle, mottled.
    P3,
    /// Delithiated particle that reacted little.
    D1,
    /// Delithiated particle.
    D2,
    /// Delithiated particle.
    D3,
    /// Standard.
    LiVO2,
    /// Standard.
    LiVO3,
}

/// What happened to a particle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// `Li10/7V6/7O2` from the mill.
    AsPrepared,
    /// `Li10/7V6/7O2` after chemical delithiation.
    Delithiated,
    /// A compound of known composition.
    Standard,
}

/// What a sample is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Recipe {
    /// Shares of the inner domains of kinds 1, 2 and 3; together 1.
    pub(crate) inner: [f64; 3],
    /// Thickness of the layer of kind 4, in units of the particle's radius.
    pub(crate) surface: f64,
    /// Half-angles of the rims of kinds 5 and 6, radians.
    pub(crate) rims: [f64; 2],
    /// Radius in units of the experiment's.
    pub(crate) radius: f64,
}

impl Sample {
    /// All of them, in the order of their [`index`](Self::index).
    pub const ALL: [Self; 8] =
        [Self::P1, Self::P2, Self::P3, Self::D1, Self::D2, Self::D3, Self::LiVO2, Self::LiVO3];

    /// Place in [`ALL`](Self::ALL).
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Its name, as folders and files use it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
            Self::D1 => "D1",
            Self::D2 => "D2",
            Self::D3 => "D3",
            Self::LiVO2 => "LiVO2",
            Self::LiVO3 => "LiVO3",
        }
    }

    /// The sample of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sample| sample.name() == name)
    }

    /// What happened to it.
    pub const fn group(self) -> Group {
        match self {
            Self::P1 | Self::P2 | Self::P3 => Group::AsPrepared,
            Self::D1 | Self::D2 | Self::D3 => Group::Delithiated,
            Self::LiVO2 | Self::LiVO3 => Group::Standard,
        }
    }

    /// The one kind of a standard; `None` for a particle with domains.
    pub const fn standard(self) -> Option<Kind> {
        match self {
            Self::LiVO2 => Some(Kind::LiVO2),
            Self::LiVO3 => Some(Kind::LiVO3),
            _ => None,
        }
    }

    /// What it is made of, after the paper's Fig. 3: 1 leads as prepared, 3 after delithiation; D1 keeps 1 and much
    /// of 2, P3 has some of 2; 4 lies at the surface, most of all in P2; 5 and 6 are few.
    pub(crate) const fn recipe(self) -> Recipe {
        let (inner, surface, rims, radius) = match self {
            Self::P1 => ([0.86, 0.04, 0.10], 0.08, [0.60, 0.50], 1.00),
            Self::P2 => ([0.88, 0.02, 0.10], 0.16, [0.50, 0.55], 0.96),
            Self::P3 => ([0.74, 0.18, 0.08], 0.07, [0.55, 0.55], 1.04),
            Self::D1 => ([0.24, 0.36, 0.40], 0.07, [0.60, 0.50], 1.00),
            Self::D2 => ([0.07, 0.10, 0.83], 0.08, [0.60, 0.50], 1.02),
            Self::D3 => ([0.10, 0.06, 0.84], 0.08, [0.55, 0.55], 0.95),
            Self::LiVO2 => ([0.0; 3], 0.0, [0.0; 2], 0.97),
            Self::LiVO3 => ([0.0; 3], 0.0, [0.0; 2], 1.00),
        };
        Recipe { inner, surface, rims, radius }
    }
}

impl Group {
    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AsPrepared => "as-prepared",
            Self::Delithiated => "delithiated",
            Self::Standard => "standard",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_shares_are_whole() {
        for sample in Sample::ALL {
            assert_eq!(Sample::from_name(sample.name()), Some(sample));
            assert_eq!(Sample::ALL[sample.index()], sample);
            let inner: f64 = sample.recipe().inner.iter().sum();
            let whole = if sample.standard().is_some() { 0.0 } else { 1.0 };
            assert!((inner - whole).abs() < 1e-12, "{sample:?}");
        }
        assert_eq!(Sample::from_name("p1"), None);
    }
}
