//! Two halves of a tilt series, and what their difference says about the noise of the volume.
//!
//! Reconstruct each half by itself, and let `a` and `b` be the two volumes. If both hold the same signal and independent
//! noise of standard deviation `σ_h`, their difference has `2σ_h²` and their mean, which stands for the volume of all
//! projections, `σ_h²/2`. Hence the standard deviation of a voxel of the whole volume is `σ = √⟨(a − b)²⟩/2`.
//!
//! Half the projections leave more streaks than all of them, and the two halves leave different ones: `σ` is an upper
//! bound. What both halves share (alignment, missing wedge, a wrong ramp) is not in it.

use crate::error::TomoError;
use litho_types::tilt::TiltAngles;
use ndarray::{Array3, ArrayView3, Axis, Zip};
use rayon::prelude::*;

const NAME: &str = "noise from two halves";

/// Places of the even and of the odd projections, by ascending angle: neighbours go to different halves.
///
/// # Errors
/// [`TomoError::TooFewAngles`] if a half would hold fewer than two different angles.
pub fn split(angles: &TiltAngles) -> Result<[Vec<usize>; 2], TomoError> {
    let halves = [0, 1].map(|first| (first..angles.len()).step_by(2).collect::<Vec<usize>>());
    for half in &halves {
        if angles.select(half).is_err() {
            return Err(TomoError::TooFewAngles { operation: "two halves", found: angles.len(), wanted: 4 });
        }
    }
    Ok(halves)
}

/// Noise of the volume of all projections, from two halves.
#[derive(Debug, Clone, PartialEq)]
pub struct Noise {
    /// `σ = √⟨(a − b)²⟩/2` over the voxels that count.
    pub sigma: f64,
    /// The same from the median, `1.4826 median|a − b|/2`: streaks and edges weigh less.
    pub robust_sigma: f64,
    /// `⟨a − b⟩`; far from zero means that the halves differ by more than noise.
    pub offset: f64,
    /// Standard deviation of the mean of cubes of `edge³` voxels, for edges 1, 2, 4, 8: noise of neighbours is not
    /// independent, so that it falls slower than `σ/√edge³`.
    pub of_cubes: Vec<(usize, f64)>,
    /// Voxels that count.
    pub voxels: usize,
}

fn check(a: ArrayView3<'_, f32>, b: ArrayView3<'_, f32>) -> Result<(), TomoError> {
    if a.dim() == b.dim() {
        return Ok(());
    }
    Err(TomoError::Shape {
        operation: NAME,
        array: "the second half",
        found: b.shape().to_vec(),
        wanted: a.shape().to_vec(),
    })
}

/// Noise over the voxels where `region` is true (everywhere without one). Voxels that are not finite in both do not count.
///
/// # Errors
/// [`TomoError::Shape`] if shapes differ, [`TomoError::NothingCounts`] if no voxel counts.
pub fn noise(
    a: ArrayView3<'_, f32>,
    b: ArrayView3<'_, f32>,
    region: Option<ArrayView3<'_, bool>>,
) -> Result<Noise, TomoError> {
    check(a, b)?;
    if let Some(found) = region.filter(|region| region.dim() != a.dim()) {
        let (found, wanted) = (found.shape().to_vec(), a.shape().to_vec());
        return Err(TomoError::Shape { operation: NAME, array: "the region", found, wanted });
    }
    // a − b where it counts, NaN elsewhere
    let mut difference = Zip::from(a).and(b).par_map_collect(|a, b| a - b);
    if let Some(region) = region {
        Zip::from(&mut difference).and(region).for_each(|d, &inside| {
            if !inside {
                *d = f32::NAN;
            }
        });
    }
    let mut sizes: Vec<f32> = difference.iter().filter(|d| d.is_finite()).map(|d| d.abs()).collect();
    if sizes.is_empty() {
        return Err(TomoError::NothingCounts { operation: NAME });
    }
    let middle = sizes.len() / 2;
    let median = f64::from(*sizes.select_nth_unstable_by(middle, f32::total_cmp).1);
    let of_cubes: Vec<(usize, f64)> = [1, 2, 4, 8]
        .into_iter()
        .filter_map(|edge| Some((edge, 0.5 * rms_of_cubes(difference.view(), edge)?)))
        .collect();
    let finite = difference.iter().filter(|d| d.is_finite()).map(|d| f64::from(*d));
    Ok(Noise {
        sigma: of_cubes.first().map_or(0.0, |(_, sigma)| *sigma),
        // the median of |x| is 0.6745 standard deviations of a normal distribution
        robust_sigma: 0.5 * median / 0.674_489_75,
        offset: finite.sum::<f64>() / sizes.len() as f64,
        of_cubes,
        voxels: sizes.len(),
    })
}

/// Root mean square of the means of all whole cubes of `edge³` voxels that count; none if there is no such cube.
fn rms_of_cubes(difference: ArrayView3<'_, f32>, edge: usize) -> Option<f64> {
    let voxels = (edge * edge * edge) as f64;
    let slabs: Vec<(f64, usize)> = difference
        .axis_chunks_iter(Axis(0), edge)
        .into_par_iter()
        .filter(|slab| slab.len_of(Axis(0)) == edge)
        .map(|slab| {
            let means = slab.exact_chunks((edge, edge, edge)).into_iter().map(|cube| {
                let sum: f64 = cube.iter().map(|&v| f64::from(v)).sum();
                sum / voxels
            });
            means.filter(|mean| mean.is_finite()).fold((0.0, 0), |(sum, n), mean| (sum + mean * mean, n + 1))
        })
        .collect();
    let (sum, cubes) = slabs.into_iter().fold((0.0, 0), |(sum, n), (s, m)| (sum + s, n + m));
    (cubes > 0).then(|| (sum / cubes as f64).sqrt())
}

