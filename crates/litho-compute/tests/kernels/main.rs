//! The kernels judged from outside: against direct sums in double precision,
//! by identities of the mathematics, and by the bits they promise.

mod against_reference;
mod beams;
mod bits;
mod dark;
mod gaussian_beam;
mod gradients;
mod identities;
mod likelihoods;
mod measures;
mod reference;
mod saturation;
mod scene;
mod sums;
mod wave_steps;
