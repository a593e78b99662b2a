//! Starting probes made from the measured frames themselves.

use crate::C64;
use crate::error::SimError;
use crate::fourier::{Fourier, to_centre, to_corner, to_single};
use crate::propagation::FreeSpace;
use litho_types::C32;
use litho_types::scan::FrameOrigin;
use ndarray::{Array2, ArrayView2};

/// Far field: the probe `(y, x)`, centred, whose diffraction pattern is the mean frame with zero
/// phase, `P = F⁻¹ √⟨I⟩` (Marchesini et al., SHARP, J. Appl. Cryst. 49, 1245, 2016), optionally
/// carried over `defocus`. Its power is that of the mean frame.
///
/// Pixels where `good` is false take the mean of the nearest good ones. Negative means count as zero.
///
/// # Errors
/// [`SimError::Shape`] if mean and mask differ, [`SimError::Value`] if a good mean is not finite,
/// nothing is bright, or the free space of `defocus` makes no sense.
pub fn probe_from_mean_frame(
    mean: ArrayView2<'_, f64>,
    good: ArrayView2<'_, bool>,
    origin: FrameOrigin,
    defocus: Option<&FreeSpace>,
) -> Result<Array2<C32>, SimError> {
    let modulus = modulus(mean, good)?;
    let mut wave = match origin {
        FrameOrigin::Centre => to_corner(modulus.view()),
        FrameOrigin::Corner => modulus,
    };
    Fourier::new(wave.dim()).inverse(&mut wave);
    let mut wave = to_centre(wave.view());
    if let Some(space) = defocus {
        space.propagate_in_place(&mut wave)?;
    }
    Ok(to_single(&wave))
}

/// Near field: the square root of the mean frame carried back from the detector to the sample.
///
/// `to_detector` is the free space between sample and detector (effective distance, object pixel).
/// Bad pixels, power and errors as in [`probe_from_mean_frame`].
///
/// # Errors
/// As [`probe_from_mean_frame`].
pub fn probe_from_mean_image(
    mean: ArrayView2<'_, f64>,
    good: ArrayView2<'_, bool>,
    to_detector: &FreeSpace,
) -> Result<Array2<C32>, SimError> {
    let mut wave = modulus(mean, good)?;
    FreeSpace { distance: -to_detector.distance, ..*to_detector }.propagate_in_place(&mut wave)?;
    Ok(to_single(&wave))
}

/// `√⟨I⟩` with the bad pixels filled.
fn modulus(mean: ArrayView2<'_, f64>, good: ArrayView2<'_, bool>) -> Result<Array2<C64>, SimError> {
    if good.dim() != mean.dim() {
        let (array, reference) = ("the mask", "the mean frame");
        return Err(SimError::Shape { array, got: good.dim(), reference, want: mean.dim() });
    }
    for (value, _) in mean.iter().zip(good).filter(|(_, good)| **good) {
        SimError::finite("a pixel of the mean frame", *value, "counts")?;
    }
    let total: f64 = mean.iter().zip(good).filter(|(_, good)| **good).map(|(v, _)| v.max(0.0)).sum();
    SimError::positive("the sum of the mean frame", total, "counts")?;
    Ok(Array2::from_shape_fn(mean.dim(), |pixel| C64::from(filled(&mean, &good, pixel).max(0.0).sqrt())))
}

/// The pixel, or the mean of the good ones in the smallest square about it that holds any.
fn filled(mean: &ArrayView2<'_, f64>, good: &ArrayView2<'_, bool>, (y, x): (usize, usize)) -> f64 {
    if good[(y, x)] {
        return mean[(y, x)];
    }
    let (ny, nx) = mean.dim();
    for reach in 1..ny.max(nx) {
        let rows = y.saturating_sub(reach)..(y + reach + 1).min(ny);
        let columns = x.saturating_sub(reach)..(x + reach + 1).min(nx);
        let square = ndarray::s![rows, columns];
        let values = mean.slice(square);
        let (sum, count) = values
            .iter()
            .zip(good.slice(square))
            .filter(|(_, good)| **good)
            .fold((0.0, 0), |(sum, count), (value, _)| (sum + value, count + 1));
        if count > 0 {
            return sum / f64::from(count);
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fourier::to_double;
    use litho_types::point::Point;
    use litho_types::quantity::Metres;

    fn mean() -> Array2<f64> {
        Array2::from_shape_fn((8, 6), |(y, x)| 1.0 + ((5 * y + 3 * x) % 7) as f64)
    }

    #[test]
    fn the_probe_diffracts_to_the_mean_frame() {
        let (mean, good) = (mean(), Array2::from_elem((8, 6), true));
        for origin in [FrameOrigin::Centre, FrameOrigin::Corner] {
            let probe = probe_from_mean_frame(mean.view(), good.view(), origin, None).unwrap();
            let mut wave = to_corner(to_double(probe.view()).view());
            Fourier::new((8, 6)).forward(&mut wave);
            let frame = if origin == FrameOrigin::Centre { to_centre(wave.view()) } else { wave };
            for (value, mean) in frame.iter().zip(&mean) {
                // Single precision of the probe: 48 samples of relative error 6e-8.
                assert!((value.norm_sqr() - mean).abs() < 1e-5 * 8.0 && value.im.abs() < 1e-5);
            }
        }
    }

    #[test]
    fn the_near_field_start_propagates_to_the_mean_image() {
        let (mean, good) = (mean(), Array2::from_elem((8, 6), true));
        let pixel = Point::new(Metres::new(1e-7), Metres::new(1e-7));
        let space = FreeSpace { wavelength: Metres::new(1e-10), pixel, distance: Metres::new(1e-4) };
        let probe = probe_from_mean_image(mean.view(), good.view(), &space).unwrap();
        let image = space.propagate(probe.view()).unwrap();
        for (value, mean) in image.iter().zip(&mean) {
            assert!((f64::from(value.norm_sqr()) - mean).abs() < 1e-5 * 8.0);
        }
    }

    #[test]
    fn bad_pixels_take_their_neighbours_mean() {
        let mut mean = Array2::from_elem((5, 5), 4.0);
        let mut good = Array2::from_elem((5, 5), true);
        for bad in [(2, 2), (2, 3), (0, 0)] {
            (mean[bad], good[bad]) = (f64::NAN, false);
        }
        let modulus = modulus(mean.view(), good.view()).unwrap();
        assert!(modulus.iter().all(|v| *v == C64::from(2.0)), "{modulus}");
    }

    #[test]
    fn a_dark_mean_is_refused() {
        let (mean, good) = (Array2::zeros((4, 4)), Array2::from_elem((4, 4), true));
        let error = probe_from_mean_frame(mean.view(), good.view(), FrameOrigin::Centre, None).unwrap_err();
        assert!(error.to_string().contains("sum of the mean frame is 0"), "{error}");
    }
}
