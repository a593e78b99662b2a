//! What `simulate lfp` knows of its sample, in `truth.h5`.
//!
//! For each series NAME `/entry/NAME/volume/data` (optical density of a voxel) and `/entry/NAME/phase_volume/data` (its
//! phase), `(z, y, x)`; `/entry/chemistry/{fraction, lfp, fp}`; `/entry/particles/label` and `/entry/particles/table/…`;
//! `/entry/summary/{state_of_charge, active_fraction}`; `/entry/references/…` per metre. Places and directions are
//! `(z, y, x)` along the axes of the volumes, which have their zero in the middle.

use super::tilts::{Channel, Tomography};
use super::volumes::put_volume;
use crate::error::PipelineError;
use litho_io::NexusWriter;
use litho_sim::SimError;
use litho_sim::lfp::optics::ENERGIES;
use litho_sim::lfp::truth::state_of_charge;
use litho_sim::lfp::{Experiment, Phase, Plate};
use litho_sim::scan::ScanSimulation;
use litho_sim::tilts::Acquisition;
use litho_types::C32;
use litho_types::quantity::{ElectronVolts, Radians};
use ndarray::{Array2, Array3};

/// One line about the experiment.
pub(super) const TITLE: &str = "Plates of lithium iron phosphate at the Fe L3 edge";
/// The chain of engines that suits its frames, with sub-pixel positions: `dm:30,lsqml:50` leaves as little error as `lsqml:100`.
pub(super) const ENGINE: &str = "dm:30,lsqml:60";
/// Series, their folders of frames.
const NAMES: [(&str, &str); 2] = [("lfp_708", "e708"), ("lfp_710", "e710")];
/// FP fraction from which a plate is active, as in the paper.
const ACTIVE: f64 = 0.15;

impl Tomography for Experiment {
    fn acquisition(&self) -> &Acquisition {
        &self.plan().acquisition
    }

    fn angles(&self) -> &[Radians] {
        self.angles()
    }

    fn channels(&self) -> Vec<Channel<'_>> {
        let channels = NAMES.iter().enumerate().map(|(index, &(name, folder))| Channel {
            name,
            folder,
            energy: ElectronVolts::new(ENERGIES[index]),
            views: self.views(index),
            gauges: self.gauges(index),
        });
        channels.collect()
    }

    fn series(&self, channel: usize) -> Array3<C32> {
        self.series(channel)
    }

    fn scan(&self, channel: usize, index: usize) -> Result<ScanSimulation, SimError> {
        self.scan(channel, index)
    }

    fn put_truth(&self, file: &mut NexusWriter) -> Result<(), PipelineError> {
        let truth = self.truth();
        for (index, (name, _)) in NAMES.iter().enumerate() {
            let density = &truth.optical_density[index];
            let group = format!("/entry/{name}/volume");
            put_volume(file, &group, density, truth.voxel, "", "optical density of a voxel")?;
            let group = format!("/entry/{name}/phase_volume");
            put_volume(file, &group, &truth.phase[index], truth.voxel, "rad", "phase of a voxel")?;
        }
        let name = "volume fraction of FP; NaN in air";
        put_volume(file, "/entry/chemistry", &truth.fraction, truth.voxel, "", name)?;
        file.array("/entry/chemistry/lfp", &truth.volume[0], "")?;
        file.array("/entry/chemistry/fp", &truth.volume[1], "")?;
        file.array("/entry/particles/label", &truth.label, "")?;
        put_table(file, self.plates())?;
        let active = self.plates().iter().filter(|plate| plate.fraction() >= ACTIVE).count();
        let share = active as f64 / self.plates().len().max(1) as f64;
        file.dataset("/entry/summary/state_of_charge", state_of_charge(self.plates()), "")?;
        file.dataset("/entry/summary/active_fraction", share, "")?;
        put_references(file, self)
    }

    fn references(&self) -> Option<String> {
        let references = Phase::ALL.iter().zip(self.optics()).map(|(phase, optics)| {
            let [first, second] = optics.absorption.map(|absorption| absorption * 1e-9);
            format!(
                "\n[[reference]]\nname = \"{}\"\nenergy = [{:.1}, {:.1}]\noptical_density = [{first:.8e}, {second:.8e}]\n",
                phase.name(),
                ENERGIES[0],
                ENERGIES[1],
            )
        });
        Some(format!("# Optical density of one nanometre of each phase\n{}", references.collect::<String>()))
    }
}

/// One number per plate: name, number, unit.
type Column<'a> = (&'static str, &'a dyn Fn(&Plate) -> f64, &'static str);

fn put_table(file: &mut NexusWriter, plates: &[Plate]) -> Result<(), PipelineError> {
    let table = "/entry/particles/table";
    let columns: [Column<'_>; 7] = [
        ("volume_m3", &Plate::volume, "m^3"),
        ("fraction", &Plate::fraction, ""),
        ("active", &|plate| f64::from(u8::from(plate.fraction() >= ACTIVE)), ""),
        ("facet_area_m2", &Plate::facet_area, "m^2"),
        ("length_m", &|plate| 2.0 * plate.half[0], "m"),
        ("width_m", &|plate| 2.0 * plate.half[1], "m"),
        ("thickness_m", &|plate| 2.0 * plate.half[2], "m"),
    ];
    let id: Vec<u32> = (1..).take(plates.len()).collect();
    file.array(&format!("{table}/id"), &id, "")?;
    for (name, of, unit) in columns {
        let column: Vec<f64> = plates.iter().map(of).collect();
        file.array(&format!("{table}/{name}"), &column, unit)?;
    }
    // (z, y, x) along the axes of the volume, whose rows run against y.
    let turned = |[x, y, z]: [f64; 3]| [z, -y, x];
    let centre = Array2::from_shape_fn((plates.len(), 3), |(index, axis)| turned(plates[index].centre)[axis]);
    file.array(&format!("{table}/centroid"), &centre, "m")?;
    let axes = Array3::from_shape_fn((plates.len(), 3, 3), |(index, which, axis)| {
        turned(plates[index].axes[which])[axis]
    });
    file.array(&format!("{table}/axes"), &axes, "")?;
    Ok(())
}

/// `(phase, energy)`.
fn put_references(file: &mut NexusWriter, experiment: &Experiment) -> Result<(), PipelineError> {
    let optics = experiment.optics();
    let table =
        |of: &dyn Fn(usize, usize) -> f64| Array2::from_shape_fn((2, 2), |(phase, energy)| of(phase, energy));
    file.dataset("/entry/references/name", &Phase::ALL.map(Phase::name)[..], "")?;
    file.array("/entry/references/energy", &ENERGIES[..], "eV")?;
    let density = table(&|phase, energy| optics[phase].absorption[energy]);
    file.array("/entry/references/optical_density", &density, "1/m")?;
    file.array("/entry/references/phase", &table(&|phase, energy| optics[phase].phase[energy]), "rad/m")?;
    Ok(())
}
