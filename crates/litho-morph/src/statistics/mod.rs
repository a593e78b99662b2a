//! What a few dozen particles can say: shares with their error, trends, and whether two sets differ.
//!
//! - [`proportion()`]: a share of successes, its standard deviation and an interval; [`binned()`] against a covariate.
//! - [`rank`]: Spearman's rank correlation with a permutation test.
//! - [`compare`]: the Kolmogorov–Smirnov test of two samples, exact with ties, and a permutation test of their means.
//! - [`logistic()`]: how the chance of a success grows with a covariate.
//!
//! Tests by random permutations take a seed: the same seed gives the same numbers.

pub mod binned;
pub mod compare;
pub mod logistic;
pub mod proportion;
pub mod rank;

pub use binned::{Bin, binned, bins_of_width};
pub use compare::{KolmogorovSmirnov, MeanDifference, kolmogorov_smirnov, mean_difference};
pub use logistic::{Logistic, logistic};
pub use proportion::{Proportion, proportion};
pub use rank::{RankCorrelation, spearman};

use crate::error::MorphError;

/// That two lists speak of the same things.
fn same_length(
    operation: &'static str,
    array: &'static str,
    found: usize,
    wanted: usize,
) -> Result<(), MorphError> {
    crate::error::check_shape(operation, array, &[found], &[wanted])
}

/// That every number can be ordered.
fn all_finite(operation: &'static str, setting: &'static str, values: &[f64]) -> Result<(), MorphError> {
    match values.iter().find(|value| !value.is_finite()) {
        Some(value) => Err(MorphError::Setting {
            operation,
            setting,
            value: *value,
            fix: "leave particles without this number out",
        }),
        None => Ok(()),
    }
}

/// That there are at least `fewest`.
fn enough(
    operation: &'static str,
    setting: &'static str,
    count: usize,
    fewest: usize,
) -> Result<(), MorphError> {
    if count >= fewest {
        return Ok(());
    }
    Err(MorphError::Setting { operation, setting, value: count as f64, fix: "give more particles" })
}
