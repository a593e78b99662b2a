//! From a file to an [`EnergyStack`](litho_types::energy_stack::EnergyStack), and back: options, plan, read, write.

mod assemble;
mod energies;
mod formats;
mod incident;
mod options;
mod plan;
mod read;
mod write;

pub use options::{AxisOrder, EnergySource, Incident, StackFormat, StackOptions, StackQuantity};
pub use plan::{ImagesPlan, IncidentPlan, StackPlan, plan_stack};
pub use read::{StackReading, read_stack};
pub use write::{StackContents, put_stack, write_stack};

pub(crate) use energies::RawEnergies;
