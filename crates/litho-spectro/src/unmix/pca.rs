//! How many spectra a stack holds, and whether a reference is one of their mixtures.

use super::lanes::dot;
use super::{Reference, UnmixError};
use crate::dense;
use litho_types::energy_stack::EnergyStack;
use ndarray::{Array2, Array3};
use rayon::prelude::*;

/// Pixels whose products are summed in single precision before they are added in double.
const TASK: usize = 1024;
/// Eigenvalues the chord rule looks at.
const CHORD: usize = 25;

/// What is analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ComponentsOptions {
    /// The mean spectrum is taken off first. Without, the number of components is that of mixed spectra.
    pub centred: bool,
}

/// Principal components of a stack over its complete pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Components {
    /// Eigenvalues `λ` of `Σ d dᵀ` over the pixels, descending: the scree.
    pub eigenvalues: Vec<f64>,
    /// Unit vectors `(component, energy)`, the largest element positive.
    pub spectra: Array2<f64>,
    /// The mean spectrum if it was taken off, else zeros.
    pub mean: Vec<f64>,
    /// Malinowski's indicator for 1…E−1 components.
    pub indicator: Vec<f64>,
    /// Components by the least indicator.
    pub by_indicator: usize,
    /// Components by the chord rule: the eigenvalue whose logarithm lies furthest below the chord of the first 25; those
    /// before it are significant.
    pub by_chord: usize,
    /// Complete pixels.
    pub pixels: usize,
    energies: Vec<f64>,
}

/// How well the first components make up a reference.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetTransform {
    /// The nearest mixture of the components, at the stack's energies.
    pub transformed: Vec<f64>,
    /// `Σ(t − t̂)²/Σt²`.
    pub r_l2: f64,
    /// Malinowski's SPOIL (Anal. Chim. Acta 103, 339 (1978)): below 3 the reference is acceptable, above 6 it is not in the
    /// data.
    pub spoil: f64,
}

impl Components {
    /// Diagonalises `Σ d dᵀ`, summed over the pixels that have a number at every energy.
    ///
    /// # Errors
    /// [`UnmixError`] for fewer than 3 energies or no complete pixel.
    pub fn new(stack: &EnergyStack, options: ComponentsOptions) -> Result<Self, UnmixError> {
        let n = stack.energies().len();
        if n < 3 {
            return Err(UnmixError::TooFewEnergies { operation: "components", energies: n, unknowns: 2 });
        }
        let complete = stack.optical_density().outer_iter().fold(
            Array2::from_elem(stack.shape(), true),
            |mut complete, image| {
                complete.zip_mut_with(&image, |complete, value| *complete &= value.is_finite());
                complete
            },
        );
        let pixels = complete.iter().filter(|&&complete| complete).count();
        if pixels == 0 {
            return Err(UnmixError::NoPixels { operation: "components", pixels: complete.len() });
        }
        let mut rows: Vec<Vec<f32>> = stack
            .optical_density()
            .outer_iter()
            .map(|image| image.iter().zip(&complete).filter(|(_, c)| **c).map(|(&d, _)| d).collect())
            .collect();
        let mut mean = vec![0.0; n];
        if options.centred {
            for (row, mean) in rows.iter_mut().zip(&mut mean) {
                *mean = row.iter().map(|&d| f64::from(d)).sum::<f64>() / pixels as f64;
                for d in row.iter_mut() {
                    *d = (f64::from(*d) - *mean) as f32;
                }
            }
        }
        let (eigenvalues, vectors) = dense::eigen(&products(&rows), n);
        let eigenvalues: Vec<f64> = eigenvalues.into_iter().map(|value| value.max(0.0)).collect();
        let indicator = indicator(&eigenvalues, pixels);
        let by_indicator = (0..indicator.len())
            .fold(0, |best, at| if indicator[at] < indicator[best] { at } else { best })
            + 1;
        Ok(Self {
            by_chord: chord(&eigenvalues),
            eigenvalues,
            spectra: Array2::from_shape_fn((n, n), |(component, energy)| vectors[component][energy]),
            mean,
            indicator,
            by_indicator,
            pixels,
            energies: stack.energies().electron_volts(),
        })
    }

