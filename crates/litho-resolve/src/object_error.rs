//! The distance of a reconstruction from the truth, with everything removed
//! that ptychography cannot know.

use crate::apodised::MIN_SIDE;
use crate::error::ResolveError;
use crate::fourier::{C64, check_finite, fft2, ifft2, shift_spectrum, widen, widened};
use crate::gauge::{Gauge, PhaseRamp};
use crate::peak::{Refinement, spectral_peak};
use crate::region::Rectangle;
use crate::register::{ImageKind, register};
use crate::window::Window;
use litho_types::C32;
use litho_types::point::Point;
use litho_types::quantity::Pixels;
use ndarray::{Array2, ArrayView2, Zip};

/// How far the shift between reconstruction and truth is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShiftSearch {
    /// The best of the 49 shifts by −3…3 whole pixels each way.
    #[default]
    WholePixels,
    /// The same, then refined to a fraction of a pixel. Needs a margin of 16 pixels.
    SubPixel,
}

/// How finely the phase ramp is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RampSearch {
    /// Multiples of 1/8 Fourier pixel of the compared region: an eightfold
    /// zero-padded transform, the usual definition in comparisons of programs.
    /// The ramp left over (up to 1/16 pixel) may add up to 0.16 to the error.
    #[default]
    EighthPixel,
    /// To 1/4000 Fourier pixel.
    Fine,
}

/// What [`object_error`] removes and where it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectErrorOptions {
    /// Pixels left out at each side.
    pub margin: usize,
    /// Shift search.
    pub shift: ShiftSearch,
    /// Ramp search.
    pub ramp: RampSearch,
}

impl Default for ObjectErrorOptions {
    /// Margin 64, whole pixels, 1/8 Fourier pixel.
    fn default() -> Self {
        Self { margin: 64, shift: ShiftSearch::default(), ramp: RampSearch::default() }
    }
}

/// The error of a reconstruction and the gauge in which it was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ObjectError {
    /// `‖a − s b‖ / ‖s b‖`: `a` the reconstruction, `b` the shifted truth times
    /// the ramp, `s` the least-squares complex factor.
    pub relative: f64,
    /// How far the reconstruction's content lies from the truth's, after centring the larger on the smaller.
    pub shift: Point<Pixels>,
    /// Factor and ramp, counted from the corner of the compared region.
    pub gauge: Gauge,
}

const NAME: &str = "object error";
const LARGEST_SHIFT: isize = 3;
/// Border that the Fourier shift of the truth may spoil.
const MIN_SUBPIXEL_MARGIN: usize = 16;

/// Relative L2 error of `reconstruction` against `truth`, both `(y, x)`, after
/// removing shift, phase ramp and complex factor. Shapes may differ: both are
/// cut to their common size around their centres, then by the margin.
///
/// # Errors
/// [`ResolveError`] if the margin leaves fewer than 16 pixels, leaves no room
/// for the shift, a pixel is not finite, or the truth is zero.
pub fn object_error(
    reconstruction: ArrayView2<'_, C32>,
    truth: ArrayView2<'_, C32>,
    options: &ObjectErrorOptions,
) -> Result<ObjectError, ResolveError> {
    check_finite(NAME, "the reconstruction", reconstruction)?;
    check_finite(NAME, "the truth", truth)?;
    let (outer, inner_of_truth) = common_frames(reconstruction.dim(), truth.dim(), options.margin)?;
    let b = inner_of_truth.of(truth).mapv(widen);
    let refinement = match options.ramp {
        RampSearch::EighthPixel => Refinement::Eighth,
        RampSearch::Fine => Refinement::Fine,
    };
    let mut best: Option<(ObjectError, Rectangle)> = None;
    for dy in -LARGEST_SHIFT..=LARGEST_SHIFT {
        for dx in -LARGEST_SHIFT..=LARGEST_SHIFT {
            let Some(place) = moved(outer, (dy, dx), reconstruction.dim()) else { continue };
            let found =
                compare(&place.of(reconstruction).mapv(widen), &b, (dy as f64, dx as f64), refinement);
            if best.is_none_or(|(best, _)| found.relative < best.relative) {
                best = Some((found, place));
            }
        }
    }
    let zero = ResolveError::NoSignal { operation: NAME, what: "the images are zero" };
    let (best, place) = best.filter(|(best, _)| best.relative.is_finite()).ok_or(zero)?;
    match options.shift {
        ShiftSearch::WholePixels => Ok(best),
        ShiftSearch::SubPixel => {
            if options.margin < MIN_SUBPIXEL_MARGIN {
                return Err(ResolveError::InvalidSetting {
                    operation: NAME,
                    name: "the margin",
                    value: options.margin as f64,
                    allowed: "at least 16 pixels for a sub-pixel shift",
                });
            }
            let a = place.of(reconstruction);
            let fraction = register(inner_of_truth.of(truth), a, Window::Hann, ImageKind::Complex)?.shift;
            let fraction = (fraction.y.value(), fraction.x.value());
            let b = inner_of_truth.of(shifted_inside(truth, fraction, options.margin).view()).to_owned();
            let shift = (best.shift.y.value() + fraction.0, best.shift.x.value() + fraction.1);
            Ok(compare(&a.mapv(widen), &b, shift, refinement))
        }
    }
}

