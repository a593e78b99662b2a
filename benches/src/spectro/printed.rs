//! What the peers' programs print.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Name of their environment: numpy, scipy, lmfit and scikit-learn.
pub(super) const ENVIRONMENT: &str = "spectro";

/// What a peer's program prints in its last line.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Printed {
    /// CPU seconds.
    pub(crate) cpu: f64,
    /// Seconds on the clock on the wall.
    pub(crate) wall: f64,
    #[serde(default)]
    pub(crate) wcss: f64,
    #[serde(default)]
    pub(crate) ari: f64,
    #[serde(default)]
    pub(crate) iterations: usize,
    /// What it computed with, package and version.
    pub(crate) versions: BTreeMap<String, String>,
}

/// Package and version of each, with commas between them.
pub(crate) fn versions<'a>(printed: impl IntoIterator<Item = &'a Printed>) -> String {
    let all: BTreeMap<&String, &String> = printed.into_iter().flat_map(|printed| &printed.versions).collect();
    all.iter().map(|(package, version)| format!("{package} {version}")).collect::<Vec<_>>().join(", ")
}
