//! Which rays the projections sum.

use super::input::Input;
use super::settings::{Axis, TomoSettings};
use crate::error::PipelineError;
use litho_tomo::Geometry;
use litho_tomo::align::find_axis;
use litho_types::observer::{CancelToken, Observer};
use ndarray::{Array3, s};

/// Rows that the axis is looked for in.
const ROWS: usize = 16;

/// The geometry of a series, and a line about where its axis came from.
///
/// # Errors
/// [`PipelineError`] if the axis is off the projections or cannot be found.
pub(super) fn geometry(
    input: &Input,
    settings: &TomoSettings,
    observer: &mut (dyn Observer + Send),
    cancel: &CancelToken,
) -> Result<(Geometry, String), PipelineError> {
    let (_, _, nx) = input.dim();
    let centred = Geometry::centred(input.angles(), nx)?;
    let (axis, how) = match (settings.axis, input.axis) {
        (Axis::Known, Some(axis)) => (axis, "as aligned"),
        (Axis::Middle, _) => (centred.axis(), "the middle"),
        (Axis::Column(column), _) => (column, "as given"),
        (Axis::Known | Axis::Found, _) => {
            let rows = middle_rows(input)?;
            (find_axis(rows.view(), input.angles(), observer, cancel)?.axis, "found")
        }
    };
    Ok((centred.with_axis(axis)?, format!("rotation axis at column {axis:.2} of {nx}, {how}")))
}

/// Evenly spread rows, missing numbers taken for air.
fn middle_rows(input: &Input) -> Result<Array3<f32>, PipelineError> {
    let (count, ny, nx) = input.dim();
    let rows = ROWS.min(ny);
    let mut all = Array3::zeros((count, rows, nx));
    for row in 0..rows {
        let place = (2 * row + 1) * ny / (2 * rows);
        let read = input.read(place..place + 1)?;
        all.slice_mut(s![.., row..=row, ..])
            .assign(&read.mapv(|value| if value.is_finite() { value } else { 0.0 }));
    }
    Ok(all)
}
