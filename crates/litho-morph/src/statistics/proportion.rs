//! A share of successes and its error.

use super::enough;
use crate::error::MorphError;

/// The share of `total` that are successes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proportion {
    /// Successes.
    pub successes: u64,
    /// Of how many.
    pub total: u64,
    /// `p = successes/total`.
    pub value: f64,
    /// Binomial standard deviation `√(p(1 − p)/(n − 1))`, unbiased for its square; NaN of one.
    pub sigma: f64,
    /// Wilson's interval at one standard deviation: it stays between 0 and 1, and says something of 0 and of all.
    pub wilson: (f64, f64),
}

impl Proportion {
    /// Wilson's interval at `z` standard deviations (J. Am. Stat. Assoc. 22, 209, 1927):
    /// `[p + z²/2n ± z √(p(1 − p)/n + z²/4n²)]/(1 + z²/n)`.
    pub fn wilson_at(&self, z: f64) -> (f64, f64) {
        let (p, n) = (self.value, self.total as f64);
        let middle = p + z * z / (2.0 * n);
        let reach = z.abs() * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + z * z / n;
        (((middle - reach) / scale).max(0.0), ((middle + reach) / scale).min(1.0))
    }
}

/// The share of `total` that are `successes`.
///
/// # Errors
/// None of none, or more than all.
pub fn proportion(successes: u64, total: u64) -> Result<Proportion, MorphError> {
    enough("proportion", "total", usize::try_from(total).unwrap_or(usize::MAX), 1)?;
    if successes > total {
        return Err(MorphError::Setting {
            operation: "proportion",
            setting: "successes",
            value: successes as f64,
            fix: "give no more than the total",
        });
    }
    let (value, n) = (successes as f64 / total as f64, total as f64);
    let sigma = (value * (1.0 - value) / (n - 1.0)).sqrt();
    let mut share = Proportion { successes, total, value, sigma, wilson: (0.0, 1.0) };
    share.wilson = share.wilson_at(1.0);
    Ok(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `value ± sigma` in per cent, as papers print it.
    fn printed(successes: u64, total: u64) -> String {
        let share = proportion(successes, total).unwrap();
        format!("{:.1} ± {:.1} %", 100.0 * share.value, 100.0 * share.sigma)
    }

    #[test]
    fn published_shares_of_active_particles() {
        // Yu et al., soft X-ray ptychographic tomography of LiFePO4: 83 particles, thresholds of 15 and 25 % FP. The paper
        // prints 12.1 for 10/83 = 12.048 %, rounding up.
        assert_eq!(printed(25, 83), "30.1 ± 5.1 %");
        let share = proportion(10, 83).unwrap();
        assert!((100.0 * share.value - 12.1).abs() <= 0.1, "{}", share.value);
        assert_eq!(format!("{:.1}", 100.0 * share.sigma), "3.6");
    }

    #[test]
    fn wilsons_interval() {
        // 25 of 83 at one standard deviation, by the formula by hand: 25.3 to 35.4 %.
        let (low, high) = proportion(25, 83).unwrap().wilson;
        assert_eq!(format!("{:.1} {:.1}", 100.0 * low, 100.0 * high), "25.3 35.4");
        // Newcombe, Stat. Med. 17, 857 (1998), table I, method 3, 95 %: 81/263, 15/148, 0/20, 1/29.
        for (successes, total, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let found = proportion(successes, total).unwrap().wilson_at(1.959_964);
            assert!((found.0 - low).abs() < 5e-5 && (found.1 - high).abs() < 5e-5, "{found:?}");
        }
    }

    #[test]
    fn impossible_shares_are_told() {
        assert!(proportion(0, 0).is_err() && proportion(3, 2).is_err());
        assert!(proportion(1, 1).unwrap().sigma.is_nan());
    }
}
