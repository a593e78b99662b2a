//! How the chance of a success grows with a covariate.

use super::{all_finite, enough, same_length};
use crate::error::MorphError;
use crate::small::inverse;

const OPERATION: &str = "logistic trend";
/// Newton's steps; a trend that exists takes less than ten.
const STEPS: usize = 50;
/// Slopes beyond this per standard deviation of the covariate: the successes are separated, no slope is large enough.
const SEPARATED: f64 = 50.0;

/// `p(x) = 1/(1 + exp(−a − b x))`, fitted by maximum likelihood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Logistic {
    /// `a`.
    pub intercept: f64,
    /// `b`: the logarithm of the odds grows by this for each unit of the covariate.
    pub slope: f64,
    /// Standard deviations of the two, from the curvature of the likelihood.
    pub sigma: (f64, f64),
    /// Twice the gain in the logarithm of the likelihood over no trend: χ² with one degree of freedom if there is none.
    pub likelihood_ratio: f64,
}

impl Logistic {
    /// The chance at `x`.
    pub fn chance(&self, x: f64) -> f64 {
        1.0 / (1.0 + (-self.intercept - self.slope * x).exp())
    }
}

/// The trend of successes with a covariate, by Newton's method; `None` where none can be fitted: all alike, one value only,
/// or a value that separates all successes from all others.
///
/// # Errors
/// Lists of different length or fewer than three, a number that is not finite.
pub fn logistic(covariate: &[f64], success: &[bool]) -> Result<Option<Logistic>, MorphError> {
    same_length(OPERATION, "success", success.len(), covariate.len())?;
    enough(OPERATION, "particles", covariate.len(), 3)?;
    all_finite(OPERATION, "covariate", covariate)?;
    let n = covariate.len() as f64;
    let mean = covariate.iter().sum::<f64>() / n;
    let deviation = (covariate.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    let share = success.iter().filter(|success| **success).count() as f64 / n;
    if deviation <= 0.0 || share <= 0.0 || share >= 1.0 {
        return Ok(None);
    }
    let points: Vec<(f64, f64)> = covariate
        .iter()
        .zip(success)
        .map(|(x, s)| ((x - mean) / deviation, f64::from(u8::from(*s))))
        .collect();
    let Some((a, b, covariance)) = fit(&points, (share / (1.0 - share)).ln()) else { return Ok(None) };
    let none = n * (share * share.ln() + (1.0 - share) * (1.0 - share).ln());
    // ln L = Σ y z − ln(1 + eᶻ), z = a + b x
    let full: f64 = points
        .iter()
        .map(|(x, y)| {
            let z = a + b * x;
            y * z - z.max(0.0) - (-z.abs()).exp().ln_1p()
        })
        .sum();
    // Back to the covariate's unit: a − b m/d and b/d.
    let shift = mean / deviation;
    let variance = covariance[0][0] - 2.0 * shift * covariance[0][1] + shift * shift * covariance[1][1];
    Ok(Some(Logistic {
        intercept: a - b * shift,
        slope: b / deviation,
        sigma: (variance.sqrt(), covariance[1][1].sqrt() / deviation),
        likelihood_ratio: (2.0 * (full - none)).max(0.0),
    }))
}

/// `a`, `b` and their covariance for `(x, y)`; `None` if they grow without end.
fn fit(points: &[(f64, f64)], start: f64) -> Option<(f64, f64, [[f64; 2]; 2])> {
    let (mut a, mut b) = (start, 0.0);
    for _ in 0..STEPS {
        let (mut gradient, mut curvature) = ([0.0; 2], [[0.0; 2]; 2]);
        for (x, y) in points {
            let p = 1.0 / (1.0 + (-a - b * x).exp());
            let weight = p * (1.0 - p);
            gradient[0] += y - p;
            gradient[1] += (y - p) * x;
            curvature[0][0] += weight;
            curvature[0][1] += weight * x;
            curvature[1][1] += weight * x * x;
        }
        curvature[1][0] = curvature[0][1];
        let covariance = inverse(&curvature)?;
        let step: [f64; 2] =
            std::array::from_fn(|i| covariance[i][0] * gradient[0] + covariance[i][1] * gradient[1]);
        (a, b) = (a + step[0], b + step[1]);
        if b.abs() > SEPARATED {
            return None;
        }
        if step[0].abs().max(step[1].abs()) < 1e-10 {
            return Some((a, b, covariance));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_values_have_their_log_odds() {
        // Saturated: at 0, 2 of 8; at 10, 6 of 8. Log odds −ln 3 and ln 3; variance of each 1/2 + 1/6.
        let covariate: Vec<f64> = (0..16).map(|i| if i < 8 { 0.0 } else { 10.0 }).collect();
        let success: Vec<bool> = (0..16).map(|i| !(2..10).contains(&i)).collect();
        let found = logistic(&covariate, &success).unwrap().unwrap();
        let odds = 3.0_f64.ln();
        // Newton stops at 1e-10.
        assert!(
            (found.intercept + odds).abs() < 1e-9 && (found.slope - odds / 5.0).abs() < 1e-9,
            "{found:?}"
        );
        assert!((found.sigma.0 - (2.0_f64 / 3.0).sqrt()).abs() < 1e-9);
        assert!((found.sigma.1 - (4.0_f64 / 3.0).sqrt() / 10.0).abs() < 1e-9);
        // 2 (Σ n_ij ln(p_ij/½)) = 2 · 16 (¾ ln 1.5 + ¼ ln ½)
        let gain = 32.0 * (0.75 * 1.5_f64.ln() + 0.25 * 0.5_f64.ln());
        assert!((found.likelihood_ratio - gain).abs() < 1e-9);
        assert!((found.chance(10.0) - 0.75).abs() < 1e-9);
    }

    #[test]
    fn what_has_no_trend_is_none() {
        let covariate = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(logistic(&covariate, &[false; 4]).unwrap(), None);
        assert_eq!(logistic(&[1.0; 4], &[true, false, true, false]).unwrap(), None);
        assert_eq!(logistic(&covariate, &[false, false, true, true]).unwrap(), None);
        assert!(logistic(&covariate, &[true]).is_err());
    }
}
