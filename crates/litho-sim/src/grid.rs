//! A sampled plane across the optical axis.

use crate::error::SimError;
use litho_types::point::Point;
use litho_types::quantity::Metres;

/// Samples `(y, x)` of a wave; the optical axis is at sample `(ny/2, nx/2)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Number of samples `(ny, nx)`.
    pub shape: (usize, usize),
    /// Distance of neighbouring samples.
    pub pixel: Point<Metres>,
}

impl Grid {
    /// The grid, if its shape and pixel make sense.
    ///
    /// # Errors
    /// [`SimError::Value`] if a side has no sample or a pixel is not above zero.
    pub fn new(shape: (usize, usize), pixel: Point<Metres>) -> Result<Self, SimError> {
        SimError::positive("the number of rows", shape.0 as f64, "pixels")?;
        SimError::positive("the number of columns", shape.1 as f64, "pixels")?;
        SimError::positive("the pixel along y", pixel.y.value(), "m")?;
        SimError::positive("the pixel along x", pixel.x.value(), "m")?;
        Ok(Self { shape, pixel })
    }

    /// Width of the plane, samples times pixel.
    pub fn field_of_view(&self) -> Point<Metres> {
        Point::new(self.pixel.y * self.shape.0 as f64, self.pixel.x * self.shape.1 as f64)
    }

    /// Coordinates of the samples along `y` and `x`, metres from the axis.
    pub(crate) fn coordinates(&self) -> (Vec<f64>, Vec<f64>) {
        let axis = |count: usize, pixel: Metres| {
            (0..count).map(|i| (i as f64 - (count / 2) as f64) * pixel.value()).collect()
        };
        (axis(self.shape.0, self.pixel.y), axis(self.shape.1, self.pixel.x))
    }

    /// Spatial frequencies along `y` and `x`, cycles per metre, zero first.
    pub(crate) fn frequencies(&self) -> (Vec<f64>, Vec<f64>) {
        let axis = |count: usize, pixel: Metres| {
            (0..count).map(|i| signed(i, count) / (count as f64 * pixel.value())).collect()
        };
        (axis(self.shape.0, self.pixel.y), axis(self.shape.1, self.pixel.x))
    }

    /// The same plane with `factor` times as many samples, `factor` times as dense.
    pub(crate) fn refined(&self, factor: usize) -> Self {
        Self {
            shape: (self.shape.0 * factor, self.shape.1 * factor),
            pixel: self.pixel.map(|p| p * (1.0 / factor as f64)),
        }
    }
}

/// The frequency number of bin `index` out of `count`: 0, 1, … −2, −1.
pub(crate) fn signed(index: usize, count: usize) -> f64 {
    if index < count.div_ceil(2) { index as f64 } else { index as f64 - count as f64 }
}
