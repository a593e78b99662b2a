//! One ptychographic scan as a reader hands it over.

use crate::C32;
use crate::frames::Frames;
use crate::geometry::Geometry;
use crate::mask::DetectorMask;
use crate::point::Point;
use crate::quantity::{Metres, Pixels};
use ndarray::Array3;

/// Where the zero frequency (the direct beam) of far-field frames is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameOrigin {
    /// At pixel `(ny/2, nx/2)`, as a detector sees it.
    Centre,
    /// At pixel `(0, 0)`, as a Fourier transform delivers it.
    Corner,
}

/// Beam positions on the object, `(y, x)`, growing with the object's indices.
#[derive(Debug, Clone, PartialEq)]
pub enum Positions {
    /// In metres: the scan's geometry is known.
    Metres(Vec<Point<Metres>>),
    /// In object pixels: the file tells neither energy nor distance.
    Pixels(Vec<Point<Pixels>>),
}

impl Positions {
    /// Number of positions.
    pub fn len(&self) -> usize {
        match self {
            Self::Metres(all) => all.len(),
            Self::Pixels(all) => all.len(),
        }
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The positions at `indices`, in that order.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        match self {
            Self::Metres(all) => Self::Metres(indices.iter().map(|&i| all[i]).collect()),
            Self::Pixels(all) => Self::Pixels(indices.iter().map(|&i| all[i]).collect()),
        }
    }
}

/// Frames, positions and everything known about how they were taken.
///
/// `frames`, `mask` and `geometry.detector_pixel` are in stored detector order:
/// no [orientation](crate::orientation::Orientation) has been applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    /// Diffraction frames `(position, y, x)`.
    pub frames: Frames,
    /// Where zero frequency lies in a far-field frame.
    pub origin: FrameOrigin,
    /// Which detector pixels were measured, `(y, x)`.
    pub mask: DetectorMask,
    /// Beam positions, one per frame.
    pub positions: Positions,
    /// Energy, distance and pixel size; `None` if positions are in pixels.
    pub geometry: Option<Geometry>,
    /// A probe that came with the data, `(mode, y, x)`, centred, in frame pixels of the object grid.
    pub probe: Option<Array3<C32>>,
    /// What a person should know about this file before trusting it.
    pub warnings: Vec<String>,
}

impl Scan {
    /// Pixel of the object grid, `None` for a scan in pixel units.
    pub fn object_pixel(&self) -> Option<Point<Metres>> {
        self.geometry.map(|geometry| geometry.object_pixel(self.frames.shape()))
    }

    /// The part of the scan at `indices`, in that order.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        Self {
            frames: self.frames.select(indices),
            positions: self.positions.select(indices),
            mask: self.mask.clone(),
            probe: self.probe.clone(),
            warnings: self.warnings.clone(),
            origin: self.origin,
            geometry: self.geometry,
        }
    }
}
