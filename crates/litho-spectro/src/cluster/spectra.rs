//! The mean spectrum of each cluster.

use super::ClusterError;
use litho_types::energy_stack::EnergyStack;
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// A stack and the labels of its pixels.
#[derive(Debug, Clone, Copy)]
pub struct LabelledStack<'a> {
    /// Optical densities `(energy, y, x)`.
    pub stack: &'a EnergyStack,
    /// Labels `(y, x)`, 0 for none.
    pub labels: ArrayView2<'a, u16>,
    /// Weights `(y, x)`; a pixel whose weight is not finite and above zero does not count.
    pub weights: Option<ArrayView2<'a, f32>>,
}

/// Spectra per cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterSpectra {
    /// Weighted mean optical density `(cluster, energy)`; NaN where a cluster has no pixel.
    pub mean: Array2<f64>,
    /// Its standard error `√(Σw²(d − m)²)/Σw · √(n/(n − 1))` as of independent pixels; NaN for fewer than two.
    pub standard_error: Array2<f64>,
    /// Pixels with a number at all energies and a weight, per cluster.
    pub pixels: Vec<usize>,
}

/// The mean spectra of `k` clusters over several particles measured at the same energies. A missing value is left out at
/// its energy alone.
///
/// # Errors
/// [`ClusterError`] if there is no stack, energies or shapes disagree, or a label is above `k`.
pub fn mean_spectra(stacks: &[LabelledStack], k: usize) -> Result<ClusterSpectra, ClusterError> {
    let Some(first) = stacks.first() else {
        return Err(ClusterError::NothingLeft { operation: "mean spectra", rows: 0 });
    };
    let energies = first.stack.energies();
    let mut pixels = vec![0; k];
    for labelled in stacks {
        check(labelled, first, k)?;
        for ((place, &complete), &label) in labelled.stack.complete().indexed_iter().zip(labelled.labels) {
            if complete && label > 0 && weight(labelled, place).is_some() {
                pixels[usize::from(label) - 1] += 1;
            }
        }
    }
    let columns: Vec<Vec<(f64, f64)>> =
        (0..energies.len()).into_par_iter().map(|energy| at_energy(stacks, energy, k)).collect();
    let part = |which: fn(&(f64, f64)) -> f64| {
        Array2::from_shape_fn((k, energies.len()), |(cluster, energy)| which(&columns[energy][cluster]))
    };
    Ok(ClusterSpectra { mean: part(|pair| pair.0), standard_error: part(|pair| pair.1), pixels })
}

fn check(labelled: &LabelledStack, first: &LabelledStack, k: usize) -> Result<(), ClusterError> {
    let operation = "mean spectra";
    let length = |first, first_len, second, second_len| {
        Err(ClusterError::Length { operation, first, first_len, second, second_len })
    };
    let (energies, others) = (first.stack.energies(), labelled.stack.energies());
    if energies != others {
        return length(
            "energies of the first stack",
            energies.len(),
            "of another, or not the same ones,",
            others.len(),
        );
    }
    let shape = labelled.stack.shape();
    if labelled.labels.dim() != shape {
        return length("pixels", shape.0 * shape.1, "labels of the same image", labelled.labels.len());
    }
    if let Some(weights) = labelled.weights.filter(|weights| weights.dim() != shape) {
        return length("pixels", shape.0 * shape.1, "weights of the same image", weights.len());
    }
    match labelled.labels.iter().map(|&label| usize::from(label)).find(|&label| label > k) {
        Some(label) => Err(ClusterError::Label { operation, label, k }),
        None => Ok(()),
    }
}

fn weight(labelled: &LabelledStack, (y, x): (usize, usize)) -> Option<f64> {
    let weight = labelled.weights.map_or(1.0, |weights| weights[[y, x]]);
    (weight.is_finite() && weight > 0.0).then_some(f64::from(weight))
}

/// Mean and standard error of each cluster at one energy.
fn at_energy(stacks: &[LabelledStack], energy: usize, k: usize) -> Vec<(f64, f64)> {
    let mut members = vec![Vec::new(); k];
    for labelled in stacks {
        let image = labelled.stack.optical_density();
        for (place, &label) in labelled.labels.indexed_iter().filter(|(_, label)| **label > 0) {
            let value = f64::from(image[[energy, place.0, place.1]]);
            if let Some(weight) = weight(labelled, place).filter(|_| value.is_finite()) {
                members[usize::from(label) - 1].push((value, weight));
            }
        }
    }
    let one = |members: &Vec<(f64, f64)>| {
        let (n, total) = (members.len() as f64, members.iter().map(|(_, w)| w).sum::<f64>());
        let mean = members.iter().map(|(d, w)| d * w).sum::<f64>() / total;
        let spread = members.iter().map(|(d, w)| (w * (d - mean)).powi(2)).sum::<f64>().sqrt();
        let error = if members.len() < 2 { f64::NAN } else { spread / total * (n / (n - 1.0)).sqrt() };
        (mean, error)
    };
    members.iter().map(one).collect()
}
