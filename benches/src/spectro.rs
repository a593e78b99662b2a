//! Spectroscopic subjects beside their peers.

pub(crate) mod kmeans;
mod peer;
pub(crate) mod unmix;
