//! The file of coefficients: maps, components, targets.

use crate::error::PipelineError;
use crate::provenance::Provenance;
use litho_io::{Map, MapSet, NexusWriter, Table, TableData, put_maps};
use litho_spectro::unmix::{Components, Reference, TargetTransform, Unmixed};
use litho_types::energy_stack::EnergyStack;
use ndarray::{Array1, Array2, ArrayD, ArrayView2, Axis};
use std::path::Path;

/// Everything `unmix` leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub struct UnmixMaps {
    /// Maps and tables.
    pub set: MapSet,
    /// Names of the references.
    pub names: Vec<String>,
    /// Lines of results.
    pub lines: Vec<String>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// What the file is made of.
pub(super) struct Parts<'a> {
    pub(super) stack: &'a EnergyStack,
    pub(super) references: &'a [Reference],
    pub(super) unmixed: &'a Unmixed,
    pub(super) components: &'a Components,
    /// Components that the references were looked for in, and what came of it.
    pub(super) targets: (usize, &'a [TargetTransform]),
}

impl UnmixMaps {
    pub(super) fn assemble(parts: &Parts<'_>, provenance: Provenance) -> Self {
        let maps = maps(parts);
        let set = MapSet { maps, status: None, pixel: parts.stack.pixel(), tables: tables(parts) };
        let names = parts.references.iter().map(|reference| reference.name().to_owned()).collect();
        Self { set, names, lines: lines(parts), provenance }
    }

    /// Writes the file, all or nothing.
    ///
    /// # Errors
    /// [`PipelineError::Io`] if it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), PipelineError> {
        let mut file = NexusWriter::create(path)?;
        put_maps(&mut file, &self.set)?;
        file.dataset("/entry/target/reference", self.names.clone(), "")?;
        self.provenance.write(&mut file)?;
        Ok(file.commit()?)
    }
}

fn map(name: &str, values: Array2<f32>, unit: &str, long_name: String) -> Map {
    Map { name: name.to_owned(), values, sigma: None, unit: unit.to_owned(), long_name }
}

fn maps(parts: &Parts<'_>) -> Vec<Map> {
    let unmixed = parts.unmixed;
    let image = |images: &ndarray::Array3<f32>, at: usize| images.index_axis(Axis(0), at).to_owned();
    let term = |(at, name): (usize, &String)| {
        let long_name = if at < unmixed.references {
            format!("coefficient of {name}")
        } else {
            format!("background, {name}")
        };
        Map {
            sigma: Some(image(&unmixed.sigma, at)),
            ..map(name, image(&unmixed.coefficients, at), "", long_name)
        }
    };
    let mut maps: Vec<Map> = unmixed.names.iter().enumerate().map(term).collect();
    if unmixed.references > 1 {
        for (at, name) in unmixed.names[..unmixed.references].iter().enumerate() {
            let long_name = format!("share of {name} in the sum of all references' coefficients");
            maps.push(map(&format!("{name}_share"), unmixed.share(at), "", long_name));
        }
    }
    maps.push(map(
        "r_l2",
        unmixed.r_l2.clone(),
        "",
        "sum of squared residuals over that of squared data".to_owned(),
    ));
    maps.push(map("chi2", unmixed.reduced_chi_square.clone(), "", "reduced χ²".to_owned()));
    if let Some(shift) = &unmixed.shift {
        maps.push(map("energy_shift", shift.clone(), "eV", "energy shift of the references".to_owned()));
    }
    maps
}

fn tables(parts: &Parts<'_>) -> Vec<Table> {
    let table = |path: &str, data: ArrayD<f64>, unit: &str| Table {
        path: path.to_owned(),
        data: TableData::Real(data),
        unit: unit.to_owned(),
    };
    let list = |values: Vec<f64>| Array1::from(values).into_dyn();
    let count = |path: &str, value: usize| Table {
        path: path.to_owned(),
        data: TableData::Label(Array1::from(vec![value as u32]).into_dyn()),
        unit: String::new(),
    };
    let (components, unmixed) = (parts.components, parts.unmixed);
    let (used, targets) = parts.targets;
    let mut tables = vec![
        table("energy", list(parts.stack.energies().electron_volts()), "eV"),
        table("fit/range", list(vec![unmixed.range.0, unmixed.range.1]), "eV"),
        count("fit/energies", unmixed.energies),
        table("fit/condition", list(vec![unmixed.condition]), ""),
        table("components/eigenvalue", list(components.eigenvalues.clone()), ""),
        table("components/indicator", list(components.indicator.clone()), ""),
        table("components/spectrum", components.spectra.clone().into_dyn(), ""),
        count("components/by_indicator", components.by_indicator),
        count("components/by_chord", components.by_chord),
        count("components/used", used),
    ];
    if !targets.is_empty() {
        tables.push(table("target/r_l2", list(targets.iter().map(|target| target.r_l2).collect()), ""));
        tables.push(table("target/spoil", list(targets.iter().map(|target| target.spoil).collect()), ""));
        let width = targets[0].transformed.len();
        let transformed =
            Array2::from_shape_fn((targets.len(), width), |(row, energy)| targets[row].transformed[energy]);
        tables.push(table("target/transformed", transformed.into_dyn(), ""));
    }
    tables
}

/// Mean and count of the numbers of an image.
fn mean(image: ArrayView2<'_, f32>) -> (f64, usize) {
    let found = || image.iter().filter(|value| value.is_finite()).map(|value| f64::from(*value));
    let count = found().count();
    (found().sum::<f64>() / count.max(1) as f64, count)
}

fn lines(parts: &Parts<'_>) -> Vec<String> {
    let unmixed = parts.unmixed;
    let (_, fitted) = mean(unmixed.r_l2.view());
    let mut r_l2: Vec<f32> = unmixed.r_l2.iter().copied().filter(|value| value.is_finite()).collect();
    r_l2.sort_by(f32::total_cmp);
    let middle = r_l2.get(r_l2.len() / 2).copied().unwrap_or(f32::NAN);
    let (low, high) = unmixed.range;
    let mut lines = vec![format!(
        "{fitted} of {} pixels fitted at {} energies from {low} to {high} eV; median r_l2 {middle:.4}",
        unmixed.r_l2.len(),
        unmixed.energies
    )];
    let total = |at: usize| {
        let (mean, count) = mean(unmixed.coefficients.index_axis(Axis(0), at));
        mean * count as f64
    };
    let sum: f64 = (0..unmixed.references).map(total).sum();
    for (at, name) in unmixed.names[..unmixed.references].iter().enumerate() {
        lines.push(format!("{name}: {:.1} % of the sum of all coefficients", 100.0 * total(at) / sum));
    }
    let (used, targets) = parts.targets;
    let components = parts.components;
    lines.push(format!(
        "components: {} by the indicator, {} by the chord rule",
        components.by_indicator, components.by_chord
    ));
    for (reference, target) in parts.references.iter().zip(targets) {
        lines.push(format!(
            "{} among {used} components: r_l2 {:.4}, SPOIL {:.1}",
            reference.name(),
            target.r_l2,
            target.spoil
        ));
    }
    lines
}
