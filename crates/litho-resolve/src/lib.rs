//! How good is a reconstruction? Fourier ring and shell correlation, phase retrieval
//! transfer function and edge widths, with the registration and the removal of
//! ptychography's free gauge (scale, phase, ramp, shift) that they stand on;
//! the alignment of energy stacks, which uses it; the registration of volumes; and the test that tells how the detector lies relative to the scan.
//!
//! Images are complex transmissions `(y, x)`. Spatial frequencies are in cycles
//! per pixel (of the larger pixel, if the two differ), Nyquist at 0.5; ramps are
//! phases `2π(q_y y + q_x x)` counted from pixel `(0, 0)`; shifts are in pixels
//! and move content towards larger indices.

pub mod align_stack;
pub mod centre_of_mass;
pub mod crossing;
pub mod edge;
pub mod error;
pub mod fill;
pub mod frc;
pub mod fsc;
pub mod gauge;
pub mod object_error;
pub mod orientation;
pub mod prtf;
pub mod region;
pub mod register;
pub mod resample;
pub mod rings;
pub mod solve;
pub mod spline;
pub mod volume_profile;
pub mod volume_register;
pub mod window;

mod apodised;

mod fourier;
mod low_rank;
mod peak;
mod refine_stack;

pub use error::ResolveError;
