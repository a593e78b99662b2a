//! A reconstructed volume and what its numbers are.

use crate::quantity::Metres;
use ndarray::Array3;

/// Numbers on cubic voxels, `(z, y, x)`; z is the row of the projections, along the rotation axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume {
    /// The numbers, `(z, y, x)`.
    pub data: Array3<f32>,
    /// What they are.
    pub quantity: VolumeQuantity,
    /// Edge of a voxel.
    pub voxel: Option<Metres>,
}

/// What the numbers of a volume are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VolumeQuantity {
    /// Optical density of one voxel, `μd`.
    OpticalDensity,
    /// Phase shift of one voxel, `−2πδd/λ`, radians.
    Phase,
    /// Refractive index decrement `δ`.
    Delta,
    /// Electrons per cubic ångström.
    ElectronDensity,
    /// Grams per cubic centimetre.
    MassDensity,
    /// Numbers without a known meaning.
    Unknown,
}

impl VolumeQuantity {
    /// Every quantity that a person may ask for, with its name.
    pub const ALL: [(&'static str, Self); 5] = [
        ("od", Self::OpticalDensity),
        ("phase", Self::Phase),
        ("delta", Self::Delta),
        ("electron-density", Self::ElectronDensity),
        ("mass-density", Self::MassDensity),
    ];

    /// Its name as the command takes it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, quantity)| *quantity == self).map_or("unknown", |(name, _)| name)
    }

    /// The unit as files state it; empty where there is none.
    pub fn unit(self) -> &'static str {
        match self {
            Self::OpticalDensity | Self::Delta | Self::Unknown => "",
            Self::Phase => "rad",
            Self::ElectronDensity => "1/angstrom^3",
            Self::MassDensity => "g/cm^3",
        }
    }
}
