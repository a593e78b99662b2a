//! f'' at all energies, as the Kramers–Kronig transform needs it: the table's rows joined by
//! power laws, a fall to zero at zero energy, and a continuation beyond the last row.

/// Longest step in energy on which a power law is replaced by a line. With f'' ∝ E^−3 the line is off by
/// at most 3·4/8 · 0.004² = 2.4e-5 of f''.
const LONGEST_STEP: f64 = 1.004;
/// How far beyond the last row the final power law is followed. f'' falls at least as E^−1.5 there, so what
/// is left out is less than (2/π)/1.5 · 100^−1.5 = 0.04 % of the last f''.
const CONTINUATION: f64 = 100.0;
/// Rows over which the final power is measured, to even out the last digits of the table.
const ROWS_OF_FINAL_SLOPE: usize = 10;

/// f'' on nodes, linear between them; zero at both ends.
pub(super) struct Nodes {
    /// eV, rising strictly from 0.
    pub(super) energy: Vec<f64>,
    /// Electrons per atom.
    pub(super) f2: Vec<f64>,
}

/// The nodes of a table that covers its element's edges.
pub(super) fn nodes(energy: &[f64], f2: &[f64]) -> Nodes {
    let mut nodes = Nodes { energy: vec![0.0], f2: vec![0.0] };
    for (&energy, &f2) in energy.iter().zip(f2) {
        nodes.join((energy, f2));
    }
    let (last, end) = (energy.len() - 1, energy[energy.len() - 1] * CONTINUATION);
    let early = last.saturating_sub(ROWS_OF_FINAL_SLOPE);
    nodes.join((end, log_log((energy[early], f2[early]), (energy[last], f2[last]), end)));
    nodes.energy.push(end * LONGEST_STEP);
    nodes.f2.push(0.0);
    nodes
}

/// The nodes of a table that ends below some edges: beyond its last row stands the other
/// table's f'', scaled to meet it there.
pub(super) fn with_continuation(energy: &[f64], f2: &[f64], energy_above: &[f64], f2_above: &[f64]) -> Nodes {
    let (end, value) = (energy[energy.len() - 1], f2[f2.len() - 1]);
    let next =
        energy_above.partition_point(|row| *row <= end * LONGEST_STEP).clamp(1, energy_above.len() - 1);
    let other =
        log_log((energy_above[next - 1], f2_above[next - 1]), (energy_above[next], f2_above[next]), end);
    let scaled = f2_above[next..].iter().map(|f2| f2 * value / other);
    nodes(&[energy, &energy_above[next..]].concat(), &f2.iter().copied().chain(scaled).collect::<Vec<_>>())
}

/// The power law through two points (energy, f''), or the line where one of them is zero.
pub(super) fn log_log((e0, y0): (f64, f64), (e1, y1): (f64, f64), energy: f64) -> f64 {
    if y0 > 0.0 && y1 > 0.0 {
        // ln f'' is linear in ln E.
        y0 * ((y1 / y0).ln() * (energy / e0).ln() / (e1 / e0).ln()).exp()
    } else {
        y0 + (y1 - y0) * (energy - e0) / (e1 - e0)
    }
}

impl Nodes {
    /// Append a row, with nodes of the power law in between.
    fn join(&mut self, (e1, y1): (f64, f64)) {
        let last = self.energy.len() - 1;
        let (e0, y0) = (self.energy[last], self.f2[last]);
        if y0 > 0.0 && y1 > 0.0 {
            let pieces = ((e1 / e0).ln() / LONGEST_STEP.ln()).ceil().max(1.0) as usize;
            for piece in 1..pieces {
                let energy = e0 * ((e1 / e0).ln() * piece as f64 / pieces as f64).exp();
                self.energy.push(energy);
                self.f2.push(log_log((e0, y0), (e1, y1), energy));
            }
        }
        self.energy.push(e1);
        self.f2.push(y1);
    }
}
