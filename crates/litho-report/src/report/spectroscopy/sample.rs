//! One sample of the experiment: its images and maps.

use super::curves::Region;
use super::quality::Registration;
use super::transfer::TransferCurves;
use crate::ReportError;
use crate::colour::ColourMap;
use crate::figure::{MapStyle, PixelSize};
use crate::report::Part;
use ndarray::{ArrayView2, s};
use std::ops::Range;

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
    /// How far the spectra are from the Kramers–Kronig relation `(y, x)`, root mean square over the energies, in the unit
    /// of [`kk_label`](super::SpectroscopyReport::kk_label).
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

    /// Rows and columns that hold a chemical state or a cluster, with a margin; `None` if no pixel does.
    pub(super) fn window(&self) -> Option<[Range<usize>; 2]> {
        /// Margin as a part of the longer side.
        const MARGIN: f64 = 0.05;
        let states = Descriptor::ALL.into_iter().filter_map(|d| self.descriptor(d));
        let states = states.flat_map(|map| {
            map.values
                .into_iter()
                .map(|v| v.is_finite())
                .enumerate()
                .map(move |(i, is)| (i, map.values.dim(), is))
        });
        let labels = [self.labels, self.true_labels].into_iter().flatten().flat_map(|map| {
            map.into_iter().map(|l| *l > 0).enumerate().map(move |(i, is)| (i, map.dim(), is))
        });
        let mut extent = (0, 0);
        let (mut y, mut x) = ((usize::MAX, 0), (usize::MAX, 0));
        for (i, dim, _) in states.chain(labels).filter(|(.., is)| *is) {
            let at = (i / dim.1, i % dim.1);
            y = (y.0.min(at.0), y.1.max(at.0 + 1));
            x = (x.0.min(at.1), x.1.max(at.1 + 1));
            extent = dim;
        }
        let side = y.1.saturating_sub(y.0).max(x.1.saturating_sub(x.0));
        let margin = (MARGIN * side as f64).ceil() as usize;
        let widened =
            |(low, high): (usize, usize), most: usize| low.saturating_sub(margin)..(high + margin).min(most);
        (side > 0).then(|| [widened(y, extent.0), widened(x, extent.1)])
    }

    /// A map of this sample without what lies outside its [`window`](Self::window).
    pub(super) fn cropped<'m, T>(&self, map: ArrayView2<'m, T>) -> ArrayView2<'m, T> {
        match self.window() {
            Some([rows, columns]) => map.slice_move(s![rows, columns]),
            None => map,
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn rows_are_groups_and_as_equal_as_they_can_be() {
        let sample = |group: &str| Sample { group: group.to_owned(), ..Sample::default() };
        let samples: Vec<Sample<'_>> = ["a"; 3].iter().chain(&["b"; 6]).map(|group| sample(group)).collect();
        let lengths: Vec<usize> = rows(&samples.iter().collect::<Vec<_>>()).iter().map(Vec::len).collect();
        assert_eq!(lengths, [3, 3, 3]);
        assert!(rows(&[]).is_empty());
    }

    #[test]
    fn the_window_holds_every_value_with_a_margin_and_stays_inside() {
        let map = Array2::from_shape_fn((50, 60), |(y, x)| match (y, x) {
            (0, 30) | (39, 35) => 1.0,
            _ => f32::NAN,
        });
        let labels = Array2::from_shape_fn((50, 60), |at| u16::from(at == (20, 10)));
        let map = DescriptorMap { values: map.view(), sigma: None };
        let sample = Sample { edge_energy: Some(map), labels: Some(labels.view()), ..Sample::default() };
        // rows 0–39 and columns 10–35; a twentieth of 40 rows is 2
        assert_eq!(sample.window(), Some([0..42, 8..38]));
        assert_eq!(sample.cropped(labels.view()).dim(), (42, 30));
        let nothing = Array2::zeros((3, 3));
        let sample = Sample { labels: Some(nothing.view()), ..Sample::default() };
        assert_eq!(sample.window(), None);
        assert_eq!(sample.cropped(nothing.view()).dim(), (3, 3));
    }
}
