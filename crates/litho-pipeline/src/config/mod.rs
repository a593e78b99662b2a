//! Configuration: what a person wrote, and what it resolves to.
//!
//! [`ReconstructConfig`] is raw: every field may be missing. Command-line flags
//! make another one, [`ReconstructConfig::or`] lays one over the other, and
//! [`Settings::resolve`] turns the result into something complete and checked.

mod correction_tables;
mod corrections;
mod engine_tables;
mod engines;
mod layers;
mod mistakes;
mod parse;
mod raw;
mod settings;

pub use correction_tables::{
    BackgroundConfig, FlyScanConfig, IntensitiesConfig, ObjectLimitsConfig, PositionsConfig,
    ProbeLimitsConfig, StopConfig, VariationsConfig,
};
pub use corrections::{Corrections, FlyScan, Sweep};
pub use engine_tables::{
    BatchConfig, DifferenceMapConfig, LsqMlConfig, MaximumLikelihoodConfig, PieConfig, RaarConfig, WaspConfig,
};
pub(crate) use engines::DEFAULT_ITERATIONS;

pub(crate) use mistakes::{Allowed, Mistakes};
pub(crate) use parse::parse;
pub use parse::{ConfigError, from_file, from_toml, read_or_default, schema};
pub use raw::{InputConfig, OrientationSetting, ReconstructConfig};
pub use settings::{ProbeSource, Settings};
