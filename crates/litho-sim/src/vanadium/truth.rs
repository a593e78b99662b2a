//! What an analysis of a sample should find, on the pixels of the reconstruction at the lowest energy.

use super::amounts::Amounts;
use super::factors::EnergyFactors;
use super::kind::Kind;
use super::particle::Particle;
use crate::phantom::Canvas;
use litho_types::point::Point;
use litho_types::quantity::Metres;
use ndarray::{Array2, Array3, s};

/// True maps and stacks of a sample. Maps are `(y, x)`, means over the pixel; NaN where there is no V.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleTruth {
    /// Pixel: the object pixel at the lowest energy, where it is largest.
    pub pixel: Point<Metres>,
    /// Beam position that falls on the centre of pixel `(0, 0)`.
    pub origin: Point<Metres>,
    /// Displacement of the sample at each energy, see [`Experiment::drift`](super::Experiment::drift).
    pub drift: Vec<Point<Metres>>,
    /// Projected thickness, m.
    pub thickness: Array2<f32>,
    /// V atoms per area, m⁻².
    pub absorber: Array2<f64>,
    /// [`Kind::label`] of the kind with most V; 0 where there is none.
    pub label: Array2<u8>,
    /// Share of the V atoms that belongs to that kind: 1 in pure pixels.
    pub purity: Array2<f32>,
    /// Mean edge energy of the V atoms, eV.
    pub edge_energy: Array2<f32>,
    /// Mean pre-edge ratio PE/Δμt of the V atoms, eV.
    pub pre_edge_ratio: Array2<f32>,
    /// `Re[Neff]/N_V` at the lowest energy.
    pub n_eff_ratio: Array2<f32>,
    /// `μt`, `(energy, y, x)`.
    pub optical_density: Array3<f32>,
    /// `φ`, radians, `(energy, y, x)`; air is 0.
    pub phase: Array3<f32>,
}

impl SampleTruth {
    /// Samples along a pixel, over which it is averaged.
    pub(crate) const SUBSAMPLES: usize = 4;

    /// The truth on a canvas with [`SUBSAMPLES`](Self::SUBSAMPLES) as its oversampling.
    pub(crate) fn new(
        particle: &Particle,
        canvas: &Canvas,
        factors: &[EnergyFactors],
        drift: Vec<Point<Metres>>,
    ) -> Self {
        let (amounts, thickness) = averaged(particle, canvas);
        let map = |of: &dyn Fn(&Amounts) -> f64| amounts.mapv(|a| of(&a) as f32);
        let mut stacks = [(); 2].map(|()| Array3::zeros((factors.len(), canvas.shape.0, canvas.shape.1)));
        for (index, factors) in factors.iter().enumerate() {
            for (at, amounts) in amounts.indexed_iter() {
                let (optical_density, phase) = amounts.optical_density_and_phase(factors);
                stacks[0][(index, at.0, at.1)] = optical_density as f32;
                stacks[1][(index, at.0, at.1)] = phase as f32;
            }
        }
        let [optical_density, phase] = stacks;
        let purity = |a: &Amounts| a.dominant().map_or(f64::NAN, |kind| a.vanadium_of(kind) / a.vanadium());
        Self {
            pixel: Point::new(Metres::new(canvas.pixel.0), Metres::new(canvas.pixel.1)),
            origin: Point::new(Metres::new(canvas.origin.0), Metres::new(canvas.origin.1)),
            drift,
            thickness,
            absorber: amounts.mapv(|a| a.vanadium()),
            label: amounts.mapv(|a| a.dominant().map_or(0, Kind::label)),
            purity: map(&purity),
            edge_energy: map(&Amounts::edge_energy),
            pre_edge_ratio: map(&Amounts::pre_edge_ratio),
            n_eff_ratio: map(&|a| a.electrons(&factors[0]).re / a.vanadium()),
            optical_density,
            phase,
        }
    }

    /// V atoms in the pixels labelled with each kind of domain, in the order of the labels 1–6.
    pub fn vanadium_by_label(&self) -> [f64; Kind::DOMAINS] {
        let area = self.pixel.y.value() * self.pixel.x.value();
        let mut sums = [0.0; Kind::DOMAINS];
        for (label, atoms) in self.label.iter().zip(&self.absorber) {
            if let Some(sum) = usize::from(*label).checked_sub(1).and_then(|k| sums.get_mut(k)) {
                *sum += atoms * area;
            }
        }
        sums
    }
}

/// Amounts and thickness, averaged over pixels.
fn averaged(particle: &Particle, canvas: &Canvas) -> (Array2<Amounts>, Array2<f32>) {
    let side = canvas.oversampling;
    let share = 1.0 / (side * side) as f64;
    let coarse = Canvas { oversampling: 1, ..*canvas };
    let amounts = coarse.sampled(|y, x| {
        let mut mean = Amounts::default();
        for (dy, dx) in offsets(canvas) {
            mean.add(&particle.amounts(y + dy, x + dx), share);
        }
        mean
    });
    let thickness = canvas.sampled(|y, x| particle.thickness(y, x));
    let thickness = Array2::from_shape_fn(canvas.shape, |(y, x)| {
        (thickness.slice(s![y * side..(y + 1) * side, x * side..(x + 1) * side]).sum() * share) as f32
    });
    (amounts, thickness)
}

/// Places of the samples in a pixel, metres from its centre.
fn offsets(canvas: &Canvas) -> impl Iterator<Item = (f64, f64)> {
    let side = canvas.oversampling;
    let (py, px) = canvas.pixel;
    let at = move |i: usize| (i as f64 + 0.5) / side as f64 - 0.5;
    (0..side * side).map(move |i| (at(i / side) * py, at(i % side) * px))
}
