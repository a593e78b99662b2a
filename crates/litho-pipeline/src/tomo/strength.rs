//! The strength of total variation in the unit of voxels, from a share of the value of dense matter.

use super::input::Input;
use crate::error::PipelineError;
use litho_tomo::stream::Rows as _;
use litho_tomo::{Filter, Geometry, Method, Settings, Support, reconstruct};
use litho_types::observer::{CancelToken, Silent};

/// Rows of the trial volume.
const ROWS: usize = 32;
/// Share of the voxels, those of the largest size, that are taken for noise.
const NOISE: f64 = 0.01;

/// The same method with its strength in the unit of reconstructed voxels.
///
/// # Errors
/// [`PipelineError`] if the projections cannot be read or used.
pub(super) fn in_voxels(method: Method, input: &Input, geometry: &Geometry) -> Result<Method, PipelineError> {
    match method {
        Method::Tv { iterations, strength, block } => {
            let strength = strength * dense_value(input, geometry)?;
            Ok(Method::Tv { iterations, strength, block })
        }
        Method::Wedge { iterations, strength, block } => {
            let strength = strength * dense_value(input, geometry)?;
            Ok(Method::Wedge { iterations, strength, block })
        }
        other => Ok(other),
    }
}

/// The size of a voxel of dense matter in a quick reconstruction of the middle rows.
fn dense_value(input: &Input, geometry: &Geometry) -> Result<f32, PipelineError> {
    let (_, ny, _) = input.dim();
    let count = ROWS.min(ny);
    let begin = (ny - count) / 2;
    let mut rows = input.rows(None);
    let projections = rows.read(begin..begin + count)?;
    let weights = rows.weights(begin..begin + count)?;
    let settings =
        Settings { support: Support::Circle, ..Settings::new(Method::Fbp { filter: Filter::Hann }) };
    let weights = weights.as_ref().map(|weights| weights.view());
    let (observer, cancel) = (&mut Silent, &CancelToken::new());
    let trial = reconstruct(projections.view(), weights, geometry, &settings, observer, cancel)?;
    let mut sizes: Vec<f32> = trial.volume.iter().map(|value| value.abs()).collect();
    sizes.sort_unstable_by(f32::total_cmp);
    let place = ((1.0 - NOISE) * (sizes.len() as f64 - 1.0)) as usize;
    Ok(sizes.get(place).copied().unwrap_or(1.0).max(f32::MIN_POSITIVE))
}
