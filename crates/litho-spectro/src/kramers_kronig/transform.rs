//! Real parts that belong to what is known of f'' at the measured energies: exact, and in f64.

use super::KkError;
use litho_types::energies::Energies;
use litho_types::quantity::ElectronVolts;
use litho_types::scattering::{
    AbsorptionEdge, Element, KramersKronig, TableSource, best_factor, scattering_factor, tabulated_edges,
};
use ndarray::{Array2, ArrayView1};

/// Longest step between the nodes on which the table's f'' is taken inside the window, eV. Away from edges f'' bends so
/// little that any step of some eV would do; Chantler's edges spread over some eV.
const TABLE_STEP: f64 = 0.25;

/// Matrix `(E, E)` from Δf'' at the energies to Δf' there. Column i is the transform of the hat that is 1 at energy i and
/// 0 at its neighbours; the first and the last column are zero, as Δf'' is there.
pub(super) fn hats(energies: &Energies) -> Result<Array2<f64>, KkError> {
    let nodes = energies.electron_volts();
    let mut matrix = Array2::zeros((nodes.len(), nodes.len()));
    for i in 1..nodes.len() - 1 {
        let hat = KramersKronig::of_piecewise_linear(&nodes[i - 1..=i + 1], &[0.0, 1.0, 0.0])?;
        matrix.column_mut(i).assign(&at_all(&hat, energies));
    }
    Ok(matrix)
}

/// What one atom of an element contributes at the measured energies if its f'' is the table's there, and linear between.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    /// f'' at each energy, electrons.
    pub(super) f_double_prime: Vec<f64>,
    /// f' at each energy, electrons.
    pub(super) f_prime: Vec<f64>,
    /// Edges among the energies.
    pub(super) edges: Vec<Edge>,
}

impl Reference {
    pub(super) fn new(element: Element, energies: &Energies, source: TableSource) -> Result<Self, KkError> {
        let (first, last) = (energies.first().value(), energies.last().value());
        let inside = |edge: &AbsorptionEdge| edge.below.value() >= first && edge.above.value() <= last;
        let edges: Vec<AbsorptionEdge> = tabulated_edges(element)?.into_iter().filter(inside).collect();
        if edges.is_empty() {
            return Err(KkError::NoEdge { symbol: element.symbol(), first, last });
        }
        let table = Table { element, source, edges: &edges };
        let nodes = energies.electron_volts();
        let at_nodes = nodes.iter().map(|&e| table.f_double_prime(e)).collect::<Result<Vec<f64>, _>>()?;
        let fine = table.nodes(&nodes);
        // f''(linear between the energies) − f''(table), on nodes where both bend
        let departure = fine
            .iter()
            .map(|&e| Ok(interpolate(&nodes, &at_nodes, e) - table.f_double_prime(e)?))
            .collect::<Result<Vec<f64>, KkError>>()?;
        let correction = KramersKronig::of_piecewise_linear(&fine, &departure)?;
        // f' = f'_table + KK[f''_linear − f''_table]
        let f_prime = energies
            .iter()
            .map(|e| Ok(best_factor(element, e, source)?.f_prime + correction.at(e)))
            .collect::<Result<Vec<f64>, KkError>>()?;
        let edges = edges
            .iter()
            .map(|edge| Edge { energy: 0.5 * (edge.below + edge.above).value(), jump: edge.jump() })
            .collect();
        Ok(Self { f_double_prime: at_nodes, f_prime, edges })
    }
}

/// A tabulated edge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    /// eV.
    pub(super) energy: f64,
    /// Rise of f'', electrons.
    pub(super) jump: f64,
}

/// f'' of a table, with its edges as ramps between two rows, as the table's own transform has them.
struct Table<'a> {
    element: Element,
    source: TableSource,
    edges: &'a [AbsorptionEdge],
}

impl Table<'_> {
    fn f_double_prime(&self, energy: f64) -> Result<f64, KkError> {
        let within = |edge: &&AbsorptionEdge| edge.below.value() < energy && energy < edge.above.value();
        if let (TableSource::Henke, Some(edge)) = (self.source, self.edges.iter().find(within)) {
            let part = (energy - edge.below.value()) / (edge.above - edge.below).value();
            return Ok(edge.f_double_prime_below + part * edge.jump());
        }
        Ok(scattering_factor(self.element, ElectronVolts::new(energy), self.source)?.f_double_prime)
    }

    /// The measured energies, the rows of the edges, and points close enough between them.
    fn nodes(&self, energies: &[f64]) -> Vec<f64> {
        let rows = self.edges.iter().flat_map(|edge| [edge.below.value(), edge.above.value()]);
        let mut bends: Vec<f64> = energies.iter().copied().chain(rows).collect();
        bends.sort_by(f64::total_cmp);
        bends.dedup();
        let mut nodes = Vec::new();
        for pair in bends.windows(2) {
            let steps = ((pair[1] - pair[0]) / TABLE_STEP).ceil().max(1.0) as usize;
            nodes.extend((0..steps).map(|i| pair[0] + (pair[1] - pair[0]) * i as f64 / steps as f64));
        }
        nodes.extend(bends.last());
        nodes
    }
}

fn at_all(transform: &KramersKronig, energies: &Energies) -> ndarray::Array1<f64> {
    energies.iter().map(|e| transform.at(e)).collect()
}

/// Linear interpolation inside `nodes`; exact at each of them.
fn interpolate(nodes: &[f64], values: &[f64], x: f64) -> f64 {
    let after = nodes.partition_point(|node| *node <= x).clamp(1, nodes.len() - 1);
    let (x0, x1) = (nodes[after - 1], nodes[after]);
    if x == x1 {
        return values[after];
    }
    values[after - 1] + (values[after] - values[after - 1]) * (x - x0) / (x1 - x0)
}

/// The line through the first and the last value, taken off.
pub(super) fn without_chord(energies: &Energies) -> Array2<f64> {
    let (first, width) = (energies.first().value(), (energies.last() - energies.first()).value());
    let mut matrix = Array2::eye(energies.len());
    for (row, energy) in energies.iter().enumerate() {
        let t = (energy.value() - first) / width;
        matrix[(row, 0)] -= 1.0 - t;
        matrix[(row, energies.len() - 1)] -= t;
    }
    matrix
}

/// `matrix` with row k multiplied by `factors[k]`.
pub(super) fn scale_rows(mut matrix: Array2<f64>, factors: ArrayView1<'_, f64>) -> Array2<f64> {
    for (mut row, factor) in matrix.rows_mut().into_iter().zip(factors) {
        row *= *factor;
    }
    matrix
}
