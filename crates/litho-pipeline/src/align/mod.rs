//! From the projections of a tilt series, as recorded or reconstructed, to aligned line integrals.

mod config;
mod placements;
mod prepared;
mod result;
mod run;
mod settings;

pub use config::{AlignConfig, PrepareConfig};
pub use placements::{Placements, read_placements};
pub use result::AlignedTilts;
pub(crate) use result::{BEFORE, WEIGHTS};
pub use run::{Movements, Request, Summary, align};
pub use settings::AlignSettings;

/// The JSON Schema of the settings file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(AlignConfig).to_value()
}
