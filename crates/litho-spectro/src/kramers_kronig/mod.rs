//! Energy stacks of complex images made Kramers–Kronig consistent, pixel by pixel.
//!
//! Divided by the wavelength, the two parts of `T = exp(iφ − μt/2)` are the two parts of one response function:
//!
//! a(E) = μt / (2 `r_e` λ) = N f''(E) + c₀ + c₁E, p(E) = −φ / (`r_e` λ) = N f'(E) + d₀ + d₁E,
//!
//! with N absorbing atoms per area and lines for all that varies slowly over the window: other elements, the support,
//! and the constant phase that ptychography leaves free. Of f'' nothing is assumed but that it is the table's outside
//! the window and linear between the measured energies inside. Its departure from the table, Δf'', is zero at both ends
//! (the lines take up what differs there) and Δf' = KK\[Δf''\] is exact, piece by piece. The transform of the window
//! alone would err by several electrons; this difference form errs by hundredths, whichever table is taken.
//!
//! So the consistent stacks are a linear subspace. [`KkConstraint::plan`] makes the noise-weighted projection onto it,
//! one fixed matrix for all pixels, and [`Plan::apply`] applies it. For E energies and one absorber the subspace has
//! E + 3 of 2E dimensions. With equal noise in μt/2 and φ the phase gains much (each energy of f' hears many of f'') and
//! the absorption less: differences between neighbouring energies leave hardly a trace in f'. What is known about those
//! is that a core hole and a photoelectron live for a short time; [`Lifetime`] says so as a Gaussian prior.
//!
//! **Gauge.** Ptychography gives each image up to a complex factor and a phase ramp. Both must be fixed per energy
//! before, in [air](fix_gauge): a scale that changes from energy to energy looks like absorption. A phase must be
//! continuous over the energies of a pixel ([`unwrap_energies`]); the same whole turn at all energies is harmless, as
//! it is a line in p.
//!
//! The idea of the constraint is that of Hirose et al., Opt. Express 25, 8593 (2017); the design is our own.

mod apply;
mod constraint;
mod density;
mod error;
mod gauge;
mod lifetime;
mod linear;
mod noise;
mod objects;
#[cfg(test)]
mod tests;
mod transform;

pub use apply::Plan;
pub use constraint::KkConstraint;
pub use density::typical_density;
pub use error::KkError;
pub use gauge::{AirGauge, fix_gauge};
pub use lifetime::Lifetime;
pub use noise::Noise;
pub use objects::{apply_to_objects, stack_of, unwrap_energies};
