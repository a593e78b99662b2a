//! Domains: label maps, densities, fractions, mean spectra.

use super::SpectroscopyReport;
use super::curves::{self, Curve};
use super::distribution::{BINS, density_plot, density_series};
use super::sample::{Descriptor, Sample, rows};
use crate::ReportError;
use crate::figure::{Grid, LabelPanel};
use crate::plot::{Axis, Bar, BarGroup, BarPlot, Histogram, LinePlot};
use crate::report::drawing::{Drawing, Piece};
use ndarray::ArrayView2;

/// Densities of one descriptor in each cluster.
#[derive(Debug, Clone, Copy)]
pub struct Density<'a> {
    /// Which descriptor.
    pub descriptor: Descriptor,
    /// Its values, growing.
    pub at: &'a [f64],
    /// Density `(cluster, value)` per unit of the descriptor.
    pub density: ArrayView2<'a, f64>,
}

/// How much of a group belongs to each cluster.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GroupFractions {
    /// The group's name.
    pub name: String,
    /// Fraction of each cluster, 0–1, NaN if unknown.
    pub fraction: Vec<f64>,
    /// Its standard deviation; empty or NaN if unknown.
    pub sigma: Vec<f64>,
    /// The true fraction of each cluster; empty if unknown.
    pub truth: Vec<f64>,
}

/// Clusters over all samples.
#[derive(Debug, Clone, Default)]
pub struct Domains<'a> {
    /// Number of clusters.
    pub k: usize,
    /// What each cluster is; those without a name are numbered.
    pub names: Vec<String>,
    /// Kernel densities; a descriptor without one gets a histogram of the samples' maps.
    pub densities: Vec<Density<'a>>,
    /// Fractions of each group of samples, weighted by the number of absorbing atoms.
    pub groups: Vec<GroupFractions>,
    /// Mean spectrum of each cluster, in order; may be empty.
    pub spectra: Vec<Curve>,
}

