//! Vertical mass fluctuation: whatever the angle, the same mass lies in the same row.
//!
//! The profiles `m(y) = Σₓ p(y, x)` of a sample that does not leave the field along x are all alike. They are laid on each
//! other, first by whole pixels, then by `e = Σ m̄'(m̄ − m)/Σ m̄'²` with the mean profile `m̄`.

use litho_resolve::spline::{Tap, coefficients_of_line};
use ndarray::{ArrayView3, Axis};
use rayon::prelude::*;

/// Rows at either end whose mean is where the profile is zero.
const EDGE: usize = 5;
/// Whole-pixel rounds, and finer ones at most.
const COARSE: usize = 3;
const FINE: usize = 100;
/// Part of a step that is taken, longest step and step at rest, pixels.
const RELAXED: f64 = 0.9;
const LONGEST: f64 = 0.5;
const AT_REST: f64 = 1e-2;

/// How far the content of each projection `(angle, y, x)` must be moved along y so that all profiles of mass agree; the
/// mean of the shifts is zero. Nothing is moved if there are less than 16 rows or all is empty.
pub fn profile_shifts(projections: ArrayView3<'_, f32>) -> Vec<f64> {
    let (count, ny, _) = projections.dim();
    if ny < 16 || count == 0 {
        return vec![0.0; count];
    }
    let profiles: Vec<Vec<f32>> = projections
        .axis_iter(Axis(0))
        .into_par_iter()
        .map(|image| profile(image.sum_axis(Axis(1)).to_vec()))
        .collect();
    let mut shifts = vec![0.0; count];
    let mut reference = profiles[count / 2].clone();
    for _ in 0..COARSE {
        shifts = profiles.par_iter().map(|profile| whole_shift(&reference, profile) as f64).collect();
        reference = mean_profile(&profiles, &shifts);
    }
    let splines: Vec<Vec<f32>> = profiles
        .into_iter()
        .map(|mut profile| {
            coefficients_of_line(&mut profile);
            profile
        })
        .collect();
    for _ in 0..FINE {
        let moved: Vec<Vec<f32>> =
            splines.iter().zip(&shifts).map(|(spline, &shift)| moved(spline, shift)).collect();
        let mean: Vec<f64> = (0..ny)
            .map(|y| moved.iter().map(|profile| f64::from(profile[y])).sum::<f64>() / count as f64)
            .collect();
        let steps: Vec<f64> = moved.iter().map(|profile| step(&mean, profile)).collect();
        for (shift, step) in shifts.iter_mut().zip(&steps) {
            *shift += step;
        }
        if steps.iter().all(|step| step.abs() < AT_REST) {
            break;
        }
    }
    let mean = shifts.iter().sum::<f64>() / count as f64;
    shifts.iter().map(|shift| shift - mean).collect()
}

/// The profile above the line through its ends.
fn profile(mut sums: Vec<f32>) -> Vec<f32> {
    let n = sums.len();
    let mean = |part: &[f32]| part.iter().sum::<f32>() / EDGE as f32;
    let (first, last) = (mean(&sums[..EDGE]), mean(&sums[n - EDGE..]));
    for (y, value) in sums.iter_mut().enumerate() {
        *value -= first + (last - first) * y as f32 / (n - 1) as f32;
    }
    sums
}

/// The whole shift of `profile` at which it is most like `reference`: the largest `Σ r(y) m(y − s)`.
fn whole_shift(reference: &[f32], profile: &[f32]) -> isize {
    let n = reference.len() as isize;
    let correlation = |shift: isize| -> f32 {
        let rows = shift.max(0)..n.min(n + shift);
        rows.map(|y| reference[y as usize] * profile[(y - shift) as usize]).sum()
    };
    let mut best = (0, correlation(0));
    for shift in (1..=n / 2).flat_map(|shift| [shift, -shift]) {
        let value = correlation(shift);
        if value > best.1 {
            best = (shift, value);
        }
    }
    best.0
}

/// The mean of profiles moved by whole pixels; what comes from outside is zero.
fn mean_profile(profiles: &[Vec<f32>], shifts: &[f64]) -> Vec<f32> {
    let n = profiles[0].len();
    let at = |profile: &[f32], y: isize| {
        usize::try_from(y).ok().and_then(|y| profile.get(y)).copied().unwrap_or(0.0)
    };
    (0..n as isize)
        .map(|y| {
            let sum: f32 =
                profiles.iter().zip(shifts).map(|(profile, &shift)| at(profile, y - shift as isize)).sum();
            sum / profiles.len() as f32
        })
        .collect()
}

fn moved(spline: &[f32], shift: f64) -> Vec<f32> {
    let n = spline.len();
    (0..n).map(|y| Tap::new(y as f64 - shift, n).sum(spline)).collect()
}

/// How far a profile must be moved towards the mean.
fn step(mean: &[f64], profile: &[f32]) -> f64 {
    let (mut product, mut square) = (0.0, 0.0);
    for y in 1..mean.len() - 1 {
        let slope = 0.5 * (mean[y + 1] - mean[y - 1]);
        product += slope * (mean[y] - f64::from(profile[y]));
        square += slope * slope;
    }
    if square > 0.0 { (-RELAXED * product / square).clamp(-LONGEST, LONGEST) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_testkit::{Lcg, Spheres, View};

    #[test]
    fn drift_of_twenty_pixels_is_seen() {
        let mut random = Lcg::new(8);
        let views: Vec<View> = (0..40)
            .map(|k| View {
                shift: (20.0 * (f64::from(k) * 0.11).sin() + random.uniform(), 6.0 * random.uniform()),
                ..View::default()
            })
            .collect();
        let angles: Vec<f64> = (0..40).map(|k| 0.07 * f64::from(k)).collect();
        let spheres = Spheres::random(40, 96.0, 96.0, 2).shrunk(0.5);
        for sign in [1.0, -1.0] {
            let mut projections = spheres.projections(&angles, (112, 96), 47.5, &views);
            projections *= sign;
            let found = profile_shifts(projections.view());
            let mean = views.iter().map(|view| view.shift.0).sum::<f64>() / 40.0;
            for (found, view) in found.iter().zip(&views) {
                // at rest to 0.01 px; profiles of area-integrated pixels are smooth over one pixel, the spline adds little
                assert!((found + view.shift.0 - mean).abs() < 0.03, "{found} {}", view.shift.0 - mean);
            }
        }
    }

    #[test]
    fn nothing_to_see_moves_nothing() {
        assert_eq!(profile_shifts(ndarray::Array3::zeros((3, 20, 4)).view()), [0.0; 3]);
        assert_eq!(profile_shifts(ndarray::Array3::ones((3, 2, 4)).view()), [0.0; 3]);
    }
}
