//! How a reconstruction ended, judged and put into words.

use super::run::Status;
use litho_compute::Comparison;
use litho_ptycho::StopReason;

/// Whether the run converged; what a person should know goes into `warnings`.
pub(super) fn judge(
    reason: StopReason,
    comparison: &Comparison,
    losses: &[f64],
    warnings: &mut Vec<String>,
) -> Status {
    let error = comparison.error();
    if reason == StopReason::Diverged || !error.is_finite() {
        warnings.push(
            "the error is no longer a number: the reconstruction diverged; try smaller steps (pie.object_step, \
             pie.probe_step) or another starting probe"
                .to_owned(),
        );
        return Status::NotConverged;
    }
    if error >= 1.0 || losses.first().is_some_and(|first| error >= *first) {
        warnings.push(format!(
            "the error ended at {error:.4}, no better than at the start or than no model at all: the reconstruction did \
             not converge; check geometry, orientation, starting probe and steps"
        ));
        return Status::NotConverged;
    }
    Status::Done
}

/// Why a run that has done `done` of `planned` iterations stopped, in words.
pub(super) fn words(reason: StopReason, done: usize, planned: usize) -> String {
    match reason {
        StopReason::Finished => format!("all {planned} iterations are done"),
        StopReason::Stagnated(stagnation) => {
            let (window, percent) = (stagnation.window, 100.0 * stagnation.improvement.abs());
            let moved = if stagnation.improvement < 0.0 { "rose" } else { "fell" };
            format!(
                "the error stagnated after {done} of {planned} iterations: its mean over the last {window} {moved} by \
                 {percent:.3} % against the {window} before"
            )
        }
        StopReason::Cancelled => format!("interrupted after {done} of {planned} iterations"),
        StopReason::Diverged => {
            format!("the error was no longer a number after {done} of {planned} iterations")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use litho_ptycho::StopRule;

    #[test]
    fn a_stagnation_tells_its_numbers() {
        let rule = StopRule::Stagnation { window: 2, tolerance: 0.1 };
        // The mean falls from 1 to 0.95.
        let stagnation = rule.judge(&[1.0, 1.0, 0.95, 0.95]).expect("less than a tenth");
        assert_eq!(
            words(StopReason::Stagnated(stagnation), 4, 50),
            "the error stagnated after 4 of 50 iterations: its mean over the last 2 fell by 5.000 % against the 2 before"
        );
    }
}
