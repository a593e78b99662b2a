//! From aligned projections to a volume with absolute units.

mod axis;
mod config;
mod estimate;
mod halves;
mod input;
pub(crate) mod page;
mod quantity;
mod result;
mod run;
mod settings;
mod strength;

pub use crate::align::Summary;
pub use config::{AxisSetting, TomoConfig};
pub use estimate::estimate;
pub(crate) use halves::fsc_lines;
pub use run::{Request, tomo};
pub use settings::TomoSettings;

/// The JSON Schema of the settings file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(TomoConfig).to_value()
}
