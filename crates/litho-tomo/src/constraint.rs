//! Bounds on the values of voxels, and where they may differ from zero.

use crate::geometry::Geometry;
use crate::settings::{Settings, Support};
use crate::sheet::{SLICES, Sheet};
use rayon::prelude::*;

/// Range and support of a layer of slices.
#[derive(Debug, Clone)]
pub(crate) struct Constraint {
    range: Option<[f32; 2]>,
    /// One bit per slice for every voxel of a slice.
    support: Option<Vec<u32>>,
}

impl Constraint {
    /// For the `slices` slices from `first` on.
    pub(crate) fn new(settings: &Settings, geometry: &Geometry, first: usize, slices: usize) -> Self {
        let size = geometry.size();
        let support = match &settings.support {
            Support::Everywhere => None,
            Support::Circle => Some(circle(geometry)),
            Support::Mask(mask) => Some(
                (0..size * size)
                    .map(|place| {
                        let bit = |slice: &usize| mask[(first + slice, place / size, place % size)];
                        (0..slices.min(SLICES)).filter(bit).fold(0, |bits, slice| bits | 1 << slice)
                    })
                    .collect(),
            ),
        };
        Self { range: settings.range, support }
    }

    /// The bounds.
    pub(crate) fn range(&self) -> Option<[f32; 2]> {
        self.range
    }

    /// True if nothing is asked of the voxels.
    pub(crate) fn is_none(&self) -> bool {
        self.range.is_none() && self.support.is_none()
    }

    /// The nearest slices that obey.
    pub(crate) fn apply(&self, slices: &mut Sheet) {
        if self.is_none() {
            return;
        }
        let (stride, width) = (slices.stride(), slices.width());
        let [low, high] = self.range.unwrap_or([f32::NEG_INFINITY, f32::INFINITY]);
        slices.padded_rows_mut().par_chunks_mut(stride).enumerate().for_each(|(row, cells)| {
            let cells = &mut cells[crate::sheet::BEFORE..][..width];
            for cell in &mut *cells {
                for value in cell.slices_mut() {
                    *value = value.max(low).min(high);
                }
            }
            if let Some(support) = &self.support {
                for (cell, &bits) in cells.iter_mut().zip(&support[row * width..]) {
                    if bits != u32::MAX {
                        for (slice, value) in cell.slices_mut().iter_mut().enumerate() {
                            *value = if bits >> slice & 1 == 1 { *value } else { 0.0 };
                        }
                    }
                }
            }
        });
    }
}

/// All slices of the voxels that every projection sees.
fn circle(geometry: &Geometry) -> Vec<u32> {
    let size = geometry.size();
    let middle = (size as f64 - 1.0) / 2.0;
    let last = geometry.detector() as f64 - 1.0;
    let radius = geometry.axis().min(last - geometry.axis()) + 0.5;
    (0..size * size)
        .map(|place| {
            let (y, x) = ((place / size) as f64 - middle, (place % size) as f64 - middle);
            if y * y + x * x <= radius * radius { u32::MAX } else { 0 }
        })
        .collect()
}
