//! When to stop before the last iteration.

/// Stops a run whose error no longer falls.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum StopRule {
    /// All iterations are done.
    #[default]
    Never,
    /// The mean error of `window` iterations must be below that of the `window` before by this share at least.
    Stagnation {
        /// Iterations averaged over.
        window: usize,
        /// Smallest relative improvement worth going on for.
        tolerance: f64,
    },
}

/// How little the error fell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stagnation {
    /// Iterations averaged over.
    pub window: usize,
    /// Relative improvement of the last window on the one before; negative if the error rose.
    pub improvement: f64,
}

impl StopRule {
    /// Judges the losses of a stage.
    pub fn judge(self, losses: &[f64]) -> Option<Stagnation> {
        let Self::Stagnation { window, tolerance } = self else { return None };
        let window = window.max(1);
        let before = losses.len().checked_sub(2 * window)?;
        let mean = |part: &[f64]| part.iter().sum::<f64>() / window as f64;
        let (older, newer) = (mean(&losses[before..before + window]), mean(&losses[before + window..]));
        let improvement = 1.0 - newer / older;
        (improvement < tolerance).then_some(Stagnation { window, improvement })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_falling_error_goes_on_and_a_level_one_stops() {
        let rule = StopRule::Stagnation { window: 3, tolerance: 1e-3 };
        let falling: Vec<f64> = (0..10).map(|i| 0.9_f64.powi(i)).collect();
        assert_eq!(rule.judge(&falling), None);
        assert_eq!(rule.judge(&falling[..5]), None, "two windows are not full");
        let level = [falling.as_slice(), &[0.35; 6]].concat();
        assert_eq!(rule.judge(&level), Some(Stagnation { window: 3, improvement: 0.0 }));
        assert_eq!(StopRule::Never.judge(&level), None);
    }
}
