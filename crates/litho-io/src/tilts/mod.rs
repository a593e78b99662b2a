//! From a file to a [`TiltSeries`](litho_types::tilt_series::TiltSeries), and back: options, plan, read, write.

mod angles;
mod assemble;
mod fields;
mod formats;
mod options;
mod plan;
mod read;
mod rows;
mod write;

pub(crate) use assemble::three_places;
pub use options::{AngleSource, AngleUnit, TiltAxes, TiltFormat, TiltOptions, TiltQuantity};
pub(crate) use plan::holds_tilts;
pub use plan::{FieldPlan, FieldsPlan, ProjectionsPlan, TiltPlan, plan_tilts};
pub use read::{TiltReading, read_tilts};
pub use rows::read_tilt_rows;
pub use write::{put_tilts, write_tilts};
