//! What the caller decides about a tilt series; everything left out is taken from the file.

use litho_types::quantity::{ElectronVolts, Metres};

/// A file format for tilt series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TiltFormat {
    /// Lithoscope's own: `/entry/projections/data` (angle, y, x), `/entry/angle`.
    Lithoscope,
    /// NeXus `NXtomo`: projections, flats and darks in one dataset, told apart by `image_key`.
    NxTomo,
    /// Data Exchange: `/exchange/data`, `data_white`, `data_dark`, `theta`.
    DataExchange,
    /// Any HDF5 file whose datasets of projections and angles are named.
    Hdf5,
    /// A TIFF of several pages, or a folder of TIFF files, with a list of angles.
    Tiff,
}

impl TiltFormat {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Lithoscope, Self::NxTomo, Self::DataExchange, Self::Hdf5, Self::Tiff];

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lithoscope => "lithoscope",
            Self::NxTomo => "nxtomo",
            Self::DataExchange => "exchange",
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
pub enum TiltQuantity {
    /// The complex transmission `T`.
    Complex,
    /// The phase in radians, ≤ 0 for matter.
    Phase,
    /// `μt` itself.
    OpticalDensity,
    /// `I/I0`.
    Transmission,
    /// `I`: counts, to be divided by flat fields after dark fields are taken off.
    Intensity,
}

impl TiltQuantity {
    /// Every quantity.
    pub const ALL: [Self; 5] =
        [Self::Complex, Self::Phase, Self::OpticalDensity, Self::Transmission, Self::Intensity];

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Complex => "complex",
            Self::Phase => "phase",
            Self::OpticalDensity => "optical-density",
            Self::Transmission => "transmission",
            Self::Intensity => "intensity",
        }
    }

    /// The quantity of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quantity| quantity.name() == name)
    }
}

/// Unit of stored angles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AngleUnit {
    /// Degrees.
    Degree,
    /// Radians.
    Radian,
}

impl AngleUnit {
    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Degree => "deg",
            Self::Radian => "rad",
        }
    }

    /// The unit of this name, as files and people write it.
    pub fn from_name(name: &str) -> Option<Self> {
        match name.trim().to_lowercase().as_str() {
            "deg" | "degree" | "degrees" | "°" => Some(Self::Degree),
            "rad" | "radian" | "radians" => Some(Self::Radian),
            _ => None,
        }
    }

    /// `value` in degrees.
    pub(crate) fn degrees(self, value: f64) -> f64 {
        match self {
            Self::Degree => value,
            Self::Radian => value.to_degrees(),
        }
    }
}

/// Where the angles come from.
#[derive(Debug, Clone, PartialEq)]
pub enum AngleSource {
    /// The angles themselves in the order of the projections; degrees unless a unit is given.
    Values(Vec<f64>),
    /// A dataset of the file, `FILE:/path`, or a text table: its column called `angle` or `theta`, else its first.
    Named(String),
    /// The first and the last angle; those between lie evenly.
    Range(f64, f64),
}

/// Order of the axes of stored projections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TiltAxes {
    /// (angle, y, x).
    AngleYX,
    /// (y, angle, x): sinograms.
    YAngleX,
    /// (y, x, angle).
    YXAngle,
}

impl TiltAxes {
    /// Every order.
    pub const ALL: [Self; 3] = [Self::AngleYX, Self::YAngleX, Self::YXAngle];

    /// Place of angle, y and x among the stored axes.
    pub(crate) const fn places(self) -> [usize; 3] {
        match self {
            Self::AngleYX => [0, 1, 2],
            Self::YAngleX => [1, 0, 2],
            Self::YXAngle => [2, 0, 1],
        }
    }

    /// The names of the stored axes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AngleYX => "(angle, y, x)",
            Self::YAngleX => "(y, angle, x)",
            Self::YXAngle => "(y, x, angle)",
        }
    }
}

/// What the caller overrides; everything left out is taken from the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TiltOptions {
    /// The format; told from the contents if `None`.
    pub format: Option<TiltFormat>,
    /// The HDF5 dataset of projections.
    pub dataset: Option<String>,
    /// The angles.
    pub angles: Option<AngleSource>,
    /// Unit of the angles, where it is stated wrongly or not at all.
    pub angle_unit: Option<AngleUnit>,
    /// Order of the stored axes.
    pub axes: Option<TiltAxes>,
    /// Pixel on the sample, square.
    pub pixel: Option<Metres>,
    /// Photon energy.
    pub energy: Option<ElectronVolts>,
    /// What the stored numbers are.
    pub quantity: Option<TiltQuantity>,
    /// Flat fields: a dataset of the file, `FILE:/path`, or a TIFF file or folder.
    pub flat: Option<String>,
    /// Dark fields, likewise.
    pub dark: Option<String>,
}
