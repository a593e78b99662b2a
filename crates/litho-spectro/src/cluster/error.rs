//! What can go wrong when pixels are sorted.

use thiserror::Error;

/// Errors of [`cluster`](super).
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ClusterError {
    /// No row is complete and has a weight above zero.
    #[error(
        "{operation}: none of {rows} points has numbers for all descriptors and a weight above zero; \
         look at the mask and the maps"
    )]
    NothingLeft {
        /// What was being computed.
        operation: &'static str,
        /// Points given.
        rows: usize,
    },
    /// A descriptor is the same everywhere.
    #[error("standardise: descriptor {index} is {value} at every point; leave it out")]
    Constant {
        /// Column, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// Two lists or images that belong together differ in size.
    #[error("{operation}: {first_len} {first} but {second_len} {second}; give one for each")]
    Length {
        /// What was being computed.
        operation: &'static str,
        /// Name of the first.
        first: &'static str,
        /// Its length.
        first_len: usize,
        /// Name of the second.
        second: &'static str,
        /// Its length.
        second_len: usize,
    },
    /// More clusters than points that differ.
    #[error("{operation}: k = {k} with {distinct} points that differ; choose k of at most {distinct}")]
    TooFewPoints {
        /// What was being computed.
        operation: &'static str,
        /// Clusters asked for.
        k: usize,
        /// Points that differ, as far as they were counted.
        distinct: usize,
    },
    /// A setting that makes no sense.
    #[error("{operation}: {setting} is {value}; {fix}")]
    Setting {
        /// What was being computed.
        operation: &'static str,
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        fix: &'static str,
    },
    /// A label above the number of clusters.
    #[error("{operation}: a label is {label} but there are {k} clusters; labels are 0 (none) to {k}")]
    Label {
        /// What was being computed.
        operation: &'static str,
        /// The label.
        label: usize,
        /// Number of clusters.
        k: usize,
    },
}
