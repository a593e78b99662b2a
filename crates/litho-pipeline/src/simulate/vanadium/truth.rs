//! `truth.h5` of the simulated experiment.
//!
//! `/entry/NAME/maps/…` `(y, x)`, `/entry/NAME/{optical_density,phase}/data` `(energy, y, x)` and `/entry/NAME/drift`
//! (energy, 2) for each sample, on the object pixels of the lowest energy; `/entry/kinds/…`, one number per kind;
//! `/entry/spectra/…` and `/entry/fine_spectra/…` `(kind, energy)`; `/entry/groups/GROUP/fraction`, per kind of domain.

use super::Request;
use super::tables::command;
use crate::error::PipelineError;
use crate::grid::Grid;
use litho_io::{ArrayData, Axis, NexusWriter};
use litho_sim::vanadium::factors::{KindSpectrum, k_edge};
use litho_sim::vanadium::{Experiment, Group, Kind, Sample, SampleTruth};
use litho_types::point::Point;
use litho_types::quantity::{ElectronVolts, Pixels};
use ndarray::Array2;
use std::path::Path;

/// Energies of the fine spectra: first and step in eV, and how many.
const FINE: (f64, f64, usize) = (5410.0, 0.25, 561);

/// Writes the truth of all samples.
pub(super) fn write(
    path: &Path,
    experiment: &Experiment,
    samples: &[Sample],
    request: &Request,
) -> Result<(), PipelineError> {
    let mut file = NexusWriter::create(path)?;
    let energies = experiment.energies().electron_volts();
    let mut groups: Vec<(Group, [f64; Kind::DOMAINS])> = Vec::new();
    for &sample in samples {
        let truth = experiment.truth(sample)?;
        write_sample(&mut file, sample, &truth, &energies)?;
        let atoms = truth.vanadium_by_label();
        match groups.iter_mut().find(|(group, _)| *group == sample.group()) {
            Some((_, sum)) => sum.iter_mut().zip(atoms).for_each(|(s, a)| *s += a),
            None => groups.push((sample.group(), atoms)),
        }
    }
    for (group, atoms) in groups.iter().filter(|(group, _)| *group != Group::Standard) {
        file.array(&format!("/entry/groups/{}/fraction", group.name()), &fractions(*atoms), "")?;
    }
    file.array("/entry/energy", &energies, "eV")?;
    write_kinds(&mut file, experiment)?;
    write_spectra(&mut file, "/entry/spectra", &energies)?;
    let (first, step, count) = FINE;
    let fine: Vec<f64> = (0..count).map(|i| first + step * i as f64).collect();
    write_spectra(&mut file, "/entry/fine_spectra", &fine)?;
    file.group("/entry/process", "NXprocess")?;
    file.dataset("/entry/process/version", env!("CARGO_PKG_VERSION"), "")?;
    file.dataset("/entry/process/command", command(request), "")?;
    file.dataset("/entry/process/reference_energy", energies[0], "eV")?;
    Ok(file.commit()?)
}

/// Shares of a whole.
fn fractions(atoms: [f64; Kind::DOMAINS]) -> Vec<f64> {
    let all: f64 = atoms.iter().sum();
    atoms.iter().map(|a| a / all).collect()
}

