//! From maps of several particles to chemical domains.
//!
//! The pixels of all inputs are sorted together by their standardised descriptors; labels are 1…k, 0 is none.

mod config;
mod inputs;
mod result;
mod run;
mod settings;
mod sorted;
mod spectra;

pub use config::{ClusterConfig, GroupConfig, KSetting};
pub use result::Domains;
pub use run::{Request, Summary, cluster};
pub use settings::{ClusterSettings, Method};

/// The JSON Schema of the settings file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(ClusterConfig).to_value()
}
