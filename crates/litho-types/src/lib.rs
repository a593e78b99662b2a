//! What every part of Lithoscope agrees on: quantities with units, the scan and
//! its geometry, detector masks, orientations, scattering factors, and how a
//! long computation reports itself.
//!
//! No files, clocks, threads or randomness here.
//!
//! # Conventions
//!
//! - SI inside; energies in electronvolts. Quantities are typed at public edges.
//! - Arrays are C order: image `(y, x)`, frames `(position, y, x)`. Rows grow downward.
//! - A scan position is where the **beam** meets the **object**, `(y, x)`, both
//!   growing with the object array's indices.
//! - Wave `exp(i(k·r − ωt))`, `n = 1 − δ + iβ`; the phase of matter is negative.

pub mod energies;
pub mod energy_stack;
pub mod erf;
pub mod frame_store;
pub mod frames;
pub mod geometry;
pub mod mask;
pub mod observer;
pub mod orientation;
pub mod placement;
pub mod point;
pub mod quantity;
pub mod scan;
pub mod scattering;
pub mod tilt;
pub mod tilt_series;
pub mod volume;

/// Single-precision complex number, the element of every wave field.
pub type C32 = num_complex::Complex<f32>;
