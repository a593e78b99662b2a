//! From a scan as it was read to a measurement in kernel order.

use litho_compute::{Measurement, MeasurementError, Propagator};
use litho_types::C32;
use litho_types::geometry::{Geometry, Propagation};
use litho_types::orientation::Orientation;
use litho_types::placement::{Placement, PlacementError};
use litho_types::point::Point;
use litho_types::quantity::Pixels;
use litho_types::scan::{FrameOrigin, Positions, Scan};
use ndarray::{Array2, Array3};

/// Why a scan cannot be reconstructed.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The frames cannot be placed on an object.
    #[error(transparent)]
    Placement(#[from] PlacementError),
    /// The parts of the measurement do not fit.
    #[error(transparent)]
    Measurement(#[from] MeasurementError),
    /// Positions in metres without a geometry.
    #[error(
        "the positions are in metres but energy, distance or pixel size is unknown, so they cannot be placed; \
         give --energy, --distance and --pixel"
    )]
    NoGeometry,
}

/// Spare object pixels around the outermost patches, if nobody asks for more.
pub const MARGIN: usize = 2;

/// Places the frames on the object and brings frames and mask into kernel
/// order: oriented along the scan axes, zero frequency at the corner (far field).
///
/// # Errors
/// [`PrepareError`] if the scan's parts do not fit together.
pub fn prepare(scan: &Scan, orientation: Orientation) -> Result<Measurement, PrepareError> {
    prepare_with_margin(scan, orientation, MARGIN)
}

/// As [`prepare`], with `margin` spare object pixels around the outermost patches: room for positions that move.
///
/// # Errors
/// [`PrepareError`] if the scan's parts do not fit together.
pub fn prepare_with_margin(
    scan: &Scan,
    orientation: Orientation,
    margin: usize,
) -> Result<Measurement, PrepareError> {
    let far_field = is_far_field(scan);
    let stored = scan.frames.shape();
    let shape = orientation.apply_to_shape(stored);
    let placement = place(&scan.positions, scan.geometry, stored, orientation, margin)?;
    let geometry = scan.geometry.map(|g| if orientation.transposes() { g.transposed() } else { g });
    let order = PixelOrder { orientation, stored, origin: far_field.then_some(scan.origin) };
    let source = |y, x| order.source(y, x);
    let frames = scan.frames.rearranged(shape, &source);
    let mask = scan.mask.good();
    if mask.dim() != stored {
        return Err(MeasurementError::MaskShape { mask: mask.dim(), frames: stored }.into());
    }
    let good = Array2::from_shape_fn(shape, |(y, x)| mask[source(y, x)]);
    let propagator = match geometry {
        Some(geometry) => Propagator::from_geometry(&geometry, shape),
        None => Propagator::far_field(shape),
    }
    .map_err(MeasurementError::from)?;
    Ok(Measurement::new(frames, good, placement, propagator)?)
}

/// Where the frames of a scan lie on the object: of its `positions`, the `geometry` and the shape `(ny, nx)` of its
/// frames as `stored`, their `orientation`, and `margin` spare object pixels around the outermost patches.
///
/// # Errors
/// [`PrepareError`] if they cannot be placed.
pub fn place(
    positions: &Positions,
    geometry: Option<Geometry>,
    stored: (usize, usize),
    orientation: Orientation,
    margin: usize,
) -> Result<Placement, PrepareError> {
    let shape = orientation.apply_to_shape(stored);
    let geometry = geometry.map(|g| if orientation.transposes() { g.transposed() } else { g });
    Ok(Placement::plan(&positions_in_pixels(positions, geometry, shape)?, shape, margin)?)
}

/// A probe that came with the scan, `(mode, y, x)`, turned to lie along the scan axes.
pub fn orient_probe(probe: &Array3<C32>, orientation: Orientation) -> Array3<C32> {
    let (modes, ny, nx) = probe.dim();
    let stored = (ny, nx);
    let (ny, nx) = orientation.apply_to_shape(stored);
    let order = PixelOrder { orientation, stored, origin: Some(FrameOrigin::Centre) };
    Array3::from_shape_fn((modes, ny, nx), |(mode, y, x)| {
        // Kernel order has zero at the corner; a probe stays centred.
        let (sy, sx) = order.source((y + ny - ny / 2) % ny, (x + nx - nx / 2) % nx);
        probe[(mode, sy, sx)]
    })
}

fn is_far_field(scan: &Scan) -> bool {
    scan.geometry.is_none_or(|g| g.propagation == Propagation::FarField)
}

fn positions_in_pixels(
    positions: &Positions,
    geometry: Option<Geometry>,
    shape: (usize, usize),
) -> Result<Vec<Point<Pixels>>, PrepareError> {
    match positions {
        Positions::Pixels(all) => Ok(all.clone()),
        Positions::Metres(all) => {
            let pixel = geometry.ok_or(PrepareError::NoGeometry)?.object_pixel(shape);
            Ok(all
                .iter()
                .map(|p| Point::new(Pixels::new(p.y / pixel.y), Pixels::new(p.x / pixel.x)))
                .collect())
        }
    }
}

/// Where each pixel of a frame in kernel order is stored.
struct PixelOrder {
    orientation: Orientation,
    /// Shape of the stored frame.
    stored: (usize, usize),
    /// Where zero frequency is stored; `None` for a near-field image, which has none.
    origin: Option<FrameOrigin>,
}

impl PixelOrder {
    fn source(&self, y: usize, x: usize) -> (usize, usize) {
        let (ny, nx) = self.orientation.apply_to_shape(self.stored);
        // Frequencies are mirrored about zero, images about their middle.
        let mirror = |i: usize, n: usize| match self.origin {
            Some(_) => (n - i) % n,
            None => n - 1 - i,
        };
        let y = if self.orientation.index() & 2 != 0 { mirror(y, ny) } else { y };
        let x = if self.orientation.index() & 1 != 0 { mirror(x, nx) } else { x };
        let (y, x) = if self.orientation.transposes() { (x, y) } else { (y, x) };
        match self.origin {
            Some(FrameOrigin::Centre) => {
                ((y + self.stored.0 / 2) % self.stored.0, (x + self.stored.1 / 2) % self.stored.1)
            }
            Some(FrameOrigin::Corner) | None => (y, x),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_centred_frame_moves_zero_frequency_to_the_corner() {
        for orientation in Orientation::ALL {
            let order = PixelOrder { orientation, stored: (6, 8), origin: Some(FrameOrigin::Centre) };
            assert_eq!(order.source(0, 0), (3, 4), "orientation {orientation}");
        }
    }

    #[test]
    fn a_near_field_image_turns_like_a_picture() {
        let image = Array2::from_shape_fn((4, 6), |(y, x)| 10 * y + x);
        for orientation in Orientation::ALL {
            let order = PixelOrder { orientation, stored: (4, 6), origin: None };
            let shape = orientation.apply_to_shape((4, 6));
            let turned = Array2::from_shape_fn(shape, |(y, x)| image[order.source(y, x)]);
            assert_eq!(turned, orientation.apply(image.view()), "orientation {orientation}");
        }
    }

    #[test]
    fn a_probe_keeps_its_centre() {
        let mut probe = Array3::<C32>::zeros((1, 6, 8));
        probe[(0, 3, 4)] = C32::new(1.0, 0.0);
        for orientation in Orientation::ALL {
            let (ny, nx) = orientation.apply_to_shape((6, 8));
            let turned = orient_probe(&probe, orientation);
            assert_eq!(turned[(0, ny / 2, nx / 2)], C32::new(1.0, 0.0), "orientation {orientation}");
        }
    }
}
