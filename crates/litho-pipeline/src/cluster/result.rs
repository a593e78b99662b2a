//! The file of domains: labels, centres, fractions, spectra, densities, and the choice of k.

use super::inputs::Inputs;
use super::settings::ClusterSettings;
use super::sorted::Sorted;
use super::spectra::MeanSpectra;
use crate::error::PipelineError;
use crate::provenance::Provenance;
use litho_io::{MapSet, NexusWriter, Table, TableData, put_maps};
use litho_spectro::cluster::{Densities, Fractions, Particle, densities, fractions};
use ndarray::{Array1, Array2, ArrayD, ArrayView1};
use std::path::Path;

/// Everything `cluster` leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Domains {
    /// Labels and tables.
    pub set: MapSet,
    /// Names of the inputs.
    pub inputs: Vec<String>,
    /// Names of the groups.
    pub groups: Vec<String>,
    /// Names and units of the descriptors.
    pub descriptors: Vec<[String; 2]>,
    /// Lines of results.
    pub lines: Vec<String>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// What the file is made of.
pub(super) struct Parts<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) settings: &'a ClusterSettings,
    pub(super) sorted: &'a Sorted,
    /// Labels of each input.
    pub(super) labels: &'a [Array2<u16>],
    pub(super) spectra: Option<&'a MeanSpectra>,
}

impl Domains {
    pub(super) fn assemble(parts: &Parts<'_>, provenance: Provenance) -> Result<Self, PipelineError> {
        let of_inputs = fractions_of(parts, &|place| place)?;
        let of_groups = fractions_of(parts, &|place| parts.inputs.all[place].group)?;
        let mut tables = label_tables(parts);
        tables.extend(cluster_tables(parts, &of_inputs, &of_groups));
        tables.extend(choice_tables(parts));
        tables.extend(density_tables(parts)?);
        let first = parts.inputs.all.first();
        let unit = |name: &String| first.and_then(|input| Some(input.set.map(name)?.unit.clone()));
        let names = parts.settings.descriptors.iter();
        Ok(Self {
            set: MapSet { maps: Vec::new(), status: None, pixel: None, tables },
            inputs: parts.inputs.all.iter().map(|input| input.name.clone()).collect(),
            groups: parts.inputs.groups.clone(),
            descriptors: names.map(|name| [name.clone(), unit(name).unwrap_or_default()]).collect(),
            lines: lines(parts, &of_groups),
            provenance,
        })
    }

    /// Writes the file, all or nothing.
    ///
    /// # Errors
    /// [`PipelineError::Io`] if it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), PipelineError> {
        let mut file = NexusWriter::create(path)?;
        put_maps(&mut file, &self.set)?;
        let column =
            |at: usize| self.descriptors.iter().map(|pair| pair[at].clone()).collect::<Vec<String>>();
        file.dataset("/entry/clusters/descriptor", column(0), "")?;
        file.dataset("/entry/clusters/descriptor_unit", column(1), "")?;
        file.dataset("/entry/clusters/input", self.inputs.clone(), "")?;
        file.dataset("/entry/groups/name", self.groups.clone(), "")?;
        self.provenance.write(&mut file)?;
        Ok(file.commit()?)
    }
}

fn real(path: impl Into<String>, data: ArrayD<f64>, unit: &str) -> Table {
    Table { path: path.into(), data: TableData::Real(data), unit: unit.to_owned() }
}

fn list(values: Vec<f64>) -> ArrayD<f64> {
    Array1::from(values).into_dyn()
}

fn counts(path: impl Into<String>, values: Vec<u32>) -> Table {
    Table { path: path.into(), data: TableData::Label(Array1::from(values).into_dyn()), unit: String::new() }
}

/// One label image per input; of a single input also where a reader of one looks.
fn label_tables(parts: &Parts<'_>) -> Vec<Table> {
    let label = |path: String, labels: &Array2<u16>| Table {
        path,
        data: TableData::Label(labels.mapv(u32::from).into_dyn()),
        unit: String::new(),
    };
    let mut tables = Vec::new();
    for (input, labels) in parts.inputs.all.iter().zip(parts.labels) {
        let name = &input.name;
        tables.push(label(format!("clusters/{name}/label"), labels));
        if let Some(pixel) = input.set.pixel {
            let (ny, nx) = input.shape;
            let axis = |count: usize, step: f64| list((0..count).map(|at| at as f64 * step).collect());
            tables.push(real(format!("clusters/{name}/y"), axis(ny, pixel.y.value()), "m"));
            tables.push(real(format!("clusters/{name}/x"), axis(nx, pixel.x.value()), "m"));
        }
    }
    if let [labels] = parts.labels {
        tables.push(label("clusters/label".to_owned(), labels));
    }
    tables
}

/// Weighted fractions of the inputs, counted together as `group` says.
fn fractions_of(parts: &Parts<'_>, group: &dyn Fn(usize) -> usize) -> Result<Fractions, PipelineError> {
    let weight =
        |place: usize| Some(parts.inputs.all[place].set.map(parts.settings.weight.as_ref()?)?.values.view());
    let particles: Vec<Particle<'_>> = parts
        .labels
        .iter()
        .enumerate()
        .map(|(place, labels)| Particle {
            group: group(place),
            labels: labels.view(),
            weights: weight(place),
        })
        .collect();
    Ok(fractions(&particles, parts.sorted.k(), &parts.settings.fractions)?)
}

