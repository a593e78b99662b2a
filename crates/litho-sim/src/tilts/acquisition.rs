//! How the projections of a sample are measured: numbers, scans, geometry.

use super::body::Body;
use super::motion::{GaugeSpread, Motion};
use super::raster::Raster;
use super::series::Projected;
use super::view::View;
use crate::background::Background;
use crate::detector::Detector;
use crate::error::SimError;
use crate::grid::Grid;
use crate::optics::Optics;
use crate::phantom::Object;
use crate::positions::{fermat_spiral, raster};
use crate::scan::{Illumination, ScanSimulation};
use crate::validate::canvas;
use litho_types::geometry::{Geometry, Propagation};
use litho_types::mask::DetectorMask;
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres, Radians};
use ndarray::Array2;

/// Fine pixels along an object pixel in which frames are computed.
const OVERSAMPLING: usize = 2;
/// Rays along a fine pixel.
const FINE_RAYS: usize = 2;
/// Stage jitter about a raster, in steps; it is in the recorded positions, and different in each scan.
const STAGE_JITTER: f64 = 0.25;

/// Air around the sample wherever it strays, pixels.
const AIR: f64 = 1.0;
/// Enlarged images have a multiple of so many pixels.
const BLOCK: f64 = 8.0;

/// The numbers of a tomographic experiment; lengths in metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Acquisition {
    /// Projections.
    pub angles: usize,
    /// First and last tilt angle, degrees.
    pub range: (f64, f64),
    /// Pixel of the projections and of the volume.
    pub pixel: f64,
    /// Pixels of a projection of the series, `(y, x)`.
    pub field: (usize, usize),
    /// Photons on a pixel of the series in one projection.
    pub photons_per_pixel: f64,
    /// Rays along a pixel of the series.
    pub rays: usize,
    /// How sample and microscope stray.
    pub motion: Motion,
    /// What the reconstructions of the projections leave undetermined, in the series.
    pub gauge: GaugeSpread,
    /// The scan of each projection.
    pub scan: ScanPlan,
}

/// A ptychographic scan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScanPlan {
    /// Pixels along a side of a frame.
    pub frame: usize,
    /// Pixel of the detector.
    pub detector_pixel: f64,
    /// Where the beam goes.
    pub pattern: Pattern,
    /// What forms the beam.
    pub zone_plate: ZonePlate,
    /// Photons in the beam during one frame.
    pub photons: f64,
}

/// A zone plate in first order; lengths in metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZonePlate {
    /// Diameter.
    pub diameter: f64,
    /// Width of the outermost zone.
    pub outermost_zone: f64,
    /// Diameter of the central stop.
    pub stop_diameter: f64,
    /// Focus to sample; positive when the sample stands downstream.
    pub defocus: f64,
}

/// Where the beam goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pattern {
    /// Points along a side of a square raster, and its step.
    Raster(usize, f64),
    /// Number of points of a Fermat spiral, and the step whose square is the area of each.
    Spiral(usize, f64),
}

impl ZonePlate {
    /// The same as optics.
    pub const fn optics(&self) -> Optics {
        Optics::ZonePlate {
            diameter: Metres::new(self.diameter),
            outermost_zone: Metres::new(self.outermost_zone),
            stop_diameter: Metres::new(self.stop_diameter),
            defocus: Metres::new(self.defocus),
        }
    }
}

impl Acquisition {
    /// The tilt angles, ascending and evenly spaced; the last is part of the range.
    pub fn tilts(&self) -> Vec<Radians> {
        let (first, last) = self.range;
        let step = (last - first) / (self.angles.max(2) - 1) as f64;
        (0..self.angles).map(|index| Radians::from_degrees(first + step * index as f64)).collect()
    }

    /// Enlarges the images of the series where a sample of this radius (metres) would stray out of them.
    pub(crate) fn make_room(&mut self, radius: f64) {
        let half = (radius / self.pixel) * (1.0 + 3.0 * self.motion.scale) + self.motion.reach() + AIR;
        let side = (2.0 * half / BLOCK).ceil() * BLOCK;
        self.field = (self.field.0.max(side as usize), self.field.1.max(side as usize));
    }

    /// The pixels of the series.
    pub fn raster(&self) -> Raster {
        Raster::centred(self.field, self.pixel, self.rays)
    }

