//! From edge jump and phase to the absorber's areal density and the electrons per absorber, with the constants on record.
//!
//! `N_V = Δμt / (2 r_e λ Δf'')` with λ at the edge, `Re[Neff] = −φ / (r_e λ)` with λ at the phase image's own energy
//! (the vanadium paper's eqs. 2–5); both are atoms or electrons per m².

mod constants;
mod maps;
#[cfg(test)]
mod tests;

pub use constants::{AbsorberConstants, Compound, Origin};
pub use maps::{CompositionMaps, Guard, PhaseImage, composition_maps};
