//! Rings of equal spatial frequency in a Fourier plane of any shape.

use crate::error::ResolveError;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use litho_types::scan::FrameOrigin;
use ndarray::{Array2, ArrayView2};

/// Which ring each Fourier pixel belongs to.
///
/// Ring `j` holds the pixels with `|q|` nearest to `j` steps. One step is one
/// Fourier pixel (the larger one of a rectangular image or of unequal object
/// pixels, so that no ring is empty). Rings end at Nyquist, `|q|` = 0.5 cycles
/// per object pixel (per larger pixel, if they differ); the corners beyond belong to none.
#[derive(Debug, Clone, PartialEq)]
pub struct Rings {
    index: Array2<u32>,
    counts: Vec<usize>,
    step: f64,
    pixel: Option<Metres>,
}

impl Rings {
    /// The ring index of pixels beyond Nyquist.
    pub const OUTSIDE: u32 = u32::MAX;

    /// Rings for the Fourier plane of an image of `shape` = (ny, nx), zero
    /// frequency at `origin`; `pixel` is the **object** pixel if it is known.
    ///
    /// # Errors
    /// [`ResolveError`] if the shape is below 2×2 or a pixel size is not positive.
    pub fn new(
        shape: (usize, usize),
        origin: FrameOrigin,
        pixel: Option<Point<Metres>>,
    ) -> Result<Self, ResolveError> {
        const NAME: &str = "Fourier rings";
        if shape.0 < 2 || shape.1 < 2 {
            return Err(ResolveError::TooSmall { operation: NAME, shape, minimum: 2 });
        }
        let (py, px) = pixel.map_or((1.0, 1.0), |p| (p.y.value(), p.x.value()));
        if let Some(&bad) = [py, px].iter().find(|p| !(p.is_finite() && **p > 0.0)) {
            let (name, allowed) = ("the object pixel in metres", "positive");
            return Err(ResolveError::InvalidSetting { operation: NAME, name, value: bad, allowed });
        }
        let larger = py.max(px);
        // q = k/(n p), here times the larger pixel
        let unit = (larger / (shape.0 as f64 * py), larger / (shape.1 as f64 * px));
        let step = unit.0.max(unit.1);
        let rings = (0.5 / step + 1e-9).floor() as usize + 1;
        let mut counts = vec![0; rings];
        let index = Array2::from_shape_fn(shape, |(y, x)| {
            let (ky, kx) = (index_from_zero(y, shape.0, origin), index_from_zero(x, shape.1, origin));
            let ring = ((ky as f64 * unit.0).hypot(kx as f64 * unit.1) / step).round() as usize;
            if ring < rings {
                counts[ring] += 1;
                ring as u32
            } else {
                Self::OUTSIDE
            }
        });
        Ok(Self { index, counts, step, pixel: pixel.map(|_| Metres::new(larger)) })
    }

    /// Ring of each Fourier pixel, `(y, x)`; [`Rings::OUTSIDE`] beyond Nyquist.
    pub fn index(&self) -> ArrayView2<'_, u32> {
        self.index.view()
    }

    /// Number of Fourier pixels in each ring.
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// Spatial frequency of each ring, cycles per (larger) pixel.
    pub fn frequencies(&self) -> Vec<f64> {
        (0..self.counts.len()).map(|ring| ring as f64 * self.step).collect()
    }

    /// The object pixel that "cycles per pixel" refers to: the larger of the two, if they are known.
    pub fn pixel(&self) -> Option<Metres> {
        self.pixel
    }
}

/// Index counted from the zero-frequency pixel of a side of `n` pixels.
pub(crate) fn index_from_zero(i: usize, n: usize, origin: FrameOrigin) -> isize {
    match origin {
        FrameOrigin::Corner => crate::fourier::signed_index(i, n),
        FrameOrigin::Centre => i as isize - (n / 2) as isize,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_plane_counted_by_hand() {
        // 4 × 4: q = 0 once; |k| = 1 (4 pixels) and √2 (4 pixels) round to ring 1; (−2,0), (0,−2) and the four
        // of |k| = √5 round to ring 2; √8 rounds to 3, beyond Nyquist.
        for origin in [FrameOrigin::Corner, FrameOrigin::Centre] {
            let rings = Rings::new((4, 4), origin, None).unwrap();
            assert_eq!(rings.counts(), [1, 8, 6]);
            assert_eq!(rings.frequencies(), [0.0, 0.25, 0.5]);
            let zero = if origin == FrameOrigin::Corner { (0, 0) } else { (2, 2) };
            assert_eq!(rings.index()[zero], 0);
        }
    }

    #[test]
    fn a_rectangle_has_rings_of_its_shorter_side() {
        let rings = Rings::new((64, 16), FrameOrigin::Corner, None).unwrap();
        assert_eq!(rings.frequencies().len(), 9);
        // Along y a ring is four Fourier pixels wide: 4 pixels of y are one of x.
        assert_eq!((rings.index()[(4, 0)], rings.index()[(0, 1)]), (1, 1));
        assert!(rings.counts()[1..].iter().all(|&n| n > 0));
    }

    #[test]
    fn unequal_pixels_are_compared_in_metres() {
        // 32 px of 20 nm and 64 px of 10 nm span the same 640 nm: Fourier pixels are square again.
        let pixel = Point::new(Metres::new(20e-9), Metres::new(10e-9));
        let rings = Rings::new((32, 64), FrameOrigin::Corner, Some(pixel)).unwrap();
        assert_eq!((rings.index()[(5, 0)], rings.index()[(0, 5)]), (5, 5));
        assert_eq!(rings.frequencies().last(), Some(&0.5));
        assert_eq!(rings.pixel(), Some(Metres::new(20e-9)));
        let wrong = Point::new(Metres::new(0.0), Metres::new(10e-9));
        assert!(Rings::new((32, 64), FrameOrigin::Corner, Some(wrong)).is_err());
    }
}
