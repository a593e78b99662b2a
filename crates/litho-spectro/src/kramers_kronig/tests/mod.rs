//! A vanadium-like window with a truth of its own: f'' on a fine grid, and the transform of that.

mod accuracy;
mod gauge;
mod noise_reduction;
mod projection;

use super::transform::Reference;
use litho_types::energies::Energies;
use litho_types::quantity::{ELECTRON_RADIUS_METRES, ElectronVolts};
use litho_types::scattering::{
    Element, KramersKronig, TableSource, best_factor, scattering_factor, tabulated_edges,
};
use ndarray::{Array1, Array3};

/// 40 energies from 5420 to 5540 eV, 0.5 eV apart around the pre-edge peak, four before it.
pub(super) fn energies() -> Energies {
    let mut list = vec![5420.0, 5435.0, 5450.0, 5462.0];
    list.extend((0..15).map(|i| 5465.0 + 0.5 * f64::from(i)));
    list.extend([
        5473.0, 5474.5, 5476.0, 5477.0, 5478.0, 5479.0, 5480.0, 5481.0, 5482.0, 5483.5, 5485.0, 5487.0,
        5490.0, 5495.0, 5500.0, 5505.0, 5508.0, 5512.0, 5520.0, 5530.0, 5540.0,
    ]);
    Energies::new(&list).expect("ascending")
}

pub(super) fn vanadium() -> Element {
    Element::from_symbol("V").expect("an element")
}

/// erf to 1.5e-7 (Abramowitz & Stegun 7.1.26).
fn erf(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let series = [0.254_829_592, -0.284_496_736, 1.421_413_741, -1.453_152_027, 1.061_405_429];
    let sum = series.iter().rev().fold(0.0, |sum, a| (sum + a) * t);
    (1.0 - sum * (-x * x).exp()).copysign(x)
}

/// A XANES of eq. 1 of the vanadium paper in units of the jump: an edge of erf, a pre-edge peak, a white line.
#[derive(Clone, Copy)]
pub(super) struct Xanes {
    pub(super) edge: f64,
    pub(super) peak: f64,
    pub(super) peak_at: f64,
}

impl Xanes {
    /// Six kinds of vanadium: edges 5478 to 5480.5 eV, pre-edge peaks of 0.1 to 0.35 jumps.
    pub(super) fn kinds() -> Vec<Self> {
        (0..6)
            .map(f64::from)
            .map(|i| Self { edge: 5478.0 + 0.5 * i, peak: 0.1 + 0.05 * i, peak_at: 5468.3 + 0.1 * i })
            .collect()
    }

    fn at(self, energy: f64) -> f64 {
        let lorentzian = |centre: f64, half: f64| 1.0 / (1.0 + ((energy - centre) / half).powi(2));
        0.5 * (1.0 + erf((energy - self.edge) / 4.5))
            + self.peak * lorentzian(self.peak_at, 1.2)
            + 0.45 * lorentzian(self.edge + 6.0, 4.0)
    }

    /// f'' and f' at `energies` with a table's f'' outside the window; inside, its pre-edge and post-edge lines joined by
    /// the XANES. Nodes are 0.1 eV apart, a fifth of the smallest step of the energies; halving that moves f' by less
    /// than 0.001 electrons.
    pub(super) fn factors(self, energies: &Energies, source: TableSource) -> (Vec<f64>, Vec<f64>) {
        let element = vanadium();
        let table = |e: f64| {
            scattering_factor(element, ElectronVolts::new(e), source).expect("in the table").f_double_prime
        };
        let line = |x0: f64, x1: f64, e: f64| table(x0) + (table(x1) - table(x0)) * (e - x0) / (x1 - x0);
        let (low, high) = (energies.first().value(), energies.last().value());
        let shape = |e: f64| (self.at(e) - self.at(low)) / (self.at(high) - self.at(low));
        let inside = |e: f64| {
            let below = line(5420.0, 5460.0, e);
            below + shape(e) * (line(5490.0, 5540.0, e) - below)
        };
        let mut nodes: Vec<f64> = (0..=1200).map(|i| low + 0.1 * f64::from(i)).collect();
        // Henke's edge is a ramp between two rows, Chantler's is in his rows.
        for edge in tabulated_edges(element).expect("data") {
            let (below, above) = (edge.below.value(), edge.above.value());
            if source == TableSource::Henke && low < below && above < high {
                nodes.retain(|e| *e < below - 1e-6 || *e > above + 1e-6);
                nodes.extend([below, above]);
            }
        }
        nodes.sort_by(f64::total_cmp);
        let last = nodes.len() - 1;
        let mut departure: Vec<f64> = nodes.iter().map(|&e| inside(e) - table(e)).collect();
        (departure[0], departure[last]) = (0.0, 0.0);
        let transform = KramersKronig::of_piecewise_linear(&nodes, &departure).expect("a spectrum");
        let f_prime = energies
            .iter()
            .map(|e| best_factor(element, e, source).expect("in the table").f_prime + transform.at(e))
            .collect();
        (energies.iter().map(|e| inside(e.value())).collect(), f_prime)
    }
}

/// μt and φ of one pixel with `density` atoms per m² and lines for the rest.
pub(super) fn pixel(
    energies: &Energies,
    factors: &(Vec<f64>, Vec<f64>),
    density: f64,
) -> (Array1<f64>, Array1<f64>) {
    let wave: Array1<f64> =
        energies.iter().map(|e| ELECTRON_RADIUS_METRES * e.wavelength().value()).collect();
    let along: Array1<f64> = energies.iter().map(|e| (e.value() - 5480.0) / 60.0).collect();
    let a = Array1::from(factors.0.clone()) * density + (0.1 - &along * 0.002) * density;
    let p = Array1::from(factors.1.clone()) * density + (31.0 + &along * 0.01) * density;
    (a * &wave * 2.0, -(p * wave))
}

/// Atoms per m² with an edge jump of μt = 0.2: the table's jump is 3.4 electrons, 1 jump of μt is 2.2e23 atoms.
pub(super) const DENSITY: f64 = 4.4e22;

/// A stack of pixels side by side, `(energy, 1, x)`.
pub(super) fn stack(spectra: &[Array1<f64>]) -> Array3<f32> {
    Array3::from_shape_fn((spectra[0].len(), 1, spectra.len()), |(e, _, x)| spectra[x][e] as f32)
}

/// The table's own spectrum: exactly in the subspace.
pub(super) fn table_factors(energies: &Energies) -> (Vec<f64>, Vec<f64>) {
    let reference = Reference::new(vanadium(), energies, TableSource::Henke).expect("an edge");
    (reference.f_double_prime, reference.f_prime)
}

pub(super) fn rms<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
    let (sum, count) = values.into_iter().fold((0.0, 0.0), |(sum, count), v| (sum + v * v, count + 1.0));
    (sum / count).sqrt()
}
