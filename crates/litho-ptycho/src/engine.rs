//! What an engine is: one iteration over fields that live on a device.

use litho_compute::Kernels;

/// The unknowns of a reconstruction, on the device of `K`.
#[derive(Debug)]
pub struct Fields<K: Kernels> {
    /// Transmission of the object.
    pub object: K::Object,
    /// Probe modes.
    pub probe: K::Probe,
    /// Exit waves, for the engines that keep them.
    pub waves: Option<K::Waves>,
}

/// One algorithm. It owns no state beyond its parameters, so that stored
/// [`Fields`] and an iteration number are enough to continue.
pub trait Engine<K: Kernels> {
    /// Takes one iteration. `iteration` counts from 0 within the stage.
    /// Returns the iteration's `Σ(|F| − √I)²`, not normalised.
    fn iterate(&self, kernels: &K, iteration: usize, fields: &mut Fields<K>) -> f64;
}
