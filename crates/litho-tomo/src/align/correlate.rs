//! Neighbouring projections laid on each other by cross-correlation.
//!
//! Errors add up from neighbour to neighbour: this is a start where a sample leaves the field and has no centre of mass.

use super::gauge::Sinusoid;
use crate::error::TomoError;
use litho_compute::fft::{Fft2, c32};
use litho_resolve::window::Window;
use litho_types::tilt::TiltAngles;
use ndarray::{ArrayView2, ArrayView3, Axis};
use rayon::prelude::*;

/// Part of the width and height over which an image falls to zero at either end.
const TAPER: f64 = 0.2;

/// How far the content of each projection `(angle, y, x)` must be moved, `(dy, dx)`, so that neighbours lie on each other, without
/// what a moved sample and another axis would explain.
///
/// # Errors
/// [`TomoError::Empty`] for projections that have no transform.
pub fn neighbour_shifts(
    projections: ArrayView3<'_, f32>,
    angles: &TiltAngles,
) -> Result<Vec<(f64, f64)>, TomoError> {
    let (count, ny, nx) = projections.dim();
    let fft = Fft2::new(ny, nx).map_err(|_| TomoError::Empty { detector: nx, size: ny })?;
    let spectra: Vec<Vec<c32>> = projections
        .axis_iter(Axis(0))
        .into_par_iter()
        .map_init(
            || fft.scratch(1),
            |scratch, image| {
                let mut field = apodised(image);
                fft.forward(&mut field, scratch);
                field
            },
        )
        .collect();
    let between: Vec<(f64, f64)> = (1..count)
        .into_par_iter()
        .map_init(
            || fft.scratch(1),
            |scratch, place| {
                // Σ b(r + s) a(r) ⇔ B A*
                let mut product: Vec<c32> =
                    spectra[place].iter().zip(&spectra[place - 1]).map(|(b, a)| b * a.conj()).collect();
                fft.inverse(&mut product, scratch);
                peak(&product, (ny, nx))
            },
        )
        .collect();
    let mut at = (0.0, 0.0);
    let mut places = vec![at];
    for (y, x) in between {
        at = (at.0 + y, at.1 + x);
        places.push(at);
    }
    let x: Vec<f64> = places.iter().map(|place| place.1).collect();
    let fit = Sinusoid::fit(&x, angles, true);
    let mean = places.iter().map(|place| place.0).sum::<f64>() / count.max(1) as f64;
    Ok(places.iter().zip(angles.radians()).map(|(place, t)| (mean - place.0, fit.at(t) - place.1)).collect())
}

/// The image without its mean, falling to zero at its edges.
fn apodised(image: ArrayView2<'_, f32>) -> Vec<c32> {
    let (ny, nx) = image.dim();
    let window = |n: usize| Window::Tukey { taper: TAPER * n as f64 }.samples(n, 0.0, 0.0);
    let (along_y, along_x) = (window(ny), window(nx));
    let mean = image.mean().unwrap_or(0.0);
    image
        .indexed_iter()
        .map(|((y, x), v)| c32::new((v - mean) * (along_y[y] * along_x[x]) as f32, 0.0))
        .collect()
}

/// Where a correlation is largest, by the parabolas through its highest pixel and the neighbours of that.
fn peak(correlation: &[c32], (ny, nx): (usize, usize)) -> (f64, f64) {
    let best = (0..correlation.len())
        .fold(0, |best, at| if correlation[at].re > correlation[best].re { at } else { best });
    let (y, x) = (best / nx, best % nx);
    let value = |y: usize, x: usize| f64::from(correlation[(y % ny) * nx + x % nx].re);
    let signed = |k: usize, n: usize| if 2 * k > n { k as f64 - n as f64 } else { k as f64 };
    let along = |before: f64, after: f64| vertex(before, value(y, x), after);
    (
        signed(y, ny) + along(value(y + ny - 1, x), value(y + 1, x)),
        signed(x, nx) + along(value(y, x + nx - 1), value(y, x + 1)),
    )
}

/// Where the parabola through values at −1, 0 and 1 has its vertex, if that is within half a step of the middle.
pub(super) fn vertex(before: f64, middle: f64, after: f64) -> f64 {
    let curvature = before - 2.0 * middle + after;
    let place = 0.5 * (before - after) / curvature;
    if place.is_finite() { place.clamp(-0.5, 0.5) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_testkit::{Lcg, Spheres, View};

    #[test]
    fn neighbours_of_a_moving_sample_are_laid_on_each_other() {
        let angles =
            TiltAngles::from_degrees(&(0..90).map(|k| 2.0 * f64::from(k)).collect::<Vec<_>>()).unwrap();
        let mut random = Lcg::new(5);
        let views: Vec<View> = (0..90)
            .map(|_| View { shift: (8.0 * random.uniform(), 8.0 * random.uniform()), ..View::default() })
            .collect();
        let spheres = Spheres::random(40, 64.0, 64.0, 9).shrunk(0.7);
        let projections = spheres.projections(&angles.radians(), (72, 80), 39.5, &views);
        let found = neighbour_shifts(projections.view(), &angles).unwrap();
        let x: Vec<f64> = views.iter().map(|view| view.shift.1).collect();
        let fit = Sinusoid::fit(&x, &angles, true);
        let mean = views.iter().map(|view| view.shift.0).sum::<f64>() / 90.0;
        for ((found, view), t) in found.iter().zip(&views).zip(angles.radians()) {
            // a start: within reach of the flow on pixels averaged over four
            assert!((found.0 + view.shift.0 - mean).abs() < 1.0, "{found:?} {view:?}");
            assert!((found.1 + view.shift.1 - fit.at(t)).abs() < 2.0, "{found:?} {view:?} {}", fit.at(t));
        }
    }
}