impl Domains<'_> {
    /// The names in the legends, one for each cluster.
    pub(super) fn names(&self) -> Vec<String> {
        let given = |k: usize| self.names.get(k).filter(|name| !name.is_empty());
        (0..self.k)
            .map(|k| given(k).map_or_else(|| format!("cluster {}", k + 1), |n| format!("{} {n}", k + 1)))
            .collect()
    }

    pub(super) fn pieces(&self, report: &SpectroscopyReport<'_>) -> Result<Vec<Piece>, ReportError> {
        let mut pieces = vec![self.maps(report)?];
        let densities: Vec<Drawing> = Descriptor::ALL
            .into_iter()
            .filter_map(|descriptor| self.density(report, descriptor).transpose())
            .collect::<Result<_, _>>()?;
        if !densities.is_empty() {
            pieces.push(Piece::Drawings(densities));
        }
        let last: Vec<Drawing> = [self.fractions(), self.spectra()].into_iter().flatten().collect();
        if !last.is_empty() {
            pieces.push(Piece::Drawings(last));
        }
        Ok(pieces)
    }

    /// Figure 3 (a) of the paper.
    fn maps(&self, report: &SpectroscopyReport<'_>) -> Result<Piece, ReportError> {
        let having: Vec<&Sample<'_>> = report.samples.iter().filter(|s| s.labels.is_some()).collect();
        if having.is_empty() {
            return Ok(Piece::absent("No label maps were given."));
        }
        let rows: Vec<Vec<LabelPanel<'_>>> =
            rows(&having).iter().map(|row| row.iter().filter_map(|s| panel(s)).collect()).collect();
        let grid = Grid::categories("", &rows, &self.names())?;
        let caption = format!(
            "Domains: each pixel in the colour of its cluster, {} over all samples; white pixels belong to none.",
            self.k
        );
        let alt = "Maps of the domains of each sample in the colours of the clusters".to_owned();
        Ok(Piece::one(Drawing::of_grid("domains", grid, alt, caption)?))
    }

    /// Figure 3 (b) of the paper, one descriptor.
    fn density(
        &self,
        report: &SpectroscopyReport<'_>,
        descriptor: Descriptor,
    ) -> Result<Option<Drawing>, ReportError> {
        if self.k == 0 {
            return Ok(None);
        }
        let mut plot = density_plot(descriptor, report.scales.of(descriptor)).of_categories();
        let given = self.densities.iter().find(|density| density.descriptor == descriptor);
        for k in 0..self.k {
            let points = match given {
                Some(density) => density.points(k)?,
                None => match members(report, descriptor, k, report.scales.of(descriptor)) {
                    Some(histogram) => histogram.outline(),
                    None => return Ok(None),
                },
            };
            plot.series.push(density_series(&(k + 1).to_string(), k, points));
        }
        let caption = format!("Density of {} in each cluster.", descriptor.label());
        let alt = format!("Curves of the density of {} in each cluster", descriptor.label());
        let name = format!("density_{}", descriptor.file_name());
        Ok(Some(Drawing::of_plot(&name, &plot, alt, caption)))
    }

    /// Figure 3 (c) of the paper.
    fn fractions(&self) -> Option<Drawing> {
        if self.groups.is_empty() {
            return None;
        }
        let bar = |group: &GroupFractions, k: usize| Bar {
            value: group.fraction.get(k).copied().unwrap_or(f64::NAN),
            sigma: group.sigma.get(k).copied().unwrap_or(f64::NAN),
            mark: group.truth.get(k).copied(),
        };
        let group = |group: &GroupFractions| BarGroup {
            name: group.name.clone(),
            bars: (0..self.k).map(|k| bar(group, k)).collect(),
        };
        let plot = BarPlot {
            y: Axis::new("fraction weighted by N_V"),
            names: (1..=self.k).map(|k| k.to_string()).collect(),
            mark: "truth".to_owned(),
            groups: self.groups.iter().map(group).collect(),
            size: (curves::WIDTH, curves::height(self.k)),
        };
        let truth = self.groups.iter().any(|group| !group.truth.is_empty());
        let marks = if truth { " Dashes are the truth." } else { "" };
        let caption = format!(
            "Fraction of each cluster, weighted by the number of absorbing atoms. Error bars are one standard deviation \
             each way.{marks}"
        );
        let alt = "Bars of the fraction of each cluster in each group".to_owned();
        Some(Drawing::of_svg("fractions", plot.to_svg(), alt, caption))
    }

    fn spectra(&self) -> Option<Drawing> {
        if self.spectra.is_empty() {
            return None;
        }
        let numbers: Vec<String> = (1..=self.spectra.len()).map(|k| k.to_string()).collect();
        let all: Vec<(&str, &Curve)> = numbers.iter().map(String::as_str).zip(&self.spectra).collect();
        let apart = curves::distance(&all);
        let plot = LinePlot {
            size: (curves::WIDTH, curves::height(self.k)),
            ..LinePlot::new(Axis::new("energy (eV)"), Axis::new("optical density, with offset"))
        };
        let plot = curves::stacked(plot, &all, apart).of_categories();
        let offset = curves::offset_words(apart, all.len());
        let caption = format!("Mean absorption spectrum of each cluster.{offset}");
        let alt = "Mean absorption spectra of the clusters over the energy".to_owned();
        Some(Drawing::of_plot("cluster_spectra", &plot, alt, caption))
    }
}

impl Density<'_> {
    fn points(&self, k: usize) -> Result<Vec<(f64, f64)>, ReportError> {
        if self.density.ncols() != self.at.len() || k >= self.density.nrows() {
            return Err(ReportError::Mismatch {
                what: "densities of the clusters",
                first: format!("shape {} × {} (cluster, value)", self.density.nrows(), self.density.ncols()),
                second: format!("cluster {} at {} values", k + 1, self.at.len()),
            });
        }
        Ok(self.at.iter().copied().zip(self.density.row(k).iter().copied()).collect())
    }
}

fn panel<'a>(sample: &Sample<'a>) -> Option<LabelPanel<'a>> {
    Some(LabelPanel { title: sample.heading(), labels: sample.cropped(sample.labels?), pixel: sample.pixel })
}

/// The histogram of a descriptor over the pixels of cluster `k`, from 0; `None` if no sample has both maps.
fn members(
    report: &SpectroscopyReport<'_>,
    descriptor: Descriptor,
    k: usize,
    ends: (f64, f64),
) -> Option<Histogram> {
    let pairs = report.samples.iter().filter_map(|s| Some((s.descriptor(descriptor)?.values, s.labels?)));
    let pairs: Vec<_> = pairs.collect();
    let inside = |(value, label): (&f32, &u16)| (usize::from(*label) == k + 1).then_some(*value);
    let values = pairs.iter().flat_map(|(map, labels)| map.iter().zip(labels.iter()).filter_map(inside));
    (!pairs.is_empty()).then(|| Histogram::of(values, ends, BINS))
}
