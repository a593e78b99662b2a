//! Which projections do not fit the others.

/// Deviations below this part of the median flag nothing: equal misfits differ by roundings.
const SMALLEST_DEVIATION: f64 = 0.05;
/// `MAD · 1.4826` is the deviation of a normal distribution.
const NORMAL: f64 = 1.4826;

/// True for each misfit that is above the median by more than `threshold` deviations; the deviation is 1.4826 times the median
/// absolute deviation, but at least 5 % of the median. A misfit that is no
/// number is flagged.
pub fn outliers(misfits: &[f64], threshold: f64) -> Vec<bool> {
    let Some(middle) = median(misfits.to_vec()) else { return vec![true; misfits.len()] };
    let distances: Vec<f64> = misfits.iter().map(|misfit| (misfit - middle).abs()).collect();
    let deviation = (NORMAL * median(distances).unwrap_or(0.0)).max(SMALLEST_DEVIATION * middle);
    misfits.iter().map(|&misfit| misfit.is_nan() || misfit - middle > threshold * deviation).collect()
}

/// The median of the numbers that are finite; the lower of two in the middle.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.retain(|value| value.is_finite());
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

/// The value below which `part` of the values lie.
pub(super) fn quantile(mut values: Vec<f64>, part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = (part * values.len().saturating_sub(1) as f64).ceil() as usize;
    values.get(place).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_projection_stands_out() {
        let mut misfits: Vec<f64> = (0..50).map(|k| 0.1 + 0.01 * (f64::from(k) * 0.7).sin()).collect();
        assert!(outliers(&misfits, 6.0).iter().all(|flag| !flag));
        misfits[17] = 0.3;
        misfits[30] = f64::NAN;
        let flags = outliers(&misfits, 6.0);
        assert!((0..50).all(|k| flags[k] == (k == 17 || k == 30)));
        assert!(outliers(&[0.1; 5], 1.0).iter().all(|flag| !flag));
        assert!(outliers(&[], 6.0).is_empty());
        assert_eq!(outliers(&[f64::NAN; 2], 6.0), [true, true]);
    }
}
