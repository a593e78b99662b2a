//! X-ray scattering factors f1 (or f') and f'' of the elements from hydrogen to uranium.
//!
//! With n atoms per m³, refraction and absorption are δ = `r_e` λ² Σ n f1 / 2π and μ = 2 `r_e` λ Σ n f''.
//!
//! One result, one source, one energy: take the factors of a computation as a [`FactorSet`] and store it. Its
//! f' is the Kramers–Kronig transform of its f'' ([`best_factor`]), because the tables are too coarse for f1
//! at an edge: Henke has no row of V between 5389 and 5465 eV, and f' interpolated at 5420 eV is −7.13 where
//! the transform gives −4.70 and Chantler's table −4.62.
//!
//! Away from edges table and transform of Henke agree to 0.016 electrons up to Z = 50, to 0.34 beyond.

mod composition;
mod element;
mod error;
mod factor;
mod factor_set;
mod henke;
mod kramers_kronig;
mod model;
mod table;
#[cfg(test)]
mod tests;

pub use composition::Composition;
pub use element::Element;
pub use error::ScatteringError;
pub use factor::{
    AbsorptionEdge, RealPart, ScatteringFactor, TableSource, best_factor, f_prime_kk, scattering_factor,
    tabulated_edges,
};
pub use factor_set::FactorSet;
pub use kramers_kronig::KramersKronig;
