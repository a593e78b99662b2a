//! Which voxels hold matter.

use super::ChemistryError;
use super::error::check_shape;
use ndarray::{Array3, ArrayView3, Axis, Zip};
use rayon::prelude::*;

const NAME: &str = "mask of matter";
/// Bins of the histogram that Otsu's threshold is found in.
const BINS: usize = 512;

/// How much makes a voxel matter.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Threshold {
    /// What separates two groups of voxels best (Otsu, IEEE Trans. Syst. Man Cybern. 9, 62 (1979)).
    #[default]
    Otsu,
    /// Half of the amount in full voxels, the median of those above Otsu's threshold: where a blurred straight face lies.
    HalfPlateau,
    /// This amount.
    Amount(f64),
    /// So many standard deviations of the amount, in every voxel by itself: the limit of detection.
    Sigmas(f64),
}

/// Voxels that hold matter.
#[derive(Debug, Clone, PartialEq)]
pub struct Matter {
    /// True where there is matter.
    pub mask: Array3<bool>,
    /// The threshold on the amount; the smallest used if it differs from voxel to voxel.
    pub threshold: f64,
}

/// Finds the voxels whose `total` amount exceeds the threshold. `sigma` is needed for [`Threshold::Sigmas`] only.
///
/// # Errors
/// [`ChemistryError`] if shapes differ, σ is missing, a setting makes no sense or no voxel exceeds the threshold.
pub fn matter(
    total: ArrayView3<'_, f32>,
    sigma: Option<ArrayView3<'_, f32>>,
    threshold: Threshold,
) -> Result<Matter, ChemistryError> {
    let level = match threshold {
        Threshold::Otsu => otsu(total)?,
        Threshold::HalfPlateau => 0.5 * plateau(total, otsu(total)?),
        Threshold::Amount(amount) => checked("the amount", amount)?,
        Threshold::Sigmas(k) => {
            let Some(sigma) = sigma else {
                return Err(ChemistryError::Nothing {
                    operation: NAME,
                    what: "the noise is unknown",
                    fix: "reconstruct halves, or choose another threshold",
                });
            };
            return by_noise(total, sigma, checked("the number of standard deviations", k)?);
        }
    };
    found(total.mapv(|value| f64::from(value) > level), level)
}

fn checked(setting: &'static str, value: f64) -> Result<f64, ChemistryError> {
    if value.is_finite() && value >= 0.0 {
        return Ok(value);
    }
    Err(ChemistryError::Setting { operation: NAME, setting, value, fix: "give a number, 0 or more" })
}

fn by_noise(
    total: ArrayView3<'_, f32>,
    sigma: ArrayView3<'_, f32>,
    k: f64,
) -> Result<Matter, ChemistryError> {
    check_shape(NAME, "the standard deviation", sigma.shape(), total.shape())?;
    let mask = Zip::from(total).and(sigma).par_map_collect(|t, s| f64::from(*t) > k * f64::from(*s));
    let least = mask
        .iter()
        .zip(sigma)
        .filter(|(is_matter, _)| **is_matter)
        .fold(f64::INFINITY, |least, (_, s)| least.min(k * f64::from(*s)));
    found(mask, least)
}

fn found(mask: Array3<bool>, threshold: f64) -> Result<Matter, ChemistryError> {
    if mask.iter().any(|&is_matter| is_matter) {
        return Ok(Matter { mask, threshold });
    }
    Err(ChemistryError::Nothing {
        operation: NAME,
        what: "no voxel exceeds the threshold",
        fix: "lower it, and look at the volumes and the references",
    })
}

/// The threshold with the largest variance between the groups below and above, in a histogram from 0 to the largest value.
fn otsu(total: ArrayView3<'_, f32>) -> Result<f64, ChemistryError> {
    let most = total.iter().filter(|v| v.is_finite()).fold(0.0_f32, |most, v| most.max(*v));
    if most <= 0.0 {
        return Err(ChemistryError::Nothing {
            operation: NAME,
            what: "no amount is positive",
            fix: "look at the sign of the volumes and at the references",
        });
    }
    let width = f64::from(most) / BINS as f64;
    let count = |z: usize| {
        let mut counts = vec![0_u64; BINS];
        for &value in total.index_axis(Axis(0), z).iter().filter(|v| v.is_finite()) {
            counts[((f64::from(value) / width).max(0.0) as usize).min(BINS - 1)] += 1;
        }
        counts
    };
    let slices: Vec<Vec<u64>> = (0..total.dim().0).into_par_iter().map(count).collect();
    let counts: Vec<f64> = (0..BINS).map(|bin| slices.iter().map(|s| s[bin]).sum::<u64>() as f64).collect();
    let middle = |bin: usize| (bin as f64 + 0.5) * width;
    let all: f64 = counts.iter().sum();
    let sum: f64 = counts.iter().enumerate().map(|(bin, n)| n * middle(bin)).sum();
    let (mut below, mut sum_below) = (0.0, 0.0);
    let mut best = (0.0, middle(0));
    for (bin, n) in counts.iter().enumerate() {
        below += n;
        sum_below += n * middle(bin);
        let above = all - below;
        // σ_B² = n₀ n₁ (μ₁ − μ₀)²/n²
        let between = below * above * ((sum - sum_below) / above - sum_below / below).powi(2);
        if between > best.0 {
            best = (between, (bin as f64 + 1.0) * width);
        }
    }
    Ok(best.1)
}

