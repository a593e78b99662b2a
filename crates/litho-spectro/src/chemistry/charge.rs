//! The state of charge: the share of one phase in all matter.

use super::error::check_shape;
use super::matter::grown;
use super::{Amounts, ChemistryError};
use ndarray::ArrayView3;
use rayon::prelude::*;

const NAME: &str = "state of charge";

/// What the state of charge is computed with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChargeOptions {
    /// Voxels by which the mask is grown, so that the matter that blur has carried out of it counts. Small particles, and
    /// the phase they consist of, would lose more of it than large ones.
    pub grow: usize,
    /// Voxels that share one noise, 1 if each has its own. Volumes of a resolution coarser than a voxel have about
    /// `(resolution/voxel)³`.
    pub voxels_per_independent: f64,
    /// Part by which the mask's threshold is moved up and down.
    pub threshold_change: f64,
}

impl Default for ChargeOptions {
    /// Two voxels of growth, noise of resolutions of two voxels, ±20 % of the threshold.
    fn default() -> Self {
        Self { grow: 2, voxels_per_independent: 8.0, threshold_change: 0.2 }
    }
}

/// The share of one phase in all matter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StateOfCharge {
    /// `Σc_j/Σ_k Σc_k` over the mask.
    pub value: f64,
    /// Standard deviation from the noise; NaN if it is unknown.
    pub noise: f64,
    /// Largest change when the threshold moves down and up.
    pub threshold: f64,
    /// Largest change when the mask is grown by a voxel less or more: what halos and streaks around matter may hold.
    pub growth: f64,
    /// All together, `√(noise² + threshold² + growth²)`, without the noise if it is unknown.
    pub sigma: f64,
    /// Values at the lowered and the raised threshold.
    pub moved: [f64; 2],
    /// Sum of all amounts, in the references' unit.
    pub amount: f64,
    /// Voxels counted.
    pub voxels: usize,
}

/// The share of a phase in the matter of a volume: amounts are added up first, so that a voxel counts by what it holds and
/// noise in empty voxels cancels.
///
/// `threshold` is that of the mask on the sum of amounts: the mask is made anew from it and from its moved values.
///
/// # Errors
/// [`ChemistryError`] if there are not so many phases, a setting makes no sense or no voxel exceeds the threshold.
pub fn state_of_charge(
    amounts: &Amounts,
    phase: usize,
    threshold: f64,
    options: &ChargeOptions,
) -> Result<StateOfCharge, ChemistryError> {
    amounts.check(NAME, phase)?;
    let wrong = |setting, value, fix| Err(ChemistryError::Setting { operation: NAME, setting, value, fix });
    if !(threshold.is_finite() && threshold >= 0.0) {
        return wrong("the threshold", threshold, "give an amount, 0 or more");
    }
    if !(options.voxels_per_independent >= 1.0 && options.voxels_per_independent.is_finite()) {
        return wrong("the voxels that share one noise", options.voxels_per_independent, "give 1 or more");
    }
    if !(0.0..1.0).contains(&options.threshold_change) {
        return wrong("the change of the threshold", options.threshold_change, "give 0 to below 1");
    }
    let total = amounts.total();
    let at = |threshold: f64, layers: usize| {
        let mask = grown(total.mapv(|v| f64::from(v) > threshold).view(), layers);
        share(amounts, phase, mask.view())
    };
    let middle = at(threshold, options.grow)?;
    let low = at(threshold * (1.0 - options.threshold_change), options.grow)?;
    // At a raised threshold nothing may be left: then that tells nothing.
    let high = at(threshold * (1.0 + options.threshold_change), options.grow).unwrap_or(middle);
    let moved = [low.value, high.value];
    let change = moved.iter().map(|value| (value - middle.value).abs()).fold(0.0, f64::max);
    let layers = [options.grow.saturating_sub(1), options.grow + 1];
    let growth = layers
        .iter()
        .filter_map(|layers| at(threshold, *layers).ok())
        .map(|other| (other.value - middle.value).abs())
        .fold(0.0, f64::max);
    let noise = middle.noise * options.voxels_per_independent.sqrt();
    let of_mask = change.hypot(growth);
    let sigma = if noise.is_nan() { of_mask } else { noise.hypot(of_mask) };
    Ok(StateOfCharge { noise, threshold: change, growth, sigma, moved, ..middle })
}

