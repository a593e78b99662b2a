//! From scan positions to places on the object grid.

use crate::point::Point;
use crate::quantity::Pixels;

/// Where each frame's patch lies on the object array.
#[derive(Debug, Clone, PartialEq)]
pub struct Placement {
    /// Where every frame's patch begins on the object, `(y, x)` in object pixels, not rounded.
    pub places: Vec<[f64; 2]>,
    /// First pixel `(y, x)` of every frame's patch: `places`, rounded.
    pub corners: Vec<[usize; 2]>,
    /// Shape `(ny, nx)` of the object array.
    pub object_shape: (usize, usize),
    /// Scan position, in pixels, that falls on object pixel `(0, 0)`.
    pub origin: Point<Pixels>,
}

/// Why frames cannot be placed on an object array.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlacementError {
    /// There is nothing to place.
    #[error("the scan has no positions; at least one is needed")]
    Empty,
    /// A position is NaN or infinite.
    #[error(
        "scan position {index} is ({y}, {x}) px, which is not a number; \
         remove that point from the file or correct it"
    )]
    NotFinite {
        /// Index of the position.
        index: usize,
        /// Its y coordinate.
        y: f64,
        /// Its x coordinate.
        x: f64,
    },
    /// The object array would be absurdly large.
    #[error(
        "the scan positions span {span_y:.0} × {span_x:.0} object pixels (position {farthest} lies farthest out), \
         more than the {limit} pixels an object may have; check the units of the positions, \
         the distance and the pixel size, or remove the outlying point"
    )]
    TooLarge {
        /// Extent in y, object pixels.
        span_y: f64,
        /// Extent in x, object pixels.
        span_x: f64,
        /// Index of the position farthest from the median.
        farthest: usize,
        /// Largest number of pixels allowed.
        limit: usize,
    },
}

impl Placement {
    /// Largest object array, in pixels, that is made without protest (3.4 GB as complex floats).
    pub const MAX_OBJECT_PIXELS: usize = 20_480 * 20_480;

    /// Places frames of `frame_shape` = (ny, nx) centred on `positions` (object
    /// pixels), rounded to whole pixels, with `margin` spare pixels around.
    ///
    /// # Errors
    /// [`PlacementError`] if there is no position, one is not finite, or the object would be too large.
    pub fn plan(
        positions: &[Point<Pixels>],
        frame_shape: (usize, usize),
        margin: usize,
    ) -> Result<Self, PlacementError> {
        if positions.is_empty() {
            return Err(PlacementError::Empty);
        }
        if let Some(index) = positions.iter().position(|p| !(p.y.is_finite() && p.x.is_finite())) {
            let p = positions[index];
            return Err(PlacementError::NotFinite { index, y: p.y.value(), x: p.x.value() });
        }
        let (min_y, max_y) = extent(positions.iter().map(|p| p.y.value()));
        let (min_x, max_x) = extent(positions.iter().map(|p| p.x.value()));
        let (span_y, span_x) = (max_y - min_y, max_x - min_x);
        let border = (2 * margin) as f64;
        let pixels = (span_y + frame_shape.0 as f64 + border) * (span_x + frame_shape.1 as f64 + border);
        if pixels > Self::MAX_OBJECT_PIXELS as f64 {
            let farthest = farthest_from_median(positions);
            return Err(PlacementError::TooLarge {
                span_y,
                span_x,
                farthest,
                limit: Self::MAX_OBJECT_PIXELS,
            });
        }
        let place = |value: f64, min: f64| (value - min).round() as usize + margin;
        let places: Vec<[f64; 2]> = positions
            .iter()
            .map(|p| [p.y.value() - min_y + margin as f64, p.x.value() - min_x + margin as f64])
            .collect();
        let corners: Vec<[usize; 2]> =
            positions.iter().map(|p| [place(p.y.value(), min_y), place(p.x.value(), min_x)]).collect();
        let object_shape =
            (place(max_y, min_y) + frame_shape.0 + margin, place(max_x, min_x) + frame_shape.1 + margin);
        // The centre pixel N/2 of the patch whose corner is `margin` sits at the smallest position.
        let origin = Point::new(
            Pixels::new(min_y - (margin + frame_shape.0 / 2) as f64),
            Pixels::new(min_x - (margin + frame_shape.1 / 2) as f64),
        );
        Ok(Self { places, corners, object_shape, origin })
    }
}

fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}

fn farthest_from_median(positions: &[Point<Pixels>]) -> usize {
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let my = median(positions.iter().map(|p| p.y.value()).collect());
    let mx = median(positions.iter().map(|p| p.x.value()).collect());
    let distance = |p: &Point<Pixels>| (p.y.value() - my).hypot(p.x.value() - mx);
    (0..positions.len())
        .max_by(|&a, &b| distance(&positions[a]).total_cmp(&distance(&positions[b])))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(y: f64, x: f64) -> Point<Pixels> {
        Point::new(Pixels::new(y), Pixels::new(x))
    }

    #[test]
    fn the_first_patch_starts_at_the_margin_and_the_last_ends_at_the_edge() {
        let placement = Placement::plan(&[at(-3.0, 10.0), at(4.4, 12.6)], (8, 6), 2).unwrap();
        assert_eq!(placement.corners, vec![[2, 2], [9, 5]]);
        assert_eq!(placement.object_shape, (9 + 8 + 2, 5 + 6 + 2));
        // Object pixel (margin + 4, margin + 3) is where the first position's beam centre falls.
        assert_eq!(placement.origin.y.value() + 6.0, -3.0);
        assert_eq!(placement.origin.x.value() + 5.0, 10.0);
    }

    #[test]
    fn outliers_are_named() {
        let positions = [at(0.0, 0.0), at(1.0, 1.0), at(5e7, 2.0), at(2.0, 2.0)];
        let error = Placement::plan(&positions, (64, 64), 0).unwrap_err();
        assert!(matches!(error, PlacementError::TooLarge { farthest: 2, .. }), "{error}");
    }

    #[test]
    fn nan_and_nothing_are_errors() {
        assert_eq!(Placement::plan(&[], (4, 4), 0), Err(PlacementError::Empty));
        let error = Placement::plan(&[at(0.0, 0.0), at(f64::NAN, 0.0)], (4, 4), 0).unwrap_err();
        assert!(matches!(error, PlacementError::NotFinite { index: 1, .. }));
    }
}
