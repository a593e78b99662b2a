//! Several mutually incoherent probe modes.

use litho_types::C32;
use ndarray::{Array2, Array3, ArrayView2, Axis, s};
use num_complex::Complex64;

/// Share of the total power that each mode after the first starts with.
const STARTING_SHARE: f32 = 0.05;
/// Sweeps of the orthogonalisation; it converges quadratically, so this is never reached by real modes.
const MAX_SWEEPS: usize = 30;
/// Overlap of two modes, relative to their norms, that counts as orthogonal in single precision.
const ORTHOGONAL: f64 = 1e-7;

/// Starting modes `(mode, y, x)` from one probe `(y, x)`: the probe times the
/// products of powers of y and x about its centre of mass (1, y, x, y², yx, x², …),
/// made orthogonal, the later ones with 5 % of the power each. Total power is kept.
pub fn starting_modes(probe: ArrayView2<'_, C32>, modes: usize) -> Array3<C32> {
    let (ny, nx) = probe.dim();
    let total = power(probe);
    let ((cy, cx), spread) = centre_and_spread(probe);
    let mut all = Array3::zeros((modes, ny, nx));
    for (mode, (py, px)) in monomials().take(modes).enumerate() {
        for ((y, x), p) in probe.indexed_iter() {
            let weight = ((y as f32 - cy) / spread).powi(py) * ((x as f32 - cx) / spread).powi(px);
            all[(mode, y, x)] = p * weight;
        }
        for before in 0..mode {
            let overlap = inner(all.index_axis(Axis(0), before), all.index_axis(Axis(0), mode));
            let norm = f64::from(power(all.index_axis(Axis(0), before)));
            let factor = C32::new((overlap.re / norm) as f32, (overlap.im / norm) as f32);
            let (earlier, mut later) = all.multi_slice_mut((s![before, .., ..], s![mode, .., ..]));
            later.zip_mut_with(&earlier, |l, e| *l -= factor * e);
        }
        let share = if mode == 0 { 1.0 - STARTING_SHARE * (modes - 1) as f32 } else { STARTING_SHARE };
        let now = power(all.index_axis(Axis(0), mode)).max(f32::MIN_POSITIVE);
        let scale = (share.max(STARTING_SHARE) * total / now).sqrt();
        all.index_axis_mut(Axis(0), mode).mapv_inplace(|v| v * scale);
    }
    all
}

/// Exponents of (y, x): (0,0), (1,0), (0,1), (2,0), (1,1), (0,2), …
fn monomials() -> impl Iterator<Item = (i32, i32)> {
    (0..).flat_map(|degree| (0..=degree).map(move |px| (degree - px, px)))
}

/// Rotates the modes `(mode, y, x)` among themselves until they are mutually
/// orthogonal, strongest first. The intensity they produce does not change.
///
/// One-sided Jacobi rotations (Hestenes, J. SIAM 6, 51 (1958)).
pub fn orthogonalise(probe: &mut Array3<C32>) {
    let modes = probe.dim().0;
    for _ in 0..MAX_SWEEPS {
        let mut largest = 0.0_f64;
        for i in 0..modes {
            for j in i + 1..modes {
                largest = largest.max(rotate_pair(probe, i, j));
            }
        }
        if largest < ORTHOGONAL {
            break;
        }
    }
    let mut order: Vec<usize> = (0..modes).collect();
    let powers: Vec<f32> = probe.outer_iter().map(power).collect();
    order.sort_by(|&a, &b| powers[b].total_cmp(&powers[a]));
    *probe = probe.select(Axis(0), &order);
}

/// Fraction of the total power in each mode.
pub fn power_fractions(probe: &Array3<C32>) -> Vec<f64> {
    let powers: Vec<f64> = probe.outer_iter().map(|mode| f64::from(power(mode))).collect();
    let total: f64 = powers.iter().sum();
    powers.into_iter().map(|p| p / total.max(f64::MIN_POSITIVE)).collect()
}

/// Makes modes `i` and `j` orthogonal; returns their relative overlap before.
fn rotate_pair(probe: &mut Array3<C32>, i: usize, j: usize) -> f64 {
    let (a, b) = (probe.index_axis(Axis(0), i), probe.index_axis(Axis(0), j));
    let overlap = inner(a, b);
    let (alpha, beta) = (f64::from(power(a)), f64::from(power(b)));
    let size = overlap.norm();
    let relative = size / (alpha * beta).sqrt().max(f64::MIN_POSITIVE);
    if relative < ORTHOGONAL {
        return relative;
    }
    // Rotation that diagonalises [[α, |g|], [|g|, β]] after the phase of g is taken off mode j.
    let zeta = (beta - alpha) / (2.0 * size);
    let t = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
    let cosine = 1.0 / t.hypot(1.0);
    let (c, s) = (cosine as f32, (cosine * t) as f32);
    let phase = overlap.conj() / size;
    let phase = C32::new(phase.re as f32, phase.im as f32);
    let (mut a, mut b) = probe.multi_slice_mut((s![i, .., ..], s![j, .., ..]));
    ndarray::Zip::from(&mut a).and(&mut b).for_each(|a, b| {
        let turned = *b * phase;
        let (x, y) = (*a * c - turned * s, *a * s + turned * c);
        (*a, *b) = (x, y);
    });
    relative
}

