//! The report of an experiment and its figures.

use super::config::RunConfig;
use super::samples::{SampleData, SampleFiles};
use super::truth::Comparison;
use crate::error::PipelineError;
use crate::provenance::{COMMIT, VERSION};
use crate::report::{citation, write_figures, write_file};
use litho_io::{Map, ResultFile, read_result};
use litho_report::figure::PixelSize;
use litho_report::report::reconstruction::{FrequencyUnit, Period, Spectrum};
use litho_report::report::spectroscopy::{
    Agreement, ChoiceOfK, Curve, Density, Descriptor, DescriptorMap, Domains, GroupFractions, Region,
    Registration, Sample, SpectroscopyReport, TransferCurves, Truth,
};
use litho_report::report::{Fact, Part, Quantity};
use ndarray::{Array2, Axis, Ix2};
use std::path::Path;

/// Side of the square whose mean spectrum is shown, m: the paper's.
const REGION: f64 = 120e-9;

/// Writes the page, and each figure as a file of its own into `figures` beside it.
///
/// # Errors
/// [`PipelineError`] if a result cannot be read or a file not be written.
pub(super) fn write(
    title: &str,
    config: &RunConfig,
    samples: &[&SampleFiles],
    domains: Option<&Path>,
    truth: Option<&Comparison>,
    output: &Path,
) -> Result<(), PipelineError> {
    let content = Content::read(samples, domains, truth)?;
    let report = content.report(title, config);
    write_file(output, report.build()?.to_html().as_bytes())?;
    write_figures(output, "", &report.drawings()?)
}

/// Everything the report shows, owned.
struct Content<'a> {
    files: &'a [&'a SampleFiles],
    data: Vec<SampleData>,
    regions: Vec<Vec<Region>>,
    /// As the samples; `None` for one that was not sorted.
    labels: Vec<Option<Array2<u16>>>,
    domains: Option<DomainTables>,
    truth: Option<&'a Comparison>,
}

/// What a file of domains says of the clusters.
struct DomainTables {
    k: usize,
    densities: Vec<(Descriptor, Vec<f64>, Array2<f64>)>,
    groups: Vec<GroupFractions>,
    spectra: Vec<Curve>,
    choice: Option<ChoiceOfK>,
}

