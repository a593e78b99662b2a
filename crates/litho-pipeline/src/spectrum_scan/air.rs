//! Where an image shows nothing but air.

use litho_resolve::ResolveError;
use litho_resolve::gauge::Gauge;
use litho_spectro::kramers_kronig::{KkError, fix_gauge};
use litho_types::C32;
use ndarray::{Array2, ArrayView2, Axis};

/// Rounds of gauge and mask; the mask no longer changes after two or three.
const ROUNDS: usize = 5;
/// Air is darker in phase than this many of its own standard deviations nowhere.
const DEVIATIONS: f64 = 3.0;
/// Matter fainter than this share of the middle between air and matter is taken for air.
const FAINT: f64 = 0.02;
/// Pixels that air keeps from matter: what the resolution smears.
const DISTANCE: usize = 2;

/// Why no air was found.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAir {
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    #[error(transparent)]
    Gauge(#[from] KkError),
}

/// Pixels `(y, x)` among the `lit` ones where `image` is air. Matter retards: its phase is below that of air. Begins with the
/// gauge of the largest flat part of the image; then the threshold is the middle between the phases of the two classes
/// (Otsu, IEEE Trans. Syst. Man Cybern. 9, 62 (1979)), raised to what the noise of air allows.
pub(super) fn find(image: ArrayView2<'_, C32>, lit: &Array2<bool>) -> Result<Array2<bool>, NoAir> {
    let weight = lit.mapv(|lit| if lit { 1.0_f32 } else { 0.0 });
    let known =
        ndarray::Zip::from(image).and(lit).map_collect(|v, lit| if *lit { *v } else { C32::new(1.0, 0.0) });
    let flat = Gauge::against_air(known.view(), weight.view())?.remove(known.view());
    let mut air = lit.clone();
    let mut stack = flat.insert_axis(Axis(0));
    for round in 0..ROUNDS {
        let mut spread = f64::INFINITY;
        if round > 0 {
            let gauge = fix_gauge(&mut stack, air.view())?;
            spread = gauge[0].spread.value();
        }
        let phase = stack.index_axis(Axis(0), 0).mapv(C32::arg);
        let seen: Vec<f32> =
            phase.iter().zip(lit).filter(|(_, lit)| **lit).map(|(phase, _)| *phase).collect();
        let middle = f64::from(otsu(&seen));
        let threshold = middle.max(-(DEVIATIONS * spread).max(FAINT * middle.abs())) as f32;
        let matter = ndarray::Zip::from(&phase).and(lit).map_collect(|phase, lit| *lit && *phase < threshold);
        let next = ndarray::Zip::from(&grown(&matter)).and(lit).map_collect(|near, lit| *lit && !near);
        if next == air {
            break;
        }
        air = next;
    }
    Ok(air)
}

/// The threshold that tells two classes apart best: largest variance between them.
fn otsu(values: &[f32]) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let total: f64 = sorted.iter().map(|v| f64::from(*v)).sum();
    let count = sorted.len() as f64;
    let (mut below, mut best, mut threshold) = (0.0, 0.0, 0.0);
    for (index, pair) in sorted.windows(2).enumerate() {
        below += f64::from(pair[0]);
        let n = (index + 1) as f64;
        let between = (below / n - (total - below) / (count - n)).powi(2) * n * (count - n);
        if between > best {
            (best, threshold) = (between, 0.5 * (pair[0] + pair[1]));
        }
    }
    threshold
}

/// The mask and everything within [`DISTANCE`] pixels of it along rows and columns.
fn grown(mask: &Array2<bool>) -> Array2<bool> {
    let (ny, nx) = mask.dim();
    let along_x = Array2::from_shape_fn((ny, nx), |(y, x)| {
        (x.saturating_sub(DISTANCE)..(x + DISTANCE + 1).min(nx)).any(|x| mask[(y, x)])
    });
    Array2::from_shape_fn((ny, nx), |(y, x)| {
        (y.saturating_sub(DISTANCE)..(y + DISTANCE + 1).min(ny)).any(|y| along_x[(y, x)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn air_is_what_a_disc_leaves_over_under_a_ramp() {
        // A disc of −1 rad with a rim of ten pixels on a ramp and a factor.
        let lit = Array2::from_shape_fn((64, 60), |(y, x)| y > 3 && x > 2);
        let depth = |y: usize, x: usize| {
            let r = (y as f64 - 30.0).hypot(x as f64 - 28.0);
            1.0 / (1.0 + ((r - 14.0) / 1.5).exp())
        };
        let image = Array2::from_shape_fn((64, 60), |(y, x)| {
            let phase = 0.7 + 0.031 * y as f64 - 0.02 * x as f64 - depth(y, x);
            C32::from_polar(1.3, phase as f32)
        });
        let air = find(image.view(), &lit).expect("two classes");
        for ((y, x), air) in air.indexed_iter() {
            // Half of the disc's depth is matter for sure. The threshold is at a hundredth of it, and the rim falls by a factor of
            // 7 over the two pixels, each way, that air keeps from matter.
            assert!(!(*air && depth(y, x) > 0.5), "({y}, {x}) is no air");
            assert!(*air || !lit[(y, x)] || depth(y, x) > 1e-3, "({y}, {x}) is air");
        }
    }
}
