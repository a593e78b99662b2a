//! What the caller decides about an energy stack; everything left out is taken from the file.

use crate::scan::EnergyUnit;
use litho_types::quantity::Metres;
use std::ops::Range;

/// A file format for energy stacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StackFormat {
    /// Lithoscope's own: `/entry/energy`, `/entry/optical_density`, `/entry/phase`, `/entry/object`.
    Lithoscope,
    /// NeXus `NXstxm`, sample image stack.
    NxStxm,
    /// Data Exchange as Mantis writes it: `/exchange/data`, `/exchange/energy`.
    Exchange,
    /// Any HDF5 file whose dataset of images is named.
    Hdf5,
    /// A TIFF of several pages, or a folder of TIFF files, with a list of energies.
    Tiff,
}

impl StackFormat {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Lithoscope, Self::NxStxm, Self::Exchange, Self::Hdf5, Self::Tiff];

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lithoscope => "lithoscope",
            Self::NxStxm => "nxstxm",
            Self::Exchange => "exchange",
            Self::Hdf5 => "hdf5",
            Self::Tiff => "tiff",
        }
    }

    /// The format of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// What the stored numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StackQuantity {
    /// `μt` itself.
    OpticalDensity,
    /// `I/I0`.
    Transmission,
    /// `I`: counts or currents, to be divided by I0.
    Intensity,
    /// The complex transmission `T` of the object.
    Complex,
}

impl StackQuantity {
    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpticalDensity => "optical density",
            Self::Transmission => "transmission",
            Self::Intensity => "intensity",
            Self::Complex => "complex transmission",
        }
    }
}

/// Where the energies come from.
#[derive(Debug, Clone, PartialEq)]
pub enum EnergySource {
    /// The energies themselves in eV, in the order of the images.
    Values(Vec<f64>),
    /// A dataset of the file, `FILE:/path`, or a text table: its column called `energy`, else its first.
    Named(String),
}

/// Where the incident intensity I0 comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Incident {
    /// One number per image, in the order of the images.
    Values(Vec<f64>),
    /// A dataset of the file, `FILE:/path`, or a text table (its column `i0`, else its last): one number in all,
    /// one per image, or images of the stack's shape.
    Named(String),
    /// The mean of each image over a rectangle beside the sample.
    Air {
        /// Rows.
        y: Range<usize>,
        /// Columns.
        x: Range<usize>,
    },
}

/// Order of the axes of stored images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AxisOrder {
    /// (energy, y, x).
    EnergyYX,
    /// (y, x, energy).
    YXEnergy,
    /// (x, y, energy), as Mantis keeps them.
    XYEnergy,
}

impl AxisOrder {
    /// Place of energy, y and x among the stored axes.
    pub(crate) const fn places(self) -> [usize; 3] {
        match self {
            Self::EnergyYX => [0, 1, 2],
            Self::YXEnergy => [2, 0, 1],
            Self::XYEnergy => [2, 1, 0],
        }
    }

    /// The names of the stored axes.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::EnergyYX => "(energy, y, x)",
            Self::YXEnergy => "(y, x, energy)",
            Self::XYEnergy => "(x, y, energy)",
        }
    }
}

/// What the caller overrides; everything left out is taken from the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StackOptions {
    /// The format; told from the contents if `None`.
    pub format: Option<StackFormat>,
    /// The HDF5 dataset of images.
    pub dataset: Option<String>,
    /// The energies.
    pub energies: Option<EnergySource>,
    /// Unit of energies that are read from somewhere, where it is stated wrongly or not at all.
    pub energy_unit: Option<EnergyUnit>,
    /// What the stored numbers are.
    pub quantity: Option<StackQuantity>,
    /// The incident intensity.
    pub incident: Option<Incident>,
    /// Pixel on the sample, square.
    pub pixel: Option<Metres>,
    /// Order of the stored axes.
    pub axes: Option<AxisOrder>,
}
