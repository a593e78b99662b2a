//! From a file to a [`Scan`](litho_types::scan::Scan): options, plan, read.

mod detect;
mod draft;
mod frames;
mod geometry;
mod keep;
mod mask;
mod options;
mod origin;
mod plan;
mod positions;
mod read;
mod scratch;
mod screen;
mod table;
mod units;

pub use options::{BadCounts, EnergyUnit, Format, KeyNames, LengthUnit, PositionSense, ReadOptions, Regime};
pub use plan::{
    FramePart, FramesPlan, Ingredient, MaskPlan, OriginPlan, ProbePlan, ScanPlan, StoredType, plan,
};
pub use read::{probe_modes, read, read_streamed};
pub use scratch::ScratchHealth;

pub(crate) use draft::{Draft, ORIGIN_ATTRIBUTE, RawEnergy, RawLength, RawPositions};
pub(crate) use frames::inspect_frames;
pub(crate) use positions::{columns, xyz_rows};
pub(crate) use table::read_positions_table;
pub(crate) use units::{ENERGY_RANGE, check_energy, energy_unit_of, length_unit_of};
