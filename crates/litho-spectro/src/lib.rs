//! From energy stacks of ptychographic images to spectra, chemical maps and domains.
//!
//! Stacks are `(energy, y, x)` with energies in eV; missing values are NaN. Every sum has a fixed order: results have
//! the same bits for any number of threads.

pub mod cluster;
pub mod kramers_kronig;
pub mod unmix;

mod dense;
