//! What a caller may know better than the file.

use litho_types::mask::MaskPolarity;
use litho_types::quantity::{ElectronVolts, Metres};
use litho_types::scan::FrameOrigin;
use std::path::PathBuf;

/// A file format for ptychography scans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// CXI 1.6, with the COSMIC/SHARP additions.
    Cxi,
    /// NeXus `NXcxi_ptycho`.
    NxCxiPtycho,
    /// ptypy's `.ptyd`.
    Ptyd,
    /// ptychodus / pty-chi: `*_dp.hdf5` and a parameter or product file.
    Ptychodus,
    /// `PtyLab`.
    PtyLab,
    /// The layout of tike's test data: `data`, `scan`, `probe`, no geometry.
    Tike,
    /// EIGER master file; positions come from a second file.
    Eiger,
    /// Any HDF5 file whose datasets are named by [`KeyNames`].
    Generic,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 8] = [
        Self::Cxi,
        Self::NxCxiPtycho,
        Self::Ptyd,
        Self::Ptychodus,
        Self::PtyLab,
        Self::Tike,
        Self::Eiger,
        Self::Generic,
    ];

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cxi => "cxi",
            Self::NxCxiPtycho => "nxcxi_ptycho",
            Self::Ptyd => "ptyd",
            Self::Ptychodus => "ptychodus",
            Self::PtyLab => "ptylab",
            Self::Tike => "tike",
            Self::Eiger => "eiger",
            Self::Generic => "hdf5",
        }
    }

    /// The format of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// Unit in which a photon energy is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnergyUnit {
    /// Electronvolts.
    ElectronVolt,
    /// Kiloelectronvolts.
    KiloElectronVolt,
    /// Joules.
    Joule,
    /// The wavelength in metres.
    WavelengthMetre,
    /// The wavelength in ångström.
    WavelengthAngstrom,
}

/// Unit of lengths in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthUnit {
    /// Metres.
    Metre,
    /// Millimetres.
    Millimetre,
    /// Micrometres.
    Micrometre,
    /// Nanometres.
    Nanometre,
    /// Ångström.
    Angstrom,
    /// Pixels of the object grid; for positions only.
    ObjectPixel,
}

/// What a stored position is a position of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PositionSense {
    /// Where the beam meets the object.
    Beam,
    /// How far the sample moved: the beam moves the other way on the object.
    Sample,
}

/// How the wave reaches the detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regime {
    /// Fraunhofer diffraction.
    FarField,
    /// Fresnel diffraction.
    NearField,
}

/// What to do with counts that cannot be: NaN, infinite or negative, at a pixel the mask calls good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BadCounts {
    /// Stop and name the first one.
    #[default]
    Reject,
    /// Mask every pixel that ever shows one.
    Mask,
    /// Take negative counts as zero (dark-subtracted frames); mask pixels that show NaN or infinity.
    Zero,
}

/// Names of datasets, for files whose layout no reader knows, or to override one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeyNames {
    /// Frames (…, y, x); leading axes are flattened.
    pub frames: Option<String>,
    /// Positions (N, 2) as (y, x); or the y coordinates alone if `positions_x` is given.
    pub positions: Option<String>,
    /// The x coordinates (N), if stored by themselves.
    pub positions_x: Option<String>,
    /// Detector mask (y, x).
    pub mask: Option<String>,
    /// Probe (…, y, x), complex.
    pub probe: Option<String>,
    /// Photon energy.
    pub energy: Option<String>,
    /// Sample–detector distance.
    pub distance: Option<String>,
    /// Detector pixel size.
    pub pixel: Option<String>,
    /// Unit of the positions where the file does not state it; metres otherwise.
    pub position_unit: Option<LengthUnit>,
    /// What the values of the mask mean; good where zero otherwise.
    pub mask_polarity: Option<MaskPolarity>,
}

/// What the caller overrides; everything left out is taken from the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadOptions {
    /// The format; detected from the contents if `None`.
    pub format: Option<Format>,
    /// Photon energy.
    pub energy: Option<ElectronVolts>,
    /// Sample to detector.
    pub distance: Option<Metres>,
    /// Detector pixel, square.
    pub detector_pixel: Option<Metres>,
    /// Focus to sample; makes it a near-field scan.
    pub focus_to_sample: Option<Metres>,
    /// Far or near field.
    pub regime: Option<Regime>,
    /// Where the zero frequency lies in a frame.
    pub origin: Option<FrameOrigin>,
    /// Positions from elsewhere: `FILE:/path`, or a text table of (y, x).
    pub positions: Option<String>,
    /// Whether stored positions are of the beam or of the sample.
    pub position_sense: Option<PositionSense>,
    /// The second file of a pair (ptychodus parameter file); looked for beside the first if `None`.
    pub companion: Option<PathBuf>,
    /// Names of datasets.
    pub keys: KeyNames,
    /// What to do with counts that cannot be.
    pub bad_counts: BadCounts,
    /// Read only this many frames, from the first.
    pub frame_limit: Option<usize>,
}