fn write_sample(
    file: &mut NexusWriter,
    sample: Sample,
    truth: &SampleTruth,
    energies: &[f64],
) -> Result<(), PipelineError> {
    let grid = Grid::new(Some(truth.pixel));
    let origin =
        Point::new(Pixels::new(truth.origin.y / truth.pixel.y), Pixels::new(truth.origin.x / truth.pixel.x));
    let (y, x) = grid.coordinates(origin, truth.label.dim());
    let (axis_y, axis_x) = (Axis::new("y", &y, grid.unit), Axis::new("x", &x, grid.unit));
    let stack = [Axis::new("energy", energies, "eV"), axis_y, axis_x];
    let at = |name: &str| format!("/entry/{}/{name}", sample.name());
    let density = "true optical density, mu t";
    file.data_group(&at("optical_density"), "data", &stack, &truth.optical_density, "", density)?;
    file.data_group(&at("phase"), "data", &stack, &truth.phase, "rad", "true phase; air is 0")?;
    let image = [axis_y, axis_x];
    file.data_group(&at("maps"), "thickness", &image, &truth.thickness, "m", "projected thickness")?;
    let maps: [(&str, ArrayData<'_>, &str); 6] = [
        ("n_absorber", (&truth.absorber).into(), "1/m^2"),
        ("label", (&truth.label).into(), ""),
        ("purity", (&truth.purity).into(), ""),
        ("edge_energy", (&truth.edge_energy).into(), "eV"),
        ("pre_edge_ratio", (&truth.pre_edge_ratio).into(), "eV"),
        ("n_eff_ratio", (&truth.n_eff_ratio).into(), ""),
    ];
    for (name, data, unit) in maps {
        file.array(&at(&format!("maps/{name}")), data, unit)?;
    }
    let drift = Array2::from_shape_fn((truth.drift.len(), 2), |(index, axis)| {
        let drift = truth.drift[index];
        (if axis == 0 { drift.y } else { drift.x }).value()
    });
    file.array(&at("drift"), &drift, "m")?;
    file.array(&at("fraction"), &fractions(truth.vanadium_by_label()), "")?;
    file.dataset(&at("group"), sample.group().name(), "")?;
    Ok(())
}

/// One number per kind: name, number, unit.
type Column<'a> = (&'static str, &'a dyn Fn(Kind) -> f64, &'static str);

/// What each kind is: parameters of eq. 1, composition, electrons per V atom at the lowest energy.
fn write_kinds(file: &mut NexusWriter, experiment: &Experiment) -> Result<(), PipelineError> {
    let factors = &experiment.factors()[0];
    let columns: [Column<'_>; 13] = [
        ("label", &|kind| f64::from(kind.label()), ""),
        ("edge_energy", &|kind| kind.edge().edge_energy, "eV"),
        ("edge_width", &|kind| kind.edge().edge_width, "eV"),
        ("pre_edge_ratio", &|kind| kind.edge().pre_edge_ratio, "eV"),
        ("pre_edge_energy", &|kind| kind.edge().pre_edge_energy, "eV"),
        ("pre_edge_width", &|kind| kind.edge().pre_edge_width, "eV"),
        ("white_line_height", &|kind| kind.edge().white_line_height, ""),
        ("white_line_energy", &|kind| kind.edge().white_line_energy, "eV"),
        ("white_line_width", &|kind| kind.edge().white_line_width, "eV"),
        ("lithium_per_vanadium", &|kind| kind.composition().lithium, ""),
        ("oxygen_per_vanadium", &|kind| kind.composition().oxygen, ""),
        ("volume_per_vanadium", &|kind| kind.composition().volume, "m^3"),
        ("n_eff_ratio", &|kind| factors.electrons_per_vanadium(kind), ""),
    ];
    for (name, of, unit) in columns {
        let column: Vec<f64> = Kind::ALL.into_iter().map(of).collect();
        file.array(&format!("/entry/kinds/{name}"), &column, unit)?;
    }
    file.dataset("/entry/kinds/name", &Kind::ALL.map(Kind::name)[..], "")?;
    let edge = k_edge()?;
    file.dataset("/entry/kinds/jump", edge.jump(), "electrons")?;
    file.dataset("/entry/kinds/below_edge", edge.f_double_prime_below, "electrons")?;
    Ok(())
}

/// f'' and f' of V in each kind, `(kind, energy)`.
fn write_spectra(file: &mut NexusWriter, group: &str, energies: &[f64]) -> Result<(), PipelineError> {
    let shape = (Kind::COUNT, energies.len());
    let (mut absorption, mut dispersion) = (Array2::<f64>::zeros(shape), Array2::<f64>::zeros(shape));
    for kind in Kind::ALL {
        let spectrum = KindSpectrum::new(kind)?;
        for (index, energy) in energies.iter().map(|e| ElectronVolts::new(*e)).enumerate() {
            absorption[(kind.index(), index)] = spectrum.f_double_prime(energy)?;
            dispersion[(kind.index(), index)] = spectrum.f_prime(energy)?;
        }
    }
    let axes = [Axis::index(), Axis::new("energy", energies, "eV")];
    file.data_group(group, "f_double_prime", &axes, &absorption, "electrons", "f'' of V in each kind")?;
    file.array(&format!("{group}/f_prime"), &dispersion, "electrons")?;
    Ok(())
}
