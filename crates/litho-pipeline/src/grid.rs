//! Coordinates of image pixels, as result files state them.

use litho_types::point::Point;
use litho_types::quantity::{Metres, Pixels};

/// The pixel of an image and the unit its axes are written in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Grid {
    step: (f64, f64),
    /// "m", or "px" where the pixel is unknown.
    pub(crate) unit: &'static str,
}

impl Grid {
    pub(crate) fn new(pixel: Option<Point<Metres>>) -> Self {
        match pixel {
            Some(pixel) => Self { step: (pixel.y.value(), pixel.x.value()), unit: "m" },
            None => Self { step: (1.0, 1.0), unit: "px" },
        }
    }

    /// Coordinates of rows and columns of an image of `shape` = (ny, nx) whose pixel `(0, 0)` lies at `first`.
    pub(crate) fn coordinates(&self, first: Point<Pixels>, shape: (usize, usize)) -> (Vec<f64>, Vec<f64>) {
        let axis =
            |first: Pixels, step: f64, n: usize| (0..n).map(|i| (first.value() + i as f64) * step).collect();
        (axis(first.y, self.step.0, shape.0), axis(first.x, self.step.1, shape.1))
    }
}
