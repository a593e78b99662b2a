//! The kernels judged from outside: against direct sums in double precision,
//! by identities of the mathematics, and by the bits they promise.

mod against_reference;
mod bits;
mod dark;
mod gaussian_beam;
mod identities;
mod reference;
mod scene;
