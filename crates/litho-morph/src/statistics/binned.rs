//! The share of successes against a covariate, in bins.

use super::proportion::{Proportion, proportion};
use super::{all_finite, same_length};
use crate::error::MorphError;

const OPERATION: &str = "share in bins";
/// More bins than any plot shows: a width so small is a mistake.
const MOST_BINS: f64 = 10_000.0;

/// The particles of one bin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// The bin begins here, included.
    pub low: f64,
    /// It ends here; excluded, except in the last bin.
    pub high: f64,
    /// Mean of the covariate of those in the bin.
    pub mean: Option<f64>,
    /// The share that are successes; `None` in an empty bin.
    pub share: Option<Proportion>,
}

/// The share of successes in every bin between neighbouring `edges`, which ascend. Values outside are left out.
///
/// # Errors
/// Lists of different length, a number that is not finite, edges that do not ascend.
pub fn binned(covariate: &[f64], success: &[bool], edges: &[f64]) -> Result<Vec<Bin>, MorphError> {
    same_length(OPERATION, "success", success.len(), covariate.len())?;
    all_finite(OPERATION, "covariate", covariate)?;
    all_finite(OPERATION, "edge of a bin", edges)?;
    if let Some(pair) = edges.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(MorphError::Setting {
            operation: OPERATION,
            setting: "edge of a bin",
            value: pair[1],
            fix: "give edges that ascend",
        });
    }
    let last = edges.len().saturating_sub(2);
    let bins = edges.windows(2).enumerate().map(|(index, pair)| {
        let (low, high) = (pair[0], pair[1]);
        let inside = |value: f64| low <= value && (value < high || (index == last && value == high));
        let members = covariate.iter().zip(success).filter(|(value, _)| inside(**value));
        let (mut total, mut successes, mut sum) = (0, 0, 0.0);
        for (value, success) in members {
            total += 1;
            successes += u64::from(*success);
            sum += value;
        }
        let mean = (total > 0).then(|| sum / total as f64);
        Bin { low, high, mean, share: proportion(successes, total).ok() }
    });
    Ok(bins.collect())
}

/// Edges at whole multiples of `width` around all values.
///
/// # Errors
/// A width that is not positive, or makes more than ten thousand bins; a value that is not finite.
pub fn bins_of_width(values: &[f64], width: f64) -> Result<Vec<f64>, MorphError> {
    all_finite(OPERATION, "covariate", values)?;
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let (first, last) = ((low / width).floor(), (high / width).floor() + 1.0);
    // A width that is not a number fails this too.
    if !(width > 0.0 && last - first <= MOST_BINS) {
        return Err(MorphError::Setting {
            operation: OPERATION,
            setting: "width of a bin",
            value: width,
            fix: "give a positive width of at least a ten-thousandth of the range",
        });
    }
    Ok((0..=(last - first) as usize).map(|step| (first + step as f64) * width).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_particle_is_in_one_bin() {
        let volumes = [100.0, 199.0, 200.0, 390.0, 810.0, 1000.0];
        let active = [false, true, true, true, false, true];
        let edges = bins_of_width(&volumes, 200.0).unwrap();
        assert_eq!(edges, [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0, 1200.0]);
        let bins = binned(&volumes, &active, &edges).unwrap();
        let counts = |bin: &Bin| bin.share.map(|share| (share.successes, share.total));
        let found: Vec<_> = bins.iter().map(counts).collect();
        assert_eq!(found, [Some((1, 2)), Some((2, 2)), None, None, Some((0, 1)), Some((1, 1))]);
        assert_eq!((bins[0].mean, bins[1].mean, bins[2].mean), (Some(149.5), Some(295.0), None));
        // The last edge belongs to the last bin, and what is beyond to none.
        let bins = binned(&volumes, &active, &[100.0, 500.0, 810.0]).unwrap();
        assert_eq!(bins.iter().map(counts).collect::<Vec<_>>(), [Some((3, 4)), Some((0, 1))]);
    }

    #[test]
    fn bad_bins_are_told() {
        assert!(binned(&[1.0], &[], &[0.0, 1.0]).is_err());
        assert!(binned(&[f64::NAN], &[true], &[0.0, 1.0]).is_err());
        assert!(binned(&[1.0], &[true], &[1.0, 1.0]).is_err());
        assert!(binned(&[1.0], &[true], &[]).unwrap().is_empty());
        for width in [0.0, -1.0, f64::NAN, 1e-9] {
            assert!(bins_of_width(&[1.0, 2.0], width).is_err(), "{width}");
        }
        assert!(bins_of_width(&[], 1.0).unwrap().is_empty());
    }
}
