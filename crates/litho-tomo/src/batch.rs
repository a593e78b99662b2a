//! Neighbouring rows of the projections, laid out in lanes, and slices laid out as a volume again.

use crate::error::TomoError;
use crate::sheet::{SLICES, Sheet};
use ndarray::{Array3, ArrayView3, ArrayViewMut3, Axis};
use rayon::prelude::*;

/// Up to [`SLICES`] slices' projections.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    /// Line integrals; where the weight is 0, zero.
    pub(crate) rays: Sheet,
    /// Weights from 0 to 1, if any was given.
    pub(crate) weights: Option<Sheet>,
    /// How many slices hold something.
    pub(crate) slices: usize,
    /// Place of the first one in the volume.
    pub(crate) first: usize,
}

impl Batch {
    /// Takes projections `(angle, y, x)` of at most [`SLICES`] rows; `first` is the row they begin with.
    pub(crate) fn new(
        operation: &'static str,
        projections: ArrayView3<f32>,
        weights: Option<ArrayView3<f32>>,
        first: usize,
    ) -> Result<Self, TomoError> {
        if let Some(weights) = &weights {
            check_weights(operation, weights)?;
        }
        check_finite(operation, &projections, weights.as_ref(), first)?;
        let rays = match &weights {
            None => in_lanes(projections.view()),
            Some(weights) => {
                let measured = ndarray::Zip::from(&projections)
                    .and(weights)
                    .map_collect(|&value, &weight| if weight > 0.0 { value } else { 0.0 });
                in_lanes(measured.view())
            }
        };
        let slices = projections.len_of(Axis(1));
        Ok(Self { rays, weights: weights.map(in_lanes), slices, first })
    }
}

/// The first number that is not finite although it has a weight is an error.
fn check_finite(
    operation: &'static str,
    projections: &ArrayView3<f32>,
    weights: Option<&ArrayView3<f32>>,
    first: usize,
) -> Result<(), TomoError> {
    // A sum is finite only if all its numbers are; a second look is needed only where it is not (or overflowed).
    if projections.iter().map(|value| value * 0.0).sum::<f32>() == 0.0 {
        return Ok(());
    }
    for ((projection, y, x), &value) in projections.indexed_iter() {
        let measured = weights.is_none_or(|weights| weights[(projection, y, x)] > 0.0);
        if measured && !value.is_finite() {
            return Err(TomoError::NotFinite { operation, projection, y: first + y, x, value });
        }
    }
    Ok(())
}

fn check_weights(operation: &'static str, weights: &ArrayView3<f32>) -> Result<(), TomoError> {
    match weights.iter().find(|weight| !(0.0..=1.0).contains(*weight)) {
        None => Ok(()),
        Some(&weight) => Err(TomoError::Setting {
            operation,
            setting: "the weight of a projection pixel",
            value: f64::from(weight),
            fix: "give weights from 0 (not measured) to 1",
        }),
    }
}

/// Images `(angle, slice, x)` with their slices in lanes.
pub(crate) fn in_lanes(images: ArrayView3<f32>) -> Sheet {
    let (angles, slices, detector) = images.dim();
    debug_assert!(slices <= SLICES, "a batch has at most {SLICES} slices");
    let mut sheet = Sheet::rays(angles, detector);
    let (stride, origin) = (sheet.stride(), sheet.origin());
    sheet.padded_rows_mut().par_chunks_mut(stride).zip(images.axis_iter(Axis(0)).into_par_iter()).for_each(
        |(row, image)| {
            for (slice, numbers) in image.axis_iter(Axis(0)).enumerate() {
                for (cell, &number) in row[origin..].iter_mut().zip(numbers) {
                    cell.slices_mut()[slice] = number;
                }
            }
        },
    );
    sheet
}

/// Slices `(z, y, x)` in lanes, as voxels of a volume's layer of at most [`SLICES`] slices.
pub(crate) fn slices_in_lanes(volume: ArrayView3<f32>) -> Sheet {
    let (_, rows, _) = volume.dim();
    let mut sheet = Sheet::slices(rows);
    for row in 0..rows {
        for (slice, numbers) in volume.index_axis(Axis(1), row).axis_iter(Axis(0)).enumerate() {
            for (cell, &number) in sheet.row_mut(row).iter_mut().zip(numbers) {
                cell.slices_mut()[slice] = number;
            }
        }
    }
    sheet
}

/// The rows of a sheet, slice by slice: `(slice, row, x)`.
pub(crate) fn out_of_lanes(sheet: &Sheet, mut images: ArrayViewMut3<f32>) {
    images.axis_iter_mut(Axis(1)).into_par_iter().enumerate().for_each(|(row, mut image)| {
        let cells = sheet.row(row);
        for (slice, mut numbers) in image.axis_iter_mut(Axis(0)).enumerate() {
            for (number, cell) in numbers.iter_mut().zip(cells) {
                *number = cell.slices()[slice];
            }
        }
    });
}

/// The first `slices` slices of a sheet as `(slice, row, x)`.
pub(crate) fn volume_of(sheet: &Sheet, slices: usize) -> Array3<f32> {
    let mut images = Array3::zeros((slices, sheet.rows(), sheet.width()));
    out_of_lanes(sheet, images.view_mut());
    images
}