/// `σ` around each voxel: `√⟨(a − b)²⟩/2` over the cube of `2 reach + 1` voxels around it, as far as it lies in the volume
/// and is finite. From `n` voxels of independent noise it is known to `σ/√(2n)`: 6 % for `reach` 2.
///
/// # Errors
/// [`TomoError::Shape`] if shapes differ.
pub fn sigma_map(
    a: ArrayView3<'_, f32>,
    b: ArrayView3<'_, f32>,
    reach: usize,
) -> Result<Array3<f32>, TomoError> {
    check(a, b)?;
    let square = |a: &f32, b: &f32| f64::from(a - b).powi(2);
    let mut sums = Zip::from(a).and(b).par_map_collect(|a, b| {
        let square = square(a, b);
        if square.is_finite() { [square as f32, 1.0] } else { [0.0, 0.0] }
    });
    for axis in 0..3 {
        Zip::from(sums.lanes_mut(Axis(axis))).par_for_each(|mut lane| {
            let old: Vec<[f32; 2]> = lane.to_vec();
            for (i, value) in lane.iter_mut().enumerate() {
                let window = &old[i.saturating_sub(reach)..(i + reach + 1).min(old.len())];
                *value = window.iter().fold([0.0; 2], |[s, n], [square, one]| [s + square, n + one]);
            }
        });
    }
    Ok(sums.mapv(|[sum, count]| if count > 0.0 { 0.5 * (sum / count).sqrt() } else { f32::NAN }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_testkit::Lcg;

    fn halves(sigma: impl Fn(usize) -> f64, side: usize) -> [Array3<f32>; 2] {
        let mut random = Lcg::new(4);
        [0, 1].map(|_| {
            Array3::from_shape_fn((side, side, side), |(z, y, x)| {
                ((z * y + x) as f64 * 0.01 + sigma(x) * random.normal()) as f32
            })
        })
    }

    #[test]
    fn halves_interleave() -> Result<(), TomoError> {
        let angles = TiltAngles::from_degrees(&[0.0, 1.0, 2.0, 3.0, 4.0]).expect("angles");
        assert_eq!(split(&angles)?, [vec![0, 2, 4], vec![1, 3]]);
        let three = TiltAngles::from_degrees(&[0.0, 1.0, 2.0]).expect("angles");
        assert!(matches!(split(&three), Err(TomoError::TooFewAngles { found: 3, .. })));
        Ok(())
    }

    #[test]
    fn the_mean_of_two_halves_has_the_noise_that_is_said() -> Result<(), TomoError> {
        // σ_h = 0.2: the mean of both has 0.2/√2 = 0.1414; from n numbers to 1/√2n, four of these.
        let [a, b] = halves(|_| 0.2, 32);
        let found = noise(a.view(), b.view(), None)?;
        let expected = 0.2 / 2.0_f64.sqrt();
        let off = |value: f64, n: f64| (value / expected - 1.0).abs() * (2.0 * n).sqrt();
        assert!(off(found.sigma, 32768.0) < 4.0, "{found:?}");
        // The median is 1.65 times less certain.
        assert!(off(found.robust_sigma, 32768.0) < 4.0 * 1.65, "{found:?}");
        for &(edge, sigma) in &found.of_cubes {
            let voxels = (edge * edge * edge) as f64;
            assert!(off(sigma * voxels.sqrt(), 32768.0 / voxels) < 4.0, "{edge}: {sigma}");
        }
        assert!(found.offset.abs() < 4.0 * 0.2 * 2.0_f64.sqrt() / 32768.0_f64.sqrt());
        Ok(())
    }

    #[test]
    fn the_map_follows_the_noise_and_passes_over_missing_voxels() -> Result<(), TomoError> {
        let [mut a, b] = halves(|x| if x < 12 { 0.1 } else { 0.4 }, 24);
        a[(5, 5, 5)] = f32::NAN;
        let map = sigma_map(a.view(), b.view(), 2)?;
        // 124 or 125 voxels: 6 %, and four of these; voxels 10 to 13 see both sides.
        for ((z, y, x), sigma) in map.indexed_iter() {
            let whole = [z, y, x].iter().all(|i| (2..22).contains(i));
            if whole && !(10..14).contains(&x) {
                let expected = if x < 12 { 0.1 } else { 0.4 } / 2.0_f64.sqrt();
                assert!((f64::from(*sigma) / expected - 1.0).abs() < 0.27, "({z}, {y}, {x}): {sigma}");
            }
        }
        let region = Array3::from_shape_fn((24, 24, 24), |(_, _, x)| x < 12);
        let found = noise(a.view(), b.view(), Some(region.view()))?;
        assert_eq!(found.voxels, 24 * 24 * 12 - 1);
        assert!((found.sigma / 0.0707 - 1.0).abs() < 0.04, "{}", found.sigma);
        let nothing = Array3::from_elem((24, 24, 24), false);
        assert!(matches!(
            noise(a.view(), b.view(), Some(nothing.view())),
            Err(TomoError::NothingCounts { .. })
        ));
        let short = Array3::zeros((24, 24, 23));
        assert!(matches!(sigma_map(a.view(), short.view(), 1), Err(TomoError::Shape { .. })));
        Ok(())
    }
}
