//! The file of maps: what was fitted, what follows from it, and with what it was computed.

use super::composition::{Composition, Subject};
use super::regions::Roi;
use crate::error::PipelineError;
use crate::provenance::Provenance;
use litho_io::{Map, MapSet, NexusWriter, StatusMap, Table, TableData, put_maps};
use litho_spectro::composition::Origin;
use litho_spectro::fit::{FitMaps, Model, Status};
use litho_spectro::spectra::derivative_e0;
use litho_types::energy_stack::EnergyStack;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use std::path::Path;

/// Everything `xanes` leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub struct XanesMaps {
    /// Maps, status and tables.
    pub set: MapSet,
    /// Names of the model's parameters.
    pub names: Vec<String>,
    /// How many pixels have each status.
    pub counts: Vec<(Status, usize)>,
    /// Pixels whose ratio the guard removed.
    pub guarded: usize,
    /// Where the constants come from, and the elements whose f' stands beside them.
    pub constants: Option<(String, Vec<String>)>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// What the maps are made of.
pub(super) struct Parts<'a> {
    pub(super) stack: &'a EnergyStack,
    pub(super) model: &'a Model,
    pub(super) fit: &'a FitMaps,
    pub(super) subject: Subject,
    pub(super) composition: Option<&'a Composition>,
    pub(super) roi: &'a [Roi],
}

impl XanesMaps {
    pub(super) fn assemble(parts: &Parts<'_>, provenance: Provenance) -> Self {
        let fit = parts.fit;
        let mut maps = fitted_maps(parts);
        maps.extend(composition_maps(parts));
        let e0 = derivative_e0(parts.stack);
        maps.push(Map {
            sigma: None,
            ..map("derivative_e0", fit.where_usable(e0.view()).view(), "eV", "energy of steepest rise")
        });
        maps.push(map(
            "residual",
            fit.where_usable(fit.residual.mapv(f64::from).view()).view(),
            "",
            "root mean square residual of the fit",
        ));
        let counts = Status::ALL.map(|status| (status, fit.count(status)));
        let values = fit.status.mapv(Status::code);
        let meanings = Status::ALL.map(|status| (status.code(), status.meaning().to_owned()));
        Self {
            set: MapSet {
                maps,
                status: Some(StatusMap { values, meanings: meanings.to_vec() }),
                pixel: parts.stack.pixel(),
                tables: tables(parts),
            },
            names: fit.names.clone(),
            counts: counts.to_vec(),
            guarded: parts.composition.map_or(0, |composition| composition.maps.guarded),
            constants: parts.composition.map(|composition| {
                let constants = &composition.maps.constants;
                let source = match constants.origin {
                    Origin::VanadiumPaper => "as printed in the vanadium paper".to_owned(),
                    Origin::Table(table) => format!("{table}, f' by Kramers–Kronig at one energy"),
                };
                (source, constants.f_prime.iter().map(|(element, _)| element.symbol().to_owned()).collect())
            }),
            provenance,
        }
    }

    /// Writes the file, all or nothing.
    ///
    /// # Errors
    /// [`PipelineError::Io`] if it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), PipelineError> {
        let mut file = NexusWriter::create(path)?;
        put_maps(&mut file, &self.set)?;
        file.dataset("/entry/fit/parameter", self.names.clone(), "")?;
        if let Some((source, elements)) = &self.constants {
            file.dataset("/entry/constants/source", source.as_str(), "")?;
            file.dataset("/entry/constants/element", elements.clone(), "")?;
        }
        self.provenance.write(&mut file)?;
        Ok(file.commit()?)
    }

    /// What a person is told.
    pub fn lines(&self) -> Vec<String> {
        let total: usize = self.counts.iter().map(|(_, count)| count).sum();
        let found = self.counts.iter().filter(|(_, count)| *count > 0);
        let counts: Vec<String> =
            found.map(|(status, count)| format!("{} {}", count, status.meaning())).collect();
        let mut lines = vec![format!("{total} pixels: {}", counts.join(", "))];
        for name in ["edge_energy", "pre_edge_ratio", "n_eff_ratio"] {
            if let Some((low, middle, high)) = self.set.map(name).and_then(|map| quartiles(&map.values)) {
                let unit = self.set.map(name).map_or("", |map| map.unit.as_str());
                lines.push(format!("{name}: median {middle:.3} {unit}, quartiles {low:.3} and {high:.3}"));
            }
        }
        if self.constants.is_some() {
            lines.push(format!(
                "{} pixels have no ratio to the absorber: their edge is too weak (guard)",
                self.guarded
            ));
        }
        lines
    }
}

/// First quartile, median and third quartile of the numbers.
fn quartiles(values: &Array2<f32>) -> Option<(f32, f32, f32)> {
    let mut sorted: Vec<f32> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f32::total_cmp);
    let at = |part: usize| sorted.get((sorted.len().checked_sub(1)?) * part / 4).copied();
    Some((at(1)?, at(2)?, at(3)?))
}

