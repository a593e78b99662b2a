//! Ptychography's free gauge: an object is known only up to a complex factor and
//! a linear phase ramp, which the probe and the beam direction take up.

use crate::error::ResolveError;
use crate::fourier::{C64, check_finite, check_shapes, narrow, widen};
use crate::peak::{Refinement, spectral_peak};
use litho_types::C32;
use ndarray::{Array2, ArrayView2, Zip};
use num_complex::Complex;
use std::f64::consts::TAU;

/// A linear phase ramp `exp(2πi(q_y y + q_x x))`, counted from pixel `(0, 0)`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PhaseRamp {
    /// `q_y`, cycles per pixel along the rows' index.
    pub y: f64,
    /// `q_x`, cycles per pixel along the columns' index.
    pub x: f64,
}

impl PhaseRamp {
    /// The ramp on `object` `(y, x)`, seen where `weight` `(y, x)` is positive:
    /// the frequency at which `|Σ w O exp(−2πi q·r)|` is largest, to 1/4000 of a
    /// Fourier pixel. Exact where the weighted region is air (`O` constant but
    /// for the ramp), and never troubled by phase wraps.
    ///
    /// # Errors
    /// [`ResolveError`] if shapes differ, a number is not finite, or nothing has weight.
    pub fn estimate(object: ArrayView2<'_, C32>, weight: ArrayView2<'_, f32>) -> Result<Self, ResolveError> {
        let field = weighted("phase ramp", object, weight)?;
        Ok(Self::of_peak(&field))
    }

    fn of_peak(field: &Array2<C64>) -> Self {
        let (y, x) = spectral_peak(field, Refinement::Fine);
        Self { y, x }
    }

    /// The ramp's factor at pixel `(y, x)`.
    pub(crate) fn at(self, y: usize, x: usize) -> C64 {
        C64::cis(TAU * (self.y * y as f64 + self.x * x as f64))
    }
}

/// What separates two images of one object: `image(r) = scale · exp(2πi q·r) · reference(r)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gauge {
    /// Complex factor at pixel `(0, 0)`.
    pub scale: Complex<f64>,
    /// Linear phase ramp.
    pub ramp: PhaseRamp,
}

impl Gauge {
    /// The factor and ramp of `object` `(y, x)` against air: where `weight`
    /// `(y, x)` is positive, nothing should stand in the beam and `O` should be 1.
    ///
    /// # Errors
    /// As [`PhaseRamp::estimate`].
    pub fn against_air(
        object: ArrayView2<'_, C32>,
        weight: ArrayView2<'_, f32>,
    ) -> Result<Self, ResolveError> {
        let field = weighted("gauge against air", object, weight)?;
        let ramp = PhaseRamp::of_peak(&field);
        let total: f64 = weight.iter().map(|&w| f64::from(w)).sum();
        Self { scale: unramped_sum(&field, ramp) / total, ramp }.checked("gauge against air")
    }

    /// The image with this factor and ramp taken out: `image / (scale · ramp)`.
    pub fn remove(self, image: ArrayView2<'_, C32>) -> Array2<C32> {
        let inverse = self.scale.inv();
        map_indexed(image, |y, x, value| value * inverse * self.ramp.at(y, x).conj())
    }

    /// The image with this factor and ramp put in: `image · scale · ramp`.
    pub fn apply(self, image: ArrayView2<'_, C32>) -> Array2<C32> {
        map_indexed(image, |y, x, value| value * self.scale * self.ramp.at(y, x))
    }

    fn checked(self, operation: &'static str) -> Result<Self, ResolveError> {
        if self.scale.is_finite() && self.scale.norm_sqr() > 0.0 {
            return Ok(self);
        }
        Err(ResolveError::NoSignal {
            operation,
            what: "the images have nothing in common where there is weight",
        })
    }
}

/// The factor and ramp that best turn `reference` into `image`, both `(y, x)`,
/// in the weighted least-squares sense `Σ w |image − scale · ramp · reference|²`.
/// The images must be registered already (see [`register`](crate::register)).
///
/// # Errors
/// [`ResolveError`] if shapes differ, a number is not finite, or nothing has weight.
pub fn align_gauge(
    reference: ArrayView2<'_, C32>,
    image: ArrayView2<'_, C32>,
    weight: ArrayView2<'_, f32>,
) -> Result<Gauge, ResolveError> {
    const NAME: &str = "gauge";
    check_shapes(NAME, ("the reference", reference.dim()), ("the image", image.dim()))?;
    check_finite(NAME, "the reference", reference)?;
    let mut product = weighted(NAME, image, weight)?;
    Zip::from(&mut product).and(reference).for_each(|p, &r| *p *= widen(r).conj());
    // min over q of Σ w |I − s e^{2πiq·r} R|² is the max over q of |Σ w I R* e^{−2πiq·r}|; then s = that sum / Σ w|R|²
    let ramp = PhaseRamp::of_peak(&product);
    let power: f64 = reference.iter().zip(weight).map(|(r, &w)| f64::from(w) * widen(*r).norm_sqr()).sum();
    Gauge { scale: unramped_sum(&product, ramp) / power, ramp }.checked(NAME)
}

