//! One element's table from either source, and what is prepared from it once.

use std::sync::OnceLock;

use xraydb::XrayDb;

use crate::quantity::ElectronVolts;

use super::{AbsorptionEdge, Element, KramersKronig, RealPart, ScatteringError, TableSource, henke, model};

/// Rows further apart than this do not frame an edge, eV. Henke's stand 0.1 eV below and above.
const EDGE_WIDTH: f64 = 0.25;
/// d ln f''/d ln E between two rows that frame an edge. The finest measured structures in the tables reach
/// 820; a K edge has 10⁴ and more.
const EDGE_STEEPNESS: f64 = 1000.0;

/// Energies in eV rising strictly, with f1 (including Z) and f'' at each.
pub(super) struct Table {
    element: Element,
    source: TableSource,
    energy: Vec<f64>,
    f1: Vec<f64>,
    f2: Vec<f64>,
    /// Rows `(below, above)` that frame a sharp edge.
    edges: Vec<(usize, usize)>,
    /// First row with an f1.
    first: usize,
    kramers_kronig: KramersKronig,
    /// f1 at infinite energy, electrons.
    limit: f64,
}

type Slot = OnceLock<Result<Table, ScatteringError>>;
static HENKE: [Slot; 92] = [const { Slot::new() }; 92];
static CHANTLER: [Slot; 92] = [const { Slot::new() }; 92];

/// The table of `element`, read on first use.
pub(super) fn table(element: Element, source: TableSource) -> Result<&'static Table, ScatteringError> {
    let slot = match source {
        TableSource::Henke => HENKE[element.index()].get_or_init(|| from_henke(element)),
        TableSource::Chantler => CHANTLER[element.index()].get_or_init(|| from_chantler(element)),
    };
    slot.as_ref().map_err(Clone::clone)
}

fn from_henke(element: Element) -> Result<Table, ScatteringError> {
    let henke::Columns { energy, f1, f2 } = henke::columns(element)?;
    let above = table(element, TableSource::Chantler)?;
    let nodes = model::with_continuation(&energy, &f2, &above.energy, &above.f2);
    let z = f64::from(element.atomic_number());
    // Z* = Z − (Z/82.5)^2.37
    let limit = z - (z / 82.5).powf(2.37);
    Table::new(element, TableSource::Henke, (energy, f1, f2), &nodes, limit)
}

fn from_chantler(element: Element) -> Result<Table, ScatteringError> {
    let damaged = |reason: String| ScatteringError::DamagedData { reason };
    let database = XrayDb::try_new().map_err(|error| damaged(error.to_string()))?;
    let record = database
        .raw()
        .chantler
        .iter()
        .find(|record| record.element == element.symbol())
        .ok_or_else(|| damaged(format!("no Chantler table of {element}")))?;
    // Cs has two rows at 11.4 and two at 13.1 eV, 0.3 % apart in f'': the first of each counts.
    let rising = |row: &usize| *row == 0 || record.energy[*row] > record.energy[*row - 1];
    let rows: Vec<usize> = (0..record.energy.len()).filter(rising).collect();
    let column = |values: &[f64]| rows.iter().map(|row| values[*row]).collect::<Vec<f64>>();
    let (energy, f_prime, f2) = (column(&record.energy), column(&record.f1), column(&record.f2));
    let z = f64::from(element.atomic_number());
    // The database holds f' = f1 − Z, with the relativistic and the nuclear correction already in it.
    let f1 = f_prime.iter().map(|f_prime| z + f_prime).collect();
    let nodes = model::nodes(&energy, &f2);
    let limit = z + record.corr_cl35 + record.corr_nucl;
    Table::new(element, TableSource::Chantler, (energy, f1, f2), &nodes, limit)
}

