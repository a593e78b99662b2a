//! Ready-made scans: the example data of the program, and small ones for tests.

use crate::background::Background;
use crate::detector::Detector;
use crate::diffuser::Diffuser;
use crate::error::SimError;
use crate::grains::BatteryGrains;
use crate::optics::{MirrorAperture, Optics};
use crate::phantom::{Material, Object};
use crate::positions::{fermat_spiral, raster};
use crate::scan::{Illumination, ScanSimulation};
use crate::siemens::SiemensStar;
use litho_types::geometry::{Geometry, Propagation};
use litho_types::mask::{DetectorMask, bits};
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Metres};

/// Gold (19.3 g/cm³) at 2000 eV (Chantler's tables).
pub const GOLD_2000_EV: Material = Material { delta: 4.8476e-4, beta: 9.8625e-5 };
/// `LiNiO₂` (4.7 g/cm³) at 17 050 eV (Chantler's tables).
pub const LITHIUM_NICKELATE_17050_EV: Material = Material { delta: 3.2550e-6, beta: 8.0586e-8 };

/// The example data set: a gold Siemens star at 2 keV behind a zone plate, 240 frames of 128² pixels.
///
/// Zone plate of 120 µm with 40 nm outermost zones and a central stop, its focus 55 µm upstream: a ring-shaped beam
/// of 0.85 µm and 10⁶ photons. Object pixel 12.5 nm. The detector has a gap between modules and six dead pixels.
///
/// # Errors
/// None with the numbers given here; the signature is that of the parts it is made of.
pub fn example_siemens() -> Result<ScanSimulation, SimError> {
    let shape = (128, 128);
    Ok(ScanSimulation {
        geometry: Geometry {
            energy: ElectronVolts::new(2000.0),
            distance: Metres::new(0.194),
            detector_pixel: square(75e-6),
            propagation: Propagation::FarField,
        },
        shape,
        illumination: coherent(zone_plate(120e-6, 40e-9, 50e-6, 55e-6), None),
        object: Object::Siemens(SiemensStar {
            material: GOLD_2000_EV,
            thickness: Metres::from_nanometres(200.0),
            spokes: 36,
            inner_radius: Metres::from_nanometres(220.0),
            outer_radius: Metres::from_nanometres(900.0),
            ring_width: Metres::from_nanometres(90.0),
        }),
        positions: fermat_spiral(240, Metres::from_nanometres(125.0))?,
        photons_per_frame: 1e6,
        mask: gap_and_dead_pixels(shape),
        background: Background::NONE,
        detector: Detector::PhotonCounting,
        oversampling: 2,
        seed: 2026,
    })
}

/// A near-field scan: grains of a cathode at 17.05 keV in the cone of a mirror pair, 100 frames of 128² pixels.
///
/// Focus to sample 8 mm, detector pixel 15 µm behind 1.2 m (magnification 151, object pixel 99.3 nm); a diffuser
/// structures the beam of 9.6 µm and 10⁷ photons.
///
/// # Errors
/// None with the numbers given here; the signature is that of the parts it is made of.
pub fn example_near_field() -> Result<ScanSimulation, SimError> {
    let shape = (128, 128);
    Ok(ScanSimulation {
        geometry: Geometry {
            energy: ElectronVolts::new(17_050.0),
            distance: Metres::new(1.2),
            detector_pixel: square(15e-6),
            propagation: Propagation::NearField { focus_to_sample: Some(Metres::new(8e-3)) },
        },
        shape,
        illumination: coherent(mirrors(6e-4), Some(diffuser(6e-3))),
        object: Object::Grains(BatteryGrains {
            material: LITHIUM_NICKELATE_17050_EV,
            thickness: Metres::from_micrometres(2.5),
            grain_size: Metres::from_micrometres(1.6),
            particle_radius: Metres::from_micrometres(7.0),
            porosity: 0.08,
            seed: 23,
        }),
        positions: raster((10, 10), square(1.1e-6), 0.35, 29)?,
        photons_per_frame: 1e7,
        mask: DetectorMask::all_good(shape),
        background: Background::NONE,
        detector: Detector::PhotonCounting,
        oversampling: 2,
        seed: 31,
    })
}

