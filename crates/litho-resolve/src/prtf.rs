//! Phase retrieval transfer function: how much of the measured diffraction the
//! reconstruction reproduces, ring by ring.

use crate::crossing::{Limits, crossings};
use crate::error::ResolveError;
use crate::fourier::check_shapes;
use crate::rings::Rings;
use litho_types::quantity::Metres;
use ndarray::ArrayView2;

/// The customary threshold: resolved down to the full period where the function falls below 1/e.
pub const THRESHOLD: f64 = 1.0 / std::f64::consts::E;

/// Sums over the rings of detector pixels, to be added up frame by frame.
#[derive(Debug, Clone, PartialEq)]
pub struct RingSums {
    /// `Σ |F model|` of each ring.
    pub model: Vec<f64>,
    /// `Σ √I` measured, of each ring.
    pub measured: Vec<f64>,
}

impl RingSums {
    /// Empty sums for these rings.
    pub fn new(rings: &Rings) -> Self {
        let empty = vec![0.0; rings.counts().len()];
        Self { model: empty.clone(), measured: empty }
    }

    /// Adds one frame: moduli `|F model|` and `√I`, both `(y, x)`, over the
    /// pixels where `good` is true and `√I` is a number.
    ///
    /// # Errors
    /// [`ResolveError::ShapeMismatch`] if an array does not have the rings' shape.
    pub fn add(
        &mut self,
        rings: &Rings,
        model: ArrayView2<'_, f32>,
        measured: ArrayView2<'_, f32>,
        good: ArrayView2<'_, bool>,
    ) -> Result<(), ResolveError> {
        let rings_shape = ("the ring map", rings.index().dim());
        check_shapes(NAME, ("the model", model.dim()), rings_shape)?;
        check_shapes(NAME, ("the measurement", measured.dim()), rings_shape)?;
        check_shapes(NAME, ("the mask", good.dim()), rings_shape)?;
        let pixels = model.into_iter().zip(measured).zip(good);
        for (&ring, ((&model, &measured), &good)) in rings.index().iter().zip(pixels) {
            if good && measured.is_finite() && ring != Rings::OUTSIDE {
                self.model[ring as usize] += f64::from(model);
                self.measured[ring as usize] += f64::from(measured);
            }
        }
        Ok(())
    }
}

/// A phase retrieval transfer function.
#[derive(Debug, Clone, PartialEq)]
pub struct Prtf {
    /// Spatial frequency of each ring on the object, cycles per (larger) object pixel, from 0.
    pub frequency: Vec<f64>,
    /// `Σ|F model| / Σ√I` of each ring; NaN where nothing was measured.
    pub ratio: Vec<f64>,
    /// Crossings of 1/e. The customary resolution is the full period.
    pub limits: Limits,
    /// The object pixel that "cycles per pixel" refers to.
    pub pixel: Option<Metres>,
}

impl Prtf {
    /// The transfer function of accumulated sums.
    ///
    /// # Errors
    /// [`ResolveError`] if the sums are not of these rings or nothing was measured.
    pub fn new(rings: &Rings, sums: &RingSums) -> Result<Self, ResolveError> {
        let frequency = rings.frequencies();
        for (second, len) in [("model sums", sums.model.len()), ("measured sums", sums.measured.len())] {
            if len != frequency.len() {
                return Err(ResolveError::LengthMismatch {
                    operation: NAME,
                    first: "rings",
                    first_len: frequency.len(),
                    second,
                    second_len: len,
                });
            }
        }
        if !sums.measured.iter().any(|&sum| sum > 0.0) {
            return Err(ResolveError::NoSignal {
                operation: NAME,
                what: "no measured pixel counted anything",
            });
        }
        let ratio: Vec<f64> = sums
            .model
            .iter()
            .zip(&sums.measured)
            .map(|(model, measured)| if *measured > 0.0 { model / measured } else { f64::NAN })
            .collect();
        let limits = crossings(&frequency, &ratio, &vec![THRESHOLD; frequency.len()]);
        Ok(Self { frequency, ratio, limits, pixel: rings.pixel() })
    }

    /// Spatial frequency of each ring in 1/m, if the object pixel is known.
    pub fn frequency_per_metre(&self) -> Option<Vec<f64>> {
        let pixel = self.pixel?;
        Some(self.frequency.iter().map(|q| q / pixel.value()).collect())
    }
}

const NAME: &str = "phase retrieval transfer function";

#[cfg(test)]
mod tests {
    use super::*;
    use litho_types::point::Point;
    use litho_types::scan::FrameOrigin;
    use ndarray::Array2;

    /// A model that loses modulus as exp(−|k|/k₀), against a flat measurement.
    fn fading(rings: &Rings, scale: f64, good: &Array2<bool>) -> Prtf {
        let measured = Array2::from_elem(rings.index().dim(), 50.0_f32);
        let model = rings.index().mapv(|ring| (50.0 * (-f64::from(ring.min(1000)) / scale).exp()) as f32);
        let mut sums = RingSums::new(rings);
        for _ in 0..3 {
            sums.add(rings, model.view(), measured.view(), good.view()).unwrap();
        }
        Prtf::new(rings, &sums).unwrap()
    }

    #[test]
    fn an_exponential_falls_to_one_over_e_where_it_must() {
        // 1/e at ring 20 of 64 px: 20/64 cycles per pixel, full period 3.2 px = 48 nm at 15 nm.
        let pixel = Metres::new(15e-9);
        for origin in [FrameOrigin::Centre, FrameOrigin::Corner] {
            let rings = Rings::new((64, 64), origin, Some(Point::new(pixel, pixel))).unwrap();
            let mut good = Array2::from_elem((64, 64), true);
            good.row_mut(7).fill(false);
            let prtf = fading(&rings, 20.0, &good);
            let found = prtf.limits.first.full_period(pixel).unwrap().value();
            assert!((found - 48e-9).abs() < 1e-14, "{found}"); // single precision of the moduli
            assert_eq!(prtf.limits.first, prtf.limits.last);
            assert!((prtf.frequency_per_metre().unwrap()[32] - 0.5 / 15e-9).abs() < 1.0);
        }
    }

    #[test]
    fn a_good_model_is_limited_by_the_pixel_and_a_beamstop_is_passed_over() {
        let rings = Rings::new((32, 32), FrameOrigin::Corner, None).unwrap();
        let good = rings.index().mapv(|ring| ring > 3);
        let prtf = fading(&rings, 1e4, &good);
        assert_eq!(prtf.limits.first, crate::crossing::Limit::PixelLimit);
        assert!(prtf.ratio[..4].iter().all(|r| r.is_nan()));
        assert!(Prtf::new(&rings, &RingSums::new(&rings)).is_err());
    }
}