/// Median of the values above a threshold.
fn plateau(total: ArrayView3<'_, f32>, threshold: f64) -> f64 {
    let mut values: Vec<f32> = total.iter().copied().filter(|v| f64::from(*v) > threshold).collect();
    if values.is_empty() {
        return threshold;
    }
    let middle = values.len() / 2;
    let (_, median, _) = values.select_nth_unstable_by(middle, f32::total_cmp);
    f64::from(*median)
}

/// Voxels of the mask whose six neighbours all belong to it, `layers` times over: away from faces, where blur mixes phases.
pub fn interior(mask: ArrayView3<'_, bool>, layers: usize) -> Array3<bool> {
    neighbours(mask, layers, |own, around| own && around.iter().all(|&v| v == Some(true)))
}

/// The mask with the six neighbours of its voxels added, `layers` times over: with the matter that blur has carried out.
pub fn grown(mask: ArrayView3<'_, bool>, layers: usize) -> Array3<bool> {
    neighbours(mask, layers, |own, around| own || around.contains(&Some(true)))
}

/// Applies a rule to each voxel and its six neighbours; there is none beyond a face.
fn neighbours(
    mask: ArrayView3<'_, bool>,
    layers: usize,
    rule: impl Fn(bool, [Option<bool>; 6]) -> bool + Sync,
) -> Array3<bool> {
    let mut mask = mask.to_owned();
    for _ in 0..layers {
        let before = mask.clone();
        Zip::indexed(&mut mask).par_for_each(|(z, y, x), own| {
            let at = |z: Option<usize>, y: Option<usize>, x: Option<usize>| before.get((z?, y?, x?)).copied();
            let around = [
                at(z.checked_sub(1), Some(y), Some(x)),
                at(Some(z + 1), Some(y), Some(x)),
                at(Some(z), y.checked_sub(1), Some(x)),
                at(Some(z), Some(y + 1), Some(x)),
                at(Some(z), Some(y), x.checked_sub(1)),
                at(Some(z), Some(y), Some(x + 1)),
            ];
            *own = rule(*own, around);
        });
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 8 voxels of 10 ± 1 among 56 of 0 ± 1.
    fn body() -> Array3<f32> {
        Array3::from_shape_fn((4, 4, 4), |(z, y, x)| {
            let level = if z < 2 && y < 2 && x < 2 { 10.0 } else { 0.0 };
            level + if (z + y + x) % 2 == 0 { 1.0 } else { -1.0 }
        })
    }

    #[test]
    fn thresholds_tell_matter_from_nothing() {
        let total = body();
        let sigma = Array3::from_elem((4, 4, 4), 1.0);
        for threshold in
            [Threshold::Otsu, Threshold::HalfPlateau, Threshold::Amount(5.0), Threshold::Sigmas(3.0)]
        {
            let found = matter(total.view(), Some(sigma.view()), threshold).unwrap();
            assert!(found.mask.indexed_iter().all(|((z, y, x), m)| *m == (z < 2 && y < 2 && x < 2)));
            assert!(found.threshold >= 1.0 && found.threshold < 9.0, "{threshold:?} {}", found.threshold);
        }
        // four voxels of 9 and four of 11: the upper median is 11
        let half = matter(total.view(), None, Threshold::HalfPlateau).unwrap();
        assert_eq!(half.threshold, 5.5);
        assert!(matches!(
            matter(total.view(), None, Threshold::Sigmas(3.0)),
            Err(ChemistryError::Nothing { .. })
        ));
        assert!(matches!(
            matter(total.view(), None, Threshold::Amount(99.0)),
            Err(ChemistryError::Nothing { .. })
        ));
        assert!(matches!(
            matter(total.view(), None, Threshold::Amount(f64::NAN)),
            Err(ChemistryError::Setting { .. })
        ));
        let nothing = total.mapv(|_| f32::NAN);
        assert!(matter(nothing.view(), None, Threshold::Otsu).is_err());
    }

    #[test]
    fn layers_come_off_and_on() {
        let block =
            Array3::from_shape_fn((7, 7, 7), |(z, y, x)| [z, y, x].iter().all(|k| (1..6).contains(k)));
        let inside = interior(block.view(), 2);
        assert_eq!(inside.iter().filter(|m| **m).count(), 1);
        assert!(inside[(3, 3, 3)]);
        // an octahedron of 7 voxels, then of 25
        assert_eq!(grown(inside.view(), 1).iter().filter(|m| **m).count(), 7);
        assert_eq!(grown(inside.view(), 2).iter().filter(|m| **m).count(), 25);
        // beyond the face there is nothing: it is no interior
        let full = Array3::from_elem((3, 3, 3), true);
        assert_eq!(interior(full.view(), 1).iter().filter(|m| **m).count(), 1);
    }
}