fn map(name: &str, values: ArrayView2<'_, f64>, unit: &str, long_name: &str) -> Map {
    Map {
        name: name.to_owned(),
        values: values.mapv(|value| value as f32),
        sigma: None,
        unit: unit.to_owned(),
        long_name: long_name.to_owned(),
    }
}

/// The maps of the fit's own numbers, NaN where they may not be used.
fn fitted_maps(parts: &Parts<'_>) -> Vec<Map> {
    let fit = parts.fit;
    let sigma =
        |sigma: ArrayView2<'_, f32>| fit.where_usable(sigma.mapv(f64::from).view()).mapv(|s| s as f32);
    let parameter = |name: &str, index: usize, unit: &str, long_name: &str| Map {
        sigma: Some(sigma(fit.sigma.index_axis(Axis(0), index))),
        ..map(name, fit.parameter(index).view(), unit, long_name)
    };
    let edge = 1 + 3 * parts.model.terms().iter().position(|term| term.shape.is_edge()).unwrap_or(0);
    let mut maps = vec![
        parameter("edge_energy", edge + 1, "eV", "energy of the edge's middle"),
        parameter("edge_width", edge + 2, "eV", "width of the edge"),
        parameter("offset", 0, "", "optical density of everything but edge and peaks"),
        Map {
            sigma: Some(sigma(fit.edge_jump_sigma.view())),
            ..map("edge_jump", fit.where_usable(fit.edge_jump.view()).view(), "", "edge jump Δμt")
        },
    ];
    if fit.peak_area.dim().0 > 0 {
        let derived = [
            ("pre_edge_area", &fit.peak_area, &fit.peak_area_sigma, "area of the pre-edge peak"),
            (
                "pre_edge_ratio",
                &fit.peak_ratio,
                &fit.peak_ratio_sigma,
                "area of the pre-edge peak over edge jump",
            ),
        ];
        for (name, values, errors, long_name) in derived {
            maps.push(Map {
                sigma: Some(sigma(errors.index_axis(Axis(0), 0))),
                ..map(name, fit.where_usable(values.index_axis(Axis(0), 0)).view(), "eV", long_name)
            });
        }
    }
    maps
}

/// The maps of atoms and electrons.
fn composition_maps(parts: &Parts<'_>) -> Vec<Map> {
    let Some(composition) = parts.composition else { return Vec::new() };
    let maps = &composition.maps;
    let with = |name, values: &Array2<f64>, sigma: &Array2<f64>, unit, long_name| Map {
        sigma: Some(sigma.mapv(|sigma| sigma as f32)),
        ..map(name, values.view(), unit, long_name)
    };
    let mut all =
        vec![with("n_absorber", &maps.absorber, &maps.absorber_sigma, "1/m^2", "absorbing atoms per area")];
    if composition.phase.is_some() {
        all.push(with(
            "n_eff",
            &maps.electrons,
            &maps.electrons_sigma,
            "1/m^2",
            "effective electrons per area",
        ));
        all.push(with(
            "n_eff_ratio",
            &maps.ratio,
            &maps.ratio_sigma,
            "",
            "effective electrons per absorbing atom",
        ));
    }
    all
}

/// Energies, what the particle's mean said, the constants, the rectangles.
fn tables(parts: &Parts<'_>) -> Vec<Table> {
    let real = |path: &str, values: Vec<f64>, unit: &str| Table {
        path: path.to_owned(),
        data: TableData::Real(Array1::from(values).into_dyn()),
        unit: unit.to_owned(),
    };
    let fit = parts.fit;
    let means = Array2::from_shape_fn((fit.means.len(), fit.names.len()), |(region, index)| {
        fit.means[region].parameters.get(index).copied().unwrap_or(f64::NAN)
    });
    let mut tables = vec![
        real("energy", parts.stack.energies().electron_volts(), "eV"),
        real("fit/noise", vec![fit.noise], ""),
        real("fit/edge", vec![parts.subject.edge.value()], "eV"),
        Table { path: "fit/mean".to_owned(), data: TableData::Real(means.into_dyn()), unit: String::new() },
    ];
    if let Some(composition) = parts.composition {
        let constants = &composition.maps.constants;
        tables.push(real(
            "constants/delta_f_double_prime",
            vec![constants.delta_f_double_prime],
            "electrons",
        ));
        tables.push(real("constants/edge_energy", vec![constants.edge_energy.value()], "eV"));
        let f_prime = constants.f_prime.iter().map(|(_, value)| *value).collect();
        tables.push(real("constants/f_prime", f_prime, "electrons"));
        if let Some(energy) = constants.f_prime_energy {
            tables.push(real("constants/f_prime_energy", vec![energy.value()], "eV"));
        }
        if let Some((energy, sigma)) = composition.phase {
            tables.push(real("constants/phase_energy", vec![energy.value()], "eV"));
            tables.push(real("constants/phase_sigma", vec![sigma], "rad"));
        }
        let removed = Array1::from(vec![composition.maps.guarded as u32]).into_dyn();
        tables.push(Table {
            path: "guard/removed".to_owned(),
            data: TableData::Label(removed),
            unit: String::new(),
        });
    }
    tables.extend(parts.roi.iter().flat_map(Roi::tables));
    tables
}
