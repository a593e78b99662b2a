//! What the detector makes of the photons.

use crate::scan::ScanSimulation;
use litho_types::frames::Frames;
use ndarray::{Array2, Array3, ArrayViewMut2, Axis, Zip};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};
use rayon::prelude::*;

/// What a detector records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detector {
    /// Counts with Poisson noise, in the smallest of 16 and 32 bits that holds them.
    PhotonCounting,
    /// The expected numbers themselves, as floats: no noise.
    NoiseFree,
}

/// Frames and what was expected in them.
pub(crate) struct Recorded {
    pub(crate) frames: Frames,
    /// Photons expected per frame, without background, before the mask.
    pub(crate) photons: Vec<f64>,
}

/// Records `count` frames whose expected photons are `intensity(frame)`.
pub(crate) fn record(
    scan: &ScanSimulation,
    count: usize,
    good: &Array2<bool>,
    intensity: impl Fn(usize) -> Array2<f64> + Sync,
) -> Recorded {
    let shape = (count, scan.shape.0, scan.shape.1);
    let background = scan.background.mean_counts(scan.shape, scan.photons_per_frame);
    match scan.detector {
        Detector::NoiseFree => {
            let mut frames = Array3::<f32>::zeros(shape);
            let photons = fill(&mut frames, &intensity, |_, expected, mut frame| {
                Zip::from(&mut frame).and(expected).and(&background).and(good).for_each(|f, e, b, good| {
                    *f = if *good { (e + b) as f32 } else { 0.0 };
                });
            });
            Recorded { frames: Frames::F32(frames), photons }
        }
        Detector::PhotonCounting => {
            let mut counts = Array3::<u32>::zeros(shape);
            let photons = fill(&mut counts, &intensity, |index, expected, mut frame| {
                // One stream of numbers per frame, so that the order of frames does not matter.
                let mut rng = ChaCha8Rng::seed_from_u64(scan.seed);
                rng.set_stream(index as u64);
                Zip::from(&mut frame).and(expected).and(&background).and(good).for_each(|f, e, b, good| {
                    let drawn = poisson(e + b, &mut rng);
                    *f = if *good { drawn } else { 0 };
                });
            });
            Recorded { frames: smallest(counts), photons }
        }
    }
}

/// Runs `write(frame, expected, view)` for all frames in parallel; returns the photons expected in each.
fn fill<T: Send + Sync>(
    frames: &mut Array3<T>,
    intensity: &(impl Fn(usize) -> Array2<f64> + Sync),
    write: impl Fn(usize, &Array2<f64>, ArrayViewMut2<'_, T>) + Sync,
) -> Vec<f64> {
    frames
        .axis_iter_mut(Axis(0))
        .into_par_iter()
        .enumerate()
        .map(|(index, view)| {
            let expected = intensity(index);
            write(index, &expected, view);
            expected.iter().sum()
        })
        .collect()
}

/// A count with the given mean.
fn poisson(mean: f64, rng: &mut ChaCha8Rng) -> u32 {
    // The distribution refuses a mean of zero, which always counts zero.
    Poisson::new(mean).map_or(0, |distribution: Poisson<f64>| distribution.sample(rng) as u32)
}

fn smallest(counts: Array3<u32>) -> Frames {
    if counts.iter().all(|&count| u16::try_from(count).is_ok()) {
        Frames::U16(counts.mapv(|count| count as u16))
    } else {
        Frames::U32(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_poisson_mean_and_variance() {
        const DRAWS: usize = 20_000;
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        for mean in [0.3, 4.0, 700.0] {
            let draws: Vec<f64> = (0..DRAWS).map(|_| f64::from(poisson(mean, &mut rng))).collect();
            let average = draws.iter().sum::<f64>() / DRAWS as f64;
            let variance = draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / DRAWS as f64;
            // Standard error of the mean √(λ/n); of the mean square deviation √((λ + 2λ²)/n), as μ4 = λ + 3λ².
            let n = DRAWS as f64;
            assert!((average - mean).abs() < 5.0 * (mean / n).sqrt(), "{average} for {mean}");
            let error = ((mean + 2.0 * mean * mean) / n).sqrt();
            assert!((variance - mean).abs() < 5.0 * error, "{variance} for {mean}");
        }
        assert_eq!(poisson(0.0, &mut rng), 0);
    }

    #[test]
    fn the_smallest_type_that_holds_the_counts_is_chosen() {
        let mut counts = Array3::<u32>::from_elem((1, 1, 2), 65_535);
        assert_eq!(smallest(counts.clone()).type_name(), "uint16");
        counts[(0, 0, 1)] = 65_536;
        assert_eq!(smallest(counts).type_name(), "uint32");
    }
}
