//! Where a wrapped phase has no unwrapped one: loops around which it gains a turn.

use super::wrapped::{Wrapped, wrap};
use ndarray::{Array2, Zip, s};
use std::f32::consts::TAU;

/// Turns gained around each loop of 2 × 2 pixels, `(y, x)` of its upper left pixel: 0, or ±1 at a residue. A loop that
/// touches a pixel without phase counts 0.
///
/// Each residue must be joined to one of the other sign, or to the edge, by a line across which the phase jumps. Noise
/// makes pairs of neighbours; undersampling and vortices of the reconstruction part them.
pub fn residues(wrapped: &Wrapped) -> Array2<i8> {
    let mut found = all_residues(wrapped);
    if !found.is_empty() {
        Zip::from(&mut found).and(wrapped.lit.windows((2, 2))).for_each(|residue, lit| {
            if !lit.iter().all(|lit| *lit) {
                *residue = 0;
            }
        });
    }
    found
}

/// [`residues`] with phase 0 in the pixels that have none: what a hole holds lies around its rim, and all residues together
/// still cancel but for the edge.
pub(super) fn all_residues(wrapped: &Wrapped) -> Array2<i8> {
    let (ny, nx) = wrapped.dim();
    if ny < 2 || nx < 2 {
        return Array2::zeros((ny.saturating_sub(1), nx.saturating_sub(1)));
    }
    Zip::from(wrapped.phase.windows((2, 2))).map_collect(|pixels| {
        let [a, b, c, d] = [pixels[(0, 0)], pixels[(0, 1)], pixels[(1, 1)], pixels[(1, 0)]];
        ((wrap(b - a) + wrap(c - b) + wrap(d - c) + wrap(a - d)) / TAU).round() as i8
    })
}

/// How many residues there are.
pub fn count(residues: &Array2<i8>) -> usize {
    residues.iter().filter(|residue| **residue != 0).count()
}

/// True within `margin` pixels of the four pixels of a residue; `margin` 0 is the four themselves.
pub fn neighbourhood(residues: &Array2<i8>, shape: (usize, usize), margin: usize) -> Array2<bool> {
    let mut near = Array2::from_elem(shape, false);
    for ((y, x), _) in residues.indexed_iter().filter(|(_, residue)| **residue != 0) {
        let (bottom, right) = ((y + 2 + margin).min(shape.0), (x + 2 + margin).min(shape.1));
        near.slice_mut(s![y.saturating_sub(margin)..bottom, x.saturating_sub(margin)..right]).fill(true);
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Phase of a vortex around each (y, x, sign).
    fn vortices(centres: &[(f64, f64, f64)], shape: (usize, usize)) -> Wrapped {
        let phase = Array2::from_shape_fn(shape, |(y, x)| {
            let sum: f64 =
                centres.iter().map(|(cy, cx, sign)| sign * (y as f64 - cy).atan2(x as f64 - cx)).sum();
            sum as f32
        });
        Wrapped::of_phase(phase.view())
    }

    #[test]
    fn a_vortex_pair_has_its_two_residues() {
        let pair = vortices(&[(5.5, 4.5, 1.0), (9.5, 12.5, -1.0)], (16, 18));
        let found = residues(&pair);
        // The loop (5,4) → (5,5) → (6,5) → (6,4) turns from x to y, as the angle atan2(y, x) grows.
        assert_eq!((found[(5, 4)], found[(9, 12)]), (1, -1));
        assert_eq!(count(&found), 2);
        let near = neighbourhood(&found, (16, 18), 1);
        assert_eq!(near.iter().filter(|near| **near).count(), 2 * 16);
        assert!(near[(4, 3)] && near[(7, 6)] && !near[(3, 3)]);
    }

    #[test]
    fn a_smooth_phase_has_none_and_missing_pixels_make_none() {
        let smooth = vortices(&[], (8, 8));
        assert_eq!(count(&residues(&smooth)), 0);
        let mut pair = vortices(&[(3.5, 3.5, 1.0)], (8, 8));
        pair.lit[(4, 4)] = false;
        assert_eq!(count(&residues(&pair)), 0);
        assert_eq!(residues(&vortices(&[], (1, 8))).dim(), (0, 7));
    }
}
