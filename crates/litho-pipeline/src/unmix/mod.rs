//! From a stack of images to the share of each known spectrum in every pixel.

mod config;
mod references;
mod result;
mod run;
mod settings;

pub use config::{PcaConfig, ReferenceConfig, ReferencesConfig, ShiftConfig, UnmixConfig};
pub use references::read_references;
pub use result::UnmixMaps;
pub use run::{Request, Summary, unmix};
pub use settings::UnmixSettings;

/// The JSON Schema of the settings file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(UnmixConfig).to_value()
}

/// The JSON Schema of the file of references.
pub fn references_schema() -> serde_json::Value {
    schemars::schema_for!(ReferencesConfig).to_value()
}