/// The compared rectangle in the reconstruction (shift 0) and in the truth.
fn common_frames(
    reconstruction: (usize, usize),
    truth: (usize, usize),
    margin: usize,
) -> Result<(Rectangle, Rectangle), ResolveError> {
    let common = (reconstruction.0.min(truth.0), reconstruction.1.min(truth.1));
    let inner = (common.0.saturating_sub(2 * margin), common.1.saturating_sub(2 * margin));
    if inner.0 < MIN_SIDE || inner.1 < MIN_SIDE {
        return Err(ResolveError::TooSmall { operation: NAME, shape: inner, minimum: MIN_SIDE });
    }
    let place = |shape: (usize, usize)| Rectangle {
        y: (shape.0 - common.0) / 2 + margin,
        x: (shape.1 - common.1) / 2 + margin,
        height: inner.0,
        width: inner.1,
    };
    Ok((place(reconstruction), place(truth)))
}

fn moved(rectangle: Rectangle, shift: (isize, isize), shape: (usize, usize)) -> Option<Rectangle> {
    let (y, x) = (rectangle.y.checked_add_signed(shift.0)?, rectangle.x.checked_add_signed(shift.1)?);
    let inside = y + rectangle.height <= shape.0 && x + rectangle.width <= shape.1;
    inside.then_some(Rectangle { y, x, ..rectangle })
}

/// Error of `a` against `b` after ramp and factor.
fn compare(a: &Array2<C64>, b: &Array2<C64>, shift: (f64, f64), refinement: Refinement) -> ObjectError {
    let product = Zip::from(a).and(b).map_collect(|a, b| a * b.conj());
    let (y, x) = spectral_peak(&product, refinement);
    let ramp = PhaseRamp { y, x };
    let (mut cross, mut power) = (C64::default(), 0.0);
    for ((y, x), b) in b.indexed_iter() {
        cross += product[(y, x)] * ramp.at(y, x).conj();
        power += b.norm_sqr();
    }
    let scale = cross / power; // s = ⟨b ramp, a⟩/⟨b, b⟩
    let residual: f64 =
        a.indexed_iter().map(|((y, x), a)| (a - scale * ramp.at(y, x) * b[(y, x)]).norm_sqr()).sum();
    ObjectError {
        relative: (residual / (scale.norm_sqr() * power)).sqrt(),
        shift: Point::new(Pixels::new(shift.0), Pixels::new(shift.1)),
        gauge: Gauge { scale, ramp },
    }
}

