//! Finds where the direct beam lies in far-field frames: at the corner or at the centre.

use litho_types::frames::Frames;
use litho_types::scan::FrameOrigin;
use ndarray::{Array2, Axis};
use num_complex::Complex;

/// Frames averaged; the direct beam shows in far fewer.
const SAMPLE: usize = 32;
/// Relative strength of the first harmonic below which the intensity counts as
/// spread evenly. The noise of 10⁶ counts makes 10⁻³.
const LEAST_STRENGTH: f64 = 0.02;

/// The origin, and a doubt in words if there is one.
pub(super) fn detect_origin(frames: &Frames, good: &Array2<bool>) -> (FrameOrigin, Option<String>) {
    let count = frames.len();
    let mut mean = Array2::<f64>::zeros(frames.shape());
    for index in (0..count.min(SAMPLE)).map(|i| i * count / count.min(SAMPLE)) {
        let frame = frames.frame(index);
        ndarray::Zip::from(&mut mean).and(&frame).for_each(|sum, value| *sum += f64::from(*value));
    }
    ndarray::Zip::from(&mut mean).and(good).for_each(|value, good| *value *= f64::from(u8::from(*good)));
    let rows = first_harmonic(&mean.sum_axis(Axis(1)).to_vec());
    let columns = first_harmonic(&mean.sum_axis(Axis(0)).to_vec());
    let doubt = |reason: &str| {
        let text = format!(
            "{reason}: zero frequency is taken to lie at the centre; state its place if that is wrong"
        );
        (FrameOrigin::Centre, Some(text))
    };
    if rows.norm() < LEAST_STRENGTH || columns.norm() < LEAST_STRENGTH {
        return doubt("the mean frame is too even to tell where the direct beam lies");
    }
    // A positive real part: the intensity gathers within a quarter period of index 0.
    match (rows.re > 0.0, columns.re > 0.0) {
        (true, true) => (FrameOrigin::Corner, None),
        (false, false) => (FrameOrigin::Centre, None),
        _ => doubt("the direct beam lies at the edge of the mean frame along one axis only"),
    }
}

/// First circular moment `Σ I(n) exp(2πi n/N) / Σ I(n)`: its argument is the mean
/// position on the circle, its modulus tells how concentrated the intensity is
/// (Mardia & Jupp, Directional Statistics, 2000, §2.2).
fn first_harmonic(profile: &[f64]) -> Complex<f64> {
    let total: f64 = profile.iter().sum();
    if total <= 0.0 {
        return Complex::default();
    }
    let step = std::f64::consts::TAU / profile.len() as f64;
    let moment: Complex<f64> =
        profile.iter().enumerate().map(|(n, value)| Complex::from_polar(*value, step * n as f64)).sum();
    moment / total
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    /// A Gaussian beam of 3 pixels at `(cy, cx)`, wrapped around, over a background.
    fn beam_at(cy: usize, cx: usize) -> Frames {
        const N: usize = 32;
        let away = |n: usize, centre: usize| {
            let d = (n + N - centre) % N;
            d.min(N - d) as f32
        };
        Frames::F32(Array3::from_shape_fn((5, N, N), |(_, y, x)| {
            1.0 + 1000.0 * (-(away(y, cy).powi(2) + away(x, cx).powi(2)) / 18.0).exp()
        }))
    }

    #[test]
    fn corner_and_centre_are_told_apart_even_off_centre() {
        let good = Array2::from_elem((32, 32), true);
        for (cy, cx, expected) in [
            (0, 0, FrameOrigin::Corner),
            (30, 3, FrameOrigin::Corner),
            (16, 16, FrameOrigin::Centre),
            (12, 20, FrameOrigin::Centre),
        ] {
            assert_eq!(detect_origin(&beam_at(cy, cx), &good), (expected, None), "beam at {cy}, {cx}");
        }
    }

    #[test]
    fn doubt_is_spoken_aloud() {
        let good = Array2::from_elem((32, 32), true);
        let flat = Frames::U8(Array3::from_elem((2, 32, 32), 7));
        assert!(detect_origin(&flat, &good).1.is_some());
        assert!(detect_origin(&beam_at(0, 16), &good).1.is_some());
    }
}