/// `Σ f(r) exp(−2πi q·r)`.
fn unramped_sum(field: &Array2<C64>, ramp: PhaseRamp) -> C64 {
    field.indexed_iter().map(|((y, x), v)| v * ramp.at(y, x).conj()).sum()
}

fn weighted(
    operation: &'static str,
    image: ArrayView2<'_, C32>,
    weight: ArrayView2<'_, f32>,
) -> Result<Array2<C64>, ResolveError> {
    check_shapes(operation, ("the image", image.dim()), ("the weight", weight.dim()))?;
    check_finite(operation, "the image", image)?;
    if let Some(&bad) = weight.iter().find(|w| !(w.is_finite() && **w >= 0.0)) {
        return Err(ResolveError::InvalidSetting {
            operation,
            name: "a weight",
            value: f64::from(bad),
            allowed: "finite and zero or more",
        });
    }
    if !weight.iter().any(|&w| w > 0.0) {
        return Err(ResolveError::NoSignal { operation, what: "every weight is zero" });
    }
    Ok(Zip::from(image).and(weight).map_collect(|&v, &w| widen(v) * f64::from(w)))
}

fn map_indexed(image: ArrayView2<'_, C32>, change: impl Fn(usize, usize, C64) -> C64) -> Array2<C32> {
    Array2::from_shape_fn(image.dim(), |(y, x)| narrow(change(y, x, widen(image[(y, x)]))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_testkit::{Lcg, TestObject, relative_rms};

    /// The search ends on a grid of 1/2048 Fourier pixel; half a step is the error, here of 64 pixels.
    const RAMP_STEP: f64 = 0.5 / (2048.0 * 64.0);

    const GAUGE: Gauge = Gauge { scale: Complex::new(-0.6, 1.7), ramp: PhaseRamp { y: 0.0213, x: -0.0087 } };

    #[test]
    fn scale_and_ramp_between_two_images_come_back() {
        let reference = TestObject::new(64, 1).image((0.0, 0.0));
        let image = GAUGE.apply(reference.view());
        let weight = Array2::from_shape_fn((64, 64), |(y, x)| ((y * x) % 7) as f32);
        let found = align_gauge(reference.view(), image.view(), weight.view()).unwrap();
        assert!((found.ramp.y - GAUGE.ramp.y).abs() < RAMP_STEP, "{found:?}");
        assert!((found.ramp.x - GAUGE.ramp.x).abs() < RAMP_STEP, "{found:?}");
        // A ramp error of ½ step turns the far corner by 2π·64·2·RAMP_STEP = 3.1e-3 rad.
        assert!(relative_rms(found.remove(image.view()).view(), reference.view()) < 3.1e-3);
    }

    #[test]
    fn air_is_enough_to_find_the_ramp_of_one_object() {
        // A strong object fills the middle; the weight looks only at the empty border, through 10 % noise.
        let mut object = Array2::from_elem((64, 64), C32::new(1.0, 0.0));
        let mut weight = Array2::<f32>::zeros((64, 64));
        for ((y, x), value) in object.indexed_iter_mut() {
            if (10..54).contains(&y) && (10..54).contains(&x) {
                *value = C32::from_polar(0.7, -0.2 * y as f32);
            } else {
                weight[(y, x)] = 1.0;
            }
        }
        let clean = GAUGE.apply(object.view());
        let image = &clean + &Lcg::new(2).complex_noise((64, 64), 0.1 * GAUGE.scale.norm());
        let found = Gauge::against_air(image.view(), weight.view()).unwrap();
        // Cramér–Rao for a frequency: σ = √(0.1²/2 / Σ(2π)²(y − ȳ)²) = 1.2e-5 with the border's 2160 pixels of rms
        // distance 26 px; five of these plus the grid step.
        let tolerance = 6e-5 + RAMP_STEP;
        assert!((found.ramp.y - GAUGE.ramp.y).abs() < tolerance, "{found:?}");
        assert!((found.ramp.x - GAUGE.ramp.x).abs() < tolerance, "{found:?}");
        assert!((found.scale.norm() / GAUGE.scale.norm() - 1.0).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn bad_input_is_named() {
        let mut image = TestObject::new(16, 1).image((0.0, 0.0));
        let none = Array2::zeros((16, 16));
        assert!(matches!(PhaseRamp::estimate(image.view(), none.view()), Err(ResolveError::NoSignal { .. })));
        image[(3, 5)].re = f32::NAN;
        let error = PhaseRamp::estimate(image.view(), Array2::ones((16, 16)).view()).unwrap_err();
        assert!(matches!(error, ResolveError::NotFinite { y: 3, x: 5, .. }), "{error}");
    }
}
