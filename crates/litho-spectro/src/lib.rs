//! From energy stacks of ptychographic images to spectra and chemical maps.

pub mod kramers_kronig;
