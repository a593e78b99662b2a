//! From what a series holds to line integrals and weights.

use super::settings::{AlignSettings, Channel};
use crate::error::PipelineError;
use litho_tomo::phase::{self, prepare, prepare_phase};
use litho_types::observer::{CancelToken, Observer};
use litho_types::tilt_series::Projections;
use ndarray::{Array3, ArrayView1};

/// Line integrals `(angle, y, x)`, ready to be aligned.
pub(super) struct Prepared {
    /// Unwrapped phases or optical densities; 0 where nothing was measured.
    pub(super) values: Array3<f32>,
    /// From 0 (not measured) to 1; `None` if all are 1.
    pub(super) weights: Option<Array3<f32>>,
    pub(super) channel: Channel,
    pub(super) warnings: Vec<String>,
}

impl Prepared {
    /// Prepares projections: complex ones and wrapped phases lose offset and ramp and are unwrapped, or become optical
    /// densities; pixels without a number get weight 0.
    ///
    /// # Errors
    /// [`PipelineError::Tomo`] if the rectangle said to be air is off the image, or the work was interrupted.
    pub(super) fn of(
        projections: Projections,
        settings: &AlignSettings,
        observer: &mut (dyn Observer + Send),
        cancel: &CancelToken,
    ) -> Result<Self, PipelineError> {
        match projections {
            Projections::Transmission(waves) => {
                let prepared = prepare(waves.view(), &settings.phase, observer, cancel)?;
                let seen = waves.mapv(|t| if t.is_finite() { 1.0 } else { 0.0 });
                Ok(Self::chosen(prepared, settings.channel, seen))
            }
            Projections::Phase(values) => {
                if !settings.unwrap.unwrap_or_else(|| is_wrapped(&values)) {
                    return Ok(Self::weighted(values, None, Channel::Phase, Vec::new()));
                }
                let prepared = prepare_phase(values.view(), &settings.phase, observer, cancel)?;
                let seen = values.mapv(|phase| if phase.is_finite() { 1.0 } else { 0.0 });
                Ok(Self::chosen(prepared, Channel::Phase, seen))
            }
            Projections::OpticalDensity(values) => {
                Ok(Self::weighted(values, None, Channel::OpticalDensity, Vec::new()))
            }
        }
    }

    /// One channel with its weights; `seen` is 0 where nothing was measured. Residues spoil the phase alone.
    fn chosen(prepared: phase::Prepared, channel: Channel, seen: Array3<f32>) -> Self {
        let warnings = prepared.warnings.iter().map(ToString::to_string).collect();
        match (channel, prepared.optical_density) {
            (Channel::OpticalDensity, Some(values)) => {
                Self::weighted(values, Some(seen), Channel::OpticalDensity, warnings)
            }
            _ => Self::weighted(prepared.phase, Some(prepared.weights), Channel::Phase, warnings),
        }
    }

    /// Missing numbers become 0 with weight 0.
    fn weighted(
        mut values: Array3<f32>,
        weights: Option<Array3<f32>>,
        channel: Channel,
        warnings: Vec<String>,
    ) -> Self {
        let missing = values.iter().any(|value| !value.is_finite());
        let mut weights = match weights {
            None if missing => Some(Array3::ones(values.dim())),
            weights => weights.filter(|weights| missing || weights.iter().any(|weight| *weight != 1.0)),
        };
        if let Some(weights) = weights.as_mut().filter(|_| missing) {
            ndarray::Zip::from(&mut values).and(weights).for_each(|value, weight| {
                if !value.is_finite() {
                    *value = 0.0;
                    *weight = 0.0;
                }
            });
        }
        Self { values, weights, channel, warnings }
    }
}

/// True if phases jump by more than half a turn from pixel to pixel along a row, as only wrapped ones do.
fn is_wrapped(phases: &Array3<f32>) -> bool {
    let jumps = |row: ArrayView1<'_, f32>| {
        row.windows(2).into_iter().any(|pair| (pair[1] - pair[0]).abs() > std::f32::consts::PI)
    };
    phases.rows().into_iter().any(jumps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr3;

    #[test]
    fn missing_numbers_have_no_weight() {
        let values = arr3(&[[[1.0, f32::NAN], [2.0, 3.0]]]);
        let prepared = Prepared::weighted(values, None, Channel::Phase, Vec::new());
        assert_eq!(prepared.values, arr3(&[[[1.0, 0.0], [2.0, 3.0]]]));
        assert_eq!(prepared.weights, Some(arr3(&[[[1.0, 0.0], [1.0, 1.0]]])));
        let whole = Prepared::weighted(arr3(&[[[1.0]]]), Some(arr3(&[[[1.0]]])), Channel::Phase, Vec::new());
        assert_eq!(whole.weights, None);
    }

    #[test]
    fn jumps_betray_a_wrapped_phase() {
        assert!(is_wrapped(&arr3(&[[[-3.0, 3.1]]])));
        assert!(!is_wrapped(&arr3(&[[[-9.0, -6.0, -3.0]]])));
    }
}