    /// The first `count` eigenimages `(component, y, x)`: each pixel's projections; NaN where a number is missing.
    pub fn images(&self, stack: &EnergyStack, count: usize) -> Array3<f32> {
        let (ny, nx) = stack.shape();
        let count = count.min(self.eigenvalues.len());
        let mut images = Array3::zeros((count, ny, nx));
        for (mut image, vector) in images.outer_iter_mut().zip(self.spectra.outer_iter()) {
            let mut sum = Array2::<f64>::zeros((ny, nx));
            for ((plane, v), mean) in stack.optical_density().outer_iter().zip(vector).zip(&self.mean) {
                sum.zip_mut_with(&plane, |sum, &d| *sum += v * (f64::from(d) - mean));
            }
            image.assign(&sum.mapv(|sum| sum as f32));
        }
        images
    }

    /// Projects a reference onto the first `count` components.
    ///
    /// # Errors
    /// [`UnmixError`] if it does not cover the stack's energies or `count` is not 1…E−1.
    pub fn target(&self, reference: &Reference, count: usize) -> Result<TargetTransform, UnmixError> {
        reference.check(&self.energies, 0.0)?;
        let n = self.energies.len();
        if count == 0 || count >= n {
            return Err(UnmixError::Setting {
                operation: "target transform",
                setting: "components",
                value: count as f64,
                fix: "use at least 1 and fewer than there are energies",
            });
        }
        let t: Vec<f64> =
            reference.at(&self.energies, 0.0).iter().zip(&self.mean).map(|(t, m)| t - m).collect();
        let scores: Vec<f64> = (0..count)
            .map(|component| self.spectra.row(component).iter().zip(&t).map(|(v, t)| v * t).sum())
            .collect();
        let at = |energy: usize| (0..count).map(|c| self.spectra[[c, energy]] * scores[c]).sum::<f64>();
        let fitted: Vec<f64> = (0..n).map(at).collect();
        let squares: f64 = t.iter().zip(&fitted).map(|(t, f)| (t - f).powi(2)).sum();
        // AET² = Σ(t − t̂)²/(n − r), REP = RE |T| with T = Λ^(−½)Vᵀt, RET² = AET² − REP², SPOIL = RET/REP
        let apparent = squares / (n - count) as f64;
        let error = self.eigenvalues[count..].iter().sum::<f64>() / (self.pixels * (n - count)) as f64;
        let length: f64 = scores.iter().zip(&self.eigenvalues).map(|(s, l)| s * s / l).sum();
        let predictor = error * length;
        Ok(TargetTransform {
            transformed: fitted.iter().zip(&self.mean).map(|(f, m)| f + m).collect(),
            r_l2: squares / t.iter().map(|t| t * t).sum::<f64>(),
            spoil: ((apparent - predictor).max(0.0) / predictor).sqrt(),
        })
    }
}

/// `Σ d dᵀ` over the pixels, rows by energy.
fn products(rows: &[Vec<f32>]) -> Vec<f64> {
    let n = rows.len();
    let row = |i: usize| {
        let pair = |j: usize| {
            let tasks = rows[i].chunks(TASK).zip(rows[j].chunks(TASK));
            tasks.map(|(a, b)| dot(a, b)).sum::<f64>()
        };
        (0..=i).map(pair).collect::<Vec<f64>>()
    };
    let lower: Vec<Vec<f64>> = (0..n).into_par_iter().map(row).collect();
    (0..n * n).map(|at| lower[(at / n).max(at % n)][(at / n).min(at % n)]).collect()
}

/// `IND(r) = √(Σ_{j>r} λ_j/(p (n − r)))/(n − r)²` (Malinowski, Anal. Chem. 49, 612 (1977)) for r = 1…n−1.
fn indicator(eigenvalues: &[f64], pixels: usize) -> Vec<f64> {
    let n = eigenvalues.len();
    let one = |r: usize| {
        let left = (n - r) as f64;
        (eigenvalues[r..].iter().sum::<f64>() / (pixels as f64 * left)).sqrt() / (left * left)
    };
    (1..n).map(one).collect()
}

/// Components before the eigenvalue whose logarithm lies furthest below the chord.
fn chord(eigenvalues: &[f64]) -> usize {
    let n = eigenvalues.len().min(CHORD);
    let floor = eigenvalues[0] * f64::EPSILON;
    let log = |k: usize| eigenvalues[k].max(floor).ln();
    let below = |k: usize| log(0) + (log(n - 1) - log(0)) * k as f64 / (n - 1) as f64 - log(k);
    (1..n).fold(1, |best, k| if below(k) > below(best) { k } else { best })
}
