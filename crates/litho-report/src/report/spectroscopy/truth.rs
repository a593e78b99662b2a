//! Comparison with a known truth.

use super::SpectroscopyReport;
use super::sample::Sample;
use crate::ReportError;
use crate::figure::{Grid, LabelPanel};
use crate::format::decimal;
use crate::report::drawing::{Drawing, Piece};
use crate::report::{Align, Block, Column, Part, Table};

/// How well one sample, or all of them, agree with the truth. NaN where unknown.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// The sample, `all`, or the target.
    pub name: String,
    /// Root mean square error of the edge energy in eV.
    pub edge_energy_rms: f64,
    /// Mean of `Re[Neff]/N_V` over its true mean, minus one.
    pub electron_ratio_bias: f64,
    /// Root mean square error of `PE/Δμt` in eV.
    pub pre_edge_ratio_rms: f64,
    /// Adjusted Rand index of the domains, 1 for equal ones.
    pub rand_index: f64,
}

impl Default for Agreement {
    fn default() -> Self {
        Self {
            name: String::new(),
            edge_energy_rms: f64::NAN,
            electron_ratio_bias: f64::NAN,
            pre_edge_ratio_rms: f64::NAN,
            rand_index: f64::NAN,
        }
    }
}

/// A known truth. The true label maps are the samples'.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Truth {
    /// One row of numbers for each sample, for all of them, and for the targets.
    pub agreement: Vec<Agreement>,
}

impl Truth {
    pub(super) fn pieces(&self, report: &SpectroscopyReport<'_>) -> Result<Vec<Piece>, ReportError> {
        let mut pieces = Vec::new();
        if !self.agreement.is_empty() {
            pieces.push(Piece::Block(Block::Table(self.table())));
        }
        pieces.extend(maps(report)?);
        Ok(pieces)
    }

    fn table(&self) -> Table {
        let number = |value: f64, decimals: usize| {
            if value.is_finite() { decimal(value, decimals) } else { "—".to_owned() }
        };
        let row = |a: &Agreement| {
            vec![
                a.name.clone(),
                number(a.edge_energy_rms, 3),
                number(100.0 * a.electron_ratio_bias, 2),
                number(a.pre_edge_ratio_rms, 3),
                number(a.rand_index, 3),
            ]
        };
        let heads = [
            "edge energy, rms error (eV)",
            "Re[Neff]/N_V, bias (%)",
            "PE/Δµt, rms error (eV)",
            "adjusted Rand index",
        ];
        let columns = std::iter::once(Column::new("", Align::Left))
            .chain(heads.map(|head| Column::new(head, Align::Right)))
            .collect();
        Table {
            caption: "Agreement with the truth.".to_owned(),
            columns,
            rows: self.agreement.iter().map(row).collect(),
            highlighted: None,
        }
    }
}

/// The found and the true domains of a sample that has both.
fn pair<'a>(sample: &Sample<'a>) -> Option<[LabelPanel<'a>; 2]> {
    let (found, truth) = sample.labels.zip(sample.true_labels)?;
    let panel = |what: &str, labels| LabelPanel {
        title: format!("{}, {what}", sample.name),
        labels: sample.cropped(labels),
        pixel: sample.pixel,
    };
    Some([panel("found", found), panel("true", truth)])
}

/// Found and true domains side by side, two samples a row.
fn maps(report: &SpectroscopyReport<'_>) -> Result<Option<Piece>, ReportError> {
    let pairs: Vec<[LabelPanel<'_>; 2]> = report.samples.iter().filter_map(pair).collect();
    if pairs.is_empty() {
        return Ok(None);
    }
    let rows: Vec<Vec<LabelPanel<'_>>> = pairs.chunks(2).map(<[_]>::concat).collect();
    let names = match &report.domains {
        Part::Given(domains) => domains.names(),
        _ => Vec::new(),
    };
    let grid = Grid::categories("", &rows, &names)?;
    let caption = "Domains as found, and the true ones in the colours of the clusters they match.".to_owned();
    let alt = "Maps of the found and of the true domains of each sample".to_owned();
    Ok(Some(Piece::one(Drawing::of_grid("truth_domains", grid, alt, caption)?)))
}
