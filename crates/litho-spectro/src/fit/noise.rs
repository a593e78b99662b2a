//! How noisy a spectrum is, from the points before the edge, and when an edge drowns in it.

use crate::SpectroError;
use litho_types::energy_stack::EnergyStack;
use ndarray::{Array2, Axis, s};

/// When a pixel's edge jump counts as absent.
///
/// Most such pixels are known before the fit: with everything but offset and heights as in the region's mean, the jump
/// is linear in the spectrum. If it lies below the rule's limit by more than three of its own standard deviations,
/// the pixel is not fitted; its maps hold this jump with its σ, and nothing else. The full fit of such a pixel may turn noise
/// into a larger jump; of pixels whose jump is at the limit, one in 740 is lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NoiseRule {
    /// The vanadium paper's: where `Δμt < σ`, the standard deviation of the pixel's own pre-edge points
    /// ([`pre_edge_sigma`]). Of empty pixels it keeps about one in six.
    Paper,
    /// Where `Δμt` is below so many standard deviations of the stack ([`pooled_pre_edge_sigma`]).
    Pooled(f64),
    /// Never.
    None,
}

impl Default for NoiseRule {
    fn default() -> Self {
        Self::Pooled(3.0)
    }
}

impl NoiseRule {
    /// Smallest jump of each pixel that counts, `(y, x)`, optical density; `noise` is that of the stack. None where all do.
    pub(super) fn least_jump(
        self,
        stack: &EnergyStack,
        (noise, points): (f64, usize),
    ) -> Result<Option<Array2<f64>>, SpectroError> {
        match self {
            Self::None => Ok(None),
            Self::Pooled(factor) => Ok(Some(Array2::from_elem(stack.shape(), factor * noise))),
            Self::Paper => pre_edge_sigma(stack, points).map(Some),
        }
    }
}

/// Standard deviation `√(Σ(x − x̄)²/n)` of the first `points` energies of each pixel, `(y, x)`, in optical density; NaN
/// where a value is missing. It contains whatever slope the spectrum has there.
///
/// # Errors
/// [`SpectroError::PreEdge`] for fewer than two points or more than there are energies.
pub fn pre_edge_sigma(stack: &EnergyStack, points: usize) -> Result<Array2<f64>, SpectroError> {
    check(stack, points, 2)?;
    let before = stack.optical_density().slice(s![..points, .., ..]);
    Ok(before.map_axis(Axis(0), |values| {
        let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / points as f64;
        let squares: f64 = values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum();
        (squares / points as f64).sqrt()
    }))
}

/// Standard deviation of the noise of the whole stack, in optical density: that of the first `points` energies around a
/// straight line in each pixel, pooled over all complete pixels by the median of the variances, so that neither slopes nor
/// a minority of strange pixels enter.
///
/// The median of `χ²_ν/ν` is taken as `(1 − 2/9ν)³` (Wilson and Hilferty), 1.3 % above the exact value for ν = 2.
///
/// # Errors
/// [`SpectroError::PreEdge`] for fewer than three points or more than there are energies,
/// [`SpectroError::EmptyRegion`] if no pixel is complete.
pub fn pooled_pre_edge_sigma(stack: &EnergyStack, points: usize) -> Result<f64, SpectroError> {
    check(stack, points, 3)?;
    let energies = &stack.energies().electron_volts()[..points];
    let middle = energies.iter().sum::<f64>() / points as f64;
    let spread: f64 = energies.iter().map(|e| (e - middle).powi(2)).sum();
    let freedom = (points - 2) as f64;
    let before = stack.optical_density().slice(s![..points, .., ..]);
    let variances = before.map_axis(Axis(0), |values| {
        let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / points as f64;
        let slope =
            values.iter().zip(energies).map(|(&v, e)| (e - middle) * f64::from(v)).sum::<f64>() / spread;
        let off = |(&v, e): (&f32, &f64)| (f64::from(v) - mean - slope * (e - middle)).powi(2);
        values.iter().zip(energies).map(off).sum::<f64>() / freedom
    });
    let mut variances: Vec<f64> = variances.into_iter().filter(|variance| variance.is_finite()).collect();
    if variances.is_empty() {
        return Err(SpectroError::EmptyRegion { operation: "noise before the edge", region: 0 });
    }
    let middle = variances.len() / 2;
    let (_, median, _) = variances.select_nth_unstable_by(middle, f64::total_cmp);
    Ok((*median / (1.0 - 2.0 / (9.0 * freedom)).powi(3)).sqrt())
}

fn check(stack: &EnergyStack, wanted: usize, minimum: usize) -> Result<(), SpectroError> {
    let energies = stack.energies().len();
    if (minimum..=energies).contains(&wanted) {
        return Ok(());
    }
    Err(SpectroError::PreEdge { wanted, energies, minimum })
}
