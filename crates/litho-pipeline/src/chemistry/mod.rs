//! From volumes at two energies or more to what every voxel is made of.

mod config;
mod consistency;
mod images;
mod input;
mod page;
mod result;
mod run;
mod settings;

pub use config::{ChemistryConfig, MatterSetting};
pub use run::{Request, chemistry};
pub use settings::ChemistrySettings;

pub(crate) use page::{Beside, Content, Truth, write};

/// The JSON Schema of the settings.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(ChemistryConfig).to_value()
}