impl<'a> Content<'a> {
    fn read(
        files: &'a [&'a SampleFiles],
        domains: Option<&Path>,
        truth: Option<&'a Comparison>,
    ) -> Result<Self, PipelineError> {
        let data = files.iter().map(|files| SampleData::read(files)).collect::<Result<Vec<_>, _>>()?;
        let file = domains.map(read_result).transpose()?;
        let mut labels = Vec::new();
        for sample in files {
            let name = format!("/entry/clusters/{}/label", sample.name);
            labels.push(match &file {
                Some(file) if file.contains(&name) => {
                    file.labels(&name)?.mapv(|label| label as u16).into_dimensionality::<Ix2>().ok()
                }
                _ => None,
            });
        }
        let regions = files.iter().zip(&data).map(|(files, data)| vec![region(&files.name, data)]).collect();
        let domains = file.map(|file| DomainTables::read(&file, truth)).transpose()?;
        Ok(Self { files, data, regions, labels, domains, truth })
    }

    fn report(&self, title: &str, config: &RunConfig) -> SpectroscopyReport<'_> {
        let energies = self.data.first().map(|data| data.energies.clone()).unwrap_or_default();
        let mut citations: Vec<String> =
            self.data.iter().flat_map(|data| data.citations.iter().cloned()).collect();
        citations.sort();
        citations.dedup();
        SpectroscopyReport {
            title: title.to_owned(),
            subtitle: format!("{} samples at {} photon energies", self.files.len(), energies.len()),
            facts: self.facts(),
            warnings: Vec::new(),
            samples: (0..self.files.len()).map(|index| self.sample(index)).collect(),
            absorption_energy: energies.last().copied(),
            phase_energy: energies.first().copied(),
            domains: self.domains.as_ref().map_or(Part::Omitted, |domains| Part::Given(domains.part())),
            choice: match self.domains.as_ref().and_then(|domains| domains.choice.clone()) {
                Some(choice) => Part::Given(choice),
                None => Part::Omitted,
            },
            truth: self
                .truth
                .map_or(Part::Omitted, |truth| Part::Given(Truth { agreement: agreements(truth) })),
            constants: self.constants(),
            configuration: toml::to_string(config).unwrap_or_default(),
            provenance: vec![("program".to_owned(), format!("lithoscope {VERSION} ({COMMIT})"))],
            citations: citations.into_iter().map(citation).collect(),
            ..SpectroscopyReport::default()
        }
    }

    fn facts(&self) -> Vec<Fact> {
        let fact = |name: &str, value: String, note: &str| Fact {
            name: name.to_owned(),
            value,
            note: note.to_owned(),
        };
        let fitted: usize = self
            .data
            .iter()
            .filter_map(|data| data.maps.map("edge_energy"))
            .map(|map| map.values.iter().filter(|value| value.is_finite()).count())
            .sum();
        let mut facts = vec![fact("pixels with a fit", fitted.to_string(), "all samples together")];
        if let Some(domains) = &self.domains {
            facts.push(fact("domains", domains.k.to_string(), "kinds of chemical state told apart"));
        }
        if let Some(all) = self.truth.and_then(|truth| truth.agreements.last()) {
            facts.push(fact(
                "edge energy",
                format!("{:.2} eV rms", all.edge_energy),
                "error against the truth",
            ));
            facts.push(fact(
                "domains' Rand index",
                format!("{:.2}", all.rand_index),
                "adjusted, against the truth",
            ));
        }
        facts
    }

    fn sample(&self, index: usize) -> Sample<'_> {
        let (files, data) = (self.files[index], &self.data[index]);
        let image = |stack: &'_ ndarray::Array3<f32>, at: usize| -> Option<usize> {
            (stack.dim().0 > at).then_some(at)
        };
        let last = data.energies.len().saturating_sub(1);
        Sample {
            name: files.name.clone(),
            group: files.group.clone(),
            pixel: data.pixel.map(|p| PixelSize { y: p.y.value(), x: p.x.value() }),
            absorption: image(&data.optical_density, last)
                .map(|at| data.optical_density.index_axis(Axis(0), at)),
            phase: data.phase.as_ref().and_then(|phase| Some(phase.index_axis(Axis(0), image(phase, 0)?))),
            edge_energy: data.maps.map("edge_energy").map(descriptor),
            electron_ratio: data.maps.map("n_eff_ratio").map(descriptor),
            pre_edge_ratio: data.maps.map("pre_edge_ratio").map(descriptor),
            labels: self.labels[index].as_ref().map(|labels| labels.view()),
            true_labels: self.truth.and_then(|truth| truth.labels.get(index)).map(|labels| labels.view()),
            kk_residual: data.kk_residual.as_ref().map(|residual| residual.view()),
            status: statuses(data),
            regions: self.regions[index].clone(),
            registration: registration(data),
            prtf: data.prtf.as_ref().map_or(Part::Omitted, |prtf| Part::Given(transfer(prtf))),
        }
    }

    /// The scattering factors of the first sample, which are those of all.
    fn constants(&self) -> Vec<Quantity> {
        let Some(data) = self.data.first() else { return Vec::new() };
        let number = |path: &str| {
            data.maps.table(path).and_then(|table| match &table.data {
                litho_io::TableData::Real(values) => values.iter().next().copied(),
                litho_io::TableData::Label(_) => None,
            })
        };
        [
            ("Δf'' of the absorber", "constants/delta_f_double_prime", "electrons"),
            ("edge of the absorber", "constants/edge_energy", "eV"),
            ("f' of the absorber", "constants/f_prime", "electrons"),
            ("energy of f'", "constants/f_prime_energy", "eV"),
            ("energy of the phase image", "constants/phase_energy", "eV"),
        ]
        .into_iter()
        .filter_map(|(name, path, unit)| {
            Some(Quantity {
                name: name.to_owned(),
                value: format!("{:.4}", number(path)?),
                unit: unit.to_owned(),
            })
        })
        .collect()
    }
}

