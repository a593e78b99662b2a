//! From the scans of all energies to one stack of images.
//!
//! Every energy is reconstructed by itself, as many at a time as there are threads. From time to time they meet: their images
//! come to common pixels, are registered to each other, lose the factor and ramp that ptychography leaves free, and are
//! drawn to what Kramers and Kronig allow. Only the change goes back to each energy's own pixels.

mod air;
mod config;
mod energies;
mod experiment;
mod frames;
mod images;
mod resample;
mod result;
mod run;
mod series;

pub use config::{
    EnergyInputConfig, ExperimentConfig, KramersKronigConfig, KramersKronigSetting, SampleConfig,
    SpectrumScanConfig,
};
pub use experiment::{CommonPixel, EnergyInput, Experiment, KramersKronig};
pub use result::SpectrumScan;
pub use run::{Request, Summary, can_resume, hash_of_inputs, spectrum_scan};

/// The JSON Schema of the experiment file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(ExperimentConfig).to_value()
}