fn cluster_tables(parts: &Parts<'_>, of_inputs: &Fractions, of_groups: &Fractions) -> Vec<Table> {
    let table = |path: &str, values: &Array2<f64>| real(path, values.clone().into_dyn(), "");
    let mut tables = vec![
        table("clusters/centre", &parts.sorted.centres),
        real("clusters/descriptor_sigma", list(parts.sorted.sigma.clone()), ""),
        table("clusters/fraction", &of_inputs.fraction),
        table("clusters/fraction_sigma", &of_inputs.sigma),
        table("groups/fraction", &of_groups.fraction),
        table("groups/fraction_sigma", &of_groups.sigma),
        counts("groups/of_input", parts.inputs.all.iter().map(|input| input.group as u32).collect()),
    ];
    let mut pixels = vec![0; parts.sorted.k()];
    for label in parts.sorted.labels.iter().filter(|label| **label > 0) {
        pixels[usize::from(*label) - 1] += 1;
    }
    tables.push(counts("clusters/pixels", pixels));
    if let Some(MeanSpectra { energies, spectra }) = parts.spectra {
        tables.push(real("clusters/energy", list(energies.clone()), "eV"));
        tables.push(table("clusters/spectrum", &spectra.mean));
        tables.push(table("clusters/spectrum_error", &spectra.standard_error));
    }
    if let Some(matching) = &parts.sorted.matching {
        tables.push(counts("match/label", matching.label.iter().map(|label| u32::from(*label)).collect()));
        tables.push(real("match/distance", list(matching.distance.clone()), ""));
    }
    tables
}

fn choice_tables(parts: &Parts<'_>) -> Vec<Table> {
    let Some(choice) = &parts.sorted.choice else { return Vec::new() };
    vec![
        counts("choice/k", choice.k.iter().map(|k| *k as u32).collect()),
        real("choice/wcss", list(choice.wcss.clone()), ""),
        real("choice/silhouette", list(choice.silhouette.clone()), ""),
        real("choice/gap", list(choice.gap.iter().map(|point| point.gap).collect()), ""),
        real("choice/gap_sigma", list(choice.gap.iter().map(|point| point.sigma).collect()), ""),
        counts("choice/by_elbow", vec![choice.by_elbow as u32]),
        counts("choice/by_silhouette", vec![choice.by_silhouette as u32]),
        counts("choice/by_gap", vec![choice.by_gap as u32]),
        counts("choice/by_rule", vec![choice.chosen as u32]),
    ]
}

/// Where each descriptor lies in each cluster.
fn density_tables(parts: &Parts<'_>) -> Result<Vec<Table>, PipelineError> {
    let weights = parts.inputs.weights(parts.settings);
    let mut tables = Vec::new();
    for name in &parts.settings.descriptors {
        let values = parts.inputs.values(name);
        let Densities { at, density, bandwidth } = densities(
            ArrayView1::from(&values),
            &parts.sorted.labels,
            weights.as_ref().map(|weights| weights.view()),
            parts.sorted.k(),
            parts.settings.bins,
            None,
        )?;
        tables.push(real(format!("densities/{name}/value"), list(at), ""));
        tables.push(real(format!("densities/{name}/density"), density.into_dyn(), ""));
        tables.push(real(format!("densities/{name}/bandwidth"), list(bandwidth), ""));
    }
    Ok(tables)
}

fn lines(parts: &Parts<'_>, of_groups: &Fractions) -> Vec<String> {
    let (sorted, settings) = (parts.sorted, parts.settings);
    let mut lines = vec![format!(
        "{} of {} pixels sorted into {} clusters",
        sorted.points,
        sorted.labels.len(),
        sorted.k()
    )];
    if let Some(choice) = &sorted.choice {
        lines.push(format!(
            "number of clusters: {} by the elbow, {} by the silhouette, {} by the gap; the rule says {}",
            choice.by_elbow, choice.by_silhouette, choice.by_gap, choice.chosen
        ));
    }
    for (place, centre) in sorted.centres.rows().into_iter().enumerate() {
        let numbers: Vec<String> = settings
            .descriptors
            .iter()
            .zip(centre)
            .map(|(name, value)| format!("{name} {value:.3}"))
            .collect();
        lines.push(format!("cluster {}: {}", place + 1, numbers.join(", ")));
    }
    for (name, (fraction, sigma)) in
        parts.inputs.groups.iter().zip(of_groups.fraction.rows().into_iter().zip(of_groups.sigma.rows()))
    {
        let percent =
            |(fraction, sigma): (&f64, &f64)| format!("{:.1} ± {:.1}", 100.0 * fraction, 100.0 * sigma);
        let numbers: Vec<String> = fraction.iter().zip(sigma).map(percent).collect();
        lines.push(format!("{name}: {} %", numbers.join(", ")));
    }
    lines
}
