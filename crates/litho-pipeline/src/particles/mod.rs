//! From the chemistry of voxels to particles: which voxels are one, how large, how thick, how active.

mod config;
mod dependence;
mod input;
mod result;
mod run;
mod settings;
mod split;
mod table;

pub use config::ParticlesConfig;
pub use run::{Request, particles};
pub use settings::ParticlesSettings;

pub(crate) use dependence::{Dependences, dependences};
pub(crate) use input::{Chemistry, volume};
pub(crate) use result::StoredParticles;
pub(crate) use split::resolution_nm;

/// The JSON Schema of the settings.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(ParticlesConfig).to_value()
}
