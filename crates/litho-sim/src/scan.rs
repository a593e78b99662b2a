//! A whole scan from its description.

use crate::background::Background;
use crate::detector::{Detector, record};
use crate::diffuser::Diffuser;
use crate::error::SimError;
use crate::forward::Forward;
use crate::fourier::to_single;
use crate::illumination::resampled;
use crate::optics::Optics;
use crate::phantom::Object;
use crate::validate::checked_grid;
use litho_types::C32;
use litho_types::geometry::Geometry;
use litho_types::mask::DetectorMask;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use litho_types::scan::{FrameOrigin, Positions, Scan};
use ndarray::{Array2, Array3, Axis};

/// What lights the object.
#[derive(Debug, Clone, PartialEq)]
pub enum Illumination {
    /// The beam of an optic.
    Optics {
        /// The optic. In a diverging near-field beam its defocus is the geometry's focus-to-sample distance.
        optics: Optics,
        /// A phase screen in the beam.
        diffuser: Option<Diffuser>,
        /// Relative powers of the coherent modes; `[1.0]` for a coherent beam.
        mode_powers: Vec<f64>,
    },
    /// Given probe modes `(mode, y, x)`, centred, on the reconstruction's grid; their relative powers stay.
    Modes(Array3<C32>),
}

/// Description of a scan to simulate.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanSimulation {
    /// Energy, distances and detector pixel.
    pub geometry: Geometry,
    /// Shape `(ny, nx)` of the frames.
    pub shape: (usize, usize),
    /// What lights the object.
    pub illumination: Illumination,
    /// What is scanned.
    pub object: Object,
    /// Beam positions on the object.
    pub positions: Vec<Point<Metres>>,
    /// Photons in the beam during one frame, all modes together.
    pub photons_per_frame: f64,
    /// Unusable pixels, which read zero.
    pub mask: DetectorMask,
    /// Light that has not met the sample.
    pub background: Background,
    /// What the detector records.
    pub detector: Detector,
    /// Fine samples per reconstruction pixel along each axis; 2 is plenty, 1 computes on the reconstruction's grid.
    pub oversampling: usize,
    /// Seed of the noise.
    pub seed: u64,
}

/// What a perfect reconstruction of a simulated scan would find.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// Transmission `(y, x)`, averaged over the pixels of the reconstruction.
    pub object: Array2<C32>,
    /// Object pixel.
    pub pixel: Point<Metres>,
    /// Beam position that falls on the centre of object pixel `(0, 0)`.
    pub origin: Point<Metres>,
    /// Probe modes `(mode, y, x)`, centred, with `Σ|P|²` = photons per frame.
    pub probe: Array3<C32>,
    /// Photons expected on the whole detector in each frame, without background and before the mask.
    pub photons: Vec<f64>,
    /// Mean counts of the background, `(y, x)`, zero frequency in the middle, before the mask.
    pub background: Array2<f64>,
}

impl ScanSimulation {
    /// Looks at the numbers without computing a frame.
    ///
    /// # Errors
    /// [`SimError`] naming the first number that makes no sense.
    pub fn check(&self) -> Result<(), SimError> {
        checked_grid(self).map(drop)
    }

    /// Computes every frame; parallel over frames, the same bits for any number of threads.
    ///
    /// Frames have zero frequency in the middle. For a phantom, `Truth::object` lies on the pixels that
    /// [`Placement::plan`](litho_types::placement::Placement::plan) gives these positions with a margin of 2.
    ///
    /// # Errors
    /// [`SimError`] naming the first number that makes no sense or does not fit.
    pub fn simulate(&self) -> Result<(Scan, Truth), SimError> {
        let forward = Forward::new(self)?;
        let good = self.mask.good();
        let recorded = record(self, self.positions.len(), &good, |frame| forward.intensity(frame));
        let scan = Scan {
            frames: recorded.frames,
            origin: FrameOrigin::Centre,
            mask: self.mask.clone(),
            positions: Positions::Metres(self.positions.clone()),
            geometry: Some(self.geometry),
            probe: None,
            warnings: Vec::new(),
        };
        let scene = forward.scene();
        let truth = Truth {
            object: scene.averaged(),
            pixel: self.geometry.object_pixel(self.shape),
            origin: Point::new(Metres::new(scene.origin.0), Metres::new(scene.origin.1)),
            probe: self.coarse_modes(&forward),
            photons: recorded.photons,
            background: self.background.mean_counts(self.shape, self.photons_per_frame),
        };
        Ok((scan, truth))
    }

    /// The probe modes on the reconstruction's grid.
    fn coarse_modes(&self, forward: &Forward) -> Array3<C32> {
        let modes = forward.modes();
        let mut probe = Array3::zeros((modes.len(), self.shape.0, self.shape.1));
        for (mut coarse, mode) in probe.axis_iter_mut(Axis(0)).zip(modes) {
            coarse.assign(&to_single(&resampled(mode, self.shape)));
        }
        probe
    }
}
