//! What an engine is: one iteration over fields that live on a device.

use litho_compute::{Kernels, Model};
use litho_types::C32;
use ndarray::{Array2, Array3};

/// What a reconstruction moves, on the device of `K`.
#[derive(Debug)]
pub struct Fields<K: Kernels> {
    /// The unknowns.
    pub model: Model<K>,
    /// Exit waves, for the engines that keep them.
    pub waves: Option<K::Waves>,
    /// What else an engine carries from one iteration to the next; empty when a stage begins.
    pub memory: Memory<K>,
}

/// Directions and numbers that an engine carries from one iteration to the next, in an order of its own.
#[derive(Debug)]
pub struct Memory<K: Kernels> {
    /// Arrays like the object.
    pub objects: Vec<K::Object>,
    /// Arrays like the probe.
    pub probes: Vec<K::Probe>,
    /// Numbers.
    pub numbers: Vec<f64>,
}

/// A [`Memory`] in host arrays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HostMemory {
    /// Arrays `(y, x)` like the object.
    pub objects: Vec<Array2<C32>>,
    /// Arrays `(mode, y, x)` like the probe.
    pub probes: Vec<Array3<C32>>,
    /// Numbers.
    pub numbers: Vec<f64>,
}

impl<K: Kernels> Default for Memory<K> {
    fn default() -> Self {
        Self { objects: Vec::new(), probes: Vec::new(), numbers: Vec::new() }
    }
}

impl<K: Kernels> Memory<K> {
    /// Copies to the device.
    pub fn load(kernels: &K, host: &HostMemory) -> Self {
        Self {
            objects: host.objects.iter().map(|object| kernels.load_object(object)).collect(),
            probes: host.probes.iter().map(|probe| kernels.load_probe(probe)).collect(),
            numbers: host.numbers.clone(),
        }
    }

    /// Copies from the device.
    pub fn store(&self, kernels: &K) -> HostMemory {
        HostMemory {
            objects: self.objects.iter().map(|object| kernels.store_object(object)).collect(),
            probes: self.probes.iter().map(|probe| kernels.store_probe(probe)).collect(),
            numbers: self.numbers.clone(),
        }
    }
}

/// One algorithm. It owns no state beyond its parameters, so that stored
/// [`Fields`] and an iteration number are enough to continue.
pub trait Engine<K: Kernels> {
    /// Takes one iteration. `iteration` counts from 0 within the stage.
    /// Returns the iteration's `Σ(√I_m − √I)²`, not normalised.
    fn iterate(&self, kernels: &K, iteration: usize, fields: &mut Fields<K>) -> f64;
}