/// The share of a phase in the matter of a mask, say of one particle, with the noise of independent voxels; nothing is grown.
///
/// # Errors
/// [`ChemistryError`] if there are not so many phases, shapes differ or the amounts do not add up to anything positive.
pub fn share(
    amounts: &Amounts,
    phase: usize,
    mask: ArrayView3<'_, bool>,
) -> Result<StateOfCharge, ChemistryError> {
    amounts.check(NAME, phase)?;
    let (nz, ny, nx) = amounts.shape();
    check_shape(NAME, "the mask", mask.shape(), &[nz, ny, nx])?;
    let m = amounts.amounts.len();
    let slice = |z: usize| {
        // amounts of the phases, then their covariance
        let mut sums = vec![0.0; m + m * m];
        let mut voxels = 0_usize;
        for (y, x) in (0..ny).flat_map(|y| (0..nx).map(move |x| (y, x))) {
            let at = (z, y, x);
            if !mask[at] || amounts.amounts.iter().any(|c| !c[at].is_finite()) {
                continue;
            }
            voxels += 1;
            for i in 0..m {
                sums[i] += f64::from(amounts.amounts[i][at]);
                (0..m).for_each(|j| sums[m + i * m + j] += amounts.covariance_at(at, i, j));
            }
        }
        (sums, voxels)
    };
    let slices: Vec<(Vec<f64>, usize)> = (0..nz).into_par_iter().map(slice).collect();
    let (mut sums, mut voxels) = (vec![0.0; m + m * m], 0);
    for (slice, count) in slices {
        sums.iter_mut().zip(slice).for_each(|(sum, part)| *sum += part);
        voxels += count;
    }
    let amount: f64 = sums[..m].iter().sum();
    if voxels == 0 || amount <= 0.0 {
        return Err(ChemistryError::Nothing {
            operation: NAME,
            what: "the mask holds no matter",
            fix: "lower the threshold",
        });
    }
    let value = sums[phase] / amount;
    let g = |j: usize| (if j == phase { 1.0 } else { 0.0 } - value) / amount;
    let variance: f64 = (0..m * m).map(|k| g(k / m) * g(k % m) * sums[m + k]).sum();
    let noise = variance.sqrt();
    Ok(StateOfCharge {
        value,
        noise,
        threshold: 0.0,
        growth: 0.0,
        sigma: noise,
        moved: [value; 2],
        amount,
        voxels,
    })
}

#[cfg(test)]
mod tests {
    use super::super::AmountCovariance;
    use super::*;
    use ndarray::{Array3, arr2};

    fn body() -> Amounts {
        // A plate of the first phase, three voxels thick, one of the second, one voxel thick, both with a quarter of
        // their matter blurred to each side.
        let of = |from: usize, to: usize| {
            Array3::from_shape_fn((1, 1, 16), move |(_, _, x)| {
                let inside = |x: usize| if (from..to).contains(&x) { 1.0 } else { 0.0 };
                0.25 * (inside(x.saturating_sub(1)) + 2.0 * inside(x) + inside(x + 1)) as f32
            })
        };
        Amounts {
            names: vec!["LFP".into(), "FP".into()],
            amounts: vec![of(3, 6), of(10, 11)],
            covariance: AmountCovariance::Uniform(arr2(&[[0.01, 0.0], [0.0, 0.01]])),
            reduced_chi_square: None,
        }
    }

    #[test]
    fn a_grown_mask_counts_what_blur_carried_out() {
        let options = ChargeOptions { grow: 1, voxels_per_independent: 4.0, threshold_change: 0.2 };
        let found = state_of_charge(&body(), 1, 0.4, &options).unwrap();
        // all matter: 1 of 4
        assert!((found.value - 0.25).abs() < 1e-12, "{found:?}");
        assert_eq!((found.voxels, found.amount), (8, 4.0));
        // g = (−0.25, 0.75)/4; 8 voxels of 0.01, four of which are one
        let noise = ((0.25_f64.powi(2) + 0.75_f64.powi(2)) / 16.0 * 8.0 * 0.01 * 4.0).sqrt();
        assert!((found.noise - noise).abs() < 1e-12);
        // Without growth the thin plate loses half: ½ of 2½ + ½: a sixth.
        let bare = state_of_charge(&body(), 1, 0.4, &ChargeOptions { grow: 0, ..options }).unwrap();
        assert!((bare.value - 0.5 / 3.0).abs() < 1e-12, "{bare:?}");
        assert!((found.growth - (found.value - bare.value)).abs() < 1e-12);
        assert!((found.sigma - found.noise.hypot(found.growth)).abs() < 1e-12);
        // A threshold of 0.45 ± 20 % crosses the ½ of the thin plate: nothing of it is left at 0.54.
        let moved = state_of_charge(&body(), 1, 0.45, &ChargeOptions { grow: 0, ..options }).unwrap();
        assert!((moved.threshold - moved.value).abs() < 1e-12 && moved.moved[1] == 0.0, "{moved:?}");
    }

    #[test]
    fn the_share_of_a_particle_is_its_own() {
        let mask = Array3::from_shape_fn((1, 1, 16), |(_, _, x)| x > 8);
        let found = share(&body(), 0, mask.view()).unwrap();
        assert_eq!((found.value, found.amount), (0.0, 1.0));
        let empty = Array3::from_elem((1, 1, 16), false);
        assert!(matches!(share(&body(), 0, empty.view()), Err(ChemistryError::Nothing { .. })));
        assert!(matches!(share(&body(), 2, mask.view()), Err(ChemistryError::NoPhase { .. })));
        let unknown = Amounts { covariance: AmountCovariance::Unknown, ..body() };
        let found = state_of_charge(&unknown, 1, 0.4, &ChargeOptions::default()).unwrap();
        assert!(found.noise.is_nan() && (found.sigma - found.threshold.hypot(found.growth)).abs() < 1e-12);
    }
}