fn descriptor(map: &Map) -> DescriptorMap<'_> {
    DescriptorMap { values: map.values.view(), sigma: map.sigma.as_ref().map(|sigma| sigma.view()) }
}

fn agreements(truth: &Comparison) -> Vec<Agreement> {
    let row = |one: &super::truth::Agreement| Agreement {
        name: one.name.clone(),
        edge_energy_rms: one.edge_energy,
        electron_ratio_bias: one.ratio_bias,
        pre_edge_ratio_rms: one.pre_edge_ratio,
        rand_index: one.rand_index,
    };
    truth.agreements.iter().map(row).collect()
}

fn statuses(data: &SampleData) -> Vec<(String, usize)> {
    let Some(status) = &data.maps.status else { return Vec::new() };
    let count = |code: u8| status.values.iter().filter(|value| **value == code).count();
    status.meanings.iter().map(|(code, meaning)| (meaning.clone(), count(*code))).collect()
}

fn registration(data: &SampleData) -> Vec<Registration> {
    let Some(pixel) = data.pixel else { return Vec::new() };
    let one = |(energy, shift): (&f64, &[f64; 2])| Registration {
        energy: *energy,
        shift: (shift[0] / pixel.y.value(), shift[1] / pixel.x.value()),
        amplitude: f64::NAN,
    };
    data.energies.iter().zip(&data.shifts).map(one).collect()
}

fn transfer(prtf: &super::samples::TransferFunctions) -> TransferCurves<'_> {
    let crossing = |ratio: &[f64]| {
        let below = ratio.iter().position(|value| *value < (-1.0_f64).exp())?;
        prtf.frequency.get(below).copied()
    };
    TransferCurves {
        spectrum: Spectrum {
            frequencies: &prtf.frequency,
            unit: FrequencyUnit::PerMetre,
            period: Period::Full,
        },
        mean: &prtf.mean,
        crossing: crossing(&prtf.mean),
        energies: prtf.ratio.iter().map(Vec::as_slice).collect(),
        crossings: prtf.ratio.iter().filter_map(|ratio| crossing(ratio)).collect(),
    }
}

/// The mean spectra of a square around the pixel with the deepest phase.
fn region(name: &str, data: &SampleData) -> Region {
    let (_, ny, nx) = data.optical_density.dim();
    let guide = data.phase.as_ref().unwrap_or(&data.optical_density);
    let deepest = guide.index_axis(Axis(0), 0).indexed_iter().filter(|(_, value)| value.is_finite()).fold(
        ((ny / 2, nx / 2), f32::INFINITY),
        |best, (at, value)| if *value < best.1 { (at, *value) } else { best },
    );
    let (y, x) = deepest.0;
    let half = |pixel: Option<f64>| pixel.map_or(2, |pixel| (REGION / pixel / 2.0).round().max(1.0) as usize);
    let (hy, hx) = (half(data.pixel.map(|p| p.y.value())), half(data.pixel.map(|p| p.x.value())));
    let (rows, columns) = (y.saturating_sub(hy)..(y + hy).min(ny), x.saturating_sub(hx)..(x + hx).min(nx));
    let curve = |stack: &ndarray::Array3<f32>| {
        let (mut values, mut sigma) = (Vec::new(), Vec::new());
        for image in stack.outer_iter() {
            let part = image.slice(ndarray::s![rows.clone(), columns.clone()]);
            let known: Vec<f64> = part.iter().filter(|v| v.is_finite()).map(|v| f64::from(*v)).collect();
            let count = known.len() as f64;
            let mean = known.iter().sum::<f64>() / count;
            values.push(mean);
            // Standard error of the mean.
            sigma
                .push((known.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (count - 1.0) / count).sqrt());
        }
        Curve { energies: data.energies.clone(), values, sigma, fit: Vec::new() }
    };
    Region {
        name: name.to_owned(),
        absorption: Some(curve(&data.optical_density)),
        phase: data.phase.as_ref().map(curve),
    }
}