impl Table {
    fn new(
        element: Element,
        source: TableSource,
        (energy, f1, f2): (Vec<f64>, Vec<f64>, Vec<f64>),
        nodes: &model::Nodes,
        limit: f64,
    ) -> Result<Self, ScatteringError> {
        let kramers_kronig = KramersKronig::of_piecewise_linear(&nodes.energy, &nodes.f2)?;
        let first = f1.iter().position(|value| *value != henke::NO_VALUE).unwrap_or(f1.len());
        let edges = match source {
            TableSource::Henke => sharp_edges(&energy, &f2),
            // Spread over many rows: two of them do not enclose the edge, and f1 follows it.
            TableSource::Chantler => Vec::new(),
        };
        Ok(Self { element, source, energy, f1, f2, edges, first, kramers_kronig, limit })
    }

    /// The energy as a number, if the table has both f1 and f'' there.
    pub(super) fn check(&self, energy: ElectronVolts) -> Result<f64, ScatteringError> {
        let (symbol, energy) = (self.element.symbol(), energy.value());
        if !(energy.is_finite() && energy > 0.0) {
            return Err(ScatteringError::InvalidEnergy { symbol, energy });
        }
        let covered = self.energy.get(self.first..).unwrap_or_default();
        let (first, last) = (covered.first().copied(), covered.last().copied());
        match (first, last) {
            (Some(first), Some(last)) if (first..=last).contains(&energy) => Ok(energy),
            _ => Err(ScatteringError::EnergyOutOfRange {
                symbol,
                energy,
                source_table: self.source,
                first: first.unwrap_or(f64::NAN),
                last: last.unwrap_or(f64::NAN),
            }),
        }
    }

    /// f'' at a checked energy: log-log between rows, and never across a sharp edge.
    pub(super) fn f_double_prime(&self, energy: f64) -> f64 {
        let row = self.interval(energy);
        if let Some(&(below, above)) =
            self.edges.iter().find(|(below, above)| (*below..*above).contains(&row))
        {
            let middle = 0.5 * (self.energy[below] + self.energy[above]);
            return self.f2[if energy < middle { below } else { above }];
        }
        model::log_log((self.energy[row], self.f2[row]), (self.energy[row + 1], self.f2[row + 1]), energy)
    }

    /// f1 at a checked energy, linear between rows, and whether one of the two rows stands at an edge.
    pub(super) fn f1(&self, energy: f64) -> (f64, RealPart) {
        let row = self.interval(energy);
        let t = (energy - self.energy[row]) / (self.energy[row + 1] - self.energy[row]);
        let beside_edge = self.edges.iter().any(|(below, above)| (*below..=above + 1).contains(&(row + 1)));
        let origin = if beside_edge { RealPart::TableBesideEdge } else { RealPart::Table };
        (self.f1[row] + t * (self.f1[row + 1] - self.f1[row]), origin)
    }

    /// f1 at a checked energy from the table's f''.
    pub(super) fn f1_kramers_kronig(&self, energy: f64) -> f64 {
        self.limit + self.kramers_kronig.at(ElectronVolts::new(energy))
    }

    pub(super) fn edges(&self) -> impl Iterator<Item = AbsorptionEdge> {
        self.edges.iter().map(|&(below, above)| AbsorptionEdge {
            below: ElectronVolts::new(self.energy[below]),
            above: ElectronVolts::new(self.energy[above]),
            f_double_prime_below: self.f2[below],
            f_double_prime_above: self.f2[above],
        })
    }

    /// The row at or below a checked energy that has a row after it.
    fn interval(&self, energy: f64) -> usize {
        let after = self.energy.partition_point(|row| *row <= energy);
        after.clamp(1, self.energy.len() - 1) - 1
    }
}

/// Runs of close rows across which f'' rises steeply.
fn sharp_edges(energy: &[f64], f2: &[f64]) -> Vec<(usize, usize)> {
    let mut edges: Vec<(usize, usize)> = Vec::new();
    for row in 1..energy.len() {
        let steepness = (f2[row] / f2[row - 1]).ln() / (energy[row] / energy[row - 1]).ln();
        let narrow = energy[row] - energy[row - 1] <= EDGE_WIDTH;
        if !narrow || steepness <= EDGE_STEEPNESS {
            continue;
        }
        match edges.last_mut() {
            Some(edge) if edge.1 == row - 1 => edge.1 = row,
            _ => edges.push((row - 1, row)),
        }
    }
    edges
}
