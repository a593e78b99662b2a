//! Whole reconstructions judged from outside: against a known truth, by fixed
//! points, by resuming, and by scans stored in every orientation.

mod corrections;
mod engines;
mod exact;
mod fixed_point;
mod orientations;
mod resume;
mod simulated;
mod starting_probe;
mod stop;
mod truth;
