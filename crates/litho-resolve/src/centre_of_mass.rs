//! Centre of mass of every diffraction frame: the beam's deflection, which is
//! proportional to the gradient of the object's phase.

use crate::error::ResolveError;
use crate::fourier::check_shapes;
use crate::rings::index_from_zero;
use litho_types::frames::{Count, Frames};
use litho_types::scan::FrameOrigin;
use litho_types::with_frames;
use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

/// Centre of mass `(y, x)` of each far-field frame in detector pixels, relative
/// to the mean over all frames, along the axes as stored. Only pixels where
/// `good` `(y, x)` is true take part. Pixels are counted from zero frequency, so
/// frames with their origin in the corner are unwrapped to −N/2…N/2.
/// A frame without counts has no centre: `(NaN, NaN)`.
///
/// # Errors
/// [`ResolveError`] if the mask has another shape or no frame has counts.
pub fn centres_of_mass(
    frames: &Frames,
    good: ArrayView2<'_, bool>,
    origin: FrameOrigin,
) -> Result<Vec<(f64, f64)>, ResolveError> {
    const NAME: &str = "centre of mass";
    check_shapes(NAME, ("the frame", frames.shape()), ("the mask", good.dim()))?;
    let mut centres: Vec<(f64, f64)> = with_frames!(frames, all => {
        let each: Vec<_> = all.axis_iter(Axis(0)).collect();
        each.into_par_iter().map(|frame| centre(frame, good, origin)).collect()
    }, stored => {
        let each = (0..stored.len()).into_par_iter();
        each.map(|index| stored.with_frame(index, |frame| centre(frame, good, origin))).collect()
    });
    let measured: Vec<_> = centres.iter().filter(|c| c.0.is_finite() && c.1.is_finite()).collect();
    if measured.is_empty() {
        return Err(ResolveError::NoSignal { operation: NAME, what: "no frame has counts on good pixels" });
    }
    let count = measured.len() as f64;
    let mean = (
        measured.iter().map(|c| c.0).sum::<f64>() / count,
        measured.iter().map(|c| c.1).sum::<f64>() / count,
    );
    for centre in &mut centres {
        *centre = (centre.0 - mean.0, centre.1 - mean.1);
    }
    Ok(centres)
}

/// `Σ I k / Σ I` over good pixels; 0/0 is NaN.
fn centre<T: Count>(frame: ArrayView2<'_, T>, good: ArrayView2<'_, bool>, origin: FrameOrigin) -> (f64, f64) {
    let (ny, nx) = frame.dim();
    let (mut total, mut sum_y, mut sum_x) = (0.0, 0.0, 0.0);
    for (y, (row, good)) in frame.outer_iter().zip(good.outer_iter()).enumerate() {
        let ky = index_from_zero(y, ny, origin) as f64;
        for (x, (value, good)) in row.iter().zip(good).enumerate() {
            if *good {
                let intensity = f64::from(value.to_f32());
                total += intensity;
                sum_y += intensity * ky;
                sum_x += intensity * index_from_zero(x, nx, origin) as f64;
            }
        }
    }
    (sum_y / total, sum_x / total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, Array3};

    /// Three frames of 6 × 5 pixels; single bright pixels at (1, −2) and (−3, 1) from zero frequency, and none.
    fn frames(origin: FrameOrigin) -> Frames {
        let mut stack = Array3::<u16>::zeros((3, 6, 5));
        for (frame, (y, x)) in [(1, -2), (-3, 1)].into_iter().enumerate() {
            let (zero_y, zero_x) = if origin == FrameOrigin::Centre { (3, 2) } else { (0, 0) };
            let at = |k: i32, zero: i32, n: i32| (k + zero).rem_euclid(n) as usize;
            stack[(frame, at(y, zero_y, 6), at(x, zero_x, 5))] = 7;
        }
        Frames::U16(stack)
    }

    #[test]
    fn both_origins_tell_the_same_centres() {
        // Mean (−1, −0.5): deviations (2, −1.5) and (−2, 1.5). The dark frame has none and does not pull the mean.
        for origin in [FrameOrigin::Centre, FrameOrigin::Corner] {
            let good = Array2::from_elem((6, 5), true);
            let centres = centres_of_mass(&frames(origin), good.view(), origin).unwrap();
            assert_eq!(centres[..2], [(2.0, -1.5), (-2.0, 1.5)]);
            assert!(centres[2].0.is_nan() && centres[2].1.is_nan());
        }
    }

    #[test]
    fn bad_pixels_do_not_count() {
        let mut good = Array2::from_elem((6, 5), true);
        good[(1, 3)] = false; // the first frame's only counts, corner origin
        let centres =
            centres_of_mass(&frames(FrameOrigin::Corner), good.view(), FrameOrigin::Corner).unwrap();
        assert!(centres[0].0.is_nan());
        assert_eq!(centres[1], (0.0, 0.0));
        let none = Array2::from_elem((6, 5), false);
        assert!(centres_of_mass(&frames(FrameOrigin::Corner), none.view(), FrameOrigin::Corner).is_err());
    }
}
