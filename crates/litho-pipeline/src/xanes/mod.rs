//! From a stack of images to maps of edge energy, pre-edge peak and composition.
//!
//! Every pixel's spectrum is fitted with an edge and peaks; its edge jump becomes atoms of the absorber, its phase
//! electrons. Each map has its standard deviation, each pixel a status that says why it has numbers or none.

mod composition;
mod config;
mod model;
mod regions;
mod result;
mod run;
mod settings;

pub use config::{
    ConstantsConfig, GuardConfig, ModelConfig, NoiseConfig, ParameterConfig, PhaseConfig, RoiConfig,
    TermConfig, XanesConfig,
};
pub use result::XanesMaps;
pub use run::{Request, Summary, xanes};
pub use settings::{ConstantsChoice, XanesSettings};

/// The JSON Schema of the settings file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(XanesConfig).to_value()
}
