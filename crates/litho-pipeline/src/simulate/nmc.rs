//! What `simulate nmc` knows of its sample, in `truth.h5`.
//!
//! `/entry/nmc/volume/data` (electrons per Å³), `/entry/grains/label`, `/entry/pores/label` (pores from 1,
//! pieces of cracks after them), `/entry/depth/data` (distance from the surface), all `(z, y, x)`;
//! `/entry/grains/electron_density`, one number per grain; `/entry/summary/…`.

use super::tilts::{Channel, Tomography};
use super::volumes::put_volume;
use crate::error::PipelineError;
use litho_io::NexusWriter;
use litho_sim::SimError;
use litho_sim::nmc::Experiment;
use litho_sim::nmc::optics::{DENSITY, ENERGY};
use litho_sim::scan::ScanSimulation;
use litho_sim::tilts::Acquisition;
use litho_types::C32;
use litho_types::quantity::{ElectronVolts, Radians};
use ndarray::Array3;

/// One line about the experiment.
pub(super) const TITLE: &str = "A cycled particle of lithium-rich NMC at 7 keV";
/// The chain of engines that suits its frames, with sub-pixel positions: whole pixels triple the Fourier error. LSQ-ML from an
/// empty object, or after RAAR, is caught in phase vortices at the rim.
pub(super) const ENGINE: &str = "dm:60,lsqml:60";

impl Tomography for Experiment {
    fn acquisition(&self) -> &Acquisition {
        &self.plan().acquisition
    }

    fn angles(&self) -> &[Radians] {
        self.angles()
    }

    fn channels(&self) -> Vec<Channel<'_>> {
        vec![Channel {
            name: "nmc",
            folder: "",
            energy: ElectronVolts::new(ENERGY),
            views: self.views(),
            gauges: self.gauges(),
        }]
    }

    fn series(&self, _channel: usize) -> Array3<C32> {
        self.series()
    }

    fn scan(&self, _channel: usize, index: usize) -> Result<ScanSimulation, SimError> {
        self.scan(index)
    }

    fn put_truth(&self, file: &mut NexusWriter) -> Result<(), PipelineError> {
        let (truth, particle) = (self.truth(), self.particle());
        let density = &truth.electron_density;
        put_volume(file, "/entry/nmc/volume", density, truth.voxel, "1/angstrom^3", "electron density")?;
        let name = "distance from the surface; negative outside";
        put_volume(file, "/entry/depth", &truth.depth, truth.voxel, "m", name)?;
        file.array("/entry/grains/label", &truth.grain, "")?;
        let densities: Vec<f64> = particle.grain_densities().collect();
        file.array("/entry/grains/electron_density", &densities, "1/angstrom^3")?;
        file.array("/entry/pores/label", &truth.pore, "")?;
        file.dataset("/entry/summary/pores", particle.pores() as i64, "")?;
        file.dataset("/entry/summary/radius", particle.radius(), "m")?;
        file.dataset("/entry/summary/mass_density", DENSITY, "g/cm^3")?;
        file.dataset("/entry/summary/absorption", self.optics().absorption, "1/m per electron/angstrom^3")?;
        file.dataset("/entry/summary/phase", self.optics().phase, "rad/m per electron/angstrom^3")?;
        Ok(())
    }

    fn references(&self) -> Option<String> {
        None
    }
}