    /// The detector stands where the object pixel is [`pixel`](Self::pixel) at this energy.
    pub fn geometry(&self, energy: ElectronVolts) -> Geometry {
        // Δ = λ z/(N p)
        let side = self.scan.frame as f64 * self.scan.detector_pixel;
        let detector_pixel = Metres::new(self.scan.detector_pixel);
        Geometry {
            energy,
            distance: Metres::new(self.pixel * side / energy.wavelength().value()),
            detector_pixel: Point::new(detector_pixel, detector_pixel),
            propagation: Propagation::FarField,
        }
    }

    /// Positions of the beam, metres from the place of the rotation axis.
    ///
    /// # Errors
    /// [`SimError::Value`] for a pattern without points or step.
    pub fn positions(&self, seed: u64) -> Result<Vec<Point<Metres>>, SimError> {
        match self.scan.pattern {
            Pattern::Raster(points, step) => {
                let step = Point::new(Metres::new(step), Metres::new(step));
                raster((points, points), step, STAGE_JITTER, seed)
            }
            Pattern::Spiral(points, step) => fermat_spiral(points, Metres::new(step)),
        }
    }

    /// The scan of `body` in `view`; `wave` turns what the rays meet into optical density and phase.
    ///
    /// # Errors
    /// [`SimError`] if the numbers make no scan.
    pub fn scan<const N: usize>(
        &self,
        body: &Body<N>,
        view: &View,
        energy: ElectronVolts,
        (positions, noise): (u64, u64),
        wave: impl Fn([Array2<f64>; N]) -> Projected,
    ) -> Result<ScanSimulation, SimError> {
        let geometry = self.geometry(energy);
        let shape = (self.scan.frame, self.scan.frame);
        let positions = self.positions(positions)?;
        let grid = Grid::new(shape, geometry.object_pixel(shape))?;
        let canvas = canvas(&positions, OVERSAMPLING, &grid)?;
        let origin = canvas.first_fine();
        let raster = Raster {
            shape: (canvas.shape.0 * OVERSAMPLING, canvas.shape.1 * OVERSAMPLING),
            pixel: grid.pixel.y.value() / OVERSAMPLING as f64,
            first: (origin.y.value(), origin.x.value()),
            rays: FINE_RAYS,
        };
        let transmission = wave(raster.project(body, view)).transmission();
        Ok(ScanSimulation {
            geometry,
            shape,
            illumination: Illumination::Optics {
                optics: self.scan.zone_plate.optics(),
                diffuser: None,
                mode_powers: vec![1.0],
            },
            object: Object::Array { transmission, origin },
            positions,
            photons_per_frame: self.scan.photons,
            mask: DetectorMask::all_good(shape),
            background: Background::NONE,
            detector: Detector::PhotonCounting,
            oversampling: OVERSAMPLING,
            seed: noise,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_detector_moves_so_that_the_pixel_stays() {
        let acquisition = Acquisition {
            angles: 158,
            range: (-80.0, 77.0),
            pixel: 6.7e-9,
            field: (8, 8),
            photons_per_pixel: 1.0,
            rays: 1,
            motion: Motion { jitter: 0.0, drift: 0.0, axis: 0.0, turn: Radians::new(0.0), scale: 0.0 },
            gauge: GaugeSpread { amplitude: 0.0, ramp: 0.0 },
            scan: ScanPlan {
                frame: 64,
                detector_pixel: 30e-6,
                pattern: Pattern::Raster(3, 1e-7),
                zone_plate: ZonePlate {
                    diameter: 1e-4,
                    outermost_zone: 1e-7,
                    stop_diameter: 0.0,
                    defocus: 0.0,
                },
                photons: 1.0,
            },
        };
        for energy in [708.2, 710.2] {
            let pixel = acquisition.geometry(ElectronVolts::new(energy)).object_pixel((64, 64));
            assert!((pixel.y.value() / 6.7e-9 - 1.0).abs() < 1e-12 && pixel.x == pixel.y);
        }
        let tilts = acquisition.tilts();
        let degrees = |index: usize| tilts[index].value().to_degrees();
        assert!((degrees(0) + 80.0).abs() < 1e-9 && (degrees(157) - 77.0).abs() < 1e-9);
        assert!((degrees(1) + 79.0).abs() < 1e-9, "the paper's 158 projections are a degree apart");
    }
}
