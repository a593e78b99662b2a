//! How large the experiment is: plates, angles, images and scans of each size.

use super::agglomerate::PlateClass;
use crate::tilts::{Acquisition, GaugeSpread, Motion, Pattern, ScanPlan, Size, ZonePlate};
use litho_types::quantity::Radians;

/// The numbers of a size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Plates.
    pub plates: usize,
    /// Their sizes.
    pub class: PlateClass,
    /// How they are measured.
    pub acquisition: Acquisition,
}

/// The voxel of the paper, metres.
const PIXEL: f64 = 6.7e-9;
/// Outermost zone of the paper's zone plate, metres.
const ZONE: f64 = 100e-9;

impl Plan {
    /// The numbers of `size`.
    pub fn new(size: Size) -> Self {
        let zone_plate = |defocus: f64| ZonePlate {
            diameter: 240e-6,
            outermost_zone: ZONE,
            stop_diameter: 95e-6,
            defocus,
        };
        let small = Acquisition {
            angles: 158,
            range: (-80.0, 77.0),
            pixel: PIXEL,
            field: (120, 120),
            photons_per_pixel: 1e4,
            rays: 4,
            motion: Motion { jitter: 1.0, drift: 3.0, axis: 1.3, turn: Radians::new(0.0025), scale: 0.0015 },
            gauge: GaugeSpread { amplitude: 0.01, ramp: 0.01 },
            scan: ScanPlan {
                frame: 64,
                detector_pixel: 30e-6,
                pattern: Pattern::Raster(10, 68e-9),
                zone_plate: zone_plate(8e-6),
                photons: 1e7,
            },
        };
        let small = Self { plates: 100, class: PlateClass::PAPER, acquisition: small };
        match size {
            Size::Small => small,
            Size::Tiny => Self {
                plates: 10,
                acquisition: Acquisition {
                    angles: 32,
                    field: (56, 56),
                    motion: Motion { drift: 1.5, ..small.acquisition.motion },
                    scan: ScanPlan {
                        frame: 48,
                        pattern: Pattern::Raster(5, 66e-9),
                        zone_plate: zone_plate(4e-6),
                        ..small.acquisition.scan
                    },
                    ..small.acquisition
                },
                ..small
            },
            Size::Paper => Self {
                plates: 120,
                acquisition: Acquisition {
                    field: (160, 160),
                    scan: ScanPlan {
                        frame: 128,
                        pattern: Pattern::Raster(14, 70e-9),
                        ..small.acquisition.scan
                    },
                    ..small.acquisition
                },
                ..small
            },
        }
    }
}