/// A far-field scan for quick tests: 48² pixels, 64 positions, a small star, 10⁵ photons.
///
/// # Errors
/// None with the numbers given here; the signature is that of the parts it is made of.
pub fn tiny_far_field() -> Result<ScanSimulation, SimError> {
    let (scan, shape) = (example_siemens()?, (48, 48));
    Ok(ScanSimulation {
        geometry: Geometry { distance: Metres::new(0.097), ..scan.geometry },
        shape,
        illumination: coherent(zone_plate(120e-6, 40e-9, 40e-6, 15e-6), None),
        object: Object::Siemens(SiemensStar {
            material: GOLD_2000_EV,
            thickness: Metres::from_nanometres(200.0),
            spokes: 12,
            inner_radius: Metres::from_nanometres(100.0),
            outer_radius: Metres::from_nanometres(280.0),
            ring_width: Metres::from_nanometres(50.0),
        }),
        positions: fermat_spiral(64, Metres::from_nanometres(70.0))?,
        photons_per_frame: 1e5,
        mask: DetectorMask::all_good(shape),
        ..scan
    })
}

/// A near-field scan for quick tests: 48² pixels, 49 positions, 10⁶ photons, a shorter way than in the example.
///
/// # Errors
/// None with the numbers given here; the signature is that of the parts it is made of.
pub fn tiny_near_field() -> Result<ScanSimulation, SimError> {
    let (scan, shape) = (example_near_field()?, (48, 48));
    let focus_to_sample = Some(Metres::new(5e-3));
    Ok(ScanSimulation {
        geometry: Geometry {
            distance: Metres::new(0.75),
            propagation: Propagation::NearField { focus_to_sample },
            ..scan.geometry
        },
        shape,
        illumination: coherent(mirrors(3.5e-4), Some(diffuser(3e-3))),
        positions: raster((7, 7), square(0.5e-6), 0.35, 29)?,
        photons_per_frame: 1e6,
        mask: DetectorMask::all_good(shape),
        ..scan
    })
}

fn square(metres: f64) -> Point<Metres> {
    Point::new(Metres::new(metres), Metres::new(metres))
}

fn zone_plate(diameter: f64, outermost_zone: f64, stop_diameter: f64, defocus: f64) -> Optics {
    let [diameter, outermost_zone, stop_diameter, defocus] =
        [diameter, outermost_zone, stop_diameter, defocus].map(Metres::new);
    Optics::ZonePlate { diameter, outermost_zone, stop_diameter, defocus }
}

fn mirrors(numerical_aperture: f64) -> Optics {
    let angle = Point::new(numerical_aperture, numerical_aperture);
    Optics::KirkpatrickBaez { aperture: MirrorAperture::NumericalAperture(angle), defocus: Metres::new(0.0) }
}

fn diffuser(upstream: f64) -> Diffuser {
    let grain = Metres::from_nanometres(600.0);
    Diffuser { grain, rms_phase: 1.2, upstream: Metres::new(upstream), seed: 17 }
}

fn coherent(optics: Optics, diffuser: Option<Diffuser>) -> Illumination {
    Illumination::Optics { optics, diffuser, mode_powers: vec![1.0] }
}

/// Three missing columns and six dead pixels, away from the bright middle.
fn gap_and_dead_pixels(shape: (usize, usize)) -> DetectorMask {
    const GAP: std::ops::Range<usize> = 25..28;
    const DEAD: [(usize, usize); 6] = [(12, 77), (33, 96), (40, 44), (81, 71), (97, 50), (110, 108)];
    let mut mask = DetectorMask::all_good(shape);
    for pixel in GAP.flat_map(|column| (0..shape.0).map(move |row| (row, column))) {
        mask.flag(pixel, bits::MISSING);
    }
    for pixel in DEAD {
        mask.flag(pixel, bits::DEAD);
    }
    mask
}
