//! One sample of the experiment: its images and maps.

use super::curves::Region;
use super::quality::Registration;
use super::transfer::TransferCurves;
use crate::ReportError;
use crate::colour::ColourMap;
use crate::figure::{MapStyle, PixelSize};
use crate::report::Part;
use ndarray::ArrayView2;

/// One of the three quantities of a chemical state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Descriptor {
    /// Energy of the absorption edge (valence).
    EdgeEnergy,
    /// Effective electrons per absorbing atom, `Re[Neff]/N_V` (composition).
    ElectronRatio,
    /// Area of the pre-edge peak over the edge jump, `PE/Δμt` (symmetry of the site).
    PreEdgeRatio,
}

impl Descriptor {
    /// All three, in the order of the paper.
    pub const ALL: [Self; 3] = [Self::EdgeEnergy, Self::ElectronRatio, Self::PreEdgeRatio];

    /// Lower-case words joined by `_`.
    pub(super) fn file_name(self) -> &'static str {
        match self {
            Self::EdgeEnergy => "edge_energy",
            Self::ElectronRatio => "n_eff_ratio",
            Self::PreEdgeRatio => "pre_edge_ratio",
        }
    }

    /// Quantity and unit.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::EdgeEnergy => "edge energy (eV)",
            Self::ElectronRatio => "Re[Neff]/N_V",
            // PE has the unit of an energy, the jump none.
            Self::PreEdgeRatio => "PE/Δµt (eV)",
        }
    }

    /// What it is and depends on, the beginning of a caption.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::EdgeEnergy => "Edge energy, which grows with the valence",
            Self::ElectronRatio => {
                "Effective electrons per absorbing atom, which depend on the composition: more where light atoms are many"
            }
            Self::PreEdgeRatio => {
                "Area of the pre-edge peak over the edge jump, which tells the symmetry of the site: high for tetrahedra"
            }
        }
    }
}

/// What the colours of the chemical state maps span, in the units of the maps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scales {
    /// Edge energy in eV.
    pub edge_energy: (f64, f64),
    /// `Re[Neff]/N_V`.
    pub electron_ratio: (f64, f64),
    /// `PE/Δμt` in eV.
    pub pre_edge_ratio: (f64, f64),
}

impl Default for Scales {
    /// Those of the paper's Figure 2: 5476–5481 eV, 0–100, 0–3.5.
    fn default() -> Self {
        Self { edge_energy: (5476.0, 5481.0), electron_ratio: (0.0, 100.0), pre_edge_ratio: (0.0, 3.5) }
    }
}

impl Scales {
    pub(super) fn of(&self, descriptor: Descriptor) -> (f64, f64) {
        match descriptor {
            Descriptor::EdgeEnergy => self.edge_energy,
            Descriptor::ElectronRatio => self.electron_ratio,
            Descriptor::PreEdgeRatio => self.pre_edge_ratio,
        }
    }

    pub(super) fn style(&self, descriptor: Descriptor) -> MapStyle {
        let (min, max) = self.of(descriptor);
        MapStyle::between(ColourMap::Viridis, descriptor.label(), min, max)
    }
}

/// A map and its standard deviation.
#[derive(Debug, Clone, Copy)]
pub struct DescriptorMap<'a> {
    /// Values `(y, x)`; NaN where there are none.
    pub values: ArrayView2<'a, f32>,
    /// Standard deviations `(y, x)`, in the unit of the values.
    pub sigma: Option<ArrayView2<'a, f32>>,
}

/// One sample. Its maps have one extent; what is not there is not shown.
#[derive(Debug, Clone, Default)]
pub struct Sample<'a> {
    /// Its short name: `P1`.
    pub name: String,
    /// Which group it belongs to: `as-prepared`; may be empty.
    pub group: String,
    /// Size of a pixel of all its maps; without it scale bars count pixels.
    pub pixel: Option<PixelSize>,
    /// Optical density at the highest energy `(y, x)`.
    pub absorption: Option<ArrayView2<'a, f32>>,
    /// Phase at the lowest energy `(y, x)` in radians, zero outside the sample.
    pub phase: Option<ArrayView2<'a, f32>>,
    /// Edge energy in eV.
    pub edge_energy: Option<DescriptorMap<'a>>,
    /// `Re[Neff]/N_V`.
    pub electron_ratio: Option<DescriptorMap<'a>>,
    /// `PE/Δμt` in eV.
    pub pre_edge_ratio: Option<DescriptorMap<'a>>,
    /// Cluster of each pixel `(y, x)`, from 1; 0 for none.
    pub labels: Option<ArrayView2<'a, u16>>,
    /// True kind of each pixel `(y, x)`, numbered as the clusters that it matches; 0 for none.
    pub true_labels: Option<ArrayView2<'a, u16>>,
    /// How far the spectra are from the Kramers–Kronig relation `(y, x)`, root mean square over the energies.
    pub kk_residual: Option<ArrayView2<'a, f32>>,
    /// How the fits ended: each reason and its number of pixels.
    pub status: Vec<(String, usize)>,
    /// Spectra of chosen regions.
    pub regions: Vec<Region>,
    /// How the energies were brought together, in the order of energy.
    pub registration: Vec<Registration>,
    /// Phase retrieval transfer function.
    pub prtf: Part<TransferCurves<'a>>,
}

impl<'a> Sample<'a> {
    /// The map of a descriptor.
    pub fn descriptor(&self, descriptor: Descriptor) -> Option<DescriptorMap<'a>> {
        match descriptor {
            Descriptor::EdgeEnergy => self.edge_energy,
            Descriptor::ElectronRatio => self.electron_ratio,
            Descriptor::PreEdgeRatio => self.pre_edge_ratio,
        }
    }

    /// Its name, and its group if it has one.
    pub(super) fn heading(&self) -> String {
        if self.group.is_empty() { self.name.clone() } else { format!("{}, {}", self.name, self.group) }
    }

    /// Every map has the same extent.
    pub(super) fn check(&self) -> Result<(), ReportError> {
        let descriptors = Descriptor::ALL.into_iter().filter_map(|d| self.descriptor(d));
        let maps = descriptors.flat_map(|d| [Some(d.values), d.sigma]);
        let real = maps.chain([self.absorption, self.phase, self.kk_residual]).flatten().map(|m| m.dim());
        let labels = [self.labels, self.true_labels].into_iter().flatten().map(|m| m.dim());
        let mut extents = real.chain(labels);
        let Some(first) = extents.next() else { return Ok(()) };
        match extents.find(|extent| *extent != first) {
            None => Ok(()),
            Some(other) => Err(ReportError::Mismatch {
                what: "maps of one sample",
                first: format!("{} with shape {} × {}", self.name, first.0, first.1),
                second: format!("shape {} × {}", other.0, other.1),
            }),
        }
    }
}

/// The samples in rows: each group begins one, none has more than four.
pub(super) fn rows<'s, 'a>(samples: &[&'s Sample<'a>]) -> Vec<Vec<&'s Sample<'a>>> {
    const MOST: usize = 4;
    let groups = samples.chunk_by(|a, b| a.group == b.group);
    let rows = groups.flat_map(|group| {
        // Rows of one group as equal as they can be: 3 + 3 instead of 4 + 2.
        let count = group.len().div_ceil(MOST).max(1);
        group.chunks(group.len().div_ceil(count).max(1))
    });
    rows.map(<[_]>::to_vec).collect()
}
