//! Configuration: what a person wrote, and what it resolves to.
//!
//! [`ReconstructConfig`] is raw: every field may be missing. Command-line flags
//! make another one, [`ReconstructConfig::or`] lays one over the other, and
//! [`Settings::resolve`] turns the result into something complete and checked.

mod parse;
mod raw;
mod settings;

pub use parse::{ConfigError, from_file, from_toml, schema};
pub use raw::{DifferenceMapConfig, InputConfig, OrientationSetting, PieConfig, ReconstructConfig};
pub use settings::{ProbeSource, Settings};
