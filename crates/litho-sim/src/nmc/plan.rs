//! How large the experiment is: particle, angles, images and scans of each size.

use super::particle::Recipe;
use crate::tilts::{Acquisition, GaugeSpread, Motion, Pattern, ScanPlan, Size, ZonePlate};
use litho_types::quantity::Radians;

/// The numbers of a size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// The particle.
    pub recipe: Recipe,
    /// How it is measured.
    pub acquisition: Acquisition,
}

/// Radius of the particle, metres: 14 µm at 0.9 e/Å³ turn the phase by −2π.
const RADIUS: f64 = 7.0e-6;

impl Plan {
    /// The numbers of `size`.
    pub fn new(size: Size) -> Self {
        let recipe = |radius: f64, layer: f64, grain: f64, crack_width: f64| Recipe {
            radius,
            layer,
            grain,
            openness: (0.9, 0.45),
            cracks: 4,
            crack_width,
        };
        let small = acquisition(180);
        match size {
            Size::Small => Self { recipe: recipe(RADIUS, 1.1e-6, 0.95e-6, 0.45e-6), acquisition: small },
            Size::Tiny => Self {
                recipe: recipe(4.4e-6, 1.6e-6, 1.4e-6, 0.65e-6),
                acquisition: Acquisition {
                    pixel: 250e-9,
                    field: (48, 48),
                    motion: Motion { drift: 1.5, ..small.motion },
                    scan: ScanPlan {
                        frame: 48,
                        pattern: Pattern::Spiral(36, 1.9e-6),
                        zone_plate: ZonePlate {
                            outermost_zone: 0.85e-6,
                            defocus: 17e-3,
                            ..small.scan.zone_plate
                        },
                        ..small.scan
                    },
                    ..acquisition(32)
                },
            },
            Size::Paper => Self {
                recipe: recipe(RADIUS, 0.5e-6, 0.32e-6, 0.3e-6),
                acquisition: Acquisition {
                    pixel: 40e-9,
                    field: (368, 368),
                    rays: 2,
                    scan: ScanPlan {
                        frame: 256,
                        pattern: Pattern::Spiral(300, 1.0e-6),
                        zone_plate: ZonePlate {
                            outermost_zone: 150e-9,
                            defocus: 3.5e-3,
                            ..small.scan.zone_plate
                        },
                        ..small.scan
                    },
                    ..acquisition(800)
                },
            },
        }
    }
}

/// The small size's way of measuring, at so many angles over half a turn.
fn acquisition(angles: usize) -> Acquisition {
    Acquisition {
        angles,
        range: (0.0, 180.0 * (angles as f64 - 1.0) / angles as f64),
        pixel: 140e-9,
        field: (120, 120),
        photons_per_pixel: 1e4,
        rays: 3,
        motion: Motion { jitter: 1.2, drift: 3.0, axis: 1.7, turn: Radians::new(0.0), scale: 0.0 },
        gauge: GaugeSpread { amplitude: 0.01, ramp: 0.04 },
        scan: ScanPlan {
            frame: 64,
            detector_pixel: 75e-6,
            pattern: Pattern::Spiral(100, 1.6e-6),
            zone_plate: ZonePlate {
                diameter: 100e-6,
                outermost_zone: 0.5e-6,
                stop_diameter: 40e-6,
                defocus: 8.5e-3,
            },
            photons: 1e7,
        },
    }
}