impl DomainTables {
    fn read(file: &ResultFile, truth: Option<&Comparison>) -> Result<Self, PipelineError> {
        let matrix = |name: &str| -> Result<Option<Array2<f64>>, PipelineError> {
            if !file.contains(name) {
                return Ok(None);
            }
            Ok(file.real(name)?.into_dimensionality::<Ix2>().ok())
        };
        let k = matrix("/entry/clusters/centre")?.map_or(0, |centres| centres.dim().0);
        let mut densities = Vec::new();
        let names = [
            ("edge_energy", Descriptor::EdgeEnergy),
            ("n_eff_ratio", Descriptor::ElectronRatio),
            ("pre_edge_ratio", Descriptor::PreEdgeRatio),
        ];
        for (name, descriptor) in names {
            if let Some(density) = matrix(&format!("/entry/densities/{name}/density"))? {
                let at = file.real(&format!("/entry/densities/{name}/value"))?.into_iter().collect();
                densities.push((descriptor, at, density));
            }
        }
        let mut spectra = Vec::new();
        if let (Some(mean), Some(error)) =
            (matrix("/entry/clusters/spectrum")?, matrix("/entry/clusters/spectrum_error")?)
        {
            let energies: Vec<f64> = file.real("/entry/clusters/energy")?.into_iter().collect();
            spectra = mean
                .outer_iter()
                .zip(error.outer_iter())
                .map(|(values, sigma)| Curve {
                    energies: energies.clone(),
                    values: values.to_vec(),
                    sigma: sigma.to_vec(),
                    fit: Vec::new(),
                })
                .collect();
        }
        Ok(Self { k, densities, groups: group_fractions(file, truth)?, spectra, choice: choice(file, k)? })
    }

    fn part(&self) -> Domains<'_> {
        Domains {
            k: self.k,
            names: Vec::new(),
            densities: self
                .densities
                .iter()
                .map(|(descriptor, at, density)| Density {
                    descriptor: *descriptor,
                    at,
                    density: density.view(),
                })
                .collect(),
            groups: self.groups.clone(),
            spectra: self.spectra.clone(),
        }
    }
}

fn group_fractions(
    file: &ResultFile,
    truth: Option<&Comparison>,
) -> Result<Vec<GroupFractions>, PipelineError> {
    let names = file.texts("/entry/groups/name")?;
    let rows = |name: &str| -> Result<Vec<Vec<f64>>, PipelineError> {
        let table = file.real(name)?.into_dimensionality::<Ix2>().unwrap_or_default();
        Ok(table.outer_iter().map(|row| row.to_vec()).collect())
    };
    let (fraction, sigma) = (rows("/entry/groups/fraction")?, rows("/entry/groups/fraction_sigma")?);
    let known = |name: &str| {
        let found = truth.and_then(|truth| truth.fractions.iter().find(|(group, _)| group == name));
        found.map_or(Vec::new(), |(_, fractions)| fractions.clone())
    };
    Ok(names
        .into_iter()
        .zip(fraction)
        .zip(sigma)
        .map(|((name, fraction), sigma)| GroupFractions { truth: known(&name), name, fraction, sigma })
        .collect())
}

fn choice(file: &ResultFile, chosen: usize) -> Result<Option<ChoiceOfK>, PipelineError> {
    if !file.contains("/entry/choice/k") {
        return Ok(None);
    }
    let numbers = |name: &str| -> Result<Vec<f64>, PipelineError> {
        Ok(file.real(&format!("/entry/choice/{name}"))?.into_iter().collect())
    };
    let by = |name: &str| -> Result<u32, PipelineError> {
        Ok(file.labels(&format!("/entry/choice/{name}"))?.into_iter().next().unwrap_or(0))
    };
    Ok(Some(ChoiceOfK {
        k: file.labels("/entry/choice/k")?.into_iter().map(|k| k as usize).collect(),
        wcss: numbers("wcss")?,
        silhouette: numbers("silhouette")?,
        gap: numbers("gap")?,
        gap_sigma: numbers("gap_sigma")?,
        chosen,
        reason: format!(
            "The elbow says {}, the silhouette {}, the gap {}; the rule that weighs them says {}.",
            by("by_elbow")?,
            by("by_silhouette")?,
            by("by_gap")?,
            by("by_rule")?
        ),
    }))
}