/// The truth moved by a fraction of a pixel; the outer `margin` fades to zero so that nothing wraps or rings.
fn shifted_inside(truth: ArrayView2<'_, C32>, shift: (f64, f64), margin: usize) -> Array2<C64> {
    let (ny, nx) = truth.dim();
    // The inner region must stay flat under the moved window: four pixels are kept back.
    let fade = Window::Tukey { taper: (margin - 4) as f64 };
    let (wy, wx) = (fade.samples(ny, 0.0, 0.0), fade.samples(nx, 0.0, 0.0));
    let mut faded = widened(truth);
    faded.indexed_iter_mut().for_each(|((y, x), v)| *v *= wy[y] * wx[x]);
    let mut spectrum = fft2(faded);
    shift_spectrum(&mut spectrum, shift);
    ifft2(spectrum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_testkit::{Lcg, TestObject};
    use ndarray::s;

    const MARGIN: usize = 20;

    fn options(shift: ShiftSearch, ramp: RampSearch) -> ObjectErrorOptions {
        ObjectErrorOptions { margin: MARGIN, shift, ramp }
    }

    #[test]
    fn shift_ramp_and_factor_are_no_error() {
        let object = TestObject::new(120, 5);
        let truth = object.image((0.0, 0.0));
        // 3/8 and −5/8 Fourier pixel of the 80 compared pixels lie on the coarse grid.
        let ramp = PhaseRamp { y: 3.0 / 640.0, x: -5.0 / 640.0 };
        let gauge = Gauge { scale: C64::new(0.3, -0.4), ramp };
        let whole = gauge.apply(object.image((2.0, -1.0)).view());
        let found = object_error(
            whole.view(),
            truth.view(),
            &options(ShiftSearch::WholePixels, RampSearch::EighthPixel),
        );
        let found = found.unwrap();
        assert!(found.relative < 1e-6, "{found:?}"); // single precision of the images
        assert_eq!((found.shift.y.value(), found.shift.x.value()), (2.0, -1.0));
    }

    #[test]
    fn a_fraction_of_a_pixel_is_no_error_either() {
        let object = TestObject::new(120, 5);
        let truth = object.image((0.0, 0.0));
        let moved = object.image((1.3, -0.6));
        let sub = object_error(moved.view(), truth.view(), &options(ShiftSearch::SubPixel, RampSearch::Fine))
            .unwrap();
        let whole =
            object_error(moved.view(), truth.view(), &options(ShiftSearch::WholePixels, RampSearch::Fine))
                .unwrap();
        // 0.01 px of shift error times the object's rms gradient (≈ 0.1 per pixel), and the ramp grid (3e-3 at most).
        assert!(sub.relative < 4e-3, "{sub:?}");
        assert!(whole.relative > 5.0 * sub.relative, "{whole:?} against {sub:?}");
    }

    #[test]
    fn noise_counts_as_the_noise_it_is() {
        let truth = TestObject::new(120, 6).image((0.0, 0.0));
        let noise = Lcg::new(7).complex_noise((120, 120), 0.2);
        let inner = s![MARGIN..120 - MARGIN, MARGIN..120 - MARGIN];
        let power = |image: ArrayView2<'_, C32>| image.iter().map(|v| f64::from(v.norm_sqr())).sum::<f64>();
        let expected = (power(noise.slice(inner)) / power(truth.slice(inner))).sqrt();
        let found = object_error(
            (&truth + &noise).view(),
            truth.view(),
            &options(ShiftSearch::WholePixels, RampSearch::Fine),
        );
        // The factor takes up one of 6400 degrees of freedom: relative 1/√6400 = 1.3 % in the worst case.
        assert!((found.unwrap().relative / expected - 1.0).abs() < 0.013);
    }

    #[test]
    fn a_larger_reconstruction_is_centred() {
        let object = TestObject::new(120, 8);
        let truth = object.image((0.0, 0.0));
        let large =
            Array2::from_shape_fn((140, 131), |(y, x)| object.transmission(y as f64 - 10.0, x as f64 - 5.0));
        let found =
            object_error(large.view(), truth.view(), &options(ShiftSearch::WholePixels, RampSearch::Fine))
                .unwrap();
        assert!(found.relative < 1e-3, "{found:?}");
        assert!(
            object_error(
                large.view(),
                truth.slice(s![..40, ..]),
                &options(ShiftSearch::WholePixels, RampSearch::Fine)
            )
            .is_err()
        );
    }
}
