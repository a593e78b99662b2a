//! Checks of a scan description before anything is computed.

use crate::background::Background;
use crate::error::SimError;
use crate::grid::Grid;
use crate::phantom::Canvas;
use crate::scan::ScanSimulation;
use litho_types::geometry::Propagation;
use litho_types::placement::Placement;
use litho_types::point::Point;
use litho_types::quantity::{Metres, Pixels};

/// Spare reconstruction pixels around the outermost frames of a phantom.
const MARGIN: usize = 2;
/// Finest simulation grid.
const MAX_OVERSAMPLING: usize = 8;
/// Most photons a frame may hold: counts fit 32 bits even if all hit one pixel.
const MAX_PHOTONS: f64 = 4e9;

/// The reconstruction's grid of one frame, if the description makes sense.
pub(crate) fn checked_grid(scan: &ScanSimulation) -> Result<Grid, SimError> {
    let geometry = &scan.geometry;
    SimError::positive("the photon energy", geometry.energy.value(), "eV")?;
    SimError::positive("the distance to the detector", geometry.distance.value(), "m")?;
    SimError::positive("the detector pixel along y", geometry.detector_pixel.y.value(), "m")?;
    SimError::positive("the detector pixel along x", geometry.detector_pixel.x.value(), "m")?;
    if let Propagation::NearField { focus_to_sample: Some(distance) } = geometry.propagation {
        SimError::positive("the distance from focus to sample", distance.value(), "m")?;
    }
    scan.background.validate()?;
    let photons = SimError::positive("the number of photons per frame", scan.photons_per_frame, "photons")?;
    let largest = match scan.background {
        Background::Flat(counts) => counts,
        Background::Structured { share } => share * photons,
    };
    if photons + largest > MAX_PHOTONS {
        let (quantity, value) = ("the number of photons per frame", format!("{photons:.3e}"));
        return Err(SimError::Value { quantity, value, fix: "give at most 4e9, what a 32-bit count holds" });
    }
    if !(1..=MAX_OVERSAMPLING).contains(&scan.oversampling) {
        let (quantity, value) = ("the oversampling", scan.oversampling.to_string());
        return Err(SimError::Value { quantity, value, fix: "give 1 to 8; 2 is plenty" });
    }
    let masked = scan.mask.bits().dim();
    if masked != scan.shape {
        let (array, reference) = ("the mask", "a frame");
        return Err(SimError::Shape { array, got: masked, reference, want: scan.shape });
    }
    if scan.mask.good_count() == 0 {
        let (quantity, value) = ("the number of good pixels in the mask", "0".to_owned());
        return Err(SimError::Value { quantity, value, fix: "leave at least one pixel good" });
    }
    let grid = Grid::new(scan.shape, geometry.object_pixel(scan.shape))?;
    check_near_field(scan, &grid)?;
    Ok(grid)
}

/// The near-field propagator `exp(−iπλzq²)` turns by less than π between neighbouring
/// frequencies up to the highest only if `λz/Δ² ≤ N`.
fn check_near_field(scan: &ScanSimulation, grid: &Grid) -> Result<(), SimError> {
    if scan.geometry.propagation == Propagation::FarField {
        return Ok(());
    }
    let distance = scan.geometry.effective_distance();
    let spread = scan.geometry.wavelength().value() * distance.value();
    for (axis, pixel, count) in [('y', grid.pixel.y, grid.shape.0), ('x', grid.pixel.x, grid.shape.1)] {
        let needed = spread / pixel.value().powi(2);
        if needed > count as f64 {
            let (distance, pixel) = (distance.to_string(), pixel.to_string());
            let needed = needed.ceil() as usize;
            return Err(SimError::NearFieldUndersampled { axis, distance, needed, pixel, count });
        }
    }
    Ok(())
}

/// The reconstruction pixels that frames of `grid` at these positions cover.
pub(crate) fn canvas(
    positions: &[Point<Metres>],
    oversampling: usize,
    grid: &Grid,
) -> Result<Canvas, SimError> {
    let pixel = (grid.pixel.y.value(), grid.pixel.x.value());
    let positions: Vec<Point<Pixels>> = positions
        .iter()
        .map(|p| Point::new(Pixels::new(p.y / grid.pixel.y), Pixels::new(p.x / grid.pixel.x)))
        .collect();
    let placement = Placement::plan(&positions, grid.shape, MARGIN)?;
    Ok(Canvas {
        shape: placement.object_shape,
        pixel,
        origin: (placement.origin.y.value() * pixel.0, placement.origin.x.value() * pixel.1),
        oversampling,
    })
}
