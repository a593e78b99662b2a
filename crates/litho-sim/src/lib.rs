//! Simulated ptychography scans with known truth, and the beams of X-ray optics,
//! which are also starting probes.
//!
//! A scan is computed from a physical object on a grid finer than the
//! reconstruction's, at positions that fall between its pixels, so that a
//! reconstruction of simulated frames never inverts the very sum that made them.
//!
//! # Conventions beyond those of `litho-types`
//!
//! - A wave of `ny × nx` samples is centred: the optical axis is sample `(ny/2, nx/2)`.
//! - Angular spectrum `ψ_z = F⁻¹[H_z F ψ]`, `H_z(q) = exp[2πi(z/λ)(√(1 − λ²q²) − 1)] ≈ exp(−iπλzq²)`.
//! - **Defocus is positive when the sample stands downstream of the focus**, in the diverging beam.
//! - Thickness `t` of matter with `n = 1 − δ + iβ` transmits `exp(−kβt − ikδt)`, `k = 2π/λ`.

mod aperture;
pub mod background;
pub mod detector;
pub mod diffuser;
pub mod error;
pub mod example;
mod forward;
mod fourier;
pub mod grains;
pub mod grid;
mod illumination;
pub mod lfp;
mod modes;
pub mod nmc;
pub mod optics;
pub mod phantom;
pub mod positions;
pub mod propagation;
pub mod scan;
pub mod siemens;
pub mod tilts;
mod validate;
pub mod vanadium;

pub use error::SimError;

/// Double-precision complex number, in which everything is computed.
pub(crate) type C64 = num_complex::Complex<f64>;
