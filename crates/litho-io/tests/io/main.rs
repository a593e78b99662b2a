//! Files in, files out: round trips, real data, damage.

mod bad_input;
mod damage;
mod eiger;
mod fixtures;
mod maps;
mod nexus;
mod real_data;
mod reference;
mod round_trip;
mod stack;
mod stack_bad_input;
mod streamed;
mod tilts;
mod tilts_bad_input;
mod units;
mod volume;
mod volume_bad_input;
