//! What the whole sample consists of: state of charge, shares of the classes.

use crate::report::{Align, Column, Table};

/// One number with its error and the truth.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// What it is: `state of charge`, `LFP-rich`.
    pub name: String,
    /// Its value as a fraction, 0 to 1.
    pub value: f64,
    /// Its standard deviation; NaN if unknown.
    pub sigma: f64,
    /// The true value, where known.
    pub truth: Option<f64>,
}

/// A table of fractions in per cent.
pub(super) fn table(estimates: &[Estimate]) -> Table {
    let truth = estimates.iter().any(|e| e.truth.is_some());
    let percent = |value: f64| {
        if value.is_finite() { format!("{:.2} %", 100.0 * value) } else { "—".to_owned() }
    };
    let row = |e: &Estimate| {
        let known = [e.name.clone(), percent(e.value), percent(e.sigma)];
        let true_one = truth.then(|| e.truth.map_or_else(|| "—".to_owned(), percent));
        let pull = truth.then(|| match e.truth.map(|t| (e.value - t) / e.sigma) {
            Some(pull) if pull.is_finite() => crate::format::decimal(pull, 1),
            _ => "—".to_owned(),
        });
        known.into_iter().chain(true_one).chain(pull).collect()
    };
    let heads =
        ["value", "σ"].into_iter().chain(truth.then_some("truth")).chain(truth.then_some("difference / σ"));
    let columns = std::iter::once(Column::new("fraction", Align::Left))
        .chain(heads.map(|head| Column::new(head, Align::Right)))
        .collect();
    Table {
        caption: "Composition of the whole sample. σ holds the noise of the voxels and the choice of the threshold between matter \
                  and air. It is not the total error: what a reconstruction does wrong alike in many voxels, such as streaks of \
                  missing angles, is not in it."
            .to_owned(),
        columns,
        rows: estimates.iter().map(row).collect(),
        highlighted: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_told_with_their_errors_and_their_distance_from_the_truth() {
        let one = |name: &str, truth| Estimate { name: name.to_owned(), value: 0.162, sigma: 0.004, truth };
        let known = table(&[one("state of charge", Some(0.17)), one("mixed", None)]);
        assert_eq!(
            known.rows[0],
            ["state of charge", "16.20 %", "0.40 %", "17.00 %", "−2.0"].map(str::to_owned)
        );
        assert_eq!(known.rows[1][3..], ["—", "—"].map(str::to_owned));
        assert_eq!(table(&[one("mixed", None)]).columns.len(), 3);
    }
}