fn power(mode: ArrayView2<'_, C32>) -> f32 {
    mode.iter().map(|p| f64::from(p.norm_sqr())).sum::<f64>() as f32
}

/// `⟨a, b⟩ = Σ a* b` in double precision.
fn inner(a: ArrayView2<'_, C32>, b: ArrayView2<'_, C32>) -> Complex64 {
    let wide = |v: &C32| Complex64::new(f64::from(v.re), f64::from(v.im));
    a.iter().zip(b).map(|(a, b)| wide(a).conj() * wide(b)).sum()
}

fn centre_and_spread(probe: ArrayView2<'_, C32>) -> ((f32, f32), f32) {
    let weights: Array2<f32> = probe.mapv(|p| p.norm_sqr());
    let total = weights.sum().max(f32::MIN_POSITIVE);
    let moment = |f: &dyn Fn(f32, f32) -> f32| {
        weights.indexed_iter().map(|((y, x), w)| w * f(y as f32, x as f32)).sum::<f32>() / total
    };
    let (cy, cx) = (moment(&|y, _| y), moment(&|_, x| x));
    let variance = moment(&|y, x| (y - cy).powi(2) + (x - cx).powi(2));
    ((cy, cx), (variance / 2.0).sqrt().max(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Single-precision sums over 32² pixels: relative error below 1e-5 with room to spare.
    const TOLERANCE: f64 = 1e-5;

    fn beam() -> Array2<C32> {
        Array2::from_shape_fn((32, 32), |(y, x)| {
            let (dy, dx) = (y as f32 - 15.0, x as f32 - 17.0);
            let r2 = dy * dy + 0.5 * dx * dx;
            C32::from_polar((-r2 / 40.0).exp(), 0.02 * r2 + 0.1 * dx)
        })
    }

    fn intensity(probe: &Array3<C32>) -> Array2<f32> {
        probe.mapv(|p| p.norm_sqr()).sum_axis(Axis(0))
    }

    #[test]
    fn starting_modes_are_orthogonal_and_keep_the_power() {
        let probe = beam();
        let modes = starting_modes(probe.view(), 4);
        let total: f64 = modes.outer_iter().map(|m| f64::from(power(m))).sum();
        assert!((total / f64::from(power(probe.view())) - 1.0).abs() < TOLERANCE);
        for i in 0..4 {
            for j in 0..i {
                let (a, b) = (modes.index_axis(Axis(0), i), modes.index_axis(Axis(0), j));
                assert!(inner(a, b).norm() < TOLERANCE * total, "modes {i} and {j} overlap");
            }
        }
        let fractions = power_fractions(&modes);
        assert!((fractions[0] - 0.85).abs() < TOLERANCE && (fractions[3] - 0.05).abs() < TOLERANCE);
    }

    #[test]
    fn orthogonalising_a_mixture_finds_the_modes_and_keeps_the_intensity() {
        // Two orthogonal modes of power 3 and 1, mixed by a unitary rotation: undone up to a phase.
        let pure = starting_modes(beam().view(), 2);
        let unit = |k: usize| {
            let mode = pure.index_axis(Axis(0), k).to_owned();
            let norm = power(mode.view()).sqrt();
            mode.mapv(|v| v / norm)
        };
        let (first, second) = (unit(0).mapv(|v| v * 3.0_f32.sqrt()), unit(1));
        let (c, s, phase) = (0.6_f32, 0.8_f32, C32::from_polar(1.0, 0.7));
        let mut mixed = Array3::zeros((2, 32, 32));
        mixed.index_axis_mut(Axis(0), 0).assign(&(&first.mapv(|v| v * c) + &second.mapv(|v| v * s * phase)));
        mixed.index_axis_mut(Axis(0), 1).assign(&(&first.mapv(|v| v * -s) + &second.mapv(|v| v * c * phase)));
        let before = intensity(&mixed);
        orthogonalise(&mut mixed);
        let worst = (&intensity(&mixed) - &before).mapv(f32::abs).fold(0.0_f32, |a, &b| a.max(b));
        assert!(f64::from(worst) < TOLERANCE * f64::from(before.fold(0.0_f32, |a, &b| a.max(b))));
        let overlap = inner(first.view(), mixed.index_axis(Axis(0), 0)).norm() / 3.0;
        assert!((overlap - 1.0).abs() < TOLERANCE, "overlap {overlap}");
    }
}
